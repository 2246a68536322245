"""Finding and reading the files by which the Python of a target describes itself."""

from __future__ import annotations

import glob
import os
import sys
from typing import Dict, Iterable, Iterator, List, Mapping, Optional

from ..errors import ToolchainProblem
from ..mind import build_details, sysconfigdata
from ..mind.description import Description

_VARIABLE = "PYO3_CROSS_LIB_DIR"
# Folders below the one that is given which may hold a Python's library, or lead to it.
_BELOW = ("", "lib", "usr/lib", "lib64", "usr/lib64", "build/lib.*")
_LIBRARIES = ("python3*", "pypy3*", "lib_pypy", "graalpy*", "lib_graalpython")
_FILES = ("_sysconfigdata*.py", "build-details*.json")


def described(folder: str) -> List[Description]:
    """All that is found in and below a folder: a sysroot, its library folder, or one Python's own.

    Raises:
        ToolchainProblem: the folder is missing, or a file in it can't be understood.
    """
    if not os.path.isdir(folder):
        raise ToolchainProblem(
            "there is no such folder", where=f"{_VARIABLE}={folder}", hint="point it at the target Python's library folder"
        )
    # Two names for one file are usual: Debian makes the second by a link.
    paths = {os.path.realpath(path): path for path in sorted(_files(folder), reverse=True)}
    found: List[Description] = []
    programs: List[ToolchainProblem] = []
    for path in sorted(paths.values()):
        try:
            found.append(read(path))
        except ToolchainProblem as problem:
            programs.append(problem)
    # Older PyPys keep a program beside the values of newer ones; it is in the way only where there is nothing else.
    if programs and not found:
        raise programs[0]
    return found


def _files(folder: str) -> Iterator[str]:
    # Debian has libpython in a folder of its own for each architecture, beside those that hold the files.
    starts = [folder, os.path.dirname(os.path.abspath(folder))] if "-linux-" in os.path.basename(folder) else [folder]
    for start in starts:
        base = glob.escape(start)
        places = [os.path.join(base, below, library) for below in _BELOW for library in ("", *_LIBRARIES)]
        for place in places:
            for pattern in _FILES:
                yield from glob.glob(os.path.join(place, pattern))


def read(path: str) -> Description:
    """One file.

    Raises:
        ToolchainProblem: it can't be understood.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError) as error:
        raise ToolchainProblem("this file can't be read", where=path, why=str(error)) from error
    if path.endswith(".json"):
        return Description(path, {}, build_details.parse(text, path))
    return Description(path, sysconfigdata.parse(text, path))


def named(name: str, environ: Mapping[str, str]) -> List[Description]:
    """The file that ``_PYTHON_SYSCONFIGDATA_NAME`` names, where this Python would import it from; [] where there is none."""
    folders: Iterable[str] = [
        *environ.get("PYTHONPATH", "").split(os.pathsep),
        environ.get("_PYTHON_PROJECT_BASE", ""),
        *sys.path,
    ]
    for folder in folders:
        path = os.path.join(folder, f"{name}.py")
        if folder and os.path.isfile(path):
            return [read(path)]
    return []


def library_folder(folder: str, found: Optional[Description]) -> str:
    """Where the target's libpython lies on this machine: the folder that is given, or the one below it that holds the file.

    Args:
        folder: what PYO3_CROSS_LIB_DIR names, "" for nothing.
        found: the Python's description, None where there is none.
    """
    if not folder or found is None:
        return folder
    own = os.path.dirname(found.path)
    above = os.path.dirname(own)
    variables: Dict[str, str] = {name: sysconfigdata.text(found.variables, name) for name in ("LDLIBRARY", "LIBPL", "MULTIARCH")}
    libpl = os.path.join(own, os.path.basename(variables["LIBPL"])) if variables["LIBPL"] else ""
    places = [folder, above, os.path.join(above, variables["MULTIARCH"]), libpl]
    name = variables["LDLIBRARY"]
    return next((place for place in places if name and place and os.path.exists(os.path.join(place, name))), folder)
