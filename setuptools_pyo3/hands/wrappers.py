"""Finding out whether sccache wraps rustc, as cheaply as can be: nearly always it doesn't."""

from __future__ import annotations

from typing import Dict, Mapping

from ..mind import sccache
from ..mind.sccache import BuildTable
from . import cargo_files, files


def find(environ: Mapping[str, str], root: str) -> Dict[str, str]:
    """sccache, by the variable of cargo's that would replace it; {} where it wraps nothing.

    Args:
        environ: the environment that cargo gets.
        root: the folder that it runs in.
    """
    if not any(map(_may_name_one, cargo_files.configuration_files(environ, root))):
        return sccache.wrappers(environ, ())
    # Imported here: few configurations say anything about wrappers.
    from . import cargo_config

    tables = (BuildTable(found.folder, found.table("build")) for found in cargo_config.read(root, environ))
    return sccache.wrappers(environ, tables)


def _may_name_one(path: str) -> bool:
    text = files.content(path)
    return b"wrapper" in text or b"include" in text
