"""A lock between processes that is given back by the system when its holder dies."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from typing import IO, Dict, Optional

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
        _held[self.path] = _held.get(self.path, 0) + 1
        if _held[self.path] == 1:
            self._acquire()
        return self

    def _acquire(self) -> None:
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            self._file = open(self.path, "ab")  # noqa: SIM115  # held until __exit__
            if sys.platform == "win32":
                self._wait_on_windows(self._file.fileno())
            else:
                fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError:
            self._release()

    @staticmethod
    def _wait_on_windows(handle: int) -> None:
        # LK_LOCK gives up after ten seconds; a build takes minutes.
        if sys.platform == "win32":
            while True:
                try:
                    msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
                    return
                except OSError as error:
                    if error.errno not in (errno.EACCES, errno.EDEADLK):
                        raise

    def __exit__(self, *exception: object) -> None:
        _held[self.path] -= 1
        self._release()

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def for_place(cache: str, place: str) -> Lock:
    """The lock for a folder, kept in the cache folder so that the folder itself stays clean."""
    name = hashlib.sha256(os.path.realpath(place).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Lock(os.path.join(cache, "locks", f"{name}.lock"))
