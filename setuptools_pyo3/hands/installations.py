"""What is kept of editable installations that rebuild on import: a folder for each project and Python in the user's cache."""

from __future__ import annotations

import marshal
import os
import shutil
from typing import Any, Dict, Iterator, Mapping

from . import build_environment, files

_FILE = "installation"
# The oldest format that every Python we support can read; installations of another one must not look like none.
_FORMAT = 2


def place(cache_dir: str, root: str, suffix: str) -> str:
    """The folder for a project.

    Args:
        cache_dir: the user's cache folder.
        root: the project's folder.
        suffix: of modules for this Python.
    """
    return os.path.join(_projects(cache_dir), files.name_for(repr((root, suffix))))


def note(folder: str, root: str, environment: str, environ: Mapping[str, str]) -> None:
    """Note what holds from now on for rebuilds of a project.

    Args:
        folder: as :func:`place` says.
        root: the project's folder.
        environment: the folder of packages that build it, "" for those of the interpreter; another installation of the project,
            into another environment, may still need the one before.
        environ: variables that they get where the importing program has none.

    Raises:
        OSError: it can't be written.
    """
    content = {"root": root, "environment": environment or _load(folder).get("environment", ""), "environ": dict(environ)}
    files.write_whole(os.path.join(folder, _FILE), marshal.dumps(content, _FORMAT))


def environ(folder: str) -> Dict[str, str]:
    """The variables that :func:`note` was given, {} where nothing is noted."""
    return dict(_load(folder).get("environ", {}))


def sweep(cache_dir: str) -> None:
    """Remove what is kept of projects that are gone, and environments that no project uses."""
    known = {folder: _load(folder) for folder in _entries(_projects(cache_dir))}
    gone = [folder for folder, content in known.items() if content and not os.path.isdir(content["root"])]
    for folder in gone:
        del known[folder]
        shutil.rmtree(folder, ignore_errors=True)
    used = {content.get("environment") for content in known.values()}
    for folder in _entries(build_environment.kept(cache_dir)):
        if folder not in used:
            shutil.rmtree(folder, ignore_errors=True)


def _projects(cache_dir: str) -> str:
    return os.path.join(cache_dir, "rebuild", "projects")


def _entries(folder: str) -> Iterator[str]:
    return (os.path.join(folder, name) for name in files.names(folder) if not name.startswith("."))


def _load(folder: str) -> Dict[str, Any]:
    return files.plain(os.path.join(folder, _FILE))
