"""The text of PyO3's config file, which tells PyO3 all it asks about an interpreter.

The file's name is the hash of its text: cargo tracks it by path and time only, so one path must never change its content
(https://pyo3.rs/latest/building-and-distribution#advanced-config-files).
"""

from __future__ import annotations

import hashlib
from typing import Optional, Tuple

from .abi import ABI3, Abi
from .interpreter import Interpreter, dotted_version

# What a version that nothing tells is taken for.
NEWEST = (99, 0)
# Before 0.14 PyO3 knows no config file and runs PYTHON_SYS_EXECUTABLE or PYO3_PYTHON itself.
FIRST_WITH_CONFIG_FILE = (0, 14)
# Since 0.23 PyO3 reads abi3 from cargo's features even when it is given a file.
FIRST_WITH_FEATURES = (0, 23)
# Since 0.29 modules for Windows need no import library.
FIRST_WITH_RAW_DYLIB = (0, 29)

# Beside Windows, where modules are linked to libpython (``is_linking_libpython_for_target`` in PyO3's build script).
_LINKED = ("android", "ios", "cygwin", "aix")
_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}


def text(interpreter: Interpreter, abi: Abi, pyo3: Tuple[int, int], *, embeds: bool = False) -> str:
    """The file's whole text.

    Args:
        interpreter: the one to build for.
        abi: what the module is expected to use; for the limited API only the minimum is written, so that all interpreters share
            one file and nothing is compiled again for the next of them.
        pyo3: the version of PyO3 that reads the file.
        embeds: True for executables and tests, which are linked to libpython and must find it.
    """
    limited = abi.kind == ABI3 and not embeds
    version = abi.minimum if limited and abi.minimum else interpreter.version
    lines = [
        f"implementation={_IMPLEMENTATIONS.get(interpreter.implementation, interpreter.implementation)}",
        f"version={dotted_version(version)}",
        f"shared={'true' if interpreter.shared or not embeds else 'false'}",
    ]
    if limited and pyo3 < FIRST_WITH_FEATURES:
        lines.append("abi3=true")
    if embeds:
        lines += _embedding(interpreter)
    else:
        lines += _linked(interpreter, pyo3, limited=limited)
    lines.append(f"pointer_width={interpreter.pointer_width}")
    flags = _flags(interpreter, limited=limited)
    if flags:
        lines.append(f"build_flags={','.join(flags)}")
    return "\n".join(lines) + "\n"


def _linked(interpreter: Interpreter, pyo3: Tuple[int, int], *, limited: bool) -> Tuple[str, ...]:
    """Where modules are linked to libpython: its name, and where the linker finds it."""
    lib_dir = (f"lib_dir={interpreter.lib_dir}",) if interpreter.lib_dir else ()
    if interpreter.platform.startswith("win"):
        # PyO3 itself names the library of the limited API, python3.dll; a name that is given is never replaced.
        name = () if limited else (f"lib_name={interpreter.lib_name}",)
        return (*name, *(lib_dir if not limited or pyo3 < FIRST_WITH_RAW_DYLIB else ()))
    # PyO3 would name the library of the limited API's minimum, which isn't there.
    return (f"lib_name={interpreter.lib_name}", *lib_dir) if interpreter.platform.startswith(_LINKED) else ()


def _embedding(interpreter: Interpreter) -> Tuple[str, ...]:
    lib_dir = (f"lib_dir={interpreter.lib_dir}",) if interpreter.lib_dir else ()
    # It serves scripts that few crates run; a path with a newline can't be said in this file.
    tellable = interpreter.executable and "\n" not in interpreter.executable
    executable = (f"executable={interpreter.executable}",) if tellable else ()
    return (f"lib_name={interpreter.lib_name}", *lib_dir, *executable)


def _flags(interpreter: Interpreter, *, limited: bool) -> Tuple[str, ...]:
    if limited:
        return ()
    return (*interpreter.build_flags, *(("Py_GIL_DISABLED",) if interpreter.free_threaded else ()))


def file_name(content: str) -> str:
    """The name that the text is stored under."""
    return f"pyo3-config-{hashlib.sha256(content.encode()).hexdigest()[:16]}.txt"


def understands_config_file(pyo3: Optional[Tuple[int, int]]) -> bool:
    """Whether this version of PyO3 reads a config file; an unknown version is taken for a new one."""
    return pyo3 is None or pyo3 >= FIRST_WITH_CONFIG_FILE
