use pyo3::prelude::*;

#[pymodule]
mod e3 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        3
    }
}
