"""Reading what matters from ELF, Mach-O and PE files, through libraries that know the formats."""

from __future__ import annotations

import os
import re
import struct
import sys
from typing import IO, Any, Iterable, List, Tuple

from ..errors import ArtifactProblem
from ..mind.artifact import ELF, INIT_PREFIXES, MACHO, PE, Binary

_UNKNOWN = Binary((), (), ())
_ELF_MACHINES = {
    "EM_X86_64": "x86_64",
    "EM_386": "x86",
    "EM_AARCH64": "aarch64",
    "EM_ARM": "arm",
    "EM_PPC64": "ppc64",
    "EM_S390": "s390x",
    "EM_RISCV": "riscv64",
    "EM_LOONGARCH": "loongarch64",
}
_MACH_CPUS = {0x01000007: "x86_64", 0x0100000C: "aarch64", 7: "x86", 12: "arm"}
_PE_MACHINES = {0x8664: "x86_64", 0x14C: "x86", 0xAA64: "aarch64"}


def inspect(path: str) -> Binary:
    """What a binary file is for, exports and needs; an unknown format yields an empty answer.

    Raises:
        ArtifactProblem: the file can't be read.
    """
    try:
        with open(path, "rb") as file:
            kind = format_of(file)
            if kind == ELF:
                return _elf(file)
        return _pe(path) if kind == PE else _mach(path) if kind == MACHO else _UNKNOWN
    except OSError as error:
        raise ArtifactProblem("the built file can't be read", where=path, why=str(error)) from error
    except (struct.error, ValueError) as error:
        raise ArtifactProblem("the built file is not whole", where=path, why=str(error)) from error


def format_of(file: IO[bytes]) -> str:
    """The format of a file, by how it begins; "" for none that Python loads."""
    start = file.read(64)
    if start[:4] == b"\x7fELF":
        return ELF
    if start[:2] == b"MZ":
        # https://learn.microsoft.com/windows/win32/debug/pe-format#signature-image-only
        file.seek(int.from_bytes(start[60:64], "little"))
        return PE if file.read(4) == b"PE\0\0" else ""
    if start[:4] in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"):
        return MACHO
    # Java's class files begin like universal binaries; theirs is a version here, never below 45, where these count processors.
    return MACHO if start[:4] == b"\xca\xfe\xba\xbe" and int.from_bytes(start[4:8], "big") < 45 else ""


def get_ready() -> None:
    """Import what reading this platform's files takes, while there is time for it."""
    if sys.platform == "linux":
        import elftools.elf.elffile  # noqa: F401


def _init_symbols(names: Iterable[str]) -> Tuple[str, ...]:
    return tuple(sorted({name for name in names if name.startswith(INIT_PREFIXES)}))


# What pyelftools calls the texts of entries in ``.dynamic``.
_TAGS = (("needed",), ("rpath", "runpath"))


def _elf(file: Any) -> Binary:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        elf: Any = ELFFile(file)
        machine = _ELF_MACHINES.get(elf["e_machine"], "")
        if machine == "ppc64" and elf.little_endian:
            machine = "ppc64le"
        names = _exported(elf)
        dynamic = elf.get_section_by_name(".dynamic")
        tags = list(dynamic.iter_tags()) if dynamic else []
        needed, searched = (tuple(getattr(t, kind) for t in tags for kind in kinds if hasattr(t, kind)) for kinds in _TAGS)
        return Binary((machine,) if machine else (), _init_symbols(names), needed, searched)
    except ELFError as error:
        raise ArtifactProblem("the built file is not a whole ELF file", where=str(file.name), why=str(error)) from error


def _exported(elf: Any) -> Iterable[str]:
    """The defined symbols, or those of them that may be init symbols: looking these up takes a fraction of reading all."""
    symbols, table = elf.get_section_by_name(".dynsym"), elf.get_section_by_name(".gnu.hash")
    if not symbols:
        return ()
    if not table:
        return (symbol.name for symbol in symbols.iter_symbols() if symbol["st_shndx"] != "SHN_UNDEF")
    # Only defined ones are in that table. A name may end another one, with which it shares its place.
    pattern = b"(?:" + b"|".join(prefix.encode() for prefix in INIT_PREFIXES) + rb")[^\0]*"
    candidates = {name.decode("utf-8", "replace") for name in re.findall(pattern, elf.get_section(symbols["sh_link"]).data())}
    return (name for name in candidates if table.get_symbol(name))


def _mach(path: str) -> Binary:
    try:
        from macholib.MachO import MachO
        from macholib.SymbolTable import SymbolTable
    except ImportError:
        return _UNKNOWN
    image = MachO(path)
    architectures: List[str] = []
    names: List[str] = []
    needed: List[str] = []
    for header in image.headers:
        cpu = mach_cpu(header)
        architectures += [cpu] if cpu else []
        needed += [name for _, _, name in header.walkRelocatables()]
        table = SymbolTable(image, header=header)
        # C names have an underscore before them in Mach-O.
        names += [name.decode()[1:] for _, name in getattr(table, "extdefsyms", None) or () if name]
    return Binary(tuple(dict.fromkeys(architectures)), _init_symbols(names), tuple(dict.fromkeys(needed)))


def mach_cpu(header: Any) -> str:
    """The processor of one part of a Mach-O file; "" for an unknown one."""
    return _MACH_CPUS.get(header.header.cputype & 0xFFFFFFFF, "")


def _pe(path: str) -> Binary:
    try:
        import pefile
    except ImportError:
        return _UNKNOWN
    try:
        opened = pefile.PE(path, fast_load=True)
    except pefile.PEFormatError as error:
        raise ArtifactProblem("the built file is not a whole PE file", where=path, why=str(error.value)) from error
    with opened as image:
        # pefile reads as much as is there. What has no place in the file is zeroed memory.
        ends = (part.PointerToRawData + part.SizeOfRawData for part in image.sections if part.PointerToRawData)
        if max(ends, default=0) > os.path.getsize(path):
            raise ArtifactProblem("the built file is not a whole PE file", where=path, why="it ends before its sections do")
        image.parse_data_directories(
            [
                pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_EXPORT"],
                pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_IMPORT"],
            ]
        )
        exported = getattr(getattr(image, "DIRECTORY_ENTRY_EXPORT", None), "symbols", ())
        names = [symbol.name.decode() for symbol in exported if symbol.name]
        needed = tuple(entry.dll.decode() for entry in getattr(image, "DIRECTORY_ENTRY_IMPORT", ()))
        machine = _PE_MACHINES.get(image.FILE_HEADER.Machine, "")
        return Binary((machine,) if machine else (), _init_symbols(names), needed)
