"""zig as C compiler and linker: for an older glibc than this machine's, and for targets that there is no C compiler for.

zig runs through ``cargo-zigbuild zig cc``, which knows what of rustc's and the cc crate's words zig wants said differently. cargo's
subcommand ``zigbuild`` isn't used: cargo takes a linker's path for a part of what it builds, and ``zigbuild`` names another one in
every isolated build. Our scripts lie where they always lie, and are told by a variable what to run.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import Dict, NamedTuple, Tuple

from ..errors import DeclarationProblem
from . import triples
from .triples import Triple

# Where the scripts find cargo-zigbuild; by its name on PATH where nobody says.
PROGRAM_VARIABLE = "SETUPTOOLS_PYO3_CARGO_ZIGBUILD"

# The oldest glibc that Rust's standard library runs with (https://doc.rust-lang.org/rustc/platform-support.html).
_OLDEST = "2.17"
_OLDEST_OF: Dict[str, str] = {"riscv64": "2.29", "loongarch64": "2.36"}

# What Rust's targets may use of a processor, in zig's words, where zig would use more or less on its own.
_MODELS: Dict[str, str] = {
    "i586": "pentium",
    "i686": "pentium4",
    "arm": "generic+v6+strict_align+vfp2",
    "armv7": "generic+v7a+vfp3d16+thumb2-neon",
    "riscv64gc": "baseline_rv64",
    "s390x": "z10",
}


class Script(NamedTuple):
    """A script that runs zig.

    Args:
        path: its place, which holds a hash of its content.
        content: its text.
    """

    path: str
    content: str


class Zig(NamedTuple):
    """What builds with zig for one target.

    Args:
        triple: the target, as cargo knows it.
        glibc: the oldest version that the result runs with, "" where there is none.
        cc: the C compiler, which links too.
        cxx: the C++ compiler.
    """

    triple: str
    glibc: str
    cc: Script
    cxx: Script

    @property
    def scripts(self) -> Tuple[Script, ...]:
        """All of them."""
        return (self.cc, self.cxx)

    @property
    def linker_variable(self) -> str:
        """The variable by which cargo is told of a linker."""
        return f"CARGO_TARGET_{self.triple.upper().replace('-', '_')}_LINKER"

    @property
    def variables(self) -> Tuple[Tuple[str, str], ...]:
        """What the cc crate, with which build scripts compile C, is told."""
        name = self.triple.replace("-", "_")
        return ((f"CC_{name}", self.cc.path), (f"CXX_{name}", self.cxx.path))


def split(text: str) -> Tuple[str, str]:
    """A triple as cargo knows it, and the glibc that is named behind it, as in ``x86_64-unknown-linux-gnu.2.17``."""
    match = re.fullmatch(r"(.+-linux-gnu[a-z0-9_]*)\.(\d+\.\d+)", text)
    return (match[1], match[2]) if match else (text, "")


def links_for(triple: Triple) -> bool:
    """Whether zig links Python's modules for a target."""
    return triple.system in (triples.LINUX, triples.MACOS)


def make(triple: Triple, glibc: str, macos: str, who: str, folder: str, *, batch: bool) -> Zig:
    """What builds with zig for a target.

    Args:
        triple: the target.
        glibc: the oldest version to run with, "" for the oldest that Rust supports.
        macos: the oldest release of macOS to run on, such as ``11.0``.
        who: who asks for it.
        folder: where the scripts lie.
        batch: whether this machine runs Windows.

    Raises:
        DeclarationProblem: zig doesn't link for it.
    """
    if not links_for(triple):
        raise DeclarationProblem(
            f"zig is asked for, which doesn't link for {triple.text}",
            where=who,
            why="modules for Linux and macOS are what it links here",
            hint="build without it, with the linker of the target's own tools",
        )
    wanted = _glibc(triple, glibc)
    # zig strips what it links unless -g is given, and its C code stops at undefined behaviour unless the sanitizer is off.
    words = ("-g", "-fno-sanitize=all", *_model(triple), "-target", target(triple, wanted, macos))

    def script(name: str, compiler: str) -> Script:
        return _script(f"{name}-{triple.text}", " ".join(("zig", compiler, "--", *words)), folder, batch=batch)

    return Zig(triple.text, wanted, script("cc", "cc"), script("cxx", "c++"))


def _glibc(triple: Triple, glibc: str) -> str:
    if triple.libc != "gnu":
        return ""
    return glibc or _OLDEST_OF.get(triple.machine, _OLDEST)


def target(triple: Triple, glibc: str, macos: str) -> str:
    """The target in zig's words."""
    cpu, environment = triple.text.partition("-")[0], triple.text.rpartition("-")[2]
    if triple.system == triples.LINUX:
        processor = triple.multiarch.partition("-")[0].replace("i386", "x86")
        return f"{processor}-linux-{environment}{f'.{glibc}' if glibc else ''}"
    return f"{cpu}-macos{f'.{macos}' if macos else ''}-none"


def release(triple: Triple, macos: str) -> str:
    """The release of macOS to build for: for Apple's own processors there is none before 11.0."""
    early = triple.text.startswith(("aarch64", "arm64")) and macos.startswith("10.")
    return "11.0" if early else macos


def _model(triple: Triple) -> Tuple[str, ...]:
    model = _MODELS.get(triple.text.partition("-")[0], "") if triple.system == triples.LINUX else ""
    return (f"-mcpu={model}",) if model else ()


def _script(name: str, command: str, folder: str, *, batch: bool) -> Script:
    if batch:
        content = f'@"%{PROGRAM_VARIABLE}%" {command} %*\r\n'
    else:
        content = f'#!/bin/sh\nexec "${{{PROGRAM_VARIABLE}:-cargo-zigbuild}}" {command} "$@"\n'
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Script(os.path.join(folder, f"{name}-{digest}{'.bat' if batch else ''}"), content)
