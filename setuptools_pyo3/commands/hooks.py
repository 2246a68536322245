"""The entry points through which setuptools finds us; a project that declares no Rust pays for nothing but the look."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from setuptools import Command

from . import options


def rust_extensions(distribution: Any, attribute: str, value: object) -> None:
    """The setup keyword ``rust_extensions``.

    Args:
        distribution: being made.
        attribute: the keyword's name.
        value: an iterable of RustExtension and RustBin.

    Raises:
        setuptools.errors.SetupError: a declaration can't be right.
    """
    finalize_distribution(distribution)


def finalize_distribution(distribution: Any) -> None:
    """Take over what a distribution declares; one that declares no Rust is left as it is. Running it again changes nothing.

    Raises:
        setuptools.errors.SetupError: a declaration can't be right.
    """
    if _may_declare(distribution):
        # Imported here, because every project in the environment comes this far.
        from . import adoption

        adoption.adopt(distribution)


def _may_declare(distribution: Any) -> bool:
    # Nobody can have made a RustExtension while its module isn't imported.
    if getattr(distribution, "rust_extensions", None) is not None or "setuptools_pyo3.declaration.extension" in sys.modules:
        return True
    try:
        with open(os.path.join(distribution.src_root or os.curdir, "pyproject.toml"), "rb") as file:
            return b"setuptools-pyo3" in file.read()
    except OSError:
        return False


class _Stand(Command):
    """Stands for a command in the entry points, which setuptools loads in every project to read ``user_options``.

    Whoever makes one gets the command itself.
    """

    def __new__(cls, *arguments: Any) -> Any:
        module = importlib.import_module(f".{cls.__name__}", __package__)
        return getattr(module, cls.__name__)(*arguments)

    def initialize_options(self) -> None:
        """Never called."""

    def finalize_options(self) -> None:
        """Never called."""

    def run(self) -> None:
        """Never called."""


class build_rust(_Stand):
    """The entry point of :class:`setuptools_pyo3.build_rust`."""

    description = "build Rust extensions with cargo"
    user_options = options.BUILD_RUST
    boolean_options = options.BUILD_RUST_BOOLEAN


class clean_rust(_Stand):
    """The entry point of :class:`setuptools_pyo3.clean_rust`."""

    description = "remove what cargo built for Rust extensions"
    user_options = options.CLEAN_RUST
