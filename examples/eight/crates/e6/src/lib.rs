use pyo3::prelude::*;

#[pymodule]
mod e6 {
    use super::*;

    #[pyfunction]
    fn number() -> i64 {
        6
    }
}
