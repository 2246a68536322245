"""Asking rustc for its version, where a declaration demands one."""

from __future__ import annotations

import contextlib
import os
from typing import Mapping, Sequence

from ..errors import DeclarationProblem, ToolchainProblem
from . import files, process, rustup


def rustc_version(environ: Mapping[str, str], cargo: str, root: str, where: str) -> str:
    """The version of the rustc that this cargo uses, such as ``1.95.0``.

    Args:
        environ: the environment that cargo gets.
        cargo: the program.
        root: the folder that cargo runs in.
        where: who demands a version, for messages.

    Raises:
        ToolchainProblem: there is none.
    """
    program = rustc(environ, cargo, root)
    try:
        finished = process.capture([program, "--version"], env=environ, cwd=root)
    except OSError as error:
        hint = "install Rust, for example with rustup, and put rustc on PATH"
        raise ToolchainProblem(f"rustc was not found ({program})", where=where, why=str(error), hint=hint) from error
    words = finished.stdout.decode("utf-8", "replace").split()
    if finished.returncode or len(words) < 2:
        detail = finished.stderr.decode("utf-8", "replace").strip()
        hint = "try `rustc --version` in the project's folder"
        raise ToolchainProblem(f"rustc can't tell its version ({program})", where=where, why=detail, hint=hint)
    return words[1]


def rustc(environ: Mapping[str, str], cargo: str, root: str) -> str:
    """The rustc that this cargo uses.

    Args:
        environ: the environment that cargo gets.
        cargo: the program.
        root: the folder that cargo runs in.
    """
    named = environ.get("RUSTC") or environ.get("CARGO_BUILD_RUSTC") or _configured(environ, root)
    return named or _proxy(cargo, environ) or "rustc"


def _configured(environ: Mapping[str, str], root: str) -> str:
    """``build.rustc`` of cargo's configuration."""
    from . import cargo_config

    for configuration in cargo_config.read(root, environ):
        rustc = configuration.table("build").get("rustc", "")
        if rustc:
            # A bare name is looked up on PATH; any other is relative to the folder that holds .cargo.
            return str(rustc) if os.path.basename(rustc) == rustc else os.path.join(configuration.folder, rustc)
    return ""


def _proxy(cargo: str, environ: Mapping[str, str]) -> str:
    """The rustc beside cargo, where both are rustup's proxies: they heed the same overrides. A real cargo takes rustc from PATH."""
    found = rustup.proxy(cargo, environ)
    if not found:
        return ""
    rustc = os.path.join(os.path.dirname(found), os.path.basename(found).replace("cargo", "rustc"))
    return rustc if os.path.exists(rustc) else ""


class Checked:
    """The memory of a project's demands on rustc that were found to be met: a build that compiles nothing needn't ask again.

    With another rustc, cargo compiles everything again, and says itself what a crate can't be built with.

    Args:
        cache_dir: where it is kept.
        root: the project's folder.
        requirements: all that its extensions demand.
    """

    def __init__(self, cache_dir: str, root: str, requirements: Sequence[str]) -> None:
        self.path = os.path.join(cache_dir, "rustc", files.name_for(repr((root, requirements))))

    def before(self) -> bool:
        """Whether they were met in an earlier build."""
        return os.path.exists(self.path)

    def note(self) -> None:
        """Remember that they are met."""
        with contextlib.suppress(OSError):
            files.write_whole(self.path, b"")


def check(version: str, requirement: str, name: str) -> None:
    """Hold rustc's version against what an extension asks for.

    Args:
        version: rustc's.
        requirement: as declared, such as ``>=1.74``.
        name: the extension's.

    Raises:
        ToolchainProblem: it doesn't fit.
        DeclarationProblem: the requirement can't be read.
    """
    from semantic_version import SimpleSpec, Version

    try:
        spec = SimpleSpec(requirement)
    except ValueError as error:
        raise DeclarationProblem(
            f"rust_version {requirement!r} can't be read", where=name, why=str(error), hint="write it like >=1.74"
        ) from error
    # A nightly is 1.97.0-nightly, which sorts before 1.97.0; it is as good as that.
    if Version(version.partition("-")[0]) not in spec:
        raise ToolchainProblem(
            f"rustc {version} does not fit rust_version {requirement}",
            where=name,
            hint="update it, for example with `rustup update`",
        )
