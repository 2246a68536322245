"""Paths that are the same for every checkout of a project, where a key of sccache's would otherwise hold the checkout's own.

sccache's key for a crate holds the crate's folder and, if the crate includes what its build script made, ``OUT_DIR``. A crate from
a registry lies in cargo's home, which everybody can have at one place; a vendored one lies in the checkout, and ``OUT_DIR`` in its
target folder. So vendored crates are copied to a folder that is named by their content, and cargo writes to the target folder
through a link that is named by the project. Links to the folder that rustc runs in are resolved, hence the copy; the path of the
target folder is nothing that cargo judges crates by, hence the link is enough, and the target folder stays the user's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from typing import Dict, Iterable, Iterator, Set, Tuple

from ..mind.cargo_config import Configuration
from . import files
from .locking import for_place

# In the user's cache folder.
FOLDERS = _LINKS, _COPIES = "links", "vendored"
_COPYING = ".copying-"
_COPY = re.compile(rf"[0-9a-f]{{16}}|{re.escape(_COPYING)}.*")
# So many checkouts of one project have links of their own at one time; the keys of each have to be filled once.
_MOST_LINKS = 16
_UNUSED_SECONDS = 30 * 24 * 3600

# What cargo puts into a target folder that it makes (https://bford.info/cachedir/); we make it, for the link to lead somewhere.
_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache directory tag created by setuptools-pyo3 for cargo.\n"


def link(cache_dir: str, project: str, folder: str) -> str:
    """A path that leads to a target folder and that the same project in another checkout, or on another machine, gets too.

    Several checkouts on one machine get different ones, each the first that no other one's target folder has.

    Args:
        cache_dir: where the links are kept.
        project: a name that is the same everywhere.
        folder: the target folder; it is made.

    Returns:
        The path, "" where there can be none.
    """
    base = os.path.join(cache_dir, _LINKS)
    with contextlib.suppress(OSError), for_place(cache_dir, base):
        os.makedirs(base, exist_ok=True)
        _make(folder)
        for number in range(_MOST_LINKS):
            path = os.path.join(base, f"{project}-{number}")
            if _leads(path, folder):
                return path
    return ""


def _make(folder: str) -> None:
    if not os.path.isdir(folder):
        os.makedirs(folder)
        with open(os.path.join(folder, "CACHEDIR.TAG"), "wb") as file:
            file.write(_TAG)


def _leads(path: str, folder: str) -> bool:
    """Whether a link leads to a folder, now that it was made to where it led nowhere."""
    try:
        return os.path.samestat(os.stat(path), os.stat(folder))
    except FileNotFoundError:
        if os.path.islink(path):
            os.unlink(path)
        os.symlink(folder, path, target_is_directory=True)
        return True


def sources(configurations: Iterable[Configuration], cache_dir: str) -> Iterator[Tuple[str, str]]:
    """The sources of vendored crates that cargo is told to use, each with a copy of its folder at a path named by its content.

    Args:
        configurations: cargo's, the first to win first.
        cache_dir: where the copies are kept.
    """
    found: Dict[str, str] = {}
    used: Set[str] = set()
    for configuration in configurations:
        for name, source in configuration.table("source").items():
            if not isinstance(source, dict):
                continue
            used.add(str(source.get("replace-with")))
            folder = source.get("directory")
            # An absolute path is one that everybody can have already.
            if isinstance(folder, str) and not os.path.isabs(folder):
                found.setdefault(name, os.path.normpath(os.path.join(configuration.folder, folder)))
    for name, folder in sorted(found.items()):
        if name in used:
            with contextlib.suppress(OSError):
                yield name, _copy(folder, os.path.join(cache_dir, _COPIES))
    if used & set(found):
        let_go(cache_dir)


def _copy(folder: str, kept: str) -> str:
    """The copy of a folder, made where there is none.

    Raises:
        OSError: it can't be read, or not be copied.
    """
    place = os.path.join(kept, _digest(folder))
    if not os.path.isdir(place):
        os.makedirs(kept, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_COPYING, dir=kept) as temporary:
            copied = os.path.join(temporary, "copy")
            shutil.copytree(folder, copied)
            # Somebody else may have been faster, with the same content.
            with contextlib.suppress(OSError):
                os.rename(copied, place)
    os.utime(place)
    return place


def _digest(folder: str) -> str:
    """The content of a folder, as a name."""
    digest = hashlib.sha256()
    for current, folders, names in os.walk(folder, onerror=_raise, followlinks=True):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(current, name)
            with open(path, "rb") as file:
                content = hashlib.sha256(file.read()).digest()
            digest.update(os.fsencode(os.path.relpath(path, folder)) + b"\0" + content)
    return digest.hexdigest()[:16]


def _raise(error: OSError) -> None:
    raise error


def let_go(cache_dir: str, *, everything: bool = False) -> None:
    """Remove what wasn't used for long; what is needed again is made again.

    Args:
        cache_dir: where it is kept.
        everything: remove all of it; nobody may be building.
    """
    kept = os.path.join(cache_dir, _COPIES)
    for name in filter(_COPY.fullmatch, files.names(kept)):
        path = os.path.join(kept, name)
        with contextlib.suppress(OSError):
            if everything or os.stat(path).st_mtime < time.time() - _UNUSED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
    links = os.path.join(cache_dir, _LINKS)
    for name in files.names(links):
        path = os.path.join(links, name)
        with contextlib.suppress(OSError):
            if os.path.islink(path) and (everything or not os.path.exists(path)):
                os.unlink(path)
