"""A lock between processes that is given back by the system when its holder dies."""

from __future__ import annotations

import errno
import os
import sys
from typing import IO, Dict, Optional

from .files import name_for

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Locks are re-entrant within a process: bdist_wheel holds the one that build_ext asks for again.
_held: Dict[str, int] = {}


class Lock:
    """A context manager that holds the lock. Where the lock's folder can't be written, it does nothing."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: Optional[IO[bytes]] = None

    def __enter__(self) -> Lock:
        self.take()
        return self

    def take(self, *, wait: bool = True) -> bool:
        """Take the lock; to be given back with :meth:`release` if it was got.

        Args:
            wait: for others to give it back.

        Returns:
            False where somebody else has it, and it wasn't waited for.
        """
        if not _held.get(self.path) and not self._acquire(wait):
            return False
        _held[self.path] = _held.get(self.path, 0) + 1
        return True

    def release(self) -> None:
        """Give it back, once for each time that it was taken."""
        _held[self.path] -= 1
        self._close()

    @property
    def is_real(self) -> bool:
        """Whether it keeps others out, for the one that was taken first: the file could be opened and locked."""
        return self._file is not None

    def _acquire(self, wait: bool) -> bool:
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            while self._file is None:
                self._file = open(self.path, "ab")  # noqa: SIM115  # held until it is released
                if not _lock(self._file, wait=wait):
                    self._close()
                    return False
                if not self._is_in_place():
                    self._close()
        except OSError:
            self._close()
        return True

    def _is_in_place(self) -> bool:
        """Whether the file is still the one that others will open; the one who had it may have removed it."""
        if self._file is None or sys.platform == "win32":
            return True
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), os.stat(self.path))
        except FileNotFoundError:
            return False

    def __exit__(self, *exception: object) -> None:
        self.release()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[bytes], *, wait: bool) -> bool:
    """Lock a file; False where another process has it locked and isn't waited for.

    Raises:
        OSError: it can't be locked at all.
    """
    if sys.platform == "win32":
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
                return True
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EDEADLK):
                    raise
                # LK_LOCK gives up after ten seconds; a build takes minutes.
                if not wait:
                    return False
    else:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False


def for_place(cache: str, place: str) -> Lock:
    """The lock for a folder, kept in the cache folder so that the folder itself stays clean."""
    return Lock(os.path.join(cache, "locks", f"{name_for(os.path.realpath(place))}.lock"))


def gate(cache: str) -> Lock:
    """The lock that every build passes through once it has its own; who holds it knows that no other build begins."""
    return Lock(os.path.join(cache, "locks", "gate.lock"))
