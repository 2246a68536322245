"""``setuptools-pyo3 cargo``: run cargo for programs and tests that embed this Python."""

from __future__ import annotations

import os
import sys
from typing import List, Mapping, Optional, Tuple

from ..errors import DeclarationProblem, ToolchainProblem
from ..hands import files, folders, leaves, probe, process, reading
from ..hands.build import write_config
from ..mind import cargo as command_line
from ..mind import embedding, identity, lockfile, pyo3_config
from ..mind.abi import SPECIFIC, Abi
from ..mind.crate import Crate
from ..mind.interpreter import Interpreter


def main(arguments: List[str]) -> int:
    """Run cargo with these arguments; on POSIX it takes this process's place.

    Returns:
        cargo's exit code.

    Raises:
        Problem: the interpreter or cargo is missing.
    """
    environ = dict(os.environ)
    interpreter = probe.interpreter(environ.get("PYO3_PYTHON", ""), environ, os.getcwd())
    cache = files.usable_folder(files.cache_folder(environ, sys.platform), os.path.join("build", "setuptools-pyo3"))
    crates = reading.Crates()
    crate = _crate(crates, _manifest_path(arguments))
    content = _config(interpreter, environ, _version(crate))
    config_file = os.path.join(cache, pyo3_config.file_name(content)) if content else ""
    if content:
        write_config(config_file, content)
    changes = embedding.environment(interpreter, environ, config_file, sys.platform)
    argv = [command_line.program(environ), *arguments]
    packages = identity.packages(crate.lock or "", None) if crate is not None and identity.wanted(environ) else ()
    if crate is not None and packages:
        env = process.environment(environ, changes)
        number = identity.key(content or environ.get("PYO3_CONFIG_FILE") or interpreter.described, env)
        argv[1:] = embedding.arguments(arguments, number, packages, crate.root.profiles)
        own = embedding.leaves(crates.members(crate.root), number)
        leaves.prepare(folders.Folders(cache, environ, crate.root.folder).all(), own, hand_over=True)
    print(command_line.echo(argv, changes, ""), file=sys.stderr, flush=True)
    try:
        return process.hand_over(argv, env=process.environment(environ, changes))
    except OSError as error:
        raise ToolchainProblem(
            f"cargo can't be started ({argv[0]})", why=str(error), hint="install Rust and put cargo on PATH"
        ) from error


def _crate(crates: reading.Crates, manifest_path: Optional[str]) -> Optional[Crate]:
    """The crate that cargo will run for; what can't be read is cargo's to say."""
    try:
        return crates.read(manifest_path, "setuptools-pyo3 cargo") if manifest_path else None
    except DeclarationProblem:
        return None


def _manifest_path(arguments: List[str]) -> Optional[str]:
    """The manifest that cargo will find: given, or the nearest one upwards."""
    for index, word in enumerate(arguments):
        if word.startswith("--manifest-path="):
            return word.partition("=")[2]
        if word == "--manifest-path" and index + 1 < len(arguments):
            return arguments[index + 1]
    folder = os.getcwd()
    while not os.path.isfile(os.path.join(folder, "Cargo.toml")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return os.path.join(folder, "Cargo.toml")


def _version(crate: Optional[Crate]) -> Tuple[int, int]:
    """The version of PyO3 in the workspace."""
    lock = (crate.lock or "") if crate is not None else ""
    found = lockfile.versions(lock, "pyo3-ffi") or lockfile.versions(lock, "pyo3")
    return found[0] if found else pyo3_config.NEWEST


def _config(interpreter: Interpreter, environ: Mapping[str, str], version: Tuple[int, int]) -> str:
    """The text of PyO3's config file, "" where it isn't ours to give."""
    if environ.get("PYO3_CONFIG_FILE") or not pyo3_config.understands_config_file(version):
        return ""
    return pyo3_config.text(interpreter, Abi(SPECIFIC), version, embeds=True)
