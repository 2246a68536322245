use pyo3::prelude::*;

#[pymodule]
mod e8 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        8
    }
}
