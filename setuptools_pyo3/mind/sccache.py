"""sccache as rustc's wrapper: where it is one, how long it is waited for, and what becomes of a build in which it is silent.

https://github.com/mozilla/sccache
"""

from __future__ import annotations

import math
import os
import re
from typing import Dict, Iterable, Mapping, NamedTuple, Sequence, Tuple

from ..errors import DeclarationProblem, ToolchainProblem

TIMEOUT_VARIABLE = "SETUPTOOLS_PYO3_SCCACHE_TIMEOUT"
FAILURE_VARIABLE = "SETUPTOOLS_PYO3_SCCACHE_FAILURE"
PATHS_VARIABLE = "SETUPTOOLS_PYO3_SCCACHE_PATHS"

# Its own server gets ten seconds to start, and then it says what is wrong.
_TIMEOUT = 15.0
_CONTINUE, _STOP = "continue", "stop"
_OFF = frozenset({"0", "off", "false", "no"})

# cargo's variables, each with the key of its configuration that says the same
# (https://doc.rust-lang.org/cargo/reference/config.html#buildrustc-wrapper).
_WRAPPERS = {"RUSTC_WRAPPER": "rustc-wrapper", "RUSTC_WORKSPACE_WRAPPER": "rustc-workspace-wrapper"}
# Each of these says where cargo's output goes. They are part of sccache's keys, as all variables of cargo's are.
_TARGET_VARIABLES = ("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR")


class Policy(NamedTuple):
    """How a build deals with sccache.

    Args:
        timeout: seconds that it gets to compile something small; 0 if it isn't asked to.
        stops: whether a build ends where it is silent, rather than going on without it.
        fixes_paths: whether paths that sccache's keys hold are made the same for every checkout.
    """

    timeout: float
    stops: bool
    fixes_paths: bool


def policy(environ: Mapping[str, str]) -> Policy:
    """What the environment says about it.

    Raises:
        DeclarationProblem: a variable can't be read.
    """
    given = environ.get(FAILURE_VARIABLE, "").strip().lower() or _CONTINUE
    if given not in (_CONTINUE, _STOP):
        raise DeclarationProblem(f"expected {_CONTINUE} or {_STOP}, found {given!r}", where=FAILURE_VARIABLE)
    paths = environ.get(PATHS_VARIABLE, "").strip().lower()
    return Policy(_timeout(environ.get(TIMEOUT_VARIABLE, "").strip()), given == _STOP, paths not in _OFF)


def _timeout(given: str) -> float:
    try:
        seconds = float(given or _TIMEOUT)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise DeclarationProblem(
            f"expected a number of seconds, found {given!r}", where=TIMEOUT_VARIABLE, hint="0 leaves out asking sccache"
        )
    return seconds


class BuildTable(NamedTuple):
    """The ``[build]`` table of one of cargo's configuration files, and the folder that relative paths in it start from."""

    folder: str
    content: Mapping[str, object]


def wrappers(environ: Mapping[str, str], tables: Iterable[BuildTable]) -> Dict[str, str]:
    """The wrappers of rustc that are sccache, by the variable of cargo's that would replace them.

    Args:
        environ: the environment that cargo gets.
        tables: those of cargo's configuration, the first to win first.
    """
    read = tuple(tables)
    found = {variable: _wrapper(variable, key, environ, read) for variable, key in _WRAPPERS.items()}
    return {variable: program for variable, program in found.items() if is_sccache(program)}


def _wrapper(variable: str, key: str, environ: Mapping[str, str], tables: Iterable[BuildTable]) -> str:
    for name in (variable, f"CARGO_BUILD_{variable}"):
        if name in environ:
            return environ[name]
    for folder, table in tables:
        value = table.get(key)
        if isinstance(value, str):
            # A bare name is looked up on PATH.
            return value if os.path.basename(value) == value else os.path.join(folder, value)
    return ""


def is_sccache(program: str) -> bool:
    """Whether a program is sccache, by its name."""
    name = re.split(r"[/\\]", program)[-1].lower()
    return name in ("sccache", "sccache.exe")


def may_fix_target(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether cargo's target folder can be given another path: not where an option or a variable says where it is."""
    named = any(word.partition("=")[0] == "--target-dir" for word in arguments)
    return not named and not any(environ.get(name) for name in _TARGET_VARIABLES)


def with_options(arguments: Sequence[str], options: Sequence[str]) -> Tuple[str, ...]:
    """cargo's arguments, which begin with the subcommand and may end with rustc's, with further options of cargo's."""
    return (*arguments[:1], *options, *arguments[1:])


def config_option(key: Sequence[str], path: str) -> str:
    """The option that sets a path in cargo's configuration."""
    # Imported here: few builds need it. A JSON string is one of TOML too.
    import json

    *words, value = (json.dumps(word, ensure_ascii=False) for word in (*key, path))
    return f"--config={'.'.join(words)}={value}"


def reason(output: str) -> str:
    """Why sccache failed, by what it printed: its first line that says so, or else its last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "it said nothing")
    return re.sub(r"^(sccache: )?error: ", "", said)


def warning(why: str) -> str:
    """What is said where a build goes on without an sccache that doesn't work."""
    return (
        f"setuptools-pyo3: WARNING: building without sccache, because {why}; see `sccache --show-stats` and its settings, "
        f"or set {FAILURE_VARIABLE}={_STOP} to end the build instead"
    )


def problem(variable: str, program: str, why: str) -> ToolchainProblem:
    """What a build ends with where it is not to go on."""
    return ToolchainProblem(
        f"sccache doesn't work ({program})",
        where=variable,
        why=why,
        hint=f"see `sccache --show-stats` and its settings, or unset {FAILURE_VARIABLE} to build without it",
    )
