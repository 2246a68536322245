"""Reading what matters from ELF, Mach-O and PE files, through libraries that know the formats."""

from __future__ import annotations

import sys
from typing import Any, Iterable, List, Tuple

from ..errors import ArtifactProblem
from ..mind.artifact import INIT_PREFIXES, Binary

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
            start = file.read(4)
            if start == b"\x7fELF":
                return _elf(file)
        if start[:2] == b"MZ":
            return _pe(path)
        if start in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"):
            return _mach(path)
        return _UNKNOWN
    except OSError as error:
        raise ArtifactProblem("the built file can't be read", where=path, why=str(error)) from error


def get_ready() -> None:
    """Import what reading this platform's files takes, while there is time for it."""
    if sys.platform == "linux":
        import elftools.elf.elffile  # noqa: F401


def _init_symbols(names: Iterable[str]) -> Tuple[str, ...]:
    return tuple(sorted({name for name in names if name.startswith(INIT_PREFIXES)}))


def _elf(file: Any) -> Binary:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        elf: Any = ELFFile(file)
        machine = _ELF_MACHINES.get(elf["e_machine"], "")
        symbols = elf.get_section_by_name(".dynsym")
        names = (s.name for s in symbols.iter_symbols() if s["st_shndx"] != "SHN_UNDEF") if symbols else ()
        dynamic = elf.get_section_by_name(".dynamic")
        needed = tuple(tag.needed for tag in dynamic.iter_tags("DT_NEEDED")) if dynamic else ()
        return Binary((machine,) if machine else (), _init_symbols(names), needed)
    except ELFError as error:
        raise ArtifactProblem("the built file is not a whole ELF file", where=str(file.name), why=str(error)) from error


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
        cpu = _MACH_CPUS.get(header.header.cputype & 0xFFFFFFFF)
        architectures += [cpu] if cpu else []
        needed += [name for _, _, name in header.walkRelocatables()]
        table = SymbolTable(image, header=header)
        # C names have an underscore before them in Mach-O.
        names += [name.decode()[1:] for _, name in table.extdefsyms or ()]
    return Binary(tuple(dict.fromkeys(architectures)), _init_symbols(names), tuple(dict.fromkeys(needed)))


def _pe(path: str) -> Binary:
    try:
        import pefile
    except ImportError:
        return _UNKNOWN
    with pefile.PE(path, fast_load=True) as image:
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
