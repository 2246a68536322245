"""Keeping apart what cargo writes to one place: the libraries of local crates, one set of files for each way of building.

A library with a cdylib among its types has no hash in its file's name, and its fingerprint has one folder, whatever features or
PyO3 configuration it is built with. Two ways of building in turn compile it again each time; two crates whose libraries share a
name are even taken for each other. So the files of one way (fingerprint, library, dependency info) are moved aside together
before cargo runs for another, and those of that one are moved back, with their times. cargo still judges by itself whether they
are up to date: what is moved is a fingerprint and the files that belong to it. If cargo's layout were another one, nothing would
be found to move, and time would be lost, nothing else.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import shutil
from typing import Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from ..mind.plan import Call, Leaf
from . import files
from .locking import Lock

# What we keep in a folder of cargo's artifacts.
OWN_FOLDER = ".setuptools-pyo3"
# Ways change with features, interpreters and flags; the files of long-gone ones are let go.
_MOST_SETS = 16


class Folders:
    """The folders that cargo has written artifacts to, remembered from its messages of earlier builds.

    Args:
        cache_dir: the folder to remember them in.
        environ: the environment, whose CARGO_TARGET_DIR several workspaces may share.
        workspace: the folder of the workspace.
    """

    def __init__(self, cache_dir: str, environ: Mapping[str, str], workspace: str) -> None:
        place = environ.get("CARGO_TARGET_DIR") or workspace
        name = hashlib.sha256(os.path.realpath(place).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self.path = os.path.join(cache_dir, "folders", f"{name}.txt")
        self._known = _load(self.path)

    def all(self) -> List[str]:
        """All that are remembered."""
        return sorted(set(self._known.values()))

    def of(self, call: Call) -> List[str]:
        """The one that a call like this has written to, where there was one."""
        folder = self._known.get(_kind(call))
        return [folder] if folder is not None else []

    def note(self, call: Call, folder: str) -> None:
        """Remember where a call has written to."""
        if self._known.get(_kind(call)) != folder:
            self._known[_kind(call)] = folder
            with contextlib.suppress(OSError):
                lines = (f"{key}\t{known}\n" for key, known in sorted(self._known.items()) if "\n" not in known)
                files.write_whole(self.path, os.fsencode("".join(lines)))


def _kind(call: Call) -> str:
    """What decides about cargo's folder: the profile and the target."""
    return f"{call.profile} {call.triple}".strip()


def _load(path: str) -> Dict[str, str]:
    # A line for each, with a tab between: json would have to be imported before cargo is started.
    try:
        with open(path, "rb") as file:
            lines = [os.fsdecode(line.rstrip(b"\n")).partition("\t") for line in file]
    except OSError:
        return {}
    return {key: folder for key, tab, folder in lines if tab}


def prepare(folders: Iterable[str], leaves: Sequence[Leaf]) -> None:
    """Put the files of these ways of building in place, and those of others aside.

    Args:
        folders: where cargo writes artifacts (``target/release``); those that are gone are passed over.
        leaves: what is about to be built.
    """
    for folder in folders:
        if not os.path.isdir(folder) or all(current(folder, leaf.library) == leaf.identity for leaf in leaves):
            continue
        # cargo holds this lock while it builds there.
        with Lock(os.path.join(folder, ".cargo-lock")), contextlib.suppress(OSError):
            for leaf in leaves:
                _switch(folder, leaf)


def current(folder: str, library: str) -> str:
    """The identity of the files that lie in place; "" where nobody noted it."""
    return _note(folder, library)[0]


def mark(folder: str, leaves: Sequence[Leaf]) -> List[str]:
    """Note whose files lie in place, and return the notes' own files."""
    for leaf in leaves:
        if current(folder, leaf.library) != leaf.identity:
            with contextlib.suppress(OSError):
                files.write_whole(_note_path(folder, leaf.library), f"{leaf.identity}\n{leaf.package}\n".encode())
    return [_note_path(folder, leaf.library) for leaf in leaves]


def _note(folder: str, library: str) -> Tuple[str, str]:
    try:
        with open(_note_path(folder, library), encoding="utf-8") as file:
            identity, package = file.read().splitlines()
            return identity, package
    except (OSError, ValueError):
        return "", ""


def _note_path(folder: str, library: str) -> str:
    return os.path.join(folder, OWN_FOLDER, f"{library}.current")


def _switch(folder: str, leaf: Leaf) -> None:
    identity, package = _note(folder, leaf.library)
    if identity == leaf.identity:
        return
    if identity:
        _move(_set(folder, leaf.library, identity), folder, leaf.library, package, aside=True)
    kept = _set(folder, leaf.library, leaf.identity)
    if identity or os.path.isdir(kept):
        _move(kept, folder, leaf.library, leaf.package, aside=False)
    mark(folder, [leaf])
    _let_go(folder, leaf.library)


def _set(folder: str, library: str, identity: str) -> str:
    return os.path.join(folder, OWN_FOLDER, f"{library}-{identity}")


def _move(kept: str, folder: str, library: str, package: str, *, aside: bool) -> None:
    """Move a set of files to where it is kept, or back from there."""
    if aside:
        shutil.rmtree(kept, ignore_errors=True)
        for path in _files(folder, library, package):
            target = os.path.join(kept, os.path.relpath(path, folder))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.rename(path, target)
        return
    for path in list(_files(folder, library, package)):
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    for path in list(_files(kept, library, package)):
        target = os.path.join(folder, os.path.relpath(path, kept))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.rename(path, target)
    shutil.rmtree(kept, ignore_errors=True)


def _files(folder: str, library: str, package: str) -> Iterator[str]:
    """The fingerprint's folder, and the files without a hash in their names."""
    base = glob.escape(folder)
    for fingerprint in glob.glob(os.path.join(base, ".fingerprint", f"{glob.escape(package)}-*", f"lib-{library}")):
        yield os.path.dirname(fingerprint)
    for stem in (f"lib{library}", library):
        yield from glob.glob(os.path.join(base, "deps", f"{stem}.*"))


def _let_go(folder: str, library: str) -> None:
    kept = glob.glob(os.path.join(glob.escape(folder), OWN_FOLDER, f"{library}-*"))
    kept.sort(key=os.path.getmtime)
    for path in kept[:-_MOST_SETS]:
        shutil.rmtree(path, ignore_errors=True)
