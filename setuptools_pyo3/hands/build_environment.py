"""Keeping what an isolated build was done by: its environment is thrown away, and a rebuild on import needs it again.

The copies lie in the user's cache folder, named by their content, so that projects with the same build requirements share one.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import sys
import tempfile
from typing import Iterable, List, Sequence

from . import files

# Of what pip, build and pdm name their environments; uv's are in a folder of its cache.
_NAMES = ("pip-build-env-", "build-env-", "pdm-build-env-")
_UV = "builds-v"
# They build nothing.
_LEFT_OUT = ("__pycache__", "pip", "pip-*.dist-info", "uv", "uv-*.dist-info")


def is_throwaway(path: str) -> bool:
    """Whether a path lies in an environment that a build frontend has made for one build."""
    parts = os.path.normpath(path).split(os.sep)
    uvs = (before.startswith(_UV) and part.startswith(".tmp") for before, part in zip(parts, parts[1:]))
    return any(uvs) or any(part.startswith(_NAMES) for part in parts)


def folders(paths: Iterable[str]) -> List[str]:
    """Those of the folders on ``sys.path`` that hold the packages of a throwaway environment."""
    found = [path for path in paths if is_throwaway(path) and glob.glob(os.path.join(glob.escape(path), "*.dist-info"))]
    # setuptools puts a folder of its own package there, too.
    return [path for path in found if not any(path.startswith(os.path.join(other, "")) for other in found)]


def kept(cache_dir: str) -> str:
    """The folder that all copies lie in."""
    return os.path.join(cache_dir, "rebuild", "environments")


def place(cache_dir: str, sources: Sequence[str]) -> str:
    """Where a copy of these folders belongs, by their packages and this Python."""
    digest = hashlib.sha256(sys.version.encode())
    for source in sources:
        for info in sorted(glob.glob(os.path.join(glob.escape(source), "*.dist-info"))):
            digest.update(os.path.basename(info).encode("utf-8", "surrogateescape"))
            # The list of its files names their content by hashes.
            digest.update(files.content(os.path.join(info, "RECORD")))
    return os.path.join(kept(cache_dir), digest.hexdigest()[:16])


def keep(sources: Sequence[str], target: str) -> None:
    """Copy folders of packages into one, unless it is there.

    Args:
        sources: the folders; of two packages in the same place that of the first one wins.
        target: as :func:`place` says.

    Raises:
        OSError: it can't be written; nothing is left behind.
    """
    if os.path.isdir(target):
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    temporary = tempfile.mkdtemp(prefix=".new-", dir=os.path.dirname(target))
    try:
        for source in reversed(sources):
            shutil.copytree(source, temporary, ignore=shutil.ignore_patterns(*_LEFT_OUT), dirs_exist_ok=True)
        os.rename(temporary, target)
    except OSError:
        if not os.path.isdir(target):  # another process was first
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
