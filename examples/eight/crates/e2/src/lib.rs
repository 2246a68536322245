use pyo3::prelude::*;

#[pymodule]
mod e2 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        2
    }
}
