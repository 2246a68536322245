use pyo3::prelude::*;

/// A module in the limited API.
#[pymodule]
mod stable {
    use super::*;

    /// The version of the Python that runs it, such as "3.9".
    #[pyfunction]
    fn python(py: Python<'_>) -> String {
        let version = py.version_info();
        format!("{}.{}", version.major, version.minor)
    }
}
