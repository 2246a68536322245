"""Keeping apart what cargo writes to one place: the libraries of local crates, one set of files for each way of building.

A library with a cdylib among its types has no hash in its file's name, and its fingerprint has one folder, whatever features or
PyO3 configuration it is built with. Two ways of building in turn, or the user's own ``cargo build`` between two of ours, compile it
again each time; two crates whose libraries share a name are even taken for each other. So a copy is kept of each way's files
(fingerprint, library, dependency info), with their times, and put back together before cargo runs that way again. cargo still
judges by itself whether they are up to date: what is put back is a fingerprint and the files that belong to it. If cargo's layout
were another one, nothing would be found to keep, and time would be lost, nothing else.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from typing import Iterable, Iterator, List, NamedTuple, Sequence

from ..mind.messages import SHARED_LIBRARY
from ..mind.plan import Leaf
from . import files
from .folders import OWN
from .locking import Lock

# Ways change with features, interpreters and flags; the files of long-gone ones are let go.
_MOST_SETS = 16
_LIST = "files"


class _Note(NamedTuple):
    """Whose files lie in place.

    Args:
        identity: of the way of building, "" where nobody noted it.
        package: the crate's name.
        fingerprint: the name of the fingerprint's folder, "" where it isn't known.
        file: the name of the shared library.
        stamp: of both when they were noted, "" where the build that was to write them is not known to have ended.
    """

    identity: str = ""
    package: str = ""
    fingerprint: str = ""
    file: str = ""
    stamp: str = ""


def prepare(folders: Iterable[str], leaves: Sequence[Leaf], *, hand_over: bool = False) -> None:
    """Put the files of these ways of building in place.

    Args:
        folders: that cargo compiles into (``target/release``); those that are gone are passed over.
        leaves: what is about to be built.
        hand_over: whether nobody will call :func:`mark` when it is built.
    """
    for folder in folders:
        if not os.path.isdir(folder) or all(_is_in_place(folder, leaf) for leaf in leaves):
            continue
        # cargo holds this lock while it builds there.
        with Lock(os.path.join(folder, ".cargo-lock")), contextlib.suppress(OSError):
            for leaf in leaves:
                if not _is_in_place(folder, leaf):
                    _switch(folder, leaf)
                if hand_over:
                    _write(folder, leaf.library, _read(folder, leaf.library)._replace(identity=leaf.identity, stamp=""))


def current(folder: str, library: str) -> str:
    """The identity of the files that lie in place; "" where nobody noted it."""
    return _read(folder, library).identity


def mark(folder: str, leaves: Sequence[Leaf], *, keep: bool = True) -> List[str]:
    """Note whose files lie in place, and keep a copy of them.

    Args:
        folder: that cargo compiled into.
        leaves: what was built.
        keep: False to keep no copy.

    Returns:
        The files that show it when somebody else has written there since.
    """
    for leaf in leaves:
        if _read(folder, leaf.library).stamp and _is_in_place(folder, leaf):
            continue
        with contextlib.suppress(OSError), Lock(os.path.join(folder, ".cargo-lock")):
            note = _found(folder, leaf)
            if keep:
                _save(folder, leaf.library, note)
            _write(folder, leaf.library, note)
    return [path for leaf in leaves for path in _telling(folder, leaf.library)]


def _telling(folder: str, library: str) -> Iterator[str]:
    note = _read(folder, library)
    yield _path(folder, library)
    if note.fingerprint and note.file:
        yield _hash_file(folder, library, note)
        yield os.path.join(folder, "deps", note.file)


def _is_in_place(folder: str, leaf: Leaf) -> bool:
    note = _read(folder, leaf.library)
    return note.identity == leaf.identity and note.stamp in ("", _stamp(folder, leaf.library, note))


def _switch(folder: str, leaf: Leaf) -> None:
    note = _read(folder, leaf.library)
    if note.stamp and not os.path.exists(_hash_file(folder, leaf.library, note)):
        # `cargo clean`: what was kept is meant too.
        for kept in _sets(folder, leaf.library):
            shutil.rmtree(kept, ignore_errors=True)
    elif note.identity and not note.stamp:
        # Written since by a build that had no occasion to note it, `setuptools-pyo3 cargo` for one.
        note = _found(folder, leaf._replace(identity=note.identity, package=note.package))
        _save(folder, leaf.library, note)
    kept = _set(folder, leaf.library, leaf.identity)
    sound = _is_sound(kept)
    if sound or note.identity not in ("", leaf.identity):
        _clear(folder, leaf.library, note)
        if sound:
            _put_back(kept, folder)
        _write(folder, leaf.library, _found(folder, leaf))


def _found(folder: str, leaf: Leaf) -> _Note:
    """The note for what lies in place now."""
    names = (os.path.basename(path) for path in _libraries(folder, leaf.library))
    file = next((name for name in names if name.endswith(SHARED_LIBRARY)), "")
    note = _Note(leaf.identity, leaf.package, _fingerprint(folder, leaf), file)
    return note._replace(stamp=_stamp(folder, leaf.library, note))


def _fingerprint(folder: str, leaf: Leaf) -> str:
    """The name of the folder of the library's fingerprint: the newest whose hash no file has in its name, as those of checks do."""
    base = glob.escape(folder)
    pattern = os.path.join(base, ".fingerprint", f"{glob.escape(leaf.package)}-*", f"lib-{leaf.library}")
    hashed = {path.rpartition("-")[2].partition(".")[0] for path in glob.glob(os.path.join(base, "deps", f"lib{leaf.library}-*"))}
    found = {path: os.path.basename(os.path.dirname(path)) for path in sorted(glob.glob(pattern))}
    own = [path for path, name in found.items() if name.rpartition("-")[2] not in hashed]
    return found[max(own, key=os.path.getmtime)] if own else ""


def _hash_file(folder: str, library: str, note: _Note) -> str:
    """The file that cargo writes last, and empties first."""
    return os.path.join(folder, ".fingerprint", note.fingerprint, f"lib-{library}")


def _stamp(folder: str, library: str, note: _Note) -> str:
    """What tells this state of the files from any other; "" for one that isn't complete."""
    if not (note.fingerprint and note.file):
        return ""
    hashed = _state(_hash_file(folder, library, note))
    return "" if hashed.endswith(" 0") else f"{hashed} {_state(os.path.join(folder, 'deps', note.file))}"


def _state(path: str) -> str:
    size, mtime_ns = files.state(path) or (0, 0)
    return f"{mtime_ns} {size}"


def _files(folder: str, library: str, note: _Note) -> Iterator[str]:
    """The fingerprint, and the files without a hash in their names."""
    if note.fingerprint:
        yield from glob.glob(os.path.join(glob.escape(folder), ".fingerprint", glob.escape(note.fingerprint), "*"))
    yield from _libraries(folder, library)


def _libraries(folder: str, library: str) -> List[str]:
    base = glob.escape(folder)
    return [path for stem in (f"lib{library}", library) for path in sorted(glob.glob(os.path.join(base, "deps", f"{stem}.*")))]


def _save(folder: str, library: str, note: _Note) -> None:
    """Keep a copy of what lies in place. It is complete when it gets its name."""
    if not note.stamp:
        return
    kept = _set(folder, library, note.identity)
    unfinished = f"{kept}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    lines = []
    for path in sorted(_files(folder, library, note)):
        name = os.path.relpath(path, folder)
        _copy(path, os.path.join(unfinished, name))
        lines.append(f"{_state(path)}\t{name}\n")
    files.write_whole(os.path.join(unfinished, _LIST), os.fsencode("".join(lines)))
    shutil.rmtree(kept, ignore_errors=True)
    os.rename(unfinished, kept)
    _let_go(folder, library)


def _copy(source: str, target: str) -> None:
    """A copy with its time. A library, which may be large, is linked: cargo unlinks the old one before it has a new one written."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    small = os.path.basename(os.path.dirname(source)) != "deps" or source.endswith(".d")
    if not small:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)


def _kept(kept: str) -> List[List[str]]:
    """The files of a set, each as its state and its name."""
    try:
        with open(os.path.join(kept, _LIST), "rb") as file:
            return [os.fsdecode(line.rstrip(b"\n")).split("\t", 1) for line in file]
    except OSError:
        return []


def _is_sound(kept: str) -> bool:
    """Whether a set is whole, and nobody has written to a file that is linked elsewhere too."""
    found = _kept(kept)
    return bool(found) and all(_state(os.path.join(kept, name)) == state for state, name in found)


def _put_back(kept: str, folder: str) -> None:
    # The fingerprint last: what is interrupted here must not look complete to cargo.
    for _, name in reversed(_kept(kept)):
        _copy(os.path.join(kept, name), os.path.join(folder, name))
    os.utime(kept)


def _clear(folder: str, library: str, note: _Note) -> None:
    # The fingerprint first, for the same reason.
    for path in sorted(_files(folder, library, note)):
        os.unlink(path)


def _set(folder: str, library: str, identity: str) -> str:
    return os.path.join(folder, OWN, f"{library}-{identity}")


def _sets(folder: str, library: str) -> List[str]:
    """The kept sets, least recently used first."""
    return sorted(glob.glob(os.path.join(glob.escape(folder), OWN, f"{library}-*")), key=os.path.getmtime)


def _let_go(folder: str, library: str) -> None:
    for path in _sets(folder, library)[:-_MOST_SETS]:
        shutil.rmtree(path, ignore_errors=True)


def _read(folder: str, library: str) -> _Note:
    try:
        with open(_path(folder, library), encoding="utf-8") as file:
            return _Note(*file.read().split("\n"))
    except (OSError, TypeError, ValueError):
        return _Note()


def _write(folder: str, library: str, note: _Note) -> None:
    if _read(folder, library) != note:
        files.write_whole(_path(folder, library), "\n".join(note).encode())


def _path(folder: str, library: str) -> str:
    return os.path.join(folder, OWN, f"{library}.current")
