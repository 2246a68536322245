use pyo3::prelude::*;

/// The Rust part of the package `mixed`.
#[pymodule]
mod _core {
    use super::*;

    /// The product of two integers.
    #[pyfunction]
    fn multiply(one: i64, other: i64) -> i64 {
        one * other
    }
}
