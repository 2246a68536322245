"""Small crates for tests, as texts: no test should have to spell out a manifest that isn't its subject."""

from __future__ import annotations

from typing import Dict

PYO3 = "0.30"


def manifest(name: str, *, lib: str = "", types: str = '"cdylib"', dependency: str = "", extra: str = "") -> str:
    """A Cargo.toml of a PyO3 crate.

    Args:
        name: the package's.
        lib: the library's name, "" for cargo's default.
        types: its crate types, as in TOML.
        dependency: what stands right of ``pyo3 =``, as in TOML; "" for the newest version.
        extra: further tables.
    """
    library = f'name = "{lib}"\n' if lib else ""
    return (
        f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n'
        f"[lib]\n{library}crate-type = [{types}]\n\n"
        f"[dependencies]\npyo3 = {dependency or repr(PYO3).replace(chr(39), chr(34))}\n{extra}"
    )


def module(name: str, answer: int = 42) -> str:
    """A module with one function ``answer()``, in the form that PyO3 0.21 and newer understand."""
    return f"""\
use pyo3::prelude::*;

#[pyfunction]
fn answer() -> i64 {{
    {answer}
}}

#[pymodule]
fn {name}(m: &Bound<'_, PyModule>) -> PyResult<()> {{
    m.add_function(wrap_pyfunction!(answer, m)?)?;
    Ok(())
}}
"""


def crate(name: str, *, folder: str = "", module_name: str = "", answer: int = 42, **options: str) -> Dict[str, str]:
    """The files of a crate with one module.

    Args:
        name: the package's.
        folder: where it lies in the project, "" for its root.
        module_name: of the ``#[pymodule]``; by default the library's.
        answer: what its function returns.
        options: for :func:`manifest`.
    """
    prefix = f"{folder}/" if folder else ""
    library = options.get("lib") or name.replace("-", "_")
    return {
        f"{prefix}Cargo.toml": manifest(name, **options),
        f"{prefix}src/lib.rs": module(module_name or library, answer),
    }


def pyproject(name: str = "demo", table: str = "", extra: str = "") -> str:
    """A pyproject.toml with a ``[project]`` table and what is declared for us."""
    return (
        '[build-system]\nrequires = ["setuptools", "setuptools-pyo3"]\nbuild-backend = "setuptools.build_meta"\n\n'
        f'[project]\nname = "{name}"\nversion = "1.0"\n\n{extra}\n{table}\n'
    )
