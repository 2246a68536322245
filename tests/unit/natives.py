"""Native files as values: what was read from published wheels, and small ones that have just what a test needs."""

from __future__ import annotations

from typing import Dict, FrozenSet, Tuple

from setuptools_pyo3.mind import wheel_tag
from setuptools_pyo3.mind.native_file import ELF, MACHO, PE, Import, NativeFile
from setuptools_pyo3.mind.platform_policy import Policy
from setuptools_pyo3.mind.wheel_truth import Wheel


def imports(*texts: str) -> Tuple[Import, ...]:
    """Symbols from texts such as ``statx@GLIBC_2.28``, ``?gettid@GLIBC_2.30`` (weak) and ``PyLong_AsLong@python3.dll``."""
    found = []
    for text in texts:
        name, _, origin = text.lstrip("?").partition("@")
        library = origin if origin.endswith(".dll") else "libc.so.6" if origin.startswith("GLIBC") else ""
        found.append(Import(name, library, "" if origin.endswith(".dll") else origin, text.startswith("?")))
    return tuple(found)


def module(name: str = "pkg/_core.cpython-311-x86_64-linux-gnu.so", *symbols: str, **changes: object) -> NativeFile:
    """An extension module for Linux on x86_64, as rustc makes it; ``changes`` are fields of the value."""
    stem = name.rpartition("/")[2].partition(".")[0]
    plain = NativeFile(
        name,
        ELF,
        ("x86_64",),
        machine="x86_64",
        init_symbols=(f"PyInit_{stem}",),
        needed=("libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2"),
        imports=imports("PyModule_Create2", "memcpy@GLIBC_2.14", *symbols),
    )
    return plain._replace(**changes)  # type: ignore[arg-type]  # the tests' own


# bcrypt 5.0.0's module for each platform, shortened to what is judged.
PUBLISHED: Dict[str, NativeFile] = {
    "macosx_10_12_universal2": NativeFile(
        "bcrypt/_bcrypt.abi3.so",
        MACHO,
        ("x86_64", "aarch64"),
        init_symbols=("PyInit__bcrypt",),
        needed=("/usr/lib/libiconv.2.dylib", "/usr/lib/libSystem.B.dylib"),
        imports=imports("PyBool_Type", "PyBytes_AsString", "PyCMethod_New", "memcpy"),
        minimum_os=(("aarch64", (11, 0)), ("x86_64", (10, 12))),
    ),
    "win_amd64": NativeFile(
        "bcrypt/_bcrypt.pyd",
        PE,
        ("x86_64",),
        init_symbols=("PyInit__bcrypt",),
        needed=("bcryptprimitives.dll", "python3.dll", "KERNEL32.dll", "ntdll.dll", "VCRUNTIME140.dll"),
        imports=imports("PyNumber_Index@python3.dll", "PyModule_Create2@python3.dll", "ProcessPrng@bcryptprimitives.dll"),
    ),
    "win_arm64": NativeFile(
        "bcrypt/_bcrypt.pyd",
        PE,
        ("aarch64",),
        init_symbols=("PyInit__bcrypt",),
        needed=("python3.dll", "KERNEL32.dll"),
        imports=imports("PyList_Append@python3.dll", "Py_GetVersion@python3.dll"),
    ),
    "win32": NativeFile(
        "bcrypt/_bcrypt.pyd",
        PE,
        ("x86",),
        init_symbols=("PyInit__bcrypt",),
        needed=("python3.dll", "KERNEL32.dll"),
        imports=imports("PyList_Append@python3.dll"),
    ),
    "manylinux_2_17_aarch64": NativeFile(
        "bcrypt/_bcrypt.abi3.so",
        ELF,
        ("aarch64",),
        machine="aarch64",
        init_symbols=("PyInit__bcrypt",),
        needed=("libgcc_s.so.1", "libpthread.so.0", "libdl.so.2", "libc.so.6"),
        imports=imports("PyBytes_Size", "_Unwind_Resume@GCC_3.0", "memcpy@GLIBC_2.17"),
    ),
    "musllinux_1_2_x86_64": NativeFile(
        "bcrypt/_bcrypt.abi3.so",
        ELF,
        ("x86_64",),
        machine="x86_64",
        init_symbols=("PyInit__bcrypt",),
        needed=("libgcc_s-0cd532bd.so.1", "libc.musl-x86_64.so.1"),
        search=("bcrypt.libs",),
        imports=imports("PyBytes_Size", "_Unwind_Resume@GCC_3.0"),
    ),
}
VENDORED = NativeFile("bcrypt.libs/libgcc_s-0cd532bd.so.1", ELF, ("x86_64",), machine="x86_64", needed=("libc.musl-x86_64.so.1",))


def wheel(tag: str, *files: NativeFile, written: Tuple[str, ...] = (), purelib: bool = False) -> Wheel:
    """A wheel with a tag such as ``cp311-cp311-linux_x86_64``."""
    return Wheel(f"demo-1.0-{tag}.whl", wheel_tag.tags(*tag.split("-")), written, purelib, files)


def policy(name: str, *glibc: str, aliases: Tuple[str, ...] = (), libraries: Tuple[str, ...] = ()) -> Policy:
    """A policy in auditwheel's manner, with these versions of glibc."""
    own = ("libc.musl-x86_64.so.1",) if name.startswith("musl") else ("libc.so.6", "libgcc_s.so.1", "libpthread.so.0", "libdl.so.2")
    versions: Dict[str, FrozenSet[str]] = {"GLIBC": frozenset(glibc), "GCC": frozenset({"3.0", "4.2.0"})}
    forbidden = {"libz.so.1": frozenset({"_tr_init", "zcfree"})}
    return Policy(name, aliases, {} if name.startswith("musl") else versions, frozenset({*own, "libz.so.1", *libraries}), forbidden)


OLD = policy("manylinux_2_17_x86_64", "2.2.5", "2.14", "2.17", aliases=("manylinux2014_x86_64",))
NEWER = policy("manylinux_2_28_x86_64", "2.2.5", "2.14", "2.17", "2.28")
NEWEST = policy("manylinux_2_34_x86_64", "2.2.5", "2.14", "2.17", "2.28", "2.33", "2.34")
POLICIES = (OLD, NEWER, NEWEST)
MUSL = policy("musllinux_1_2_x86_64")
