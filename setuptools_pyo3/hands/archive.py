"""Archives that are the same file wherever, by whomever and whenever they are made of the same content."""

from __future__ import annotations

import contextlib
import os
import stat
import tarfile
from typing import IO, Iterator, cast

from . import files
from .deflating import Gzip

# gzip's own choice: a higher one takes twice as long and saves a hundredth.
_LEVEL = 6


def write_tar_gz(archive: str, folder: str, *, time: int) -> None:
    """Pack a folder, under its own name, into a ``.tar.gz``.

    Members are in order of their names, belong to nobody, and may be read by everybody, whatever the umask was. Links are packed as
    what they lead to.

    Args:
        archive: the file to write; what was there before stays until the new one is complete.
        folder: what to pack.
        time: that all members and gzip's header bear, in seconds since the epoch.

    Raises:
        OSError: something can't be read, or the archive not be written; nothing is left behind.
    """
    base = os.path.dirname(os.path.abspath(folder))

    def fill(temporary: str) -> None:
        with contextlib.ExitStack() as stack:
            raw = stack.enter_context(open(temporary, "wb"))
            packed = stack.enter_context(Gzip(raw, _LEVEL, time))
            # It only writes and asks how much it has written.
            tar = stack.enter_context(tarfile.open("", "w", cast("IO[bytes]", packed), format=tarfile.PAX_FORMAT))
            for path in _walk(os.path.abspath(folder)):
                _add(tar, path, os.path.relpath(path, base).replace(os.sep, "/"), time)

    files.replace_whole(archive, fill)


def _walk(folder: str) -> Iterator[str]:
    """A folder and all that is in it, each folder before its content."""
    yield folder
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry.path)
        else:
            yield entry.path


def _add(tar: tarfile.TarFile, path: str, name: str, time: int) -> None:
    found = os.stat(path)
    member = tarfile.TarInfo(name)
    member.mtime, member.mode = time, mode(found.st_mode)
    if stat.S_ISDIR(found.st_mode):
        member.type = tarfile.DIRTYPE
        tar.addfile(member)
        return
    member.size = found.st_size
    with open(path, "rb") as file:
        tar.addfile(member, file)


def mode(found: int) -> int:
    """The permissions that a file or folder has in an archive, by its ``st_mode``: whether it can be run is all that is kept."""
    return 0o755 if stat.S_ISDIR(found) or found & 0o100 else 0o644


def settle_tree(folder: str, *, time: int) -> None:
    """Give everything in a folder, which others will pack, the permissions and the time that it would have in an archive of ours.

    Args:
        folder: nobody else's.
        time: in seconds since the epoch.

    Raises:
        OSError: something can't be changed.
    """
    for path in _walk(folder):
        os.chmod(path, mode(os.stat(path).st_mode))
        os.utime(path, (time, time))
