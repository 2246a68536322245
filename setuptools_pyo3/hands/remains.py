"""Removing what cargo has made of local crates from a target folder, and nothing that came from a registry.

It is found by name where cargo puts it. If cargo's layout were another one, nothing would be found, and the folder would grow.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from typing import Iterable, Iterator, Sequence, Set

from ..mind.messages import Artifact, ScriptRun, is_local, package_name
from . import files
from .folders import OWN

# A name with the hash that cargo puts behind it, and that hash anywhere in a path.
_HASHED = re.compile(r"(.+)-([0-9a-f]{16})")
_HASH_IN_PATH = re.compile(r"-([0-9a-f]{16})(?=[./\\]|$)")


class Remains:
    """What was heard of a folder's content: what has to go, and what of the same names has to stay."""

    def __init__(self) -> None:
        self._packages: Set[str] = set()
        self._targets: Set[str] = set()
        self._staying: Set[str] = set()

    def note(self, artifacts: Sequence[Artifact], scripts: Sequence[ScriptRun]) -> None:
        """Note what cargo said that it has made, or found."""
        for artifact in artifacts:
            if not is_local(artifact.package_id):
                self._stays(artifact.filenames)
                continue
            self._packages.add(package_name(artifact.package_id))
            if "custom-build" not in artifact.kinds:
                self._targets.update((artifact.name, artifact.name.replace("-", "_")))
        self._stays(script.out_dir for script in scripts if not is_local(script.package_id))

    def _stays(self, paths: Iterable[str]) -> None:
        self._staying.update(found for path in paths for found in _HASH_IN_PATH.findall(path))

    def remove(self, target: str) -> None:
        """Remove them from a target folder. What can't be removed stays."""
        for folder in _artifact_folders(target):
            for inner in (".fingerprint", "build"):
                _remove(self._of_packages(os.path.join(folder, inner)))
            for inner in (folder, os.path.join(folder, "deps")):
                _remove(self._of_targets(inner))
            # Registry crates aren't compiled incrementally.
            _remove([os.path.join(folder, "incremental")])
            # Notes of ours, and what we keep aside, are all about local crates.
            _remove([os.path.join(folder, OWN)])

    def _of_packages(self, folder: str) -> Iterator[str]:
        """Folders that are called by a package and a hash."""
        for entry in files.names(folder):
            match = _HASHED.fullmatch(entry)
            if match and match[1] in self._packages and match[2] not in self._staying:
                yield os.path.join(folder, entry)

    def _of_targets(self, folder: str) -> Iterator[str]:
        """Files that are called by a library or binary, with or without a hash; on macOS, folders of debugging symbols too."""
        for entry in files.names(folder):
            path = os.path.join(folder, entry)
            if self._is_of_target(entry.partition(".")[0]) and (entry.endswith(".dSYM") or not os.path.isdir(path)):
                yield path

    def _is_of_target(self, stem: str) -> bool:
        match = _HASHED.fullmatch(stem)
        name, found = (match[1], match[2]) if match else (stem, "")
        return found not in self._staying and bool({name, name[3:] if name.startswith("lib") else name} & self._targets)


def _artifact_folders(target: str) -> Iterator[str]:
    """The folders of profiles, with and without one for the target triple above them."""
    for name in files.names(target):
        outer = os.path.join(target, name)
        for folder in (outer, *(os.path.join(outer, inner) for inner in files.names(outer))):
            if os.path.isdir(os.path.join(folder, ".fingerprint")):
                yield folder


def _remove(paths: Iterable[str]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
