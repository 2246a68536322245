"""Which ABI a built file has, and what follows from it: its suffix and the wheel's tag."""

from __future__ import annotations

import os
import re
from typing import Iterable, NamedTuple, Optional, Tuple

from ..errors import ToolchainProblem
from .interpreter import Interpreter, dotted_version

Version = Tuple[int, int]

SPECIFIC = "version-specific"
ABI3 = "abi3"
ABI3T = "abi3t"
NONE = "none"


class Abi(NamedTuple):
    """What a file needs of the Python that loads it.

    Args:
        kind: ``SPECIFIC`` (this interpreter), ``ABI3`` or ``ABI3T`` (the limited API), ``NONE`` (it doesn't know Python).
        minimum: the oldest Python, for the limited API.
    """

    kind: str
    minimum: Optional[Version] = None

    @property
    def described(self) -> str:
        """For messages and logs."""
        return self.kind if self.minimum is None else f"{self.kind} from Python {dotted_version(self.minimum)}"


class LimitedApi(NamedTuple):
    """What a crate's features ask of PyO3.

    Args:
        enabled: any ``abi3`` feature is on.
        minimum: the lowest ``abi3-pyXY`` of them, or None for the interpreter's own version.
        threaded: any ``abi3t`` feature is on (PEP 803).
        threaded_minimum: the lowest ``abi3t-pyXY``.
    """

    enabled: bool = False
    minimum: Optional[Version] = None
    threaded: bool = False
    threaded_minimum: Optional[Version] = None


def limited_api(features: Iterable[str]) -> LimitedApi:
    """What PyO3's features say; the lowest ``abi3-pyXY`` wins, as in PyO3 itself."""
    minima = {"abi3": [], "abi3t": []}  # type: dict[str, list[Version]]
    on = set()
    for feature in features:
        match = re.fullmatch(r"(abi3t?)(?:-py(\d)(\d+))?", feature) if feature.startswith("abi3") else None
        if match:
            on.add(match[1])
            if match[2]:
                minima[match[1]].append((int(match[2]), int(match[3])))
    lowest = {name: min(versions) if versions else None for name, versions in minima.items()}
    return LimitedApi("abi3" in on, lowest["abi3"], "abi3t" in on, lowest["abi3t"])


def supports_limited_api(interpreter: Interpreter) -> bool:
    """Whether PyO3 builds for the limited API here: CPython, and not a free-threaded one before 3.15."""
    return interpreter.implementation == "cpython" and not (interpreter.free_threaded and interpreter.version < (3, 15))


def of_module(asked: LimitedApi, interpreter: Interpreter) -> Abi:
    """The ABI that PyO3 gives a module with these features for this interpreter."""
    if not supports_limited_api(interpreter):
        return Abi(SPECIFIC)
    if asked.threaded and interpreter.version >= (3, 15):
        return Abi(ABI3T, asked.threaded_minimum or interpreter.version)
    if asked.enabled and not interpreter.free_threaded:
        return Abi(ABI3, asked.minimum or interpreter.version)
    return Abi(SPECIFIC)


def from_cfgs(cfgs: Iterable[str]) -> Abi:
    """The ABI that PyO3's build script decided on, from the ``cfg``s that cargo reports for it.

    It sets ``Py_LIMITED_API`` for the limited API.
    """
    names = tuple(cfgs)
    if "Py_LIMITED_API" not in names:
        return Abi(SPECIFIC)
    # Both together are abi3t (PEP 803).
    return Abi(ABI3T if "Py_GIL_DISABLED" in names else ABI3, version_from_cfgs(names) or (3, 2))


def version_from_cfgs(cfgs: Iterable[str]) -> Optional[Version]:
    """The Python that PyO3's build script builds for: it sets a ``Py_3_N`` for each version up to that one."""
    versions = [(int(m[1]), int(m[2])) for m in (re.fullmatch(r"Py_(\d)_(\d+)", name) for name in cfgs) if m]
    return max(versions, default=None)


def suffix(abi: Abi, interpreter: Interpreter) -> str:
    """The end of the file's name, from the list that the interpreter itself imports by.

    Raises:
        ToolchainProblem: the interpreter names none.
    """
    if abi.kind == SPECIFIC:
        if not interpreter.ext_suffix:
            raise ToolchainProblem(
                f"{interpreter.described} doesn't say what its modules' file names end in",
                where=interpreter.executable,
                why="its sysconfig has no EXT_SUFFIX",
                hint="look for _PYTHON_SYSCONFIGDATA_NAME in the environment: it has to name a module that this Python can import",
            )
        return interpreter.ext_suffix
    plain = os.path.splitext(interpreter.ext_suffix)[1] or ".so"
    if abi.kind == NONE or plain in (".pyd", ".dll"):
        # ".pyd" alone is how Windows spells the limited API, and ".dll" Cygwin; they have no ".abi3.pyd".
        return plain
    # Python 3.15 has a form with the platform in it too, which older versions don't import.
    return f".{abi.kind}{plain}"


def tag(abi: Abi, interpreter: Interpreter) -> Tuple[str, str]:
    """The wheel's Python and ABI tag."""
    if abi.kind == NONE:
        return ("py3", "none")
    if abi.kind == SPECIFIC or abi.minimum is None:
        return specific_tag(interpreter)
    python = f"cp{abi.minimum[0]}{abi.minimum[1]}"
    # PEP 803: a wheel of abi3t code works on both kinds of interpreter, and its compressed tag says so.
    return (python, "abi3.abi3t" if abi.kind == ABI3T else "abi3")


def specific_tag(interpreter: Interpreter) -> Tuple[str, str]:
    """The tag of a wheel for exactly this interpreter (PEP 425)."""
    digits = f"{interpreter.version[0]}{interpreter.version[1]}"
    if interpreter.implementation == "cpython":
        thread = "t" if interpreter.free_threaded else ""
        debug = "d" if "Py_DEBUG" in interpreter.build_flags else ""
        return (f"cp{digits}", f"cp{digits}{thread}{debug}")
    prefix = {"pypy": "pp", "graalpy": "graalpy"}.get(interpreter.implementation, interpreter.implementation)
    parts = 3 if interpreter.implementation == "graalpy" else 2
    abi = "-".join(interpreter.soabi.split("-")[:parts]).replace(".", "_").replace("-", "_")
    return (f"{prefix}{digits}", abi or "none")


_MACOS_NAMES = {"aarch64": "arm64", "x86_64": "x86_64"}


def platform_tag(said: str, architectures: Iterable[str]) -> str:
    """The platform tag for files of these processors.

    Args:
        said: setuptools' own, which is ``..._universal2`` wherever the interpreter is.
        architectures: those of the files, () where unknown.
    """
    found = frozenset(architectures)
    if not said.endswith("_universal2") or len(found) != 1:
        return said
    (one,) = found
    return said[: -len("universal2")] + _MACOS_NAMES.get(one, "universal2")


def combine(abis: Iterable[Abi]) -> Abi:
    """The ABI of a wheel that holds all of these: the most demanding one."""
    found = tuple(abis)
    if any(abi.kind == SPECIFIC for abi in found):
        return Abi(SPECIFIC)
    limited = [abi for abi in found if abi.kind in (ABI3, ABI3T)]
    if not limited:
        return Abi(NONE)
    kinds = {abi.kind for abi in limited}
    minimum = max((abi.minimum for abi in limited if abi.minimum is not None), default=None)
    return Abi(ABI3 if ABI3 in kinds else ABI3T, minimum)


def parse_python_tag(text: str) -> Optional[Version]:
    """The version in ``cp39``; None for anything else."""
    match = re.fullmatch(r"cp(\d)(\d+)", text) if text else None
    return (int(match[1]), int(match[2])) if match else None
