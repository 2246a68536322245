use pyo3::prelude::*;

/// What the smallest extension module has to say.
#[pymodule]
mod hello {
    use super::*;

    #[pyfunction]
    fn greet(name: &str) -> String {
        format!("Hello, {name}, from Rust")
    }
}
