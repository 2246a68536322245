"""Reading what audits ask of native files, through libraries that know the formats."""

from __future__ import annotations

import posixpath
from typing import Any, Dict, Iterator, Optional, Tuple

from ..errors import ArtifactProblem
from ..mind import module_name
from ..mind.native_file import ELF, MACHO, Import, NativeFile
from . import binary


def read(path: str, name: str) -> Optional[NativeFile]:
    """What a native file is, exports and needs; None for other files, and for objects that nothing loads.

    A file that is named like a module and is no native file has that as its fault.

    Args:
        path: where it is.
        name: its path in the wheel.

    Raises:
        ArtifactProblem: the system can't read it; what is wrong with its content is told in the value.
    """
    try:
        with open(path, "rb") as file:
            kind = binary.format_of(file)
    except OSError as error:
        raise ArtifactProblem("the file can't be read", where=path, why=str(error)) from error
    if not kind:
        return NativeFile(name, "", fault="it is in no format of native files") if is_named_as_module(name) else None
    try:
        light = binary.inspect(path)
        plain = NativeFile(name, kind, light.architectures, init_symbols=light.init_symbols, needed=light.needed)
        if kind == ELF:
            return _elf(path, plain)
        return _macho(path, plain) if kind == MACHO else _pe(path, plain)
    except ArtifactProblem as problem:
        return NativeFile(name, kind, fault=problem.why)


def is_named_as_module(name: str) -> bool:
    """Whether a file's name says that it is a module for one kind of Python; a plain ``.so`` may be a linker's script."""
    found = module_name.parse(name)
    return found is not None and found.tagged


# -- ELF

_MACHINES = {
    ("EM_X86_64", 64, True): "x86_64",
    ("EM_386", 32, True): "i686",
    ("EM_AARCH64", 64, True): "aarch64",
    ("EM_ARM", 32, True): "armv7l",
    ("EM_PPC64", 64, True): "ppc64le",
    ("EM_PPC64", 64, False): "ppc64",
    ("EM_S390", 64, False): "s390x",
    ("EM_RISCV", 64, True): "riscv64",
    ("EM_LOONGARCH", 64, True): "loongarch64",
}


def _elf(path: str, plain: NativeFile) -> Optional[NativeFile]:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    with open(path, "rb") as file:
        try:
            elf: Any = ELFFile(file)
            if elf["e_type"] not in ("ET_DYN", "ET_EXEC"):
                return None
            dynamic = elf.get_section_by_name(".dynamic")
            if dynamic is None and any(segment["p_type"] == "PT_DYNAMIC" for segment in elf.iter_segments()):
                return plain._replace(fault="it has no section headers, which name the symbols that it needs")
            return plain._replace(
                machine=_machine(elf),
                search=tuple(sorted(_search(dynamic, plain.name))) if dynamic else (),
                imports=tuple(sorted(_imports(elf))),
                isa=_isa(elf),
            )
        except ELFError as error:
            return plain._replace(fault=str(error))


def _machine(elf: Any) -> str:
    from elftools.elf.constants import E_FLAGS

    found = _MACHINES.get((elf["e_machine"], elf.elfclass, elf.little_endian), "")
    # All tags of 32-bit ARM mean hard float (https://peps.python.org/pep-0599/#the-manylinux2014-policy).
    return "" if found == "armv7l" and not elf["e_flags"] & E_FLAGS.EF_ARM_ABI_FLOAT_HARD else found


def _search(dynamic: Any, name: str) -> Iterator[str]:
    """The folders of the wheel that the run path names, which it does relative to the file itself."""
    for tag in dynamic.iter_tags():
        for entry in str(getattr(tag, "runpath", "") or getattr(tag, "rpath", "")).split(":"):
            origin, _, rest = entry.replace("${ORIGIN}", "$ORIGIN").partition("/")
            if origin == "$ORIGIN":
                folder = posixpath.normpath(posixpath.join(posixpath.dirname(name), rest))
                yield "" if folder == "." else folder


def _imports(elf: Any) -> Iterator[Import]:
    versions: Dict[object, Tuple[str, str]] = {}
    needs = elf.get_section_by_name(".gnu.version_r")
    for library, parts in needs.iter_versions() if needs else ():
        versions.update((part["vna_other"], (library.name, part.name)) for part in parts)
    used = set()
    symbols, indexes = elf.get_section_by_name(".dynsym"), elf.get_section_by_name(".gnu.version")
    for number, symbol in enumerate(symbols.iter_symbols() if symbols else ()):
        if symbol["st_shndx"] == "SHN_UNDEF" and symbol.name:
            index = indexes.get_symbol(number)["ndx"] if indexes else None
            used.add(index)
            yield Import(symbol.name, *versions.get(index, ("", "")), weak=symbol["st_info"]["bind"] == "STB_WEAK")
    # Some versions stand for a feature of the loader and belong to no symbol (GLIBC_ABI_DT_RELR).
    for index, (library, version) in versions.items():
        if index not in used:
            yield Import("", library, version)


_LEVELS = ((8, "x86-64-v4"), (4, "x86-64-v3"), (2, "x86-64-v2"))


def _isa(elf: Any) -> str:
    """The level of x86-64 that the linker noted (https://gitlab.com/x86-psABIs/x86-64-ABI); rustc itself notes none."""
    from elftools.elf.sections import NoteSection

    notes = (note for section in elf.iter_sections() if isinstance(section, NoteSection) for note in section.iter_notes())
    for note in notes:
        for item in note["n_desc"] if note["n_type"] == "NT_GNU_PROPERTY_TYPE_0" else ():
            if item.pr_type == "GNU_PROPERTY_X86_ISA_1_NEEDED" and item.pr_datasz == 4:
                return next((name for bit, name in _LEVELS if item.pr_data & bit), "")
    return ""


# -- Mach-O


def _macho(path: str, plain: NativeFile) -> NativeFile:
    try:
        from macholib.MachO import MachO
        from macholib.SymbolTable import SymbolTable
    except ImportError:
        return plain
    image = MachO(path)
    minimum: Dict[str, Tuple[int, int]] = {}
    imports = set()
    for header in image.headers:
        undefined = getattr(SymbolTable(image, header=header), "undefsyms", None)
        # C names have an underscore before them in Mach-O.
        imports |= {Import(name.decode("utf-8", "replace")[1:]) for _, name in undefined or () if name}
        processor = binary.mach_cpu(header)
        packed = next((version for version in map(_minimum, header.commands) if version), 0)
        if packed and processor:
            minimum[processor] = (packed >> 16, packed >> 8 & 0xFF)
    return plain._replace(imports=tuple(sorted(imports)), minimum_os=tuple(sorted(minimum.items())))


def _minimum(command: Any) -> int:
    """The oldest system that a load command names, packed; 0 where it names none."""
    from macholib import mach_o

    if command[0].cmd == mach_o.LC_BUILD_VERSION:
        return int(command[1].minos)
    return int(command[1].version) if command[0].cmd == mach_o.LC_VERSION_MIN_MACOSX else 0


# -- PE


def _pe(path: str, plain: NativeFile) -> NativeFile:
    try:
        import pefile
    except ImportError:
        return plain
    with pefile.PE(path, fast_load=True) as image:
        image.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_IMPORT"]])
        entries = getattr(image, "DIRECTORY_ENTRY_IMPORT", ())
        found = {Import(one.name.decode(), entry.dll.decode()) for entry in entries for one in entry.imports if one.name}
    return plain._replace(imports=tuple(sorted(found)))
