"""What lies in the user's cache folder: cached target folders, which take room, and small notes; listing and removing them.

Each target folder has a file beside it that tells whose it is and how large it was when somebody looked. The time of that file is
when the folder was used last.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
import time
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..mind import caching
from ..mind.caching import Entry
from . import files, fixed_paths, installations
from .locking import Lock, for_place, gate

TARGETS = "targets"
_STATE = ".json"
# Target folders that are being removed.
_GOING = ".going-"
_ENTRY = re.compile(r"[a-z0-9-]+-[0-9a-f]{12}")

# Folders of notes, and what all the files in them are called. A note that is gone costs the next build some time.
_NOTES = ("builds", "folders", "pyo3", "rustc", "sccache")
_LOCKS = "locks"
_NOTE = re.compile(r"[0-9a-f]{16}(\.[a-z]+)?|\d+\.\d+-[\w.-]+")
_CONFIG = re.compile(r"pyo3-config-[0-9a-f]{16}\.txt")
# The time of this file is when the cache was pruned last.
_PRUNED = ".pruned"
_DAY = 24 * 3600

# A disk with less room than this is full: PyO3 alone needs a quarter of it.
_ROOM = 256 * 1024**2
_PROBE = 1024**2


def target(cache_dir: str, name: str) -> str:
    """The target folder of an entry."""
    return os.path.join(cache_dir, TARGETS, name)


class State(NamedTuple):
    """What is known of a target folder: whose it is, and its size in bytes, None after a build that was killed."""

    project: str
    size: Optional[int]


def state(cache_dir: str, name: str) -> Optional[State]:
    """What is known of a target folder; None where it isn't one of ours."""
    try:
        with open(target(cache_dir, name) + _STATE, encoding="utf-8") as file:
            content = json.load(file)
        size = content["size"]
        return State(str(content["project"]), size if isinstance(size, int) else None)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def note(cache_dir: str, name: str, known: State) -> None:
    """Note what is known of a target folder, and that it is used now.

    Raises:
        OSError: it can't be written.
    """
    files.write_whole(target(cache_dir, name) + _STATE, json.dumps(known._asdict()).encode())


def has_room(cache_dir: str) -> bool:
    """Whether cargo could write there: the disk isn't full, and a user's share of it isn't used up."""
    folder = os.path.join(cache_dir, TARGETS)
    try:
        os.makedirs(folder, exist_ok=True)
        if shutil.disk_usage(folder).free < _ROOM:
            return False
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE))
        return True
    except OSError:
        return False


def entries(cache_dir: str, *, measured: bool = False) -> List[Entry]:
    """All target folders, in order of their names.

    Args:
        cache_dir: the user's cache folder.
        measured: look at every file instead of going by what was noted.
    """
    found = []
    for file in files.names(os.path.join(cache_dir, TARGETS)):
        name = file[: -len(_STATE)]
        known = state(cache_dir, name) if file.endswith(_STATE) and _ENTRY.fullmatch(name) else None
        if known is not None:
            size = measure(target(cache_dir, name)) if measured or known.size is None else known.size
            found.append(Entry(name, known.project, size, _time(target(cache_dir, name) + _STATE)))
    return found


def measure(folder: str) -> int:
    """The size of all files in a folder, in bytes."""
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            with contextlib.suppress(OSError):
                inner = entry.is_dir(follow_symlinks=False)
                total += measure(entry.path) if inner else entry.stat(follow_symlinks=False).st_size
    return total


def remove(cache_dir: str, name: str) -> None:
    """Remove an entry that nobody uses: its lock is held."""
    folder = target(cache_dir, name)
    # In one step, so that nobody finds half of it, however long the rest takes.
    going = os.path.join(cache_dir, TARGETS, f"{_GOING}{os.getpid()}-{name}")
    with contextlib.suppress(OSError):
        os.rename(folder, going)
    shutil.rmtree(going, ignore_errors=True)
    if not os.path.exists(folder):
        with contextlib.suppress(OSError):
            os.unlink(folder + _STATE)


def is_due(cache_dir: str) -> bool:
    """Whether it is a day since the cache was pruned last."""
    return time.time() - _time(os.path.join(cache_dir, TARGETS, _PRUNED)) > _DAY


def prune(cache_dir: str, limit: int, *, measured: bool = False) -> List[Entry]:
    """Remove what wasn't used for long and what is too much. What a running build uses stays.

    Args:
        cache_dir: the user's cache folder.
        limit: how many bytes may stay.
        measured: look at every file instead of going by what was noted.

    Returns:
        The entries that were removed.
    """
    if not os.path.isdir(cache_dir):
        return []
    with contextlib.suppress(OSError):
        files.write_whole(os.path.join(cache_dir, TARGETS, _PRUNED), b"")
    _sweep(cache_dir)
    fixed_paths.let_go(cache_dir)
    now = time.time()
    for folder in _NOTES:
        for path in _notes(cache_dir, folder):
            if now - _time(path) > caching.UNUSED_SECONDS:
                _unlink(path)
    for path in _notes(cache_dir, _LOCKS):
        if now - _time(path) > _DAY:
            _unlink_lock(path)
    surplus = caching.surplus(entries(cache_dir, measured=measured), limit, now)
    return [entry for entry in surplus if _remove_unused(cache_dir, entry)]


class Cleared(NamedTuple):
    """What became of the cache: the entries that are gone, those that builds are using, and whether the notes are gone too."""

    removed: Tuple[Entry, ...]
    used: Tuple[Entry, ...]
    notes: bool


def clear(cache_dir: str) -> Cleared:
    """Remove all that is ours, except what a running build uses."""
    if not os.path.isdir(cache_dir):
        return Cleared((), (), True)
    with gate(cache_dir) as closed:
        found = entries(cache_dir)
        removed = tuple(entry for entry in found if _remove_unused(cache_dir, entry))
        _sweep(cache_dir)
        notes = _clear_notes(cache_dir)
        _unlink(closed.path)
    _remove_empty(cache_dir, (TARGETS, *fixed_paths.FOLDERS, *_NOTES, _LOCKS))
    return Cleared(removed, tuple(entry for entry in found if entry not in removed), notes)


def _clear_notes(cache_dir: str) -> bool:
    """Remove configuration files, notes and locks, unless a build is running, which may need any of them."""
    locks = [Lock(path) for path in _notes(cache_dir, _LOCKS)]
    taken = [lock for lock in locks if lock.take(wait=False)]
    try:
        if len(taken) < len(locks):
            return False
        for folder in (*_NOTES, _LOCKS):
            for path in _notes(cache_dir, folder):
                _unlink(path)
        fixed_paths.let_go(cache_dir, everything=True)
        _unlink(os.path.join(cache_dir, TARGETS, _PRUNED))
        for name in files.names(cache_dir):
            if _CONFIG.fullmatch(name):
                _unlink(os.path.join(cache_dir, name))
        return True
    finally:
        for lock in taken:
            lock.release()


def _remove_unused(cache_dir: str, entry: Entry) -> bool:
    """Remove an entry; False where a build uses it, or has used it since it was looked at."""
    lock = for_place(cache_dir, target(cache_dir, entry.name))
    if not lock.take(wait=False):
        return False
    try:
        if _time(target(cache_dir, entry.name) + _STATE) != entry.used:
            return False
        remove(cache_dir, entry.name)
        return True
    finally:
        lock.release()


def _sweep(cache_dir: str) -> None:
    """Remove what was being removed when somebody was killed, and what editable installations needed that are gone."""
    installations.sweep(cache_dir)
    folder = os.path.join(cache_dir, TARGETS)
    for name in files.names(folder):
        if name.startswith(_GOING):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def _notes(cache_dir: str, folder: str) -> Iterator[str]:
    path = os.path.join(cache_dir, folder)
    return (os.path.join(path, name) for name in files.names(path) if _NOTE.fullmatch(name))


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _unlink_lock(path: str) -> None:
    """Remove a lock's file, if nobody holds it. Whoever waits for it meanwhile makes a new one."""
    lock = Lock(path)
    if lock.take(wait=False):
        _unlink(path)
        lock.release()


def _remove_empty(cache_dir: str, folders: Sequence[str]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            os.rmdir(os.path.join(cache_dir, folder))


def _time(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
