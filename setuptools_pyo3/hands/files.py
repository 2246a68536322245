"""Files: writing them so that nobody ever sees half of one, and knowing whether they have changed."""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import tempfile
from typing import Any, Callable, Dict, List, Mapping, Optional

CACHE_VARIABLE = "SETUPTOOLS_PYO3_CACHE_DIR"

# Size and time of modification in nanoseconds; None where nothing is.
State = Optional[List[int]]


def state(path: str) -> State:
    """What a later look at a file or folder is compared with to see whether it has changed."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]


def names(folder: str) -> List[str]:
    """What a folder holds, in order; [] where it can't be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def content(path: str) -> bytes:
    """What a file holds; b"" where it can't be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def plain(path: str) -> Dict[str, Any]:
    """Values that were kept with :mod:`marshal`; {} where there are none, or none that can be read.

    It is Python's own format for what it keeps for itself: no other is read without importing anything.
    """
    try:
        with open(path, "rb") as file:
            found = marshal.load(file)
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def name_for(text: str) -> str:
    """A file name that stands for a text, such as a path, which may hold anything."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def same(one: str, other: str) -> bool:
    """Whether two paths name one file, however they are spelt."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


class Seen:
    """The files that something was made from, each in the state in which it was first looked at.

    Args:
        states: of files whose content matters.
        presence: whether there was something, where nothing else matters.
    """

    def __init__(self, states: Optional[Dict[str, State]] = None, presence: Optional[Dict[str, bool]] = None) -> None:
        self.states: Dict[str, State] = states or {}
        self.presence: Dict[str, bool] = presence or {}

    def look(self, path: str) -> State:
        """The state of a file. To be called before the file is read: a change in between must count as one."""
        if path not in self.states:
            self.states[path] = state(path)
        return self.states[path]

    def there(self, path: str) -> bool:
        """Whether there is something, for files that are not read."""
        if path not in self.presence:
            self.presence[path] = os.path.exists(path)
        return self.presence[path]

    def unchanged(self) -> bool:
        """Whether all of it is as it was."""
        return all(state(path) == known for path, known in self.states.items()) and all(
            os.path.exists(path) == known for path, known in self.presence.items()
        )


def write_whole(path: str, content: bytes, *, mtime_ns: Optional[int] = None) -> None:
    """Write a file under a temporary name beside its place, then move it there.

    Args:
        path: the place; its folder is made.
        content: all of it.
        mtime_ns: its time of modification, None for now.

    Raises:
        OSError: it can't be written; what was there before is untouched and nothing is left behind.
    """

    def fill(temporary: str) -> None:
        with open(temporary, "wb") as file:
            file.write(content)
        if mtime_ns is not None:
            os.utime(temporary, ns=(mtime_ns, mtime_ns))

    replace_whole(path, fill)


def replace_whole(path: str, fill: Callable[[str], None]) -> None:
    """Let ``fill`` complete a temporary file beside a place, then move it there in one step.

    Raises:
        OSError: from ``fill`` or from the move; what was there before is untouched and nothing is left behind.
    """
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    # Not the place's own ending: an interrupted build must leave nothing that looks like a module.
    handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY[0], suffix=_TEMPORARY[1], dir=folder)
    os.close(handle)
    try:
        # mkstemp makes private files; these are to be as readable as any other output.
        os.chmod(temporary, 0o666 & ~_umask())
        fill(temporary)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


_TEMPORARY = (".setuptools-pyo3-", ".tmp")


def sweep(folder: str) -> None:
    """Remove what a killed process left half-written in a folder. Only for folders that nobody else writes to meanwhile."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder or "."):
            if name.startswith(_TEMPORARY[0]) and name.endswith(_TEMPORARY[1]):
                os.unlink(os.path.join(folder, name))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def cache_folder(environ: Mapping[str, str], platform: str) -> str:
    """The user's cache folder for us: ``SETUPTOOLS_PYO3_CACHE_DIR``, or a folder in the platform's own.

    Args:
        environ: the environment.
        platform: ``sys.platform``.
    """
    given = environ.get(CACHE_VARIABLE)
    if given:
        return os.path.abspath(given)
    if platform == "win32":
        base = environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        # The specification says that a relative one is invalid (https://specifications.freedesktop.org/basedir-spec/latest/).
        given = environ.get("XDG_CACHE_HOME", "")
        base = given if os.path.isabs(given) else os.path.expanduser("~/.cache")
    return os.path.join(base, "setuptools-pyo3")


def usable_folder(folder: str, fallback: str) -> str:
    """The folder, made if need be; the fallback where it can't be written to, or where the user has no home."""
    if not os.path.isabs(folder):
        return os.path.abspath(fallback)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        return os.path.abspath(fallback)
    return folder if os.access(folder, os.W_OK) else os.path.abspath(fallback)
