/// The number of words in a text.
pub fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(feature = "python")]
#[pyo3::pymodule]
mod wordcount {
    use pyo3::pyfunction;

    #[pyfunction]
    fn count(text: &str) -> usize {
        super::count(text)
    }
}
