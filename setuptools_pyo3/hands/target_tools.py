"""Finding the cross tools that a target needs and nobody has named: the linker that cargo is to use, and strip."""

from __future__ import annotations

import os
import shutil
from typing import Iterator, Mapping, Sequence, Tuple

from ..mind import triples
from ..mind.cargo_config import Configuration


def find(triple: str, environ: Mapping[str, str], files: Sequence[Configuration]) -> Tuple[Tuple[str, str], ...]:
    """Variables to set, each with a program on PATH that distributions name after the target.

    Without a linker of its own cargo takes this machine's ``cc``, which can't link for another processor. Linux only: rustc knows
    the usual names elsewhere.

    Args:
        triple: the target.
        environ: the environment.
        files: cargo's configuration files.
    """
    parsed = triples.parse(triple)
    if parsed.system != triples.LINUX or os.name == "nt":
        return ()
    # Debian and Fedora name 32-bit x86 tools after the processor, Python's file names after the family.
    prefix = parsed.multiarch.replace("i386-", "i686-")
    return tuple(_usable(triple, prefix, environ, files))


def _usable(triple: str, prefix: str, environ: Mapping[str, str], files: Sequence[Configuration]) -> Iterator[Tuple[str, str]]:
    path = environ.get("PATH")
    linker = f"CARGO_TARGET_{triple.upper().replace('-', '_')}_LINKER"
    if not _names_linker(triple, linker, environ, files) and shutil.which(f"{prefix}-gcc", path=path):
        yield linker, f"{prefix}-gcc"
    if not environ.get("STRIP") and shutil.which(f"{prefix}-strip", path=path):
        yield "STRIP", f"{prefix}-strip"


def _names_linker(triple: str, variable: str, environ: Mapping[str, str], files: Sequence[Configuration]) -> bool:
    flags = [value for name, value in environ.items() if name.endswith("RUSTFLAGS")]
    tables = [(name, value) for file in files for name, value in file.table("target").items() if isinstance(value, dict)]
    return (
        bool(environ.get(variable))
        or any("linker=" in value for value in flags)
        # Whether a cfg() fits is cargo's to say; one that names a linker is taken to.
        or any(value.get("linker") for name, value in tables if name == triple or name.startswith("cfg("))
    )
