"""The source files of crates, as far as the file system tells them without cargo."""

from __future__ import annotations

import os
import posixpath
from typing import Dict, Iterable, Iterator, List, Set

from ..mind.crate import Crate
from . import crate_files
from .crate_files import Surroundings
from .reading import Crates

# What a crate is made of beside its .rs files.
NAMES = frozenset({"Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "rust-toolchain", "clippy.toml", "rustfmt.toml"})
_TOOLCHAIN = ("rust-toolchain.toml", "rust-toolchain")
_TREES = frozenset({"target", "node_modules", "__pycache__", "build", "dist"})

_PYTHON = (".py", ".pyi", ".pyc", ".so", ".pyd", ".dll", ".dylib")


def of_crates(crates: Iterable[Crate], parsed: Crates, around: Surroundings) -> List[str]:
    """Manifests, locks, configuration and ``.rs`` files of crates, their local dependencies and the roots of their workspaces.

    Args:
        crates: those that are built.
        parsed: for reading manifests.
        around: the project's folder, outside which nothing is looked at, and what setuptools writes to.

    Returns:
        Paths relative to the project's folder with slashes, sorted.
    """
    found: Set[str] = set()
    for crate in crates:
        for folder in {*crate.manifests, crate.root.folder}:
            if _inside(folder, around.root):
                names = ["Cargo.toml"]
                if folder in crate.manifests or crate.root.name:
                    names += crate_files.of_package(folder, parsed.content(folder), around).files
                found.update(os.path.join(folder, name) for name in names if name in NAMES or name.endswith(".rs"))
        found.add(crate.lock_path)
    found.update(os.path.join(around.root, name) for name in (os.path.join(".cargo", "config.toml"), *_TOOLCHAIN))
    there = (os.path.relpath(path, around.root) for path in found if _inside(path, around.root) and os.path.isfile(path))
    return sorted(path.replace(os.sep, "/") for path in there)


def of_package(folder: str) -> Iterator[str]:
    """All files of a package but Python's and built modules, for build scripts that don't say what they read."""
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _belongs(current, name, at_top=current == folder))
        own = (name for name in sorted(names) if not name.startswith(".") and not name.endswith(_PYTHON))
        yield from (os.path.join(current, name) for name in own)


def is_output(folder: str) -> bool:
    """Whether a folder is one that cargo or another tool writes its output to."""
    return os.path.exists(os.path.join(folder, "CACHEDIR.TAG"))


class Outputs:
    """Tells what lies in a folder that a tool writes its output to, whatever has put it on a list.

    Args:
        root: the project's folder.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._known: Dict[str, bool] = {"": False}

    def hold(self, place: str) -> bool:
        """Whether a file lies in one; ``place`` is relative to the project's folder, with slashes."""
        folder = posixpath.dirname(place)
        if folder not in self._known:
            path = os.path.join(self._root, folder)
            cargos = posixpath.basename(folder) == "target" and os.path.exists(os.path.join(os.path.dirname(path), "Cargo.toml"))
            self._known[folder] = cargos or is_output(path) or self.hold(folder)
        return self._known[folder]


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _belongs(current: str, name: str, *, at_top: bool) -> bool:
    """Whether a folder can hold sources of the crate above it: no output, nothing hidden, no other crate."""
    path = os.path.join(current, name)
    # Further down, such names are modules.
    if (at_top and name in _TREES) or name.startswith(".") or name.endswith(".egg-info"):
        return False
    return not any(os.path.exists(os.path.join(path, marker)) for marker in ("Cargo.toml", "CACHEDIR.TAG", "pyvenv.cfg"))
