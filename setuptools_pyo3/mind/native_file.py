"""A native file of a wheel as a value: what it runs on, what it exports, and what it takes from elsewhere."""

from __future__ import annotations

import posixpath
import re
from typing import Iterable, NamedTuple, Tuple

from .artifact import ELF, INIT_PREFIXES, MACHO, PE
from .module_name import ModuleName, parse

__all__ = ["ELF", "GLIBC", "Import", "MACHO", "MUSL", "NativeFile", "PE", "contained"]

GLIBC = "glibc"
MUSL = "musl"

_LIBPYTHON = re.compile(r"libpython\d|libpypy\d")
# ``python3.dll``, ``python313t_d.dll``, MinGW's ``libpython3.13.dll``, ``libpypy3.11-c.dll``; not pywin32's ``pythoncom313.dll``.
_PYTHON_DLL = re.compile(r"(?:lib)?python\d[\d.]*t?(?:_d)?\.dll|libpypy\d[\d.]*-c\.dll", re.IGNORECASE)


class Import(NamedTuple):
    """A symbol that a file takes from elsewhere.

    Args:
        name: without the underscore that Mach-O puts before C names; "" for a version that is asked for without a symbol.
        library: the library it comes from, "" where the format doesn't say.
        version: its version (``GLIBC_2.34``), "" where it has none.
        weak: the file works without it.
    """

    name: str
    library: str = ""
    version: str = ""
    weak: bool = False


class NativeFile(NamedTuple):
    """What was read from a native file.

    Args:
        name: its path in the wheel, with slashes.
        format: ``ELF``, ``MACHO`` or ``PE``; "" for what is named like a module and is none of these.
        architectures: the processors it runs on, by :func:`setuptools_pyo3.mind.target.architecture`'s names; () where unknown.
        machine: the processor as platform tags of Linux spell it, "" for other formats and where no tag fits.
        init_symbols: the exported symbols that Python looks for when it imports a module.
        needed: the libraries it is linked to.
        search: folders of the wheel that its run path names.
        imports: the symbols it takes from elsewhere.
        isa: the level of x86-64 that it needs beyond the first (``x86-64-v3``), or "native" where it was built so; "" for none.
        minimum_os: the oldest macOS for each processor.
        fault: why it can't be read, "" where it can.
    """

    name: str
    format: str
    architectures: Tuple[str, ...] = ()
    machine: str = ""
    init_symbols: Tuple[str, ...] = ()
    needed: Tuple[str, ...] = ()
    search: Tuple[str, ...] = ()
    imports: Tuple[Import, ...] = ()
    isa: str = ""
    minimum_os: Tuple[Tuple[str, Tuple[int, int]], ...] = ()
    fault: str = ""

    @property
    def module(self) -> "ModuleName | None":
        """What its name says, where it is named like an extension module of Python; None for anything else."""
        name = parse(self.name)
        if name is None or (not name.tagged and not self.init_symbols):
            return None
        return name

    @property
    def is_for_ctypes(self) -> bool:
        """Whether nothing imports it although it is named like a module, as setuptools names all that it compiles."""
        return self.module is not None and bool(self.architectures) and not self.init_symbols

    @property
    def exports_init(self) -> bool:
        """Whether Python finds the init symbol that it looks for by the file's name."""
        name = parse(self.name)
        stem = posixpath.basename(name.module) if name else ""
        # Names beyond ASCII are spelt in punycode (https://peps.python.org/pep-0489/#export-hook-name).
        return not stem.isascii() or any(f"{prefix}{stem}" in self.init_symbols for prefix in INIT_PREFIXES)

    @property
    def libc(self) -> str:
        """``GLIBC`` or ``MUSL``; "" for what is linked to neither."""
        if any(name.startswith(("libc.musl-", "ld-musl-")) or name == "libc.so" for name in self.needed):
            return MUSL
        by_name = any(name == "libc.so.6" or name.startswith(("ld-linux", "ld64.so")) for name in self.needed)
        return GLIBC if by_name or any(one.version.startswith("GLIBC_") for one in self.imports) else ""

    @property
    def takes_from_python(self) -> Tuple[Import, ...]:
        """The symbols of Python's C API that it uses."""
        named = (one for one in self.imports if one.name.startswith(("Py", "_Py")))
        # Windows says which DLL has a symbol, and other libraries begin theirs in the same way (``PyCom_...``).
        return tuple(one for one in named if self.format != PE or _PYTHON_DLL.fullmatch(one.library))

    @property
    def libpython(self) -> str:
        """The libpython, or the framework, that it is linked to; "" for none. DLLs of Windows are another matter."""
        if self.format == PE:
            return ""
        bases = {name: posixpath.basename(name) for name in self.needed}
        return next((n for n, base in bases.items() if _LIBPYTHON.match(base) or base == "Python"), "")


def contained(files: Iterable[NativeFile]) -> Tuple[str, ...]:
    """The libraries of a wheel that its own files find in it: those that lie where a run path points."""
    known = tuple(files)
    folders = {folder for file in known for folder in file.search}
    return tuple(sorted(posixpath.basename(f.name) for f in known if posixpath.dirname(f.name) in folders))
