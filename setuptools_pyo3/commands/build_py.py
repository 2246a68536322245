"""Our part of ``build_py``: no Rust sources and no modules of other builds get into a package as data."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, Set

from . import session as sessions
from .session import Session


class BuildPy:
    """Mixed in before a project's own ``build_py`` class."""

    distribution: Any
    manifest_files: Dict[str, List[str]]

    def analyze_manifest(self) -> None:
        """Take out of what ``include_package_data`` found what is Rust's, and what nobody may ship.

        It is in the manifest because an sdist needs it, or because version control has it. A pattern in ``package_data`` still
        ships it.
        """
        from ..hands import sources
        from ..mind import unshippable

        super().analyze_manifest()  # type: ignore[misc]
        session = sessions.of(self.distribution)
        if not self.manifest_files or not session.extensions:
            return
        known: List[str] = self.get_finalized_command("build_ext").get_source_files()  # type: ignore[attr-defined]
        rust = {os.path.normpath(path) for path in known if path.endswith(".rs") or os.path.basename(path) in sources.NAMES}
        crates = _crate_folders(session)
        for package, files in self.manifest_files.items():
            folder = os.path.normpath(self.get_package_dir(package))  # type: ignore[attr-defined]
            nested = tuple(os.path.join(crate, "") for crate in crates if crate.startswith(os.path.join(folder, "")))
            self.manifest_files[package] = [
                file
                for file, path in ((file, os.path.normpath(file)) for file in files)
                if path not in rust and not path.startswith(nested) and not unshippable.always(path.replace(os.sep, "/"))
            ]

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
