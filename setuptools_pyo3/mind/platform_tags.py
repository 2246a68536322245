"""Platforms in the two forms they are written in: ``sysconfig.get_platform()``'s, and a wheel tag's (PEP 425)."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from .triples import ANDROID, CYGWIN, EMSCRIPTEN, IOS, LINUX, MACOS, WINDOWS, Triple

Release = Tuple[int, int]

# What a platform begins with; for a tag, what stands for the same system there.
_SYSTEMS = {
    "linux": LINUX,
    "manylinux": LINUX,
    "musllinux": LINUX,
    "macosx": MACOS,
    "darwin": MACOS,
    "win": WINDOWS,
    "mingw": WINDOWS,
    "cygwin": CYGWIN,
    "msys": CYGWIN,
    "android": ANDROID,
    "ios": IOS,
    "emscripten": EMSCRIPTEN,
    "pyodide": EMSCRIPTEN,
    "pyemscripten": EMSCRIPTEN,
}
_MACHINES = (
    *("universal2", "x86_64", "amd64", "i386", "i586", "i686", "win32", "x86", "arm64_v8a", "armeabi_v7a", "aarch64", "arm64"),
    *("armv5tel", "armv6l", "armv7l", "armv8l", "arm", "ppc64le", "ppc64", "ppc", "powerpc64le", "powerpc64", "powerpc", "s390x"),
    *("riscv64", "loongarch64", "mips64el", "mips64", "mipsel", "mips", "sparc64", "wasm32"),
)
# The lowest that rustc builds for (https://doc.rust-lang.org/rustc/platform-support/apple-darwin.html).
_LOWEST_MACOS = {"x86_64": (10, 12), "universal2": (10, 12)}
_LOWEST_MACOS_ARM = (11, 0)


class Platform(NamedTuple):
    """What a platform says.

    Args:
        system: as in :class:`~setuptools_pyo3.mind.triples.Triple`; the word itself where it isn't one of those.
        machine: the processor as it is written, "" where it isn't known.
    """

    system: str
    machine: str


def read(text: str) -> Platform:
    """What a platform or a platform tag says; of a compressed tag, its first part.

    Args:
        text: such as ``linux-x86_64``, ``macosx-10.13-universal2``, ``manylinux_2_28_aarch64``, ``ios_13_0_arm64_iphoneos``.
    """
    one = text if "-" in text else text.partition(".")[0]
    plain = tag(one)
    machine = next((name for name in _MACHINES if re.search(rf"(^|_){name}($|_)", plain)), "")
    word = re.match(r"[a-z]*", plain)[0]  # type: ignore[index]  # it always matches
    return Platform("" if word == "any" else _SYSTEMS.get(word, word), machine)


def tag(platform: str) -> str:
    """The platform as it stands in a wheel's name (https://peps.python.org/pep-0425/#platform-tag)."""
    return re.sub(r"[-. ]", "_", platform.lower())


def release(text: str) -> Optional[Release]:
    """The two first numbers of a release such as ``10.13``; None for anything else."""
    match = re.match(r"(\d+)(?:[._](\d+))?", text)
    return (int(match[1]), int(match[2] or 0)) if match else None


def deployment_target(machine: str, *said: str) -> Release:
    """The macOS that is built for: the first release that is said, raised to the lowest that rustc can build for.

    Args:
        machine: ``x86_64``, ``arm64`` or ``universal2``, whose older half counts.
        said: such as ``MACOSX_DEPLOYMENT_TARGET``, "" where unset.
    """
    lowest = _LOWEST_MACOS.get(machine, _LOWEST_MACOS_ARM)
    wanted = next((found for text in said for found in [release(text)] if found), lowest)
    # Since macOS 11, minor releases don't matter for compatibility, and tags have none
    # (https://packaging.pypa.io/en/stable/tags.html#packaging.tags.mac_platforms).
    return max(wanted if wanted[0] < 11 else (wanted[0], 0), lowest)


def macos(machine: str, *said: str) -> str:
    """The platform of a macOS Python; arguments as for :func:`deployment_target`."""
    major, minor = deployment_target(machine, *said)
    return f"macosx-{major}.{minor}-{machine}"


def of_triple(triple: Triple, *, release_said: str = "") -> str:
    """The platform of a Python for a triple; "" where the system's release belongs to it and isn't known.

    Args:
        triple: the target.
        release_said: the release of the system: macOS' and iOS' deployment target, Android's API level, a BSD's release.
    """
    if triple.system == LINUX:
        return f"linux-{triple.machine}"
    if triple.system == WINDOWS:
        return triple.machine if triple.machine == "win32" else f"win-{triple.machine}"
    if triple.system == MACOS:
        return macos(triple.machine, release_said)
    if triple.system == IOS:
        # The lowest that CPython supports (https://peps.python.org/pep-0730/).
        major, minor = release(release_said) or (13, 0)
        return f"ios-{major}.{minor}-{triple.machine}-{triple.multiarch}"
    if triple.system == ANDROID:
        # Likewise (https://peps.python.org/pep-0738/).
        level = release(release_said) or (21, 0)
        return f"android-{level[0]}-{triple.machine}"
    return f"{triple.system}-{release_said}-{triple.machine}" if release_said else ""
