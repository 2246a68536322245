"""Whether a wheel's name, tag and files say the same: processors, Pythons, suffixes, deployment targets."""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from . import module_name
from .finding import ERROR, NOTE, Finding
from .limited_symbols import STABLE_DLLS
from .module_name import ModuleName
from .native_file import ELF, GLIBC, MACHO, MUSL, PE, NativeFile
from .platform_policy import linked_to_libpython
from .target import architecture
from .wheel_tag import ANY, LINUXES, MACOS, MANYLINUX, MUSLLINUX, WINDOWS, PlatformTag, WheelTags


class Wheel(NamedTuple):
    """A wheel, or the tree that is about to become one.

    Args:
        name: the file's name, or what stands for it in messages.
        tags: those of its name.
        written: the single tags that its ``WHEEL`` file lists; () where there is none yet.
        purelib: what its ``WHEEL`` file says of ``Root-Is-Purelib``.
        files: its native files.
        built: the names of those that were built for it, and can't be data for other systems.
    """

    name: str
    tags: WheelTags
    written: Tuple[str, ...]
    purelib: bool
    files: Tuple[NativeFile, ...]
    built: Tuple[str, ...] = ()


def findings(wheel: Wheel) -> Tuple[Finding, ...]:
    """Everything in which a wheel contradicts itself."""
    return (
        *_of_the_name(wheel),
        *(finding for file in wheel.files for finding in _of_file(file, wheel)),
        *_modules(wheel),
    )


def _of_the_name(wheel: Wheel) -> Iterator[Finding]:
    promised = wheel.tags.expanded
    if wheel.written and set(promised) != set(wheel.written):
        yield Finding(
            "name",
            f"its name says {', '.join(promised)}, but its WHEEL file {', '.join(sorted(wheel.written))}",
            wheel.name,
            hint="don't rename wheels: build it for the other platform, or use `wheel tags` where the new tag is true",
        )
    modules = [file.name for file in wheel.files if file.module is not None and not file.is_for_ctypes]
    if wheel.purelib and modules:
        yield Finding("purelib", "it says that it is pure Python, but has extension modules", wheel.name, why=", ".join(modules))


def _of_file(file: NativeFile, wheel: Wheel) -> Iterator[Finding]:
    if file.fault:
        if not file.format and not any(tag.system in _FORMATS for tag in wheel.tags.platform):
            # WebAssembly, and what other systems have.
            return
        level = ERROR if module_name.parse(file.name) else NOTE
        yield Finding("unreadable", f"it can't be read: {file.fault}", file.name, level=level)
        return
    tags, module = wheel.tags, file.module
    # Launchers and tools for other systems are data, as in setuptools itself; what Python imports is not.
    level = ERROR if module is not None or file.name in wheel.built else NOTE
    for tag in tags.platform:
        yield from _platform(file, tag, level)
    if module is None:
        return
    if file.libpython and not any(tag.system in _LINKED_BY_RULE for tag in tags.platform):
        yield linked_to_libpython(file)
    if module.tagged and file.is_for_ctypes:
        yield _no_init_symbol(file)
    elif module.tagged and file.init_symbols and not file.exports_init:
        yield _renamed(file)
    yield from _dlls(file, tags)


# Where modules must be linked to libpython.
_LINKED_BY_RULE = ("android", "ios")
_FORMATS = {**dict.fromkeys((*LINUXES, "android"), ELF), **dict.fromkeys((MACOS, "ios"), MACHO), WINDOWS: PE}


def _platform(file: NativeFile, tag: PlatformTag, level: str) -> Iterator[Finding]:
    """What a file's processor, format and system have against a platform tag."""
    if tag.system == ANY:
        yield Finding("platform", f"it is native, but the tag {ANY} promises every platform", file.name, level=level)
        return
    wanted_format = _FORMATS.get(tag.system, file.format)
    if file.format != wanted_format:
        yield Finding("format", f"it is a {file.format} file, but {tag.text} takes {wanted_format}", file.name, level=level)
        return
    lacking = [name for name in tag.architectures if file.architectures and name not in file.architectures]
    if lacking:
        yield Finding(
            "architecture",
            f"it is built for {', '.join(file.architectures)}, but {tag.text} promises {', '.join(tag.architectures)}",
            file.name,
            hint="build for the platform of the tag (--target), or leave --plat-name out: the tag follows from what is built",
            level=level,
        )
    if tag.system == MACOS:
        yield from _macos(file, tag)
    if (tag.system, file.libc) in ((MANYLINUX, MUSL), (MUSLLINUX, GLIBC)):
        what = f"it is linked to {file.libc}, which systems of the tag {tag.text} don't have"
        yield Finding("libc", what, file.name, level=level)


# The first one that runs on such a processor; https://github.com/pypa/wheel raises tags to it in the same way.
_FIRST_MACOS = {"aarch64": (11, 0)}


def _macos(file: NativeFile, tag: PlatformTag) -> Iterator[Finding]:
    promised = (tag.version[0], tag.version[1])
    for processor, minimum in file.minimum_os:
        if processor in tag.architectures and minimum > max(promised, _FIRST_MACOS.get(processor, promised)):
            # Installers know no minor releases since macOS 11, so that no tag can say more
            # (https://packaging.pypa.io/en/stable/tags.html#packaging.tags.mac_platforms).
            is_all_that_can_be_said = promised[0] >= 11 and minimum[0] == promised[0]
            yield Finding(
                "macos-version",
                f"its {processor} code needs macOS {_dotted(minimum)}, but {tag.text} promises {_dotted(promised)}",
                file.name,
                hint=f"set MACOSX_DEPLOYMENT_TARGET to {_dotted(promised)} for the whole build, or to what the tag is to say",
                level=NOTE if is_all_that_can_be_said else ERROR,
            )
    foreign = [name for name in file.needed if name.startswith("/") and not name.startswith(("/usr/lib/", "/System/"))]
    foreign = [name for name in foreign if name != file.libpython]
    if foreign:
        yield Finding(
            "library",
            f"it is linked to {', '.join(foreign)}, which other Macs don't have",
            file.name,
            hint="link it statically, or let `delocate-wheel` put it into the wheel",
        )


def _dotted(version: Tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _no_init_symbol(file: NativeFile) -> Finding:
    return Finding("init-symbol", "it has no init symbol: ctypes can load it, but nothing can import it", file.name, level=NOTE)


def _renamed(file: NativeFile) -> Finding:
    return Finding(
        "init-symbol",
        "it can't be imported under its name",
        file.name,
        why=f"it has {', '.join(file.init_symbols)}",
        hint="an extension module must not be renamed: its name is in the init symbol",
    )


def _dlls(file: NativeFile, tags: WheelTags) -> Iterator[Finding]:
    """A module for one Python of Windows that is linked to another one's DLL."""
    if file.format != PE or not any(tag.system == WINDOWS for tag in tags.platform):
        return
    wanted = {name for abi in tags.abi for name in _dll(abi)}
    used = sorted({one.library.lower() for one in file.takes_from_python})
    wrong = [name for name in used if name not in (*wanted, *STABLE_DLLS)]
    if wrong and wanted:
        yield Finding("python", f"it is linked to {', '.join(wrong)}, but the tag is for {', '.join(sorted(wanted))}", file.name)


def _dll(abi: str) -> Tuple[str, ...]:
    """The DLL of the Python that an ABI tag names (``cp313t``, ``pypy311_pp73``); () for one whose DLL isn't known."""
    if abi.startswith("cp"):
        return (f"python{abi[2:]}.dll",)
    pypy = _PYPY.match(abi)
    return (f"libpypy{pypy[1]}.{pypy[2]}-c.dll",) if pypy else ()


_PYPY = re.compile(r"pypy(\d)(\d+)_")


def _modules(wheel: Wheel) -> Iterator[Finding]:
    """What the modules' names have against the Python, ABI and platform tags."""
    modules: Dict[str, List[Tuple[NativeFile, ModuleName]]] = {}
    for file in wheel.files:
        if file.module is not None and not file.is_for_ctypes:
            modules.setdefault(file.module.module, []).append((file, file.module))
    for module, found in sorted(modules.items()) if wheel.tags.python else ():
        yield from _one_module(module, found, wheel.tags)


def _one_module(module: str, found: Sequence[Tuple[NativeFile, ModuleName]], tags: WheelTags) -> Iterator[Finding]:
    promised = [(python, abi) for python in tags.python for abi in tags.abi]
    reasons = [_why_not_imported(file, name, promised) for file, name in found]
    imported = [name for (_, name), reason in zip(found, reasons) if not reason]
    missing = [one for one in promised if not any(module_name.is_imported(name, *one) for name in imported)]
    for (file, name), reason in zip(found, reasons):
        if reason:
            # Beside a file that is imported it is ballast.
            level = ERROR if missing else NOTE
            yield Finding("python", f"{reason}, but the tag is {tags}", file.name, hint=_HINT, level=level)
        else:
            yield from _triplet(file, name, tags)
    for python, abi in missing if imported else ():
        yield Finding("python", f"it has no file that Pythons of the tag {python}-{abi} import", module)


_HINT = (
    "the tag follows from what is built: look for files that another build left in the package, and for a python-tag or "
    "py-limited-api that the project sets itself"
)


def _why_not_imported(file: NativeFile, name: ModuleName, promised: Sequence[Tuple[str, str]]) -> str:
    if all(abi == "none" and python.startswith("py") for python, abi in promised):
        return "it is an extension module, which needs one kind of Python" if file.init_symbols else ""
    if any(module_name.is_imported(name, python, abi) for python, abi in promised):
        return ""
    return f"only {name.limited or name.soabi} imports it by its name"


def _triplet(file: NativeFile, name: ModuleName, tags: WheelTags) -> Iterator[Finding]:
    """A module's name says its platform too, and Pythons of another one pass it over."""
    for tag in tags.platform:
        if not _fits(name, tag):
            yield Finding("suffix", f"it is named for {name.triplet}, so that Pythons of {tag.text} pass it over", file.name)


def _fits(name: ModuleName, tag: PlatformTag) -> bool:
    if not name.triplet or tag.system not in (*LINUXES, MACOS, WINDOWS):
        return True
    if tag.system == MACOS:
        return name.triplet == "darwin"
    if tag.system == WINDOWS:
        return name.triplet == tag.text
    machine, _, rest = name.triplet.partition("-")
    known = architecture(_DEBIAN.get(machine, machine), 64)
    return rest.startswith("linux") and not (known and tag.architectures and known not in tag.architectures)


# Multiarch names that differ from what uname says.
_DEBIAN = {"arm": "armv7l", "powerpc64le": "ppc64le", "powerpc64": "ppc64"}
