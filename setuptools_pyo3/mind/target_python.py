"""A Python that can't be asked, as the same value as one that can: from its own files, or from what is known of its platform."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Tuple

from ..errors import ToolchainProblem
from . import sysconfigdata
from .build_details import BuildDetails
from .interpreter import Interpreter, dotted_version, from_facts
from .triples import CYGWIN, MACOS, WINDOWS, Triple

Version = Tuple[int, int]


def from_variables(variables: Mapping[str, Any], triple: Triple, platform: str) -> Interpreter:
    """The Python whose sysconfigdata this is.

    Args:
        variables: all of them.
        triple: the target, for what the file leaves out.
        platform: as its ``sysconfig.get_platform()`` says it.
    """
    implementation = sysconfigdata.implementation(variables) or "cpython"
    width = sysconfigdata.pointer_width(variables) or triple.pointer_width
    suffixes = _suffixes(sysconfigdata.text(variables, "EXT_SUFFIX"), implementation)
    return _described(triple, platform, implementation, sysconfigdata.version(variables), suffixes, variables, width)


def from_details(details: BuildDetails, triple: Triple, platform: str) -> Interpreter:
    """The Python that a build-details.json describes; arguments as for :func:`from_variables`."""
    suffix = details.suffixes[0] if details.suffixes else ""
    config = {
        **_config(triple, details.version, suffix, free_threaded=details.free_threaded, debug=details.debug),
        "Py_DEBUG": details.debug,
        "Py_ENABLE_SHARED": bool(details.libpython),
    }
    return _described(triple, platform, details.implementation, details.version, list(details.suffixes), config)


def from_table(
    triple: Triple, platform: str, implementation: str, version: Version, *, free_threaded: bool, like: Interpreter
) -> Interpreter:
    """A Python of which nothing but version and platform is known, by the names that such Pythons have.

    Args:
        triple: the target.
        platform: as its ``sysconfig.get_platform()`` says it.
        implementation: as in :class:`~setuptools_pyo3.mind.interpreter.Interpreter`.
        version: (major, minor).
        free_threaded: built without the GIL.
        like: a live Python; PyPy and GraalPy have numbers in their names that only one of the same kind can tell.

    Raises:
        ToolchainProblem: its names can't be known.
    """
    suffix = extension_suffix(triple, implementation, version, free_threaded=free_threaded, like=like)
    config = {**_config(triple, version, suffix, free_threaded=free_threaded), "Py_ENABLE_SHARED": True}
    return _described(triple, platform, implementation, version, _suffixes(suffix, implementation), config)


def _config(triple: Triple, version: Version, suffix: str, *, free_threaded: bool, debug: bool = False) -> Dict[str, Any]:
    """Configuration variables as far as they follow from names."""
    return {
        "EXT_SUFFIX": suffix,
        "SOABI": suffix.strip(".").partition(".")[0],
        "Py_GIL_DISABLED": free_threaded,
        "LDVERSION": f"{dotted_version(version)}{'t' if free_threaded else ''}{'d' if debug else ''}",
        "EXE": _exe_suffix(triple),
    }


def _described(
    triple: Triple,
    platform: str,
    implementation: str,
    version: object,
    suffixes: List[str],
    config: Mapping[str, Any],
    pointer_width: int = 0,
) -> Interpreter:
    """A Python that isn't here: it has no program and no folders."""
    return from_facts(
        {
            "executable": "",
            "implementation": implementation,
            "version": version,
            "suffixes": suffixes,
            "platform": platform,
            "pointer_width": pointer_width or triple.pointer_width,
            "lib_dir": "",
            "libc": triple.libc,
            "config": config,
        }
    )


def extension_suffix(triple: Triple, implementation: str, version: Version, *, free_threaded: bool, like: Interpreter) -> str:
    """What the file of a version-specific module ends in; arguments as for :func:`from_table`.

    Raises:
        ToolchainProblem: it can't be known.
    """
    digits = f"{version[0]}{version[1]}{'t' if free_threaded else ''}"
    ending = ".pyd" if triple.system == WINDOWS else ".dll" if triple.system == CYGWIN else ".so"
    windows = "win32" if triple.machine == "win32" else f"win_{triple.machine}"
    if implementation == "cpython":
        if triple.system == WINDOWS:
            return f".cp{digits}-{windows}{ending}"
        # Before 3.11 musl's had glibc's name (https://github.com/python/cpython/issues/87278).
        multiarch = triple.multiarch.replace("musl", "gnu") if version < (3, 11) else triple.multiarch
        return f".{'-'.join(filter(None, ('cpython', digits, multiarch)))}{ending}"
    end = windows if triple.system == WINDOWS else _other(triple, implementation)
    return f".{_own_number(implementation, version, like)}-{end}{ending}"


def _own_number(implementation: str, version: Version, like: Interpreter) -> str:
    """``pypy311-pp80`` or ``graalpy250-312-native``, which begin the names of all builds of one release."""
    pattern = {"pypy": r"pypy\d+-pp\d+", "graalpy": r"graalpy\d+-\d+-native"}.get(implementation, "(?!)")
    found = re.match(pattern, like.ext_suffix.lstrip("."))
    if like.implementation != implementation or like.version != version or found is None:
        raise ToolchainProblem(
            f"the names of modules for {implementation} {dotted_version(version)} hold a number of its release that isn't known",
            where="PYO3_CROSS_PYTHON_IMPLEMENTATION",
            hint="point PYO3_CROSS_LIB_DIR at its library folder, or run the build with the same release of it",
        )
    return found[0]


def _other(triple: Triple, implementation: str) -> str:
    """The end of PyPy's and GraalPy's names, which differ from CPython's in some places."""
    if implementation == "graalpy":
        return f"{triple.text.partition('-')[0]}-{'darwin' if triple.system == MACOS else triple.system}"
    return {"i386-linux-gnu": "x86-linux-gnu", "powerpc64le-linux-gnu": "ppc_64-linux-gnu"}.get(triple.multiarch, triple.multiarch)


def _suffixes(suffix: str, implementation: str) -> List[str]:
    plain = f".{suffix.rpartition('.')[2]}" if suffix else ".so"
    stable = [f".abi3{plain}"] if implementation == "cpython" and plain == ".so" else []
    return list(dict.fromkeys([suffix or plain, *stable, plain]))


def _exe_suffix(triple: Triple) -> str:
    return ".exe" if triple.system in (WINDOWS, CYGWIN) else ""
