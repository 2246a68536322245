"""The platform that is built for, as a value: a live interpreter's own, or a target triple's."""

from __future__ import annotations

from typing import NamedTuple, Tuple


class Target(NamedTuple):
    """What is built for.

    Args:
        triple: as cargo's ``--target`` takes it; "" for cargo's own choice, which a native build leaves alone.
        platform: ``sysconfig.get_platform()`` of the Python that will load the result.
        pointer_width: of that Python, in bits.
    """

    triple: str
    platform: str
    pointer_width: int

    @property
    def is_macos(self) -> bool:
        """Whether modules are linked as macOS wants it."""
        return "-apple-" in self.triple if self.triple else self.platform.startswith("macosx")

    @property
    def architectures(self) -> Tuple[str, ...]:
        """The processors that a file may be for, by :func:`architecture`'s names; () where unknown."""
        machine = self.platform.rpartition("-")[2] if "-" in self.platform else self.platform
        if machine == "universal2":
            return ("x86_64", "aarch64")
        known = architecture(machine, self.pointer_width)
        return (known,) if known else ()


_SAME = {
    "amd64": "x86_64",
    "x86_64": "x86_64",
    "arm64": "aarch64",
    "aarch64": "aarch64",
    "win32": "x86",
    "i386": "x86",
    "i586": "x86",
    "i686": "x86",
    "armv6l": "arm",
    "armv7l": "arm",
    "armv8l": "arm",
    "ppc64le": "ppc64",
    "ppc64": "ppc64",
    "s390x": "s390x",
    "riscv64": "riscv64",
    "loongarch64": "loongarch64",
}
# What a 32-bit Python on a 64-bit kernel really runs; its platform names the kernel's machine.
_NARROW = {"x86_64": "x86", "aarch64": "arm"}


def architecture(machine: str, pointer_width: int) -> str:
    """One name for a processor that platforms spell in several ways; "" for one that isn't known."""
    known = _SAME.get(machine.lower(), "")
    return _NARROW.get(known, known) if pointer_width == 32 else known
