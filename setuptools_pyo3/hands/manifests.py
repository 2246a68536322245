"""Crates' manifests, with what they inherit from their workspaces."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Tuple

from ..errors import DeclarationProblem
from ..mind import manifest, package
from ..mind.manifest import Manifest
from ..mind.package import Description
from ..mind.toml import table
from . import reading


class Manifests:
    """Manifests, each read once."""

    def __init__(self) -> None:
        self._known: Dict[str, Tuple[Manifest, Description]] = {}
        self._workspaces = reading.Crates()

    def read(self, manifest_path: str) -> Tuple[Manifest, Description]:
        """A crate's manifest, and what it says of the crate. Of a virtual one, what its members may inherit is taken.

        Raises:
            DeclarationProblem: it can't be read.
        """
        if manifest_path not in self._known:
            self._known[manifest_path] = self._read(manifest_path)
        return self._known[manifest_path]

    def _read(self, path: str) -> Tuple[Manifest, Description]:
        folder = os.path.dirname(path)
        try:
            content = reading.toml(path)
        except OSError as error:
            raise DeclarationProblem("the manifest can't be read", where=path, why=str(error)) from error
        # Those from registries are written by cargo, with everything in place.
        root = self._workspaces.read(path, path).root if _is_incomplete(content) else None
        workspace = root.workspace if root else None
        read = manifest.parse(content, folder, has_lib_rs=True, inherited=workspace)
        shared = workspace.package if workspace else {}
        if "package" not in content:
            content = {"package": table(content, "workspace", "package")}
        return read, package.describe(content, folder, shared, workspace.folder if workspace else folder)


def _is_incomplete(content: Mapping[str, Any]) -> bool:
    """Whether something in a manifest is left to the workspace."""
    tables = [content, *(one for one in table(content, "target").values() if isinstance(one, Mapping))]
    dependencies = (value for one in tables for value in table(one, "dependencies").values())
    own = table(content, "package").values()
    return any(isinstance(value, Mapping) and "workspace" in value for value in (*own, *dependencies))
