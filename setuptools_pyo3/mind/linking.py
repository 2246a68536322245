"""The linker settings an extension module needs beside PyO3's own."""

from __future__ import annotations

from typing import Mapping, Tuple

from .target import Target

# https://pyo3.rs/latest/building-and-distribution#macos; iOS takes Python's symbols in the same way.
_AT_RUN_TIME = ("-Clink-arg=-undefined", "-Clink-arg=dynamic_lookup")
# What emcc makes a loadable module with; since 1.95 rustc says so itself, and saying it twice does no harm
# (https://pyodide.org/en/stable/development/abi.html).
_SIDE_MODULE = ("-sSIDE_MODULE=2", "-sWASM_BIGINT")


def needs_arguments(target: Target) -> bool:
    """Whether modules for this target are linked with arguments of ours, which ``cargo build`` has no way to pass on."""
    return target.is_apple or target.is_emscripten


def module_arguments(target: Target, file_name: str, environ: Mapping[str, str]) -> Tuple[str, ...]:
    """rustc arguments for a module that is loaded by Python.

    On Apple's systems the interpreter's symbols are looked up when the module is loaded, and the install name must not be the path
    it was built at. Elsewhere nothing is needed, or it is said to all crates (see :mod:`setuptools_pyo3.mind.rustflags`).

    Args:
        target: what is built for.
        file_name: what the module is called in the package.
        environ: the environment, whose rustflags may say the same already.
    """
    if target.is_apple:
        return (*_AT_RUN_TIME, f"-Clink-arg=-Wl,-install_name,@rpath/{file_name}")
    if target.is_emscripten:
        said = " ".join(value for name, value in environ.items() if name.endswith("RUSTFLAGS"))
        return tuple(f"-Clink-arg={argument}" for argument in _SIDE_MODULE if argument.partition("=")[0] not in said)
    return ()
