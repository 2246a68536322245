"""Which paths of the building machine may stand in a compiled file, and what is put in their place.

rustc writes the paths of sources into what it compiles, for messages of panics: relative ones for crates of the workspace, absolute
ones for all others. To have it write others, it would have to be told by a flag, and a flag is a reason to compile everything again
for whoever builds without it, and back again. So the finished copy is changed: what takes a path's place is as long as it was.
"""

from __future__ import annotations

import os
from typing import Iterable, NamedTuple, Sequence, Tuple

VARIABLE = "SETUPTOOLS_PYO3_HIDE_PATHS"


class Base(NamedTuple):
    """A folder that is nobody's business, and what is said instead of it."""

    folder: str
    label: str


class Hidden(NamedTuple):
    """What is looked for, and what is put in its place; both are equally long."""

    path: str
    instead: str


def find(folders: Iterable[str], bases: Sequence[Base], home: str) -> Tuple[Hidden, ...]:
    """What has to be hidden.

    A path is looked for as a whole, down to the folder of sources: ``/app`` may be anything to a program, and so may a user's home.

    Args:
        folders: that something was compiled from or into.
        bases: the first one that a folder lies in is what is hidden of it.
        home: the user's.
    """
    found = {_hidden(folder, bases) for folder in folders if _is_distinctive(folder, home)}
    # A folder before the one that it lies in.
    return tuple(sorted(found, key=lambda one: (-len(one.path), one.path)))


def _hidden(folder: str, bases: Sequence[Base]) -> Hidden:
    base = next((base for base in bases if lies_in(folder, base.folder)), Base(folder, "/build"))
    # Slashes that follow each other count as one.
    label = base.label.ljust(len(base.folder), "/")[: len(base.folder)]
    return Hidden(folder, label + folder[len(base.folder) :])


def lies_in(folder: str, other: str) -> bool:
    """Whether a folder is another one or lies in it."""
    return bool(other) and (folder == other or folder.startswith(other.rstrip(os.sep) + os.sep))


# What lies in one of these may be what a program is to find at run time.
_OF_THE_SYSTEM = frozenset({"bin", "dev", "etc", "lib", "lib64", "opt", "proc", "run", "sbin", "srv", "sys", "usr", "var"})


def _is_distinctive(folder: str, home: str) -> bool:
    """Whether nothing else can be meant by a path; short ones such as ``/io`` and ``/project`` say nothing about anybody."""
    parts = [part for part in folder.split(os.sep) if part]
    if not os.path.isabs(folder) or folder == home:
        return False
    return len(parts) > 2 or (len(parts) == 2 and parts[0] not in _OF_THE_SYSTEM)
