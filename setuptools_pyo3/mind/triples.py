"""Rust's target triples as data: what each says about the system, the processor and the names that CPython gives them.

CPython's names are those of its ``Misc/platform_triplet.c`` and of ``sysconfig.get_platform()``; Rust's triples are listed at
https://doc.rust-lang.org/rustc/platform-support.html.
"""

from __future__ import annotations

import os
from typing import Dict, NamedTuple, Optional, Tuple

from ..errors import DeclarationProblem

LINUX = "linux"
MACOS = "macos"
WINDOWS = "windows"
ANDROID = "android"
IOS = "ios"
EMSCRIPTEN = "emscripten"
CYGWIN = "cygwin"


class Triple(NamedTuple):
    """What a triple says.

    Args:
        text: as it was given, without the folder and ending of a target specification file.
        system: ``linux``, ``macos``, ``windows``, ``android``, ``ios``, ``emscripten``, ``cygwin`` or one of the BSDs and Unixes.
        machine: the processor as this system's Python names it in its platform, such as ``armv7l``, ``arm64``, ``amd64``.
        pointer_width: in bits.
        libc: ``gnu`` or ``musl`` on Linux, else "".
        multiarch: what CPython's names end in, such as ``arm-linux-gnueabihf`` or ``darwin``; "" where they have no such end.
    """

    text: str
    system: str
    machine: str
    pointer_width: int
    libc: str
    multiarch: str


class _Processor(NamedTuple):
    """Pointer width, the name in Linux' platform and in CPython's multiarch names."""

    width: int
    linux: str
    multiarch: str


_PROCESSORS: Dict[str, _Processor] = {
    "x86_64": _Processor(64, "x86_64", "x86_64"),
    "i586": _Processor(32, "i686", "i386"),
    "i686": _Processor(32, "i686", "i386"),
    "aarch64": _Processor(64, "aarch64", "aarch64"),
    # Rust's plain arm is ARMv6, as on the first Raspberry Pi.
    "arm": _Processor(32, "armv6l", "arm"),
    "armv5te": _Processor(32, "armv5tel", "arm"),
    "armv7": _Processor(32, "armv7l", "arm"),
    "thumbv7neon": _Processor(32, "armv7l", "arm"),
    "powerpc": _Processor(32, "ppc", "powerpc"),
    "powerpc64": _Processor(64, "ppc64", "powerpc64"),
    "powerpc64le": _Processor(64, "ppc64le", "powerpc64le"),
    "s390x": _Processor(64, "s390x", "s390x"),
    "riscv64": _Processor(64, "riscv64", "riscv64"),
    "riscv64gc": _Processor(64, "riscv64", "riscv64"),
    "loongarch64": _Processor(64, "loongarch64", "loongarch64"),
    "mips": _Processor(32, "mips", "mips"),
    "mipsel": _Processor(32, "mips", "mipsel"),
    "mips64": _Processor(64, "mips64", "mips64"),
    "mips64el": _Processor(64, "mips64", "mips64el"),
    "sparc64": _Processor(64, "sparc64", "sparc64"),
    "wasm32": _Processor(32, "wasm32", "wasm32"),
}

# Where a system's Python says another name than Linux' does.
_MACHINES: Dict[str, Dict[str, str]] = {
    MACOS: {"aarch64": "arm64"},
    IOS: {"aarch64": "arm64"},
    WINDOWS: {"x86_64": "amd64", "aarch64": "arm64", "i686": "win32", "i586": "win32"},
    ANDROID: {"aarch64": "arm64_v8a", "armv7": "armeabi_v7a", "thumbv7neon": "armeabi_v7a", "arm": "armeabi_v7a", "i686": "x86"},
    "freebsd": {"x86_64": "amd64", "i686": "i386", "aarch64": "arm64", "powerpc64le": "powerpc64le", "powerpc64": "powerpc64"},
    "netbsd": {"i686": "i386", "x86_64": "amd64"},
    "openbsd": {"x86_64": "amd64", "i686": "i386", "aarch64": "arm64"},
}
_OTHER_SYSTEMS = ("freebsd", "netbsd", "openbsd", "dragonfly", "solaris", "illumos", "haiku", "aix", "hurd")


def parse(text: str, where: str = "") -> Triple:
    """What a triple says.

    Args:
        text: a triple, or the path of a target specification (``name.json``).
        where: who names it, for messages.

    Raises:
        DeclarationProblem: it is unknown; guessing would make a wheel for something else.
    """
    name = os.path.basename(text)[: -len(".json")] if text.endswith(".json") else text
    cpu, *rest = name.split("-")
    cpu = _family(cpu)
    processor = _PROCESSORS.get(cpu)
    found = _of_system(cpu, rest, processor) if processor and rest else None
    if processor is None or found is None:
        raise DeclarationProblem(
            f"the target triple {text!r} is not one that Python runs on as far as is known here",
            where=where,
            why="its processor, system or C library has no known name in Python's file names and tags",
            hint="`rustc --print target-list` lists Rust's; write it as cargo's --target takes it",
        )
    system, libc, multiarch = found
    machine = _MACHINES.get(system, {}).get(cpu) or processor.linux
    width = 32 if system == LINUX and rest[-1].endswith("x32") else processor.width
    return Triple(name, system, machine, width, libc, multiarch)


def _family(cpu: str) -> str:
    """The processor without what tells members of its family apart, such as ``x86_64h``, ``armv7a`` and ``riscv64a23``."""
    if cpu in _PROCESSORS:
        return cpu
    prefixes = {"arm64": "aarch64", "armv7": "armv7", "riscv64": "riscv64gc", "x86_64": "x86_64"}
    return next((family for prefix, family in prefixes.items() if cpu.startswith(prefix)), cpu)


def _of_system(cpu: str, rest: "list[str]", processor: _Processor) -> Optional[Tuple[str, str, str]]:
    """System, C library and multiarch name."""
    last = rest[-1]
    if "android" in last:
        return ANDROID, "", "arm-linux-androideabi" if processor.multiarch == "arm" else f"{cpu}-linux-android"
    if "linux" in rest:
        return _linux(last, processor)
    if "darwin" in rest or "macosx" in rest:
        return MACOS, "", "darwin"
    if "ios" in rest and last != "macabi":
        simulated = last == "sim" or cpu == "x86_64"
        return IOS, "", "iphonesimulator" if simulated else "iphoneos"
    if "windows" in rest:
        return WINDOWS, "", ""
    if last == "emscripten":
        return EMSCRIPTEN, "", f"{cpu}-emscripten"
    if last in ("cygwin", "msys"):
        return CYGWIN, "", f"{cpu}-cygwin"
    system = next((name for name in _OTHER_SYSTEMS if last.startswith(name) or name in rest), "")
    return (system, "", "") if system else None


def _linux(environment: str, processor: _Processor) -> Optional[Tuple[str, str, str]]:
    libc = next((name for name in ("gnu", "musl") if environment.startswith(name)), "")
    if not libc or environment.endswith("ilp32"):
        return None
    # The floating point ABI of ARM and glibc's 64-bit ABI of MIPS are part of the name; what Rust adds elsewhere isn't.
    kept = environment if processor.multiarch == "arm" or environment in ("gnuabi64", "gnux32", "muslx32") else libc
    return LINUX, libc, f"{processor.multiarch}-linux-{kept}"


_IMPLIED = {
    (LINUX, "x86_64"): "x86_64-unknown-linux-{libc}",
    (LINUX, "x86"): "i686-unknown-linux-{libc}",
    (LINUX, "aarch64"): "aarch64-unknown-linux-{libc}",
    (LINUX, "ppc64"): "powerpc64-unknown-linux-{libc}",
    (LINUX, "ppc64le"): "powerpc64le-unknown-linux-{libc}",
    (LINUX, "s390x"): "s390x-unknown-linux-{libc}",
    (LINUX, "riscv64"): "riscv64gc-unknown-linux-{libc}",
    (LINUX, "loongarch64"): "loongarch64-unknown-linux-{libc}",
    (MACOS, "x86_64"): "x86_64-apple-darwin",
    (MACOS, "aarch64"): "aarch64-apple-darwin",
    (WINDOWS, "x86"): "i686-pc-windows-msvc",
    (WINDOWS, "x86_64"): "x86_64-pc-windows-msvc",
    (WINDOWS, "aarch64"): "aarch64-pc-windows-msvc",
    (ANDROID, "aarch64"): "aarch64-linux-android",
    (ANDROID, "x86_64"): "x86_64-linux-android",
    (ANDROID, "x86"): "i686-linux-android",
    (ANDROID, "arm"): "armv7-linux-androideabi",
    (EMSCRIPTEN, "wasm32"): "wasm32-unknown-emscripten",
}


def implied(system: str, architecture: str, machine: str, multiarch: str = "", libc: str = "") -> str:
    """The triple that a Python's own description leads to, where nobody names one; "" where it leads to none.

    Args:
        system: as in :class:`Triple`.
        architecture: by :func:`setuptools_pyo3.mind.target.architecture`'s names.
        machine: the processor as the Python's platform spells it.
        multiarch: what its names end in, "" where unknown.
        libc: ``musl``, or anything else for glibc.
    """
    if system == IOS:
        simulated = multiarch.endswith("simulator")
        return "aarch64-apple-ios" + ("-sim" if simulated else "") if architecture == "aarch64" else "x86_64-apple-ios"
    name = "musl" if libc == "musl" or "musl" in multiarch else "gnu"
    if system == LINUX and architecture == "arm":
        hard = "" if multiarch.endswith("eabi") else "hf"
        return f"{'arm' if machine == 'armv6l' or not hard else 'armv7'}-unknown-linux-{name}eabi{hard}"
    return _IMPLIED.get((system, architecture), "").format(libc=name)
