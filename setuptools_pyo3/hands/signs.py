"""A cheap look for anything that says that a build may be for another platform, or another Python, than the one that runs it.

It is taken in every build, so it reads a few variables and the names of cargo's configuration files, and imports next to nothing.
"""

from __future__ import annotations

import os
import sys
from typing import Iterable, Iterator, Mapping, NamedTuple, Tuple

from .cargo_files import configuration_files

# The variables that say something about a target.
VARIABLES = (
    "CARGO_BUILD_TARGET",
    "PYO3_CROSS_LIB_DIR",
    "PYO3_CROSS_PYTHON_VERSION",
    "PYO3_CROSS_PYTHON_IMPLEMENTATION",
    # What crossenv, conda-build, cibuildwheel and pyodide-build set, as CPython's own cross build does.
    "_PYTHON_HOST_PLATFORM",
    "_PYTHON_SYSCONFIGDATA_NAME",
    *(("ARCHFLAGS",) if sys.platform == "darwin" else ()),
    *(("VSCMD_ARG_TGT_ARCH",) if sys.platform == "win32" else ()),
)
# Others that change what is found once a target is looked for.
DETAILS = ("CARGO_HOME", "MACOSX_DEPLOYMENT_TARGET", "IPHONEOS_DEPLOYMENT_TARGET", "ANDROID_API_LEVEL")


class Named(NamedTuple):
    """A triple or a platform that somebody names.

    Args:
        text: the triple or platform.
        source: the option, variable or file that names it.
    """

    text: str
    source: str


class Signs(NamedTuple):
    """What was seen; empty for a plain native build.

    Args:
        asked: triples that options and the extensions' own arguments name.
        platforms: platforms that ``--plat-name`` names.
        variables: names and values of those variables that are set.
        files: cargo's configuration files that may name a target, in the order cargo heeds them.
        patched: this Python describes another one's platform as its own, as crossenv makes it.
        emulated: this Python runs on another processor than the machine's own, as under Rosetta.
    """

    asked: Tuple[Named, ...] = ()
    platforms: Tuple[Named, ...] = ()
    variables: Tuple[Tuple[str, str], ...] = ()
    files: Tuple[str, ...] = ()
    patched: bool = False
    emulated: bool = False


NONE = Signs()


def look(environ: Mapping[str, str], root: str, asked: Iterable[Named], platforms: Iterable[Named]) -> Signs:
    """Look for signs.

    Args:
        environ: the environment.
        root: the folder that cargo runs in.
        asked: triples that are named on the command line or by extensions.
        platforms: platforms that the command line names.
    """
    return Signs(
        tuple(asked),
        tuple(platforms),
        tuple((name, environ[name]) for name in VARIABLES if environ.get(name)),
        tuple(_naming_a_target(environ, root)),
        bool(getattr(sys, "cross_compiling", False)),
        _is_emulated(environ),
    )


def machine(environ: Mapping[str, str]) -> str:
    """The processor of this machine itself, whatever the running Python was built for."""
    if sys.platform == "win32":
        if "ARM" in environ.get("PROCESSOR_IDENTIFIER", ""):
            return "arm64"
        return environ.get("PROCESSOR_ARCHITEW6432") or environ.get("PROCESSOR_ARCHITECTURE", "")
    found = os.uname()
    # Rosetta says x86_64, and lets the kernel's name tell the truth.
    return "arm64" if sys.platform == "darwin" and "ARM64" in found.version else found.machine


def _is_emulated(environ: Mapping[str, str]) -> bool:
    if sys.platform == "win32":
        own = environ.get("PROCESSOR_ARCHITECTURE", "")
        return bool(environ.get("PROCESSOR_ARCHITEW6432")) or ("ARM" in environ.get("PROCESSOR_IDENTIFIER", "") and own != "ARM64")
    return sys.platform == "darwin" and os.uname().machine != machine(environ)


# What is included may name one.
_KEYS = (b"target", b"build", b"build.target", b"include")


def _naming_a_target(environ: Mapping[str, str], root: str) -> Iterator[str]:
    for path in configuration_files(environ, root):
        try:
            with open(path, "rb") as file:
                lines = file.read().split(b"\n") if os.fstat(file.fileno()).st_size else ()
        except OSError:
            continue
        if any(line.partition(b"=")[0].strip() in _KEYS for line in lines):
            yield path
