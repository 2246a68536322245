"""Copies of what cargo built, one for each way of building it.

cargo writes a path crate's cdylib to one file (``release/libname.so``), whatever features, PyO3 configuration or other crate of
the same library name it was built with, and still calls each of them fresh. A copy under the identity of what was asked for
tells them apart, by nothing but size and time, and stands in for the file when another build has taken its place.
"""

from __future__ import annotations

import os
import shutil
from typing import Optional

from . import files

FOLDER = ".setuptools-pyo3"
# Identities change with features, interpreters and flags; the copies of long-gone ones are let go.
_MOST = 24


def place(artifact: str, identity: str) -> str:
    """Where the copy of an artifact is kept: in a folder of our own beside it."""
    return os.path.join(os.path.dirname(artifact), FOLDER, identity, os.path.basename(artifact))


def take(artifact: str, identity: str, *, fresh: bool) -> Optional[str]:
    """The file that holds what was asked for.

    Args:
        artifact: the file that cargo named.
        identity: of what was asked for.
        fresh: cargo compiled nothing, and what is at ``artifact`` may be another build's.

    Returns:
        The kept copy, the artifact itself where no copy can be kept, or None where the artifact is fresh but nothing tells
        whose it is.

    Raises:
        OSError: the artifact can't be read.
    """
    copy = place(artifact, identity)
    if same_file_state(artifact, copy):
        return copy
    if fresh:
        return copy if os.path.exists(copy) else None
    return keep(artifact, identity)


def keep(artifact: str, identity: str) -> str:
    """Keep a copy of a new artifact; returns the artifact itself where that isn't possible.

    Raises:
        OSError: the artifact can't be read.
    """
    copy = place(artifact, identity)
    os.stat(artifact)
    try:
        files.replace_whole(copy, lambda temporary: _copy(artifact, temporary))
        _let_go(os.path.dirname(os.path.dirname(copy)))
    except OSError:
        return artifact
    return copy


def _copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    shutil.copystat(source, target)


def same_file_state(one: str, other: str) -> bool:
    """Whether two files agree in size and time of modification; False where either is missing."""
    try:
        first, second = os.stat(one), os.stat(other)
    except OSError:
        return False
    return first.st_size == second.st_size and first.st_mtime_ns == second.st_mtime_ns


def _let_go(folder: str) -> None:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.stat().st_mtime_ns)
    for entry in entries[:-_MOST]:
        shutil.rmtree(entry.path, ignore_errors=True)
