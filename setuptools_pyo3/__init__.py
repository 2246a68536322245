"""Build Rust extension modules with setuptools as easily as C ones.

The public names: :class:`RustExtension` and :class:`RustBin` declare what is built, :class:`Binding` and :class:`Strip` are their
choices, ``build_rust`` and ``clean_rust`` are the setuptools commands, for subclassing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .declaration.extension import Binding, RustBin, RustExtension, Strip

if TYPE_CHECKING:
    from .commands.build_rust import build_rust
    from .commands.clean_rust import clean_rust

__version__ = "0.1.0"

__all__ = ["Binding", "RustBin", "RustExtension", "Strip", "__version__", "build_rust", "clean_rust"]


def __getattr__(name: str) -> Any:
    # The commands are imported when somebody asks for them: a setup.py that only declares doesn't pay for them.
    if name in ("build_rust", "clean_rust"):
        import importlib

        return getattr(importlib.import_module(f".commands.{name}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
