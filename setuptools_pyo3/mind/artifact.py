"""Judging a built file: is it what was declared, and which ABI does it really have?"""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence, Tuple

from ..errors import ArtifactProblem
from . import abi
from .abi import Abi, Version
from .interpreter import Interpreter, dotted_version
from .plan import EXECUTABLES, Item
from .target import Target

# Where every module is linked to libpython (https://docs.python.org/3/whatsnew/3.8.html#changes-in-the-c-api).
_LINKED_BY_RULE = ("win", "mingw", "cygwin", "msys", "android", "ios")
INIT_PREFIXES = ("PyInit_", "PyModExport_")

ELF = "ELF"
MACHO = "Mach-O"
PE = "PE"


class Binary(NamedTuple):
    """What was read from a binary file.

    Args:
        architectures: the processors it runs on, by :func:`setuptools_pyo3.mind.target.architecture`'s names; () where unknown.
        init_symbols: the exported symbols that Python looks for when it imports a module.
        needed: the shared libraries it is linked to.
        searched: the folders that these are looked for in, as they stand in the file (ELF's ``RPATH`` and ``RUNPATH``).
    """

    architectures: Tuple[str, ...]
    init_symbols: Tuple[str, ...]
    needed: Tuple[str, ...]
    searched: Tuple[str, ...] = ()

    @property
    def libpython(self) -> str:
        """The libpython it is linked to, "" for none."""
        names = (name.rpartition("/")[2].lower() for name in self.needed)
        return next((n for n in names if n.startswith(("libpython", "libpypy")) or _is_python_dll(n) or n == "python"), "")


def _is_python_dll(name: str) -> bool:
    return name.startswith("python") and name.endswith(".dll")


def judge(
    binary: Binary, item: Item, place: str, target: Target, interpreter: Interpreter, *, binds: bool, cfgs: Sequence[str]
) -> Abi:
    """The ABI that a built file has.

    Args:
        binary: what was read from it.
        item: what was planned.
        place: the module's dotted name, or the executable's.
        target: the platform it is for.
        interpreter: the Python it is for.
        binds: the declaration says that it is an extension module (any binding but ``NoBinding``).
        cfgs: what PyO3's build script reported, () where it didn't run.

    Raises:
        ArtifactProblem: the file can't do what it was declared for.
    """
    _check_architecture(binary, item, target)
    reported = abi.from_cfgs(cfgs) if cfgs else None
    if reported is not None and reported.kind == abi.SPECIFIC:
        _check_python(abi.version_from_cfgs(cfgs), item, interpreter)
    if item.kind == EXECUTABLES:
        # A static libpython leaves no name behind.
        embeds = binary.libpython or (reported is not None and not interpreter.shared)
        return Abi(abi.SPECIFIC if embeds else abi.NONE)
    if not any(binary):
        # A format that nothing here can read; what was planned is all there is to go by.
        return _module_abi(item.abi, reported, interpreter) if binds else item.abi
    name = place.rpartition(".")[2]
    is_module = any(f"{prefix}{name}" in binary.init_symbols for prefix in INIT_PREFIXES)
    if not is_module and (binds or binary.init_symbols):
        raise _no_init_symbol(binary, item, name)
    if binary.libpython and not target.platform.startswith(_LINKED_BY_RULE):
        raise ArtifactProblem(
            f"the module is linked to {binary.libpython}",
            where=item.name,
            why="an extension module must take Python's symbols from the interpreter that loads it",
            hint="look for PYO3_BUILD_EXTENSION_MODULE, PYO3_CONFIG_FILE or link arguments that the project sets itself",
        )
    if not is_module and reported is None:
        # A library for ctypes or cffi: any Python can load it, unless the project says otherwise.
        return item.abi
    return _module_abi(item.abi, reported, interpreter)


def _module_abi(expected: Abi, reported: Optional[Abi], interpreter: Interpreter) -> Abi:
    if reported is None:
        return Abi(abi.SPECIFIC) if expected.kind == abi.NONE else expected
    if reported.kind == abi.ABI3 and not abi.supports_limited_api(interpreter):
        return Abi(abi.SPECIFIC)
    return reported


def _check_python(compiled_for: Optional[Version], item: Item, interpreter: Interpreter) -> None:
    if compiled_for in (None, interpreter.version):
        return
    raise ArtifactProblem(
        f"PyO3 was compiled for Python {dotted_version(compiled_for)}, and the wheel is for {dotted_version(interpreter.version)}",
        where=item.name,
        why="something else than this build told PyO3 which Python to compile for",
        hint="look for PYO3_CONFIG_FILE in the environment, or for PYO3_... in [env] of cargo's configuration; "
        "to build for another Python, name it by PYO3_PYTHON",
    )


def _check_architecture(binary: Binary, item: Item, target: Target) -> None:
    wanted = target.architectures
    found = set(binary.architectures)
    # A universal2 Python loads a file for the one processor that it happens to run on; the wheel's tag names that one.
    fits = found >= set(wanted) if target.slices else bool(found & set(wanted))
    if fits or not wanted or not found:
        return
    raise ArtifactProblem(
        f"it was built for {', '.join(binary.architectures)}, but the Python it is for runs on {', '.join(wanted)}",
        where=item.name,
        why=f"that Python's platform is {target.platform}",
        hint="build for the interpreter's own platform: check CARGO_BUILD_TARGET and [build] target in cargo's configuration",
    )


def _no_init_symbol(binary: Binary, item: Item, name: str) -> ArtifactProblem:
    found = ", ".join(binary.init_symbols)
    named = next((s.partition("_")[2] for s in binary.init_symbols), "")
    package = item.name.rpartition(".")[0]
    instead = f"{package}.{named}" if package else named
    hint = (
        f"name the target {instead!r}, or call the #[pymodule] {name!r}"
        if named
        else f"call the #[pymodule] {name!r}; for a library without bindings set binding to NoBinding"
    )
    return ArtifactProblem(
        f"the library has no init symbol PyInit_{name}, so it can't be imported as {item.name}",
        where=item.name,
        why=f"it has {found}" if found else "it has no init symbol at all",
        hint=hint,
    )
