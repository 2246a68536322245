use pyo3::prelude::*;

#[pymodule]
mod e4 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        4
    }
}
