use pyo3::prelude::*;

#[pymodule]
mod e1 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        1
    }
}
