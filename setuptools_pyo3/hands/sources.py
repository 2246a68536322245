"""The source files of crates, as far as the file system tells them without cargo."""

from __future__ import annotations

import os
from typing import Iterable, Iterator, List, Set

from ..mind.crate import Crate
from ..mind.manifest import Manifest

# What a crate is made of beside its .rs files.
NAMES = frozenset({"Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "rust-toolchain", "clippy.toml", "rustfmt.toml"})
_TREES = frozenset({"target", "node_modules", "__pycache__", "build", "dist"})

_PYTHON = (".py", ".pyi", ".pyc", ".so", ".pyd", ".dll", ".dylib")


def of_crates(crates: Iterable[Crate], members: Iterable[Manifest], root: str) -> List[str]:
    """Manifests, locks, configuration and ``.rs`` files of crates, their local dependencies and their workspaces.

    Args:
        crates: those that are built.
        members: all members of their workspaces, without which cargo refuses to read the workspace.
        root: the project's folder; what lies outside it can't be in its sdist.

    Returns:
        Paths relative to ``root`` with slashes, sorted.
    """
    found: Set[str] = set()
    for crate in crates:
        folders = {*crate.manifests, crate.root.folder} if _inside(crate.root.folder, root) else set(crate.manifests)
        for folder in folders:
            if _inside(folder, root):
                found.update(_walk(folder, only_here=folder == crate.root.folder and folder not in crate.manifests))
    for member in members:
        if _inside(member.folder, root):
            found.update(_walk(member.folder, only_here=False))
    found.update(_configuration(root))
    relative = (os.path.relpath(path, root) for path in found)
    return sorted(path.replace(os.sep, "/") for path in relative)


def of_package(folder: str) -> Iterator[str]:
    """All files of a package but Python's and built modules, for build scripts that don't say what they read."""
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _belongs(current, name, at_top=current == folder))
        own = (name for name in sorted(names) if not name.startswith(".") and not name.endswith(_PYTHON))
        yield from (os.path.join(current, name) for name in own)


def is_output(folder: str) -> bool:
    """Whether a folder is one that cargo or another tool writes its output to."""
    return os.path.exists(os.path.join(folder, "CACHEDIR.TAG"))


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _walk(folder: str, *, only_here: bool) -> Iterator[str]:
    for current, folders, names in os.walk(folder):
        folders[:] = [] if only_here else sorted(name for name in folders if _belongs(current, name, at_top=current == folder))
        for name in names:
            if name in NAMES or (name.endswith(".rs") and not only_here):
                yield os.path.join(current, name)


def _belongs(current: str, name: str, *, at_top: bool) -> bool:
    """Whether a folder can hold sources of the crate above it: no output, nothing hidden, no other crate."""
    path = os.path.join(current, name)
    # Further down, such names are modules.
    if (at_top and name in _TREES) or name.startswith(".") or name.endswith(".egg-info"):
        return False
    return not any(os.path.exists(os.path.join(path, marker)) for marker in ("Cargo.toml", "CACHEDIR.TAG", "pyvenv.cfg"))


def _configuration(root: str) -> Iterator[str]:
    for name in (os.path.join(".cargo", "config.toml"), "rust-toolchain.toml", "rust-toolchain"):
        path = os.path.join(root, name)
        if os.path.isfile(path):
            yield path
