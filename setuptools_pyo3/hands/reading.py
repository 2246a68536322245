"""Reading manifests and locks from disk into :mod:`setuptools_pyo3.mind` values; no cargo is involved."""

from __future__ import annotations

import glob
import os
import sys
from typing import Any, Dict, Iterable, List, Optional, Tuple

from ..errors import DeclarationProblem
from ..mind import manifest as manifests
from ..mind.crate import Crate
from ..mind.manifest import Manifest, Workspace
from .cargo_files import upwards
from .files import Seen

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def toml(path: str) -> Dict[str, Any]:
    """Parse a TOML file.

    Raises:
        OSError: it can't be read.
        DeclarationProblem: it is no TOML.
    """
    with open(path, "rb") as file:
        return parse_toml(file.read(), path)


def parse_toml(content: bytes, where: str) -> Dict[str, Any]:
    """Parse TOML from anywhere.

    Raises:
        DeclarationProblem: it is no TOML.
    """
    try:
        return loads(content.decode("utf-8"))
    except ValueError as error:
        raise DeclarationProblem("this is not valid TOML", where=where, why=str(error)) from error


def loads(text: str) -> Dict[str, Any]:
    """Parse TOML.

    Raises:
        ValueError: it is none.
    """
    parsed: Dict[str, Any] = tomllib.loads(text)
    return parsed


class Crates:
    """The crates of one build, each file read once. ``seen`` are the files that were looked at, and those that weren't there."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._parsed: Dict[str, Dict[str, Any]] = {}
        self._crates: Dict[str, Crate] = {}

    def read(self, manifest_path: str, where: str) -> Crate:
        """A crate with its workspace, its local dependencies and its lock.

        Args:
            manifest_path: its Cargo.toml.
            where: the declaration that names it, for messages.

        Raises:
            DeclarationProblem: there is no such manifest, or it can't be read.
        """
        path = os.path.abspath(manifest_path)
        if path not in self._crates:
            self._crates[path] = self._read(path, manifest_path, where)
        return self._crates[path]

    def _read(self, path: str, as_given: str, where: str) -> Crate:
        self.seen.look(path)
        if os.path.basename(path) != "Cargo.toml" or not os.path.isfile(path):
            raise _no_manifest(path, as_given, where)
        folder = os.path.dirname(path)
        root = self.root(folder)
        crate = root if root.folder == folder else self.manifest(folder, root.workspace)
        members = tuple(member.path for member in self.members(crate)) if not crate.name else ()
        lock_path = os.path.join(root.folder, "Cargo.lock")
        self.seen.look(lock_path)
        lock = _text(lock_path)
        return Crate(crate, self._local(crate, root.workspace), root, lock, members)

    def manifest(self, folder: str, inherited: Optional[Workspace] = None) -> Manifest:
        """The manifest in a folder.

        Raises:
            DeclarationProblem: it can't be read.
        """
        content = self.content(folder)
        has_lib_rs = self.seen.there(os.path.join(folder, "src", "lib.rs"))
        return manifests.parse(content, folder, has_lib_rs=has_lib_rs, inherited=inherited)

    def content(self, folder: str) -> Dict[str, Any]:
        """The manifest in a folder, as parsed.

        Raises:
            DeclarationProblem: it can't be read.
        """
        path = os.path.join(folder, "Cargo.toml")
        if path not in self._parsed:
            self.seen.look(path)
            try:
                self._parsed[path] = toml(path)
            except OSError as error:
                raise DeclarationProblem("the manifest can't be read", where=path, why=str(error)) from error
        return self._parsed[path]

    def root(self, folder: str) -> Manifest:
        """The root of the workspace that cargo will find for a crate: named, its own, or the nearest above that takes it in."""
        own = self.manifest(folder)
        if own.workspace is not None:
            return own
        if own.workspace_path:
            return self._other(os.path.normpath(os.path.join(folder, own.workspace_path))) or own
        for parent in list(upwards(folder))[1:]:
            above = self._other(parent)
            if above is not None and above.workspace is not None:
                return own if _excluded(folder, above) else above
        return own

    def _other(self, folder: str) -> Optional[Manifest]:
        """A manifest that may not be there, or may be unreadable, which is then cargo's to say."""
        try:
            there = self.seen.look(os.path.join(folder, "Cargo.toml")) is not None
            return self.manifest(folder) if there else None
        except DeclarationProblem:
            return None

    def _local(self, crate: Manifest, workspace: Optional[Workspace]) -> Dict[str, Manifest]:
        """The crate and all that it reaches by path."""
        found = {crate.folder: crate}
        pending = [d.path for d in crate.dependencies if d.path]
        while pending:
            folder = pending.pop()
            other = self._other(folder) if folder not in found else None
            if other is not None:
                # Most path dependencies are members of the same workspace and inherit from it.
                inheriting = self.manifest(folder, workspace) if other.workspace is None else other
                found[folder] = inheriting
                pending += [d.path for d in inheriting.dependencies if d.path]
        return found

    def members(self, root: Manifest) -> Tuple[Manifest, ...]:
        """The root package and all workspace members, in order of their folders."""
        found = {root.folder: root} if root.name else {}
        for folder in self._member_folders(root):
            member = self._other(folder)
            if member is not None:
                found[folder] = self.manifest(folder, root.workspace)
        return tuple(found[folder] for folder in sorted(found))

    def _member_folders(self, root: Manifest) -> Iterable[str]:
        if root.workspace is None:
            return
        for pattern in root.workspace.members:
            for folder in glob.glob(os.path.join(glob.escape(root.folder), pattern)):
                folder = os.path.normpath(folder)
                # A new member shows in the time of the folder that it lies in.
                self.seen.look(os.path.dirname(folder))
                if not _excluded(folder, root):
                    yield folder


def _excluded(folder: str, root: Manifest) -> bool:
    """Whether ``[workspace] exclude`` names the folder or one above it, and no member entry does, which goes before."""
    workspace = root.workspace
    relative = os.path.relpath(folder, root.folder).replace(os.sep, "/")
    if workspace is None or _named(relative, workspace.members):
        return False
    return _named(relative, workspace.exclude)


def _named(relative: str, entries: Iterable[str]) -> bool:
    """Whether one of the entries, which stand for no patterns here, is the folder or one above it."""
    places = (entry.rstrip("/") for entry in entries)
    return any(relative == place or relative.startswith(f"{place}/") for place in places)


def _text(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def _no_manifest(path: str, as_given: str, where: str) -> DeclarationProblem:
    if os.path.isfile(os.path.join(path, "Cargo.toml")):
        return DeclarationProblem(
            f"{as_given} is a folder", where=where, hint=f"set path to {os.path.join(as_given, 'Cargo.toml')}"
        )
    nearby = _nearby(os.path.dirname(path))
    hint = f"set path to the crate's Cargo.toml{'; there is ' + ' and '.join(nearby) if nearby else ''}"
    return DeclarationProblem(f"there is no manifest {as_given}", where=where, hint=hint)


def _nearby(folder: str) -> List[str]:
    found = sorted(glob.glob(os.path.join(glob.escape(folder), "*", "Cargo.toml")))
    return [os.path.relpath(path) for path in found[:3]]
