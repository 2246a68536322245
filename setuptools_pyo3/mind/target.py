"""The platform that is built for, as a value: a live interpreter's own, or a target triple's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Tuple

from .interpreter import Interpreter

if TYPE_CHECKING:
    from .cargo_config import Configuration
    from .zig import Zig


class Target(NamedTuple):
    """What is built for.

    Args:
        triple: what cargo builds for, whoever says it to cargo; "" for cargo's own choice, which a native build leaves alone.
        platform: ``sysconfig.get_platform()`` of the Python that will load the result.
        pointer_width: of that Python, in bits.
        asked: what cargo is told by ``--target``; "" where it knows the target itself.
        slices: the triples of a universal2 build, which is one build for each of them, merged; else ().
        crossed: whether the platform is another one than that of the Python that runs the build.
    """

    triple: str
    platform: str
    pointer_width: int
    asked: str = ""
    slices: Tuple[str, ...] = ()
    crossed: bool = False

    @property
    def is_macos(self) -> bool:
        """Whether it is a Mac."""
        return "-apple-darwin" in self.triple if self.triple else self.platform.startswith("macosx")

    @property
    def is_apple(self) -> bool:
        """Whether modules are linked as Apple's systems want it."""
        return "-apple-" in self.triple if self.triple else self.platform.startswith(("macosx", "ios"))

    @property
    def is_windows(self) -> bool:
        """Whether modules are linked to Python's DLL."""
        return "-windows-" in self.triple if self.triple else self.platform.startswith(("win", "mingw"))

    @property
    def is_emscripten(self) -> bool:
        """Whether modules are WebAssembly that emcc links."""
        return self.triple.endswith("-emscripten") if self.triple else self.platform.startswith(("emscripten", "py"))

    @property
    def architectures(self) -> Tuple[str, ...]:
        """The processors that a file may be for, by :func:`architecture`'s names; () where unknown."""
        machine = _machine(self.platform)
        if machine == "universal2":
            return ("x86_64", "aarch64")
        known = architecture(machine, self.pointer_width)
        return (known,) if known else ()


class TargetFacts(NamedTuple):
    """All that a plan has to know of what it is for.

    Args:
        interpreter: the Python that will load the result, live or described.
        target: its platform.
        build_python: the Python that build scripts are given to run; the interpreter itself in a native build.
        notices: where the facts come from, for the log; () in a native build.
        tools: variables that name the target's tools, to be set.
        cargo_files: cargo's configuration, where its rustflags have to be added to; else ().
        zig: what builds instead of this machine's compiler and linker, for each triple; () for these.
        read: the files and folders that all this was read from, or would have been.
    """

    interpreter: Interpreter
    target: Target
    build_python: str
    notices: Tuple[str, ...] = ()
    tools: Tuple[Tuple[str, str], ...] = ()
    cargo_files: Tuple[Configuration, ...] = ()
    zig: Tuple[Zig, ...] = ()
    read: Tuple[str, ...] = ()


def _machine(platform: str) -> str:
    words = platform.split("-")
    # ``ios-13.0-arm64-iphoneos`` has the kind of device behind the processor.
    return words[-2] if words[0] == "ios" and len(words) > 2 else words[-1]


_SAME = {
    "amd64": "x86_64",
    "x86_64": "x86_64",
    "arm64": "aarch64",
    "arm64_v8a": "aarch64",
    "aarch64": "aarch64",
    "win32": "x86",
    "x86": "x86",
    "i386": "x86",
    "i586": "x86",
    "i686": "x86",
    "arm": "arm",
    "armeabi_v7a": "arm",
    "armv5tel": "arm",
    "armv6l": "arm",
    "armv7l": "arm",
    "armv8l": "arm",
    "ppc64le": "ppc64le",
    "ppc64": "ppc64",
    "powerpc64le": "ppc64le",
    "powerpc64": "ppc64",
    "s390x": "s390x",
    "riscv64": "riscv64",
    "loongarch64": "loongarch64",
    "wasm32": "wasm32",
    "mips": "mips",
    "mipsel": "mips",
    "mips64": "mips64",
    "mips64el": "mips64",
    "ppc": "ppc",
    "powerpc": "ppc",
    "sparc64": "sparc64",
}
# What a 32-bit Python on a 64-bit kernel really runs; its platform names the kernel's machine.
_NARROW = {"x86_64": "x86", "aarch64": "arm"}


def architecture(machine: str, pointer_width: int) -> str:
    """One name for a processor that platforms spell in several ways; "" for one that isn't known."""
    known = _SAME.get(machine.lower(), "")
    return _NARROW.get(known, known) if pointer_width == 32 else known
