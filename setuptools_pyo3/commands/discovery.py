"""Package discovery that knows what a crate is: cargo's ``src`` is no src layout, and ``rust/`` is no package.

setuptools' discovery has no hook of its own, so a subclass of it takes its place in the one distribution that declares Rust.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, List

from setuptools.discovery import (
    ConfigDiscovery,
    FlatLayoutPackageFinder,
    PEP420PackageFinder,
    remove_nested_packages,
    remove_stubs,
)

from ..declaration.extension import RustExtension
from . import session as sessions

if TYPE_CHECKING:
    # The stubs leave out what setuptools doesn't promise; the matrix of versions in the tests stands in for a promise.
    _Discovery = Any
else:
    _Discovery = ConfigDiscovery


class CrateAwareDiscovery(_Discovery):  # type: ignore[misc]  # see above
    """setuptools' discovery, with crates left out of what it finds."""

    dist: Any

    def _explicitly_specified(self, ignore_ext_modules: bool) -> bool:
        # In setup.py and setup.cfg projects an entry in ext_modules turns discovery off. What was declared as rust_extensions or in
        # pyproject.toml, never was such an entry for the project.
        return bool(super()._explicitly_specified(ignore_ext_modules or self._only_ours()))

    def _only_ours(self) -> bool:
        declared = sessions.of(self.dist).declared
        return all(isinstance(ext, RustExtension) and ext in declared for ext in self.dist.ext_modules or ())

    def _analyse_src_layout(self) -> bool:
        package_dir = self._package_dir
        folder = os.path.join(self._root_dir, package_dir.get("", "src"))
        if "" not in package_dir and os.path.isdir(folder) and self._is_cargos(folder):
            return False
        found = bool(super()._analyse_src_layout())
        if found:
            self.dist.packages = _filter(folder).keep(self.dist.packages)
        return found

    def _is_cargos(self, folder: str) -> bool:
        """Whether ``src`` is a crate's: no Python in it, or nothing but loose scripts while the packages lie beside it."""
        from ..hands.discovery import holds_python, rust_only

        if rust_only(folder):
            return True
        if not any(name.endswith(".rs") for name in os.listdir(folder)):
            return False
        within = [name for name in PEP420PackageFinder.find(folder) if holds_python(os.path.join(folder, *name.split(".")))]
        return not within and any(holds_python(os.path.join(self._root_dir, *name.split("."))) for name in self._flat_packages())

    def _flat_packages(self) -> List[str]:
        found = _filter(str(self._root_dir)).keep(FlatLayoutPackageFinder.find(str(self._root_dir)))
        return [name for name in found if name.partition(".")[0] != "src"]

    def _analyse_flat_packages(self) -> bool:
        # The flat layout is looked at only where `src` is no src layout, so it is no package either.
        self.dist.packages = self._flat_packages()
        top_level = remove_nested_packages(remove_stubs(self.dist.packages))
        self._ensure_no_accidental_inclusion(top_level, "packages")
        return bool(top_level)


def _filter(folder: str) -> Any:
    # Imported on use: many projects name their packages.
    from ..hands.discovery import PackageFilter

    return PackageFilter(folder)


def install(distribution: Any) -> None:
    """Put our discovery in the place of setuptools' own, once."""
    plain = distribution.set_defaults
    if isinstance(plain, CrateAwareDiscovery):
        return
    ours = CrateAwareDiscovery(distribution)
    ours.__dict__.update(vars(plain))
    distribution.set_defaults = ours
