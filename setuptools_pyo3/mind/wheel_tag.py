"""What the tags in a wheel's name promise, read from their text."""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from . import platform_tags
from .target import architecture

LINUX = "linux"
MANYLINUX = "manylinux"
MUSLLINUX = "musllinux"
MACOS = "macosx"
WINDOWS = "win"
ANY = "any"
LINUXES = (LINUX, MANYLINUX, MUSLLINUX)

# https://peps.python.org/pep-0600/#legacy-manylinux-tags
LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


class PlatformTag(NamedTuple):
    """A platform tag, taken apart.

    Args:
        text: the whole tag (``manylinux_2_28_x86_64``).
        system: ``LINUX``, ``MANYLINUX``, ``MUSLLINUX``, ``MACOS``, ``WINDOWS``, ``ANY``, or the first word of any other.
        version: of the libc, or of macOS; () where there is none.
        machine: the processor as the tag spells it; "" where there is none.
        architectures: the processors it promises, by :func:`setuptools_pyo3.mind.target.architecture`'s names; () where unknown.
    """

    text: str
    system: str
    version: Tuple[int, ...]
    machine: str
    architectures: Tuple[str, ...]


_VERSIONED = re.compile(r"(manylinux|musllinux|macosx)_(\d+)_(\d+)_(\w+)")
_PLAIN = re.compile(r"(linux|win|manylinux1|manylinux2010|manylinux2014)_(\w+)")


def parse(text: str) -> PlatformTag:
    """Take a platform tag apart."""
    if text == "win32":
        return PlatformTag(text, WINDOWS, (), "win32", ("x86",))
    versioned = _VERSIONED.fullmatch(text)
    if versioned:
        system, major, minor, machine = versioned.groups()
        return PlatformTag(text, system, (int(major), int(minor)), machine, _architectures(machine))
    plain = _PLAIN.fullmatch(text)
    if plain:
        version = LEGACY.get(plain[1], ())
        return PlatformTag(text, MANYLINUX if version else plain[1], version, plain[2], _architectures(plain[2]))
    machine = platform_tags.read(text).machine
    return PlatformTag(text, text.partition("_")[0], (), machine, _architectures(machine))


def _architectures(machine: str) -> Tuple[str, ...]:
    if machine == "universal2":
        return ("x86_64", "aarch64")
    known = architecture(machine, 64)
    return (known,) if known else ()


class WheelTags(NamedTuple):
    """The tags of a wheel; each part may hold several.

    Args:
        python: Python tags (``cp311``).
        abi: ABI tags (``cp311``, ``abi3``).
        platform: platform tags.
    """

    python: Tuple[str, ...]
    abi: Tuple[str, ...]
    platform: Tuple[PlatformTag, ...]

    def __str__(self) -> str:
        return "-".join([".".join(self.python), ".".join(self.abi), ".".join(tag.text for tag in self.platform)])

    @property
    def expanded(self) -> Tuple[str, ...]:
        """Every single tag that the wheel promises, sorted."""
        return tuple(sorted(f"{p}-{a}-{tag.text}" for p in self.python for a in self.abi for tag in self.platform))


def tags(python: str, abi: str, platform: str) -> WheelTags:
    """The tags of a wheel from the three parts of its name (https://peps.python.org/pep-0425/#compressed-tag-sets)."""
    return WheelTags(tuple(python.split(".")), tuple(abi.split(".")), tuple(parse(one) for one in platform.split(".")))
