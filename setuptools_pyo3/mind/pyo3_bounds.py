"""Which Pythons a version of PyO3 supports, as its crate says it, and what to tell who has another one."""

from __future__ import annotations

import re
from typing import Dict, Mapping, Tuple

from ..errors import ToolchainProblem
from .abi import ABI3, ABI3T, Abi
from .interpreter import Interpreter, dotted_version

Version = Tuple[int, int]
Bounds = Tuple[Version, Version]

# The first that only warns about the Python after the newest it supports.
_FIRST_WITH_NEXT = (0, 28)
# Free-threaded Pythons: none before 0.23, and none before 3.14 since 0.29 (PyO3's changelog).
_FIRST_WITH_THREADS = (0, 23)
_FIRST_WITHOUT_313T = (0, 29)
_SWITCHES = ("PYO3_USE_ABI3_FORWARD_COMPATIBILITY", "PYO3_USE_STABLE_ABI_FORWARD_COMPATIBILITY", "UNSAFE_PYO3_SKIP_VERSION_CHECK")


def parse(manifest: str) -> Dict[str, Bounds]:
    """The bounds by implementation, from the text of pyo3-ffi's Cargo.toml; {} before 0.24, which says nothing.

    Args:
        manifest: as cargo unpacks it: written by machine, in one form.
    """
    found: Dict[str, Bounds] = {}
    for name in ("cpython", "pypy"):
        table = manifest.partition(f"[package.metadata.{name}]\n")[2].partition("\n[")[0]
        versions = {key: (int(major), int(minor)) for key, major, minor in re.findall(r'(m\w\w)-version = "(\d+)\.(\d+)"', table)}
        if len(versions) == 2:
            found[name] = (versions["min"], versions["max"])
    return found


def check(
    pyo3: str, bounds: Mapping[str, Bounds], interpreter: Interpreter, abi: Abi, environ: Mapping[str, str], where: str
) -> bool:
    """Hold an interpreter against what PyO3 supports; returns whether that could be done.

    Args:
        pyo3: PyO3's full version.
        bounds: as :func:`parse` found them.
        interpreter: the one to build for.
        abi: what is expected of the module; for the limited API PyO3 is told its minimum, not the interpreter.
        environ: the environment, which may tell PyO3 to go on.
        where: the extension.

    Raises:
        ToolchainProblem: it isn't supported.
    """
    limited = abi.kind in (ABI3, ABI3T) and abi.minimum is not None
    version = abi.minimum if limited and abi.minimum else interpreter.version
    if any(environ.get(name) == "1" for name in _SWITCHES) or interpreter.implementation not in bounds:
        return False
    lowest, highest = bounds[interpreter.implementation]
    release = _release(pyo3)
    tolerated = (highest[0], highest[1] + 1) if release >= _FIRST_WITH_NEXT else highest
    reason = _threads(release, interpreter) if not limited else ""
    if version < lowest:
        hint = f"build with Python {dotted_version(lowest)} or newer, or use an older PyO3"
    elif version > tolerated:
        hint = "use a newer PyO3 (raise its version in Cargo.toml)" + _way_out(interpreter)
    elif reason:
        hint = "use another PyO3, or a Python with the GIL"
    else:
        return True
    raise ToolchainProblem(
        f"PyO3 {pyo3} doesn't support {interpreter.described}",
        where=where,
        why=reason
        or f"it supports Python {dotted_version(lowest)} to {dotted_version(highest)}, and this is {dotted_version(version)}",
        hint=hint,
    )


def _release(pyo3: str) -> Version:
    major, minor = pyo3.split(".")[:2]
    return int(major), int(minor)


def _threads(release: Version, interpreter: Interpreter) -> str:
    if not interpreter.free_threaded:
        return ""
    if release < _FIRST_WITH_THREADS:
        return "it supports free-threaded Pythons since 0.23"
    if release >= _FIRST_WITHOUT_313T and interpreter.version < (3, 14):
        return "since 0.29 it supports free-threaded Pythons from 3.14 on"
    return ""


def _way_out(interpreter: Interpreter) -> str:
    if interpreter.implementation != "cpython" or interpreter.free_threaded:
        return ""
    return ", turn on an abi3-pyXY feature of it, or set PYO3_USE_ABI3_FORWARD_COMPATIBILITY=1 to build with the limited API"
