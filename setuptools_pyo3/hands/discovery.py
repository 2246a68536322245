"""Finding the crates of a project that declares nothing but an empty table, and telling crates from Python packages."""

from __future__ import annotations

import glob
import os
from typing import FrozenSet, Iterable, List, NamedTuple, Set, Tuple

from ..declaration.extension import RustExtension
from ..declaration.tables import TABLE
from ..errors import DeclarationProblem
from ..mind.features import PYO3_PACKAGES
from ..mind.manifest import Manifest
from ..mind.shipment import OUTSIDE
from .reading import Crates

_PYTHON = (".py", ".pyi", ".pyx")


class Layout(NamedTuple):
    """Where a project's Python packages lie.

    Args:
        roots: folders that they may lie in, relative to the project's.
        named: packages that have been given a folder of their own.
    """

    roots: Tuple[str, ...]
    named: FrozenSet[str]


def extensions(root: str, layout: Layout, crates: Crates) -> List[RustExtension]:
    """One extension for each crate that has a library and depends on PyO3.

    Args:
        root: the project's folder.
        layout: where its Python packages lie.
        crates: for reading manifests.

    Raises:
        DeclarationProblem: there is none, or a manifest can't be read.
    """
    looked_at = list(_manifests(root, crates))
    found = [m for m in looked_at if m.library is not None and any(m.dependency(name) for name in PYO3_PACKAGES)]
    if not found:
        names = ", ".join(os.path.relpath(m.path, root) for m in looked_at) or "no Cargo.toml at all"
        raise DeclarationProblem(
            "the table names no extension, and no crate was found that has a library and depends on pyo3",
            where=f"pyproject.toml: {TABLE}",
            why=f"looked at: {names}",
            hint=f"declare the modules in [[{TABLE}.ext-modules]]",
        )
    return [_extension(manifest, root, layout) for manifest in found]


def _manifests(root: str, crates: Crates) -> Iterable[Manifest]:
    """The crate or workspace at the root; where there is none, those in the folders right below."""
    if os.path.isfile(os.path.join(root, "Cargo.toml")):
        # In a source distribution, what came from outside the project was none of its extensions.
        outside = os.path.join(root, *OUTSIDE.split("/"), "")
        yield from (m for m in crates.members(crates.manifest(root)) if not m.path.startswith(outside))
        return
    for path in sorted(glob.glob(os.path.join(glob.escape(root), "*", "Cargo.toml"))):
        yield from crates.members(crates.manifest(os.path.dirname(path)))


def _extension(manifest: Manifest, root: str, layout: Layout) -> RustExtension:
    name = manifest.library.name if manifest.library else manifest.name
    path = os.path.relpath(manifest.path, root)
    where = f"{path}: package.metadata.setuptools-pyo3" if manifest.module else f"pyproject.toml: {TABLE} (found {path})"
    folders = (os.path.join(root, folder, name) for folder in layout.roots)
    is_package = name in layout.named or any(os.path.isdir(folder) and not rust_only(folder) for folder in folders)
    target = manifest.module or (f"{name}.{name}" if is_package else name)
    return RustExtension.from_table({"target": target, "path": path}, where)


def rust_only(folder: str) -> bool:
    """Whether a folder is a crate, part of one, or cargo's output, and no Python package.

    A crate's folder with an ``__init__.py`` is a package that a crate happens to lie in; any other crate is none, and neither is a
    folder that holds Rust sources but no Python at all.
    """
    names = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    if "__init__.py" in names:
        return False
    if {"Cargo.toml", "CACHEDIR.TAG"} & names:
        return True
    python, rust = _contents(folder)
    return rust and not python


def holds_python(folder: str) -> bool:
    """Whether there is any Python source in a folder or below, other than in crates."""
    return _contents(folder)[0]


def _contents(folder: str) -> Tuple[bool, bool]:
    """Whether there is Python, and whether there is Rust, in a folder or below."""
    rust = False
    for _, folders, names in os.walk(folder):
        if {"Cargo.toml", "CACHEDIR.TAG"} & set(names) and "__init__.py" not in names:
            rust, folders[:] = True, []
            continue
        if any(name.endswith(_PYTHON) for name in names):
            return True, rust
        rust = rust or any(name.endswith(".rs") for name in names)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
    return False, rust


class PackageFilter:
    """Tells which of the packages that setuptools discovered are none; each folder is looked at once."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._rust: Set[str] = set()
        self._python: Set[str] = set()

    def keep(self, packages: Iterable[str]) -> List[str]:
        """The packages, given relative to the root, without crates and what lies in them."""
        return [package for package in packages if not self._in_crate(package)]

    def _in_crate(self, package: str) -> bool:
        folder = self.root
        for part in package.split("."):
            folder = os.path.join(folder, part)
            if self._is_rust(folder):
                return True
        return False

    def _is_rust(self, folder: str) -> bool:
        if folder not in self._rust and folder not in self._python:
            (self._rust if rust_only(folder) else self._python).add(folder)
        return folder in self._rust
