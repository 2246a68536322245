use pyo3::prelude::*;

#[pymodule]
mod e5 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        5
    }
}
