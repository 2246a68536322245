"""The linker settings an extension module needs beside PyO3's own."""

from __future__ import annotations

from typing import Tuple

from .target import Target


def module_arguments(target: Target, file_name: str) -> Tuple[str, ...]:
    """rustc arguments for a module that is loaded by Python.

    On macOS the interpreter's symbols are looked up when the module is loaded, and the install name must not be the path it was
    built at (https://pyo3.rs/latest/building-and-distribution#macos). Elsewhere nothing is needed.

    Args:
        target: what is built for.
        file_name: what the module is called in the package.
    """
    if not target.is_macos:
        return ()
    return (
        "-Clink-arg=-undefined",
        "-Clink-arg=dynamic_lookup",
        f"-Clink-arg=-Wl,-install_name,@rpath/{file_name}",
    )
