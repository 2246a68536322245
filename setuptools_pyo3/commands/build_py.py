"""Our part of ``build_py``: no Rust sources and no modules of other builds get into a package as data."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List

from . import session as sessions


class BuildPy:
    """Mixed in before a project's own ``build_py`` class."""

    distribution: Any
    manifest_files: Dict[str, List[str]]

    def analyze_manifest(self) -> None:
        """Take Rust sources out of what ``include_package_data`` found.

        They are in the manifest because an sdist needs them. A pattern in ``package_data`` still ships them.
        """
        from ..hands import sources

        super().analyze_manifest()  # type: ignore[misc]
        session = sessions.of(self.distribution)
        known: List[str] = self.get_finalized_command("build_ext").get_source_files()  # type: ignore[attr-defined]
        is_rust = (path for path in known if path.endswith(".rs") or os.path.basename(path) in sources.NAMES)
        rust = {os.path.normpath(path) for path in is_rust} if session.extensions else set()
        for package, files in self.manifest_files.items():
            self.manifest_files[package] = [file for file in files if os.path.normpath(file) not in rust]

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
