"""The circumstances of a build that no declaration knows: who asks, for which Python, and where to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Mapping, NamedTuple, Optional, Tuple

from ..errors import DeclarationProblem
from .interpreter import Interpreter
from .target import Target

if TYPE_CHECKING:
    from .cargo_config import Configuration
    from .zig import Zig


class Situation(NamedTuple):
    """What a plan depends on beside declarations and crates.

    Args:
        interpreter: the Python to build for.
        target: the platform to build for.
        environ: the caller's environment, read once.
        inplace: modules go beside their sources (``--inplace``, editable installs).
        debug: True or False where the command line says which, None where the declaration decides.
        profile: the cargo profile that the command line asks for, or "".
        quiet: hide cargo's output unless it fails.
        verbosity: how many ``-v`` cargo gets.
        limited_api: ``py_limited_api`` of ``bdist_wheel`` (``cp39``), or "".
        cache_dir: folder for config files and locks.
        root: the project's folder, where cargo runs.
        throwaway: the tree is an unpacked sdist, whose Cargo.lock nobody can mend.
        jobs: cargo's ``--jobs``, None for its own choice.
        build_python: the Python that build scripts are given to run, "" for the interpreter itself.
        notices: what the user is told about where the facts come from.
        tools: variables that name the target's tools.
        cargo_files: cargo's configuration, where its rustflags have to be added to; else ().
        zig: what builds instead of the machine's own compiler and linker, for each triple; () for these.
        remap: folders of this machine and what rustc is to call them, where the build is to be reproducible; else ().
        cached: options that have cargo build into a cached target folder, () for where cargo and the user want it.
    """

    interpreter: Interpreter
    target: Target
    environ: Mapping[str, str]
    cache_dir: str
    root: str
    inplace: bool = False
    debug: Optional[bool] = None
    profile: str = ""
    quiet: bool = False
    verbosity: int = 0
    limited_api: str = ""
    throwaway: bool = False
    jobs: Optional[int] = None
    build_python: str = ""
    notices: Tuple[str, ...] = ()
    tools: Tuple[Tuple[str, str], ...] = ()
    cargo_files: Tuple[Configuration, ...] = ()
    zig: Tuple[Zig, ...] = ()
    cached: Tuple[str, ...] = ()
    remap: Tuple[Tuple[str, str], ...] = ()

    @property
    def python(self) -> str:
        """The Python that build scripts are given to run: the target's own where it runs here."""
        return self.build_python or self.interpreter.executable


def from_root(path: str, root: str) -> str:
    """The path relative to the project's folder, where cargo runs; absolute on another drive."""
    try:
        return os.path.relpath(path, root)
    except ValueError:
        return path


# What a variable that turns something on or off may say.
ON = frozenset({"1", "true", "yes", "on"})
OFF = frozenset({"0", "false", "no", "off"})


def is_on(environ: Mapping[str, str], variable: str, declared: bool) -> bool:
    """Whether something is on: the environment decides, else the project.

    Args:
        environ: the environment.
        variable: that turns it on or off.
        declared: what the project says.

    Raises:
        DeclarationProblem: the variable says neither.
    """
    given = environ.get(variable, "").strip().lower()
    if given and given not in OFF | ON:
        raise DeclarationProblem(f"expected on or off, found {environ[variable]!r}", where=variable)
    return given in ON if given else declared


PROFILE_VARIABLE = "SETUPTOOLS_PYO3_CARGO_PROFILE"
KEEP_APART_VARIABLE = "SETUPTOOLS_PYO3_KEEP_APART"
