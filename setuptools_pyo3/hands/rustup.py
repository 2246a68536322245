"""Finding the cargo behind rustup's proxy, which takes a fifth of the time of a build in which nothing changed.

The proxy looks up the toolchain for a folder, sets some variables and becomes that toolchain's cargo. What it would do is asked of
it itself, by a subcommand that prints its environment; and it would do the same as long as the files that it goes by stay the same.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import Dict, List, Mapping, NamedTuple, Optional

from . import cargo_files, files, process

_NAME = "setuptools-pyo3-environment"
# A shell script, because the name of a subcommand's program is fixed. The values may hold newlines.
_SUBCOMMAND = """#!/bin/sh
exec "{python}" -I -S -c 'import os, sys; sys.stdout.buffer.write(b"\\0".join(k + b"=" + v for k, v in os.environb.items()))'
"""
# cargo sets its own path; the rest is the shell's.
_NOT_RUSTUPS = frozenset({"CARGO", "_", "SHLVL", "PWD", "OLDPWD"})


class Behind(NamedTuple):
    """The cargo behind a proxy.

    Args:
        program: its path.
        changes: what the proxy sets in the environment.
        states: of the files that its choice depends on.
    """

    program: str
    changes: Dict[str, Optional[str]]
    states: Dict[str, files.State]


def proxy(cargo: str, environ: Mapping[str, str]) -> str:
    """The path of a cargo that is rustup's proxy; "" for any other, and where there is none.

    Args:
        cargo: the program, as it would be started.
        environ: the environment that it would get.
    """
    found = shutil.which(cargo, path=environ.get("PATH"))
    return found if found and os.path.basename(os.path.realpath(found)).startswith("rustup") else ""


def behind(cargo: str, environ: Mapping[str, str], root: str) -> Optional[Behind]:
    """The cargo that a proxy becomes; None where there is no proxy, or where it can't be asked.

    Args:
        cargo: the program, as it would be started.
        environ: the environment that it would get.
        root: the folder that it would run in.
    """
    found = proxy(cargo, environ)
    if os.name != "posix" or not found:
        return None
    try:
        inside = _ask(found, environ, root)
    except OSError:
        return None
    program = inside.pop("CARGO", "")
    home = inside.get("RUSTUP_HOME", "")
    if not (os.path.isabs(home) and os.path.realpath(program).startswith(os.path.realpath(home)) and os.path.isfile(program)):
        return None
    if "PATH" in inside:
        # Older ones put a folder before it, and so do we: which comes first would differ.
        return None
    changes = {name: value for name, value in inside.items() if name not in _NOT_RUSTUPS and environ.get(name) != value}
    chosen_by = [*_of_rustup(home, found), program, *cargo_files.toolchain_files(root)]
    return Behind(program, dict(changes), {path: files.state(path) for path in chosen_by})


def _of_rustup(home: str, proxy: str) -> List[str]:
    return [proxy, os.path.realpath(proxy), os.path.join(home, "settings.toml"), os.path.join(home, "toolchains")]


def _ask(proxy: str, environ: Mapping[str, str], root: str) -> Dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="setuptools-pyo3-") as folder:
        subcommand = os.path.join(folder, f"cargo-{_NAME}")
        with open(subcommand, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(_SUBCOMMAND.format(python=sys.executable))
        os.chmod(subcommand, 0o700)
        env = {**environ, "PATH": folder + os.pathsep + environ.get("PATH", "")}
        finished = process.capture([proxy, _NAME], env=env, cwd=root)
        pairs = (os.fsdecode(pair).partition("=") for pair in finished.stdout.split(b"\0") if b"=" in pair)
        inside = {name: value for name, _, value in pairs}
        if inside.get("PATH") == env["PATH"]:
            del inside["PATH"]
        return inside
