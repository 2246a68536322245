"""Build Rust extension modules with setuptools as easily as C ones.

The public names: :class:`RustExtension` and :class:`RustBin` declare what is built, :class:`Binding` and :class:`Strip` are their
choices, ``build_rust`` and ``clean_rust`` are the setuptools commands, for subclassing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .commands.build_rust import build_rust
    from .commands.clean_rust import clean_rust
    from .declaration.extension import Binding, RustBin, RustExtension, Strip

__version__ = "0.1.0"

__all__ = ["Binding", "RustBin", "RustExtension", "Strip", "__version__", "build_rust", "clean_rust"]


_MODULES = {
    "Binding": ".declaration.extension",
    "RustBin": ".declaration.extension",
    "RustExtension": ".declaration.extension",
    "Strip": ".declaration.extension",
    "build_rust": ".commands.build_rust",
    "clean_rust": ".commands.clean_rust",
}


def __getattr__(name: str) -> Any:
    # Imported when somebody asks: every setuptools run in an environment imports this package for its entry points.
    if name in _MODULES:
        return getattr(importlib.import_module(_MODULES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
