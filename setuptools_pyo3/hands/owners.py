"""Whose local crates lie in a target folder: two source folders with crates of one name and version may share it.

cargo takes the one for the other then, and calls fresh what it compiled from the other folder, if the sources are old enough. So
it is noted which folder a crate was built from, and a crate that was built from another one is forgotten before the build.
"""

from __future__ import annotations

import contextlib
import os
from typing import Iterable, List, Sequence

from ..mind.plan import LocalCrate
from . import files
from .folders import OWN


def strangers(folders: Iterable[str], crates: Sequence[LocalCrate]) -> List[str]:
    """The packages that were last built from another source folder.

    Args:
        folders: where cargo writes artifacts.
        crates: what is about to be built.
    """
    owned = [(crate, _owner(folder, crate.package)) for folder in folders for crate in crates]
    return list(dict.fromkeys(crate.package for crate, owner in owned if owner not in ("", crate.folder)))


def unknown(folder: str, crates: Sequence[LocalCrate]) -> List[str]:
    """The packages of which nobody noted where they were built from."""
    return [crate.package for crate in crates if not _owner(folder, crate.package)]


def note(folder: str, crates: Sequence[LocalCrate]) -> List[str]:
    """Note where these were built from, and return the notes' own files."""
    for crate in crates:
        if _owner(folder, crate.package) != crate.folder:
            with contextlib.suppress(OSError):
                files.write_whole(_path(folder, crate.package), os.fsencode(crate.folder))
    return [_path(folder, crate.package) for crate in crates]


def _owner(folder: str, package: str) -> str:
    return os.fsdecode(files.content(_path(folder, package)))


def _path(folder: str, package: str) -> str:
    return os.path.join(folder, OWN, f"{package}.owner")
