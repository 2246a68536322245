"""Our part of ``build_py``: no Rust sources and no modules of other builds get into a package as data."""

from __future__ import annotations

import os
from typing import Any, Iterable, Iterator, List, Mapping, Set

from . import session as sessions
from .session import Session


class BuildPy:
    """Mixed in before a project's own ``build_py`` class."""

    distribution: Any

    def _filter_build_files(self, files: Iterable[str], egg_info: Any) -> Iterator[str]:
        """Take out of what ``include_package_data`` looks at what is Rust's, and what nobody may ship.

        It is in the manifest because an sdist needs it, or because version control has it. A pattern in ``package_data`` still
        ships it. setuptools must not even see it: it would warn of a crate's folders as of packages that were forgotten.
        """
        found: Iterable[str] = super()._filter_build_files(files, egg_info)  # type: ignore[misc]  # private, so the matrix tests it
        session = sessions.of(self.distribution)
        if not session.extensions:
            return iter(found)
        from ..hands import sources

        packages = {os.path.normpath(self.get_package_dir(name)): name for name in self.packages or ()}  # type: ignore[attr-defined]
        crates = _crate_folders(session)
        outputs = sources.Outputs(session.root)
        paths = ((file, os.path.normpath(file)) for file in found)
        # setuptools itself refuses what isn't relative.
        return (
            file
            for file, path in paths
            if os.path.isabs(path) or (self._may_be_data(path, packages, crates) and not outputs.hold(_place(path)))
        )

    def _may_be_data(self, path: str, packages: Mapping[str, str], crates: Set[str]) -> bool:
        from ..hands import sources
        from ..mind import unshippable

        owner = next((above for above in _upwards(os.path.dirname(path)) if above in packages), None)
        if owner is None:
            return True
        name, place = os.path.basename(path), _place(path)
        if name.endswith(".rs") or name in sources.NAMES or unshippable.always(place):
            return False
        return not _is_a_crates(path, owner, packages[owner], crates) and not self._is_key(place, path)

    def _is_key(self, place: str, path: str) -> bool:
        from ..mind import unshippable
        from .sdist import read_template

        if not unshippable.may_be_key(place):
            return False
        from ..hands import sdist_contents

        found = sdist_contents.is_key(place, path) and place not in read_template().named
        if found:
            advice = f"`include {place}` in MANIFEST.in ships it all the same"
            sessions.of(self.distribution).tell(f"{place} is left out of the wheel: it looks like a secret; {advice}")
        return found

    def exclude_data_files(self, package: str, src_dir: str, files: Iterable[str]) -> List[str]:
        """Leave out module files that builds for other Pythons, or in place, have left in the package."""
        kept: List[str] = super().exclude_data_files(package, src_dir, files)  # type: ignore[misc]
        modules = [
            name
            for ext in sessions.of(self.distribution).modules
            for parent, _, name in [ext.name.rpartition(".")]
            if parent == package
        ]
        return [file for file in kept if not self._is_build_of(file, src_dir, modules)]

    @staticmethod
    def _is_build_of(file: str, src_dir: str, modules: List[str]) -> bool:
        from ..hands import install

        folder, name = os.path.split(os.path.normpath(file))
        beside = folder == os.path.normpath(src_dir)
        return beside and any(install.is_module_file(name, module) for module in modules)


def _crate_folders(session: Session) -> Set[str]:
    """The folders of all crates and workspace members, relative to the project's: what lies in them and in no package is theirs."""
    found: Set[str] = set()
    for crate in filter(None, map(session.crate, session.extensions)):
        found.update(crate.manifests, (member.folder for member in session.crates.members(crate.root)))
    return {os.path.relpath(folder, session.root) for folder in found}


def _is_a_crates(path: str, owner: str, package: str, crates: Set[str]) -> bool:
    """Whether a file of a package lies in a crate inside of that package, or of one above it.

    Where namespace packages are looked for, each folder of a crate is one.

    Args:
        path: of the file, relative to the project's folder as everything here.
        owner: the folder of the package.
        package: its name.
        crates: the folders of all crates.
    """
    outer = owner
    for _ in package.split("."):
        if os.path.exists(os.path.join(outer, "__init__.py")):
            break
        outer = os.path.dirname(outer)
    inside = os.path.join(outer, "")
    return any(above in crates for above in _upwards(os.path.dirname(path)) if above != outer and above.startswith(inside))


def _place(path: str) -> str:
    return path.replace(os.sep, "/")


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = os.path.dirname(folder)
