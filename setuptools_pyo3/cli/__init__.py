"""The command ``setuptools-pyo3``."""
