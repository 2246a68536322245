use pyo3::prelude::*;

#[pymodule]
mod e7 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        7
    }
}
