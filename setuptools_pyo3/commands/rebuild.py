"""Rebuilding on import: what is noted of a build in place for it, and the process in which the import hook has it done."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List, Mapping, MutableMapping

from setuptools.errors import BaseError, CompileError

from ..declaration.extension import RustBin, RustExtension
from ..errors import Problem
from ..hands import inputs, install, installations
from ..mind import abi
from . import project
from . import session as sessions
from .recall import PROJECT_FILES
from .session import Session

# What decides how something is built; the rest of the environment is the importing program's own.
_KEPT = ("CARGO_", "RUSTC", "RUSTFLAGS", "RUSTUP_", "PYO3_", "SETUPTOOLS_PYO3_")
_KEPT_TOO = ("ARCHFLAGS", "CARGO", "MACOSX_DEPLOYMENT_TARGET", "PATH", "PYTHON_SYS_EXECUTABLE")
_NOT_KEPT = ("CARGO_TERM_", "CARGO_PKG_", "CARGO_MANIFEST_", "SETUPTOOLS_PYO3_REBUILD")
_SECRET = ("TOKEN", "PASSWORD", "SECRET", "CREDENTIAL")


def remembered(environ: Mapping[str, str]) -> Dict[str, str]:
    """The variables that decide how modules are built, for rebuilds by programs that have none of their own."""
    names = [name for name in sorted(environ) if name.startswith(_KEPT) or name in _KEPT_TOO]
    return {n: environ[n] for n in names if not n.startswith(_NOT_KEPT) and not any(word in n for word in _SECRET)}


def fill_up(environ: MutableMapping[str, str], known: Mapping[str, str]) -> None:
    """Give an environment what it lacks of another one. In a notebook or an editor cargo is often not on PATH."""
    path = environ["PATH"].split(os.pathsep) if environ.get("PATH") else []
    more = [folder for folder in known.get("PATH", "").split(os.pathsep) if folder not in path and os.path.isdir(folder)]
    for name, value in known.items():
        environ.setdefault(name, value)
    environ["PATH"] = os.pathsep.join([*path, *more])


def place(session: Session) -> str:
    """The folder in which it is noted what the project's modules for this Python were made from."""
    return installations.place(session.cache_dir(os.environ), session.root, session.interpreter(os.environ).ext_suffix)


def look(folder: str, root: str) -> inputs.Before:
    """To be called before a build in place that :func:`note` is called after."""
    return inputs.look(folder, _project_files(root))


def note(distribution: Any, folder: str, before: inputs.Before) -> None:
    """Note what the modules were made from that have been built in place.

    Args:
        distribution: that has built them.
        folder: as :func:`place` says.
        before: what :func:`look` returned.

    Raises:
        OSError: it can't be written.
    """
    session = sessions.of(distribution)
    for ext in session.modules:
        session.crate(ext)
    seen = session.crates.seen.states
    manifests = (path for path in seen if os.path.basename(path) in ("Cargo.toml", "Cargo.lock"))
    common = [*manifests, *_project_files(session.root), *inputs.surroundings(session.root, os.environ)]
    known = before._replace(states={**seen, **before.states})
    inputs.note(folder, modules(distribution), session.heard.values(), common, known, os.environ, installations.environ(folder))


def _project_files(root: str) -> List[str]:
    return [os.path.join(root, name) for name in PROJECT_FILES]


def modules(distribution: Any) -> List[inputs.Module]:
    """What can be imported of that which has been built in place."""
    session = sessions.of(distribution)
    build_ext = distribution.get_command_obj("build_ext")
    found: List[inputs.Module] = []
    for ext in session.modules:
        outcome = session.outcomes.get(ext)
        if outcome is not None and not (outcome.abi and outcome.abi.kind == abi.NONE):
            placed = tuple(map(os.path.abspath, outcome.files))
            found.append(inputs.Module(build_ext.get_ext_fullname(ext.name), os.path.join(session.root, ext.path), placed))
    return found


def main(arguments: List[str]) -> int:
    """Build a project's modules in place, as its import hook asks.

    Args:
        arguments: the folder for notes, and the project's.

    Returns:
        An exit code.

    Raises:
        SystemExit: the project refuses; the message says why.
    """
    import logging

    folder, root = arguments
    os.chdir(root)
    fill_up(os.environ, installations.environ(folder))
    # What setuptools says of each of its commands is of no interest to those who import.
    logging.disable(logging.INFO)
    before = look(folder, root)
    try:
        distribution = project.load()
        with sessions.of(distribution).lock():
            _build(distribution)
            note(distribution, folder, before)
            for module in modules(distribution):
                for file in module.files[:1]:
                    install.renew_links(root, module.name, file)
    except (Problem, BaseError, CompileError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _build(distribution: Any) -> None:
    # Scripts are not imported, and other extensions are not what was asked for.
    rust = sessions.of(distribution).extensions
    distribution.rust_extensions = [ext for ext in rust if not isinstance(ext, RustBin)]
    distribution.ext_modules = [ext for ext in distribution.ext_modules or () if isinstance(ext, RustExtension)]
    distribution.get_command_obj("build_ext").inplace = True
    distribution.run_command("build_ext")
