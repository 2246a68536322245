"""Asking rustc for its version, where a declaration demands one."""

from __future__ import annotations

import os
import shutil
from typing import Mapping

from ..errors import DeclarationProblem, ToolchainProblem
from . import process


def rustc_version(environ: Mapping[str, str], cargo: str, root: str) -> str:
    """The version of the rustc that this cargo uses, such as ``1.95.0``.

    ``RUSTC`` decides if it is set; else the rustc beside cargo, which for rustup's proxies heeds overrides and
    ``rust-toolchain.toml`` as cargo does; else the one on PATH.

    Raises:
        ToolchainProblem: there is none.
    """
    program = environ.get("RUSTC") or _beside(cargo, environ) or "rustc"
    try:
        finished = process.capture([program, "--version"], env=environ, cwd=root)
    except OSError as error:
        raise ToolchainProblem(
            f"rustc was not found ({program})", why=str(error), hint="install Rust, for example with rustup, and put rustc on PATH"
        ) from error
    words = finished.stdout.decode("utf-8", "replace").split()
    if finished.returncode or len(words) < 2:
        detail = finished.stderr.decode("utf-8", "replace").strip()
        hint = "try `rustc --version` in the project's folder"
        raise ToolchainProblem(f"rustc can't tell its version ({program})", why=detail, hint=hint)
    return words[1]


def _beside(cargo: str, environ: Mapping[str, str]) -> str:
    found = shutil.which(cargo, path=environ.get("PATH"))
    if found is None:
        return ""
    folder, name = os.path.split(found)
    rustc = os.path.join(folder, name.replace("cargo", "rustc"))
    return rustc if os.path.exists(rustc) else ""


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
