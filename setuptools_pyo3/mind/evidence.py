"""What each source says about the Python that is built for, and whether the sources agree."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, NamedTuple, Optional, Tuple

from ..errors import ToolchainProblem
from . import module_name, platform_tags, sysconfigdata
from .build_details import BuildDetails
from .interpreter import Interpreter, dotted_version
from .platform_tags import Platform
from .target import architecture
from .triples import ANDROID, CYGWIN, EMSCRIPTEN, IOS, LINUX, MACOS, Triple

Version = Tuple[int, int]

_IMPLEMENTATIONS = {"cpython": "cpython", "pypy": "pypy", "graalvm": "graalpy", "graalpy": "graalpy"}


class Evidence(NamedTuple):
    """What one source says; what it doesn't say is empty.

    Args:
        source: the variable, option or file.
        system: as in :class:`~setuptools_pyo3.mind.triples.Triple`.
        architecture: by :func:`~setuptools_pyo3.mind.target.architecture`'s names.
        libc: ``gnu`` or ``musl``.
        pointer_width: in bits.
        implementation: as in :class:`~setuptools_pyo3.mind.interpreter.Interpreter`.
        version: (major, minor).
        free_threaded: built without the GIL.
    """

    source: str
    system: str = ""
    architecture: str = ""
    libc: str = ""
    pointer_width: int = 0
    implementation: str = ""
    version: Optional[Version] = None
    free_threaded: Optional[bool] = None


def of_triple(triple: Triple, source: str) -> Evidence:
    """A triple says all about the platform and nothing about the Python."""
    return Evidence(
        source, triple.system, architecture(triple.machine, triple.pointer_width), triple.libc, pointer_width=triple.pointer_width
    )


def of_platform(text: str, source: str, *, pointer_width: int = 0) -> Evidence:
    """What a platform or platform tag says; a universal2 one is for any processor."""
    found = platform_tags.read(text)
    libc = "musl" if text.startswith("musllinux") else "gnu" if text.startswith("manylinux") else ""
    return Evidence(source, found.system, architecture(found.machine, pointer_width), libc)


def of_multiarch(multiarch: str, source: str, pointer_width: int) -> Evidence:
    """What the end of a Python's file names says, such as ``arm-linux-gnueabihf``, ``darwin`` or ``win_amd64``."""
    platform = _of_multiarch(multiarch)
    # "gnu" proves nothing: before 3.11, and where Python was cross compiled, musl's names have it too.
    return Evidence(
        source, platform.system, architecture(platform.machine, 0), "musl" if "musl" in multiarch else "", pointer_width
    )


def _of_multiarch(multiarch: str) -> Platform:
    words = multiarch.split("-")
    named = {"darwin": MACOS, "emscripten": EMSCRIPTEN, "cygwin": CYGWIN, "iphoneos": IOS, "iphonesimulator": IOS}
    system = next((named[word] for word in words if word in named), "")
    if "linux" in words:
        system = ANDROID if words[-1].startswith("android") else LINUX
    found = platform_tags.read(multiarch)
    return Platform(system or (found.system if multiarch.startswith("win") else ""), found.machine)


def of_variables(variables: Mapping[str, Any], source: str) -> Evidence:
    """What a sysconfigdata's variables say."""
    width = sysconfigdata.pointer_width(variables)
    platform = of_multiarch(sysconfigdata.multiarch(variables), source, width)
    return platform._replace(
        implementation=sysconfigdata.implementation(variables),
        version=sysconfigdata.version(variables),
        free_threaded=sysconfigdata.free_threaded(variables),
    )


def of_details(details: BuildDetails, source: str) -> Evidence:
    """What a build-details.json says."""
    platform = of_platform(details.platform, source)
    return platform._replace(
        libc=of_multiarch(details.multiarch, source, 0).libc,
        implementation=details.implementation,
        version=details.version,
        free_threaded=details.free_threaded,
    )


def of_interpreter(python: Interpreter, source: str) -> Evidence:
    """What a live interpreter is. Where its names tell the platform they are heeded: a variable may have changed what it says."""
    platform = of_platform(python.platform, source, pointer_width=python.pointer_width)
    names = of_multiarch(sysconfigdata.multiarch({"EXT_SUFFIX": python.ext_suffix}), source, 0)
    system = names.system or platform.system
    return Evidence(
        source,
        system=system,
        # One Python for macOS has the same names on both processors, and builds for either.
        architecture="" if system == MACOS else names.architecture or platform.architecture,
        libc=python.libc,
        pointer_width=python.pointer_width,
        implementation=python.implementation,
        version=python.version,
        free_threaded=python.free_threaded,
    )


def of_version(text: str, source: str) -> Evidence:
    """What ``PYO3_CROSS_PYTHON_VERSION`` says: ``3.13``, or ``3.13t`` for a free-threaded one.

    Raises:
        ToolchainProblem: it is no version.
    """
    match = re.fullmatch(r"(\d+)\.(\d+)(?:\.\d+)?(t?)", text.strip())
    if match is None:
        raise ToolchainProblem(f"{text!r} is no version of Python", where=source, hint="write it like 3.13, or 3.13t")
    return Evidence(source, version=(int(match[1]), int(match[2])), free_threaded=True if match[3] else None)


def of_implementation(text: str, source: str) -> Evidence:
    """What ``PYO3_CROSS_PYTHON_IMPLEMENTATION`` says.

    Raises:
        ToolchainProblem: it is none that is known.
    """
    known = _IMPLEMENTATIONS.get(text.strip().lower())
    if known is None:
        raise ToolchainProblem(
            f"{text!r} is no implementation of Python that is known here", where=source, hint="write CPython, PyPy or GraalVM"
        )
    return Evidence(source, implementation=known)


def check_suffix(suffix: str, source: str, python: Interpreter) -> None:
    """Hold a suffix that somebody names against the Python that is to import modules by it.

    Args:
        suffix: such as ``.cp313-win_arm64.pyd``.
        source: who names it.
        python: the Python that is built for.

    Raises:
        ToolchainProblem: it is another Python's.
    """
    named, own = module_name.parse(f"module{suffix}"), module_name.parse(f"module{python.ext_suffix}")
    if named is None or own is None or not named.soabi:
        return
    differ = disagreement(of_multiarch(named.triplet, "", 0), of_multiarch(own.triplet, "", 0))
    if named.soabi != own.soabi or differ:
        raise ToolchainProblem(
            f"the suffix {suffix} is for another Python than the one that is built for",
            where=source,
            why=f"modules for {python.described} end in {python.ext_suffix}",
            hint="remove it, or build for the Python that it is for (PYO3_PYTHON, --target)",
        )


_WORDS = (
    ("system", "the operating system"),
    ("architecture", "the processor"),
    ("libc", "the C library"),
    ("pointer_width", "the pointer width"),
    ("implementation", "the implementation"),
    ("version", "the version"),
    ("free_threaded", "free threading"),
)


def disagreement(one: Evidence, other: Evidence) -> Optional[Tuple[str, str, str]]:
    """What two sources disagree about, and what each says; None where they agree or speak of different things."""
    for field, words in _WORDS:
        mine, theirs = getattr(one, field), getattr(other, field)
        if _is_said(mine) and _is_said(theirs) and mine != theirs:
            return words, _said(mine), _said(theirs)
    return None


def _is_said(value: object) -> bool:
    return isinstance(value, bool) or value not in (None, "", 0)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return dotted_version(value) if isinstance(value, tuple) else str(value)


def check(evidence: Iterable[Evidence]) -> None:
    """Hold all sources against each other.

    Raises:
        ToolchainProblem: two disagree; the message shows both values and where they come from.
    """
    seen: "list[Evidence]" = []
    for found in evidence:
        for earlier in seen:
            differing = disagreement(earlier, found)
            if differing:
                words, theirs, ours = differing
                raise ToolchainProblem(
                    f"two sources disagree about {words} of the Python to build for",
                    where=found.source,
                    why=f"{earlier.source} says {theirs}, {found.source} says {ours}",
                    hint="make them agree, or remove the one that is wrong",
                )
        seen.append(found)
