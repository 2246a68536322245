"""The Python interpreter that is built for, as a value."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Tuple


class Interpreter(NamedTuple):
    """What has to be known about an interpreter, live or described.

    Args:
        executable: absolute path, or "" where there is none.
        implementation: ``cpython``, ``pypy``, ``graalpy`` (as in ``sys.implementation.name``).
        version: (major, minor).
        extension_suffixes: what it imports extension modules by, most specific first.
        ext_suffix: ``EXT_SUFFIX``, what it names a version-specific module by.
        soabi: ``SOABI``, "" where there is none (Windows).
        platform: ``sysconfig.get_platform()``.
        pointer_width: in bits.
        free_threaded: built without the GIL (``Py_GIL_DISABLED``).
        build_flags: those of PyO3's ``build_flags`` that it was built with.
        shared: whether libpython is a shared library.
        lib_name: the name libpython is linked by, without ``lib``.
        lib_dir: the folder that libpython lies in, "" where unknown.
        exe_suffix: what executables end in (``.exe`` on Windows).
        libc: on Linux ``gnu`` or ``musl``, "" where unknown. Names of modules don't tell it: before 3.11, and where Python was
            cross compiled, musl's end in ``linux-gnu`` too.
    """

    executable: str
    implementation: str
    version: Tuple[int, int]
    extension_suffixes: Tuple[str, ...]
    ext_suffix: str
    soabi: str
    platform: str
    pointer_width: int
    free_threaded: bool
    build_flags: Tuple[str, ...]
    shared: bool
    lib_name: str
    lib_dir: str
    exe_suffix: str
    libc: str = ""

    @property
    def described(self) -> str:
        """For messages: ``CPython 3.13t (linux-x86_64)``."""
        name = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}.get(self.implementation, self.implementation)
        thread = "t" if self.free_threaded else ""
        return f"{name} {dotted_version(self.version)}{thread} ({self.platform})"


# Py_GIL_DISABLED goes with them, but is decided separately: its value may be the string "0".
BUILD_FLAGS = ("Py_DEBUG", "Py_REF_DEBUG", "Py_TRACE_REFS", "COUNT_ALLOCS")


def dotted_version(version: Tuple[int, int]) -> str:
    """``3.13`` for ``(3, 13)``."""
    return f"{version[0]}.{version[1]}"


def is_set(value: object) -> bool:
    """Whether a configuration variable is on: None, 0, "" and "0" are off.

    Windows and some distributions give the string "0" for a variable that is off (scikit-build-core#1556).
    """
    return value not in (None, 0, "", "0", False)


def from_facts(facts: Mapping[str, object]) -> Interpreter:
    """Make the value from what the probe reports (see :mod:`setuptools_pyo3.hands.python_facts`).

    Args:
        facts: plain strings, numbers, lists and None.
    """
    config = facts["config"]
    assert isinstance(config, Mapping)  # the probe is ours

    def var(name: str) -> str:
        value = config.get(name)
        return "" if value is None else str(value)

    numbers: Any = facts["version"]
    version = (int(numbers[0]), int(numbers[1]))
    implementation = str(facts["implementation"])
    free_threaded = is_set(config.get("Py_GIL_DISABLED"))
    windows = str(facts["platform"]).startswith("win")
    return Interpreter(
        executable=str(facts["executable"]),
        implementation=implementation,
        version=version,
        extension_suffixes=tuple(facts["suffixes"]),  # type: ignore[arg-type]  # a list of strings
        ext_suffix=var("EXT_SUFFIX"),
        soabi=var("SOABI"),
        platform=str(facts["platform"]),
        pointer_width=int(str(facts["pointer_width"])),
        free_threaded=free_threaded,
        build_flags=tuple(flag for flag in BUILD_FLAGS if is_set(config.get(flag))),
        shared=windows or is_set(config.get("Py_ENABLE_SHARED")) or bool(var("PYTHONFRAMEWORK")),
        lib_name=_lib_name(
            implementation,
            version,
            var("LDVERSION"),
            windows=windows,
            free_threaded=free_threaded,
            debug=is_set(config.get("Py_DEBUG")),
        ),
        lib_dir=str(facts["lib_dir"]),
        exe_suffix=var("EXE"),
        libc=str(facts.get("libc") or ""),
    )


def _lib_name(
    implementation: str, version: Tuple[int, int], ldversion: str, *, windows: bool, free_threaded: bool, debug: bool
) -> str:
    if implementation == "pypy":
        return f"{'lib' if windows else ''}pypy{dotted_version(version)}-c"
    if windows:
        return f"python{version[0]}{version[1]}{'t' if free_threaded else ''}{'_d' if debug else ''}"
    return f"python{ldversion or dotted_version(version)}"
