"""The command under the name that projects know from the incumbent: ``from setuptools_pyo3.build import build_rust``."""

from .commands.build_rust import build_rust

__all__ = ["build_rust"]
