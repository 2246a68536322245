"""Getting zig ready: finding cargo-zigbuild, and writing the scripts that run zig through it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from typing import Iterator, Mapping, Tuple

from ..declaration.names import ZIG_SETTING
from ..errors import ArtifactProblem, ToolchainProblem
from ..mind import triples
from ..mind.target import TargetFacts
from ..mind.zig import PROGRAM_VARIABLE, Script, Zig, links_for, make, release
from . import files


def linking(facts: TargetFacts, triple: str, glibc: str, who: str, folder: str, environ: Mapping[str, str]) -> TargetFacts:
    """What is built for, with zig as compiler and linker.

    A project's own setting is for the targets that zig links for: others build the same project without it.

    Args:
        facts: without it.
        triple: the target, as cargo knows it.
        glibc: the oldest version to run with, "" for the oldest that Rust supports.
        who: who asks for it.
        folder: for the scripts that run zig.
        environ: the environment.

    Raises:
        DeclarationProblem: zig doesn't link for it.
    """
    target = facts.target
    macos = target.platform.split("-")[1] if target.is_macos else ""
    parsed = [triples.parse(text, "zig") for text in target.slices or (triple,)]
    if who == ZIG_SETTING and not all(map(links_for, parsed)):
        return facts._replace(notices=(*facts.notices, f"{who} is left aside: zig doesn't link for {triple}"))
    made = tuple(make(one, glibc, release(one, macos), who, folder, batch=os.name == "nt") for one in parsed)
    told = ", ".join(one.triple + (f" and glibc {one.glibc}" if one.glibc else "") for one in made)
    # cargo is told the triple even where it is this machine's: what is only run here, such as build scripts, is linked as ever.
    asked = target.asked or ("" if target.slices else triple)
    return facts._replace(
        target=target if target.slices else target._replace(triple=made[0].triple, asked=asked),
        notices=(*facts.notices, f"zig links for {told}"),
        tools=(*((name, value) for name, value in facts.tools if name == "STRIP"), *variables(environ)),
        zig=made,
    )


def variables(environ: Mapping[str, str]) -> Iterator[Tuple[str, str]]:
    """What the scripts, and cargo-zigbuild in them, find their programs by.

    The build's own Python is asked first: in an isolated build nothing of it needs to be on PATH.
    """
    program = environ.get(PROGRAM_VARIABLE) or _program(environ)
    if program:
        yield PROGRAM_VARIABLE, program
    # Without zig's package cargo-zigbuild looks for a zig on PATH.
    if importlib.util.find_spec("ziglang") is not None:
        yield "CARGO_ZIGBUILD_PYTHON_PATH", sys.executable


def _program(environ: Mapping[str, str]) -> str:
    own = os.pathsep.join([sysconfig.get_path("scripts"), os.path.dirname(sys.executable)])
    return shutil.which("cargo-zigbuild", path=own) or shutil.which("cargo-zigbuild", path=environ.get("PATH")) or ""


def write(zig: Zig, environ: Mapping[str, str], where: str) -> Tuple[str, ...]:
    """Put the scripts in their places.

    Args:
        zig: what to build with.
        environ: the environment that they will run in.
        where: who builds with it, for messages.

    Returns:
        Their paths.

    Raises:
        ToolchainProblem: there is no cargo-zigbuild.
        ArtifactProblem: they can't be written.
    """
    if not environ.get(PROGRAM_VARIABLE):
        raise ToolchainProblem(
            "cargo-zigbuild was not found, through which zig is run",
            where=where,
            why="zig is asked for as the linker",
            hint="add setuptools-pyo3[zig] to build-system.requires in pyproject.toml, or install it where builds aren't isolated",
        )
    for script in zig.scripts:
        if not os.path.exists(script.path):
            _write(script)
    return tuple(script.path for script in zig.scripts)


def _write(script: Script) -> None:
    def fill(temporary: str) -> None:
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            file.write(script.content)
        mode = os.stat(temporary).st_mode
        # Whoever may read it may run it.
        os.chmod(temporary, mode | (mode & 0o444) >> 2)

    try:
        files.replace_whole(script.path, fill)
    except OSError as error:
        hint = "set SETUPTOOLS_PYO3_CACHE_DIR"
        raise ArtifactProblem("a script that runs zig can't be written", where=script.path, why=str(error), hint=hint) from error
