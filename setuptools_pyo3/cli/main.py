"""The command line: which subcommand is meant, and how its end becomes an exit code."""

from __future__ import annotations

import sys
from typing import Callable, Dict, List, Optional, Tuple

from ..errors import Problem

_USAGE = """\
usage: setuptools-pyo3 plan [--json] [--inplace] [--debug | --release] [--profile NAME] [--target TRIPLE] [--zig]
       setuptools-pyo3 cargo ARGUMENTS...
       setuptools-pyo3 cache info [--json] | prune | clear
       setuptools-pyo3 audit [--json] [--platform-tag TAG] FILE...
       setuptools-pyo3 licenses [--texts] [--all] [--json] [--profile NAME] [--target TRIPLE]
       setuptools-pyo3 --version

plan   prints the cargo commands that a build of the project in this folder would run, and runs none of them
cargo  runs cargo for programs and tests that embed Python: `setuptools-pyo3 cargo test`, `setuptools-pyo3 cargo run -p profile`
cache  shows, prunes or clears the cache of what was compiled from registries for wheels from sdists
audit  holds wheels against the tags they bear: processor, manylinux policy, limited API; exit code 1 where one is broken
licenses  builds what a wheel would have in it, and prints the licences of the crates that are linked
"""


def _plan(arguments: List[str]) -> int:
    from . import plan

    return plan.main(arguments)


def _cargo(arguments: List[str]) -> int:
    from . import cargo

    return cargo.main(arguments)


def _cache(arguments: List[str]) -> int:
    from . import cache

    return cache.main(arguments)


def _audit(arguments: List[str]) -> int:
    from . import audit

    return audit.main(arguments)


def _licenses(arguments: List[str]) -> int:
    from . import licenses

    return licenses.main(arguments)


_SUBCOMMANDS: Dict[str, Callable[[List[str]], int]] = {
    "plan": _plan,
    "cargo": _cargo,
    "cache": _cache,
    "audit": _audit,
    "licenses": _licenses,
}


def main(arguments: Optional[List[str]] = None) -> int:
    """Run a subcommand.

    Args:
        arguments: without the program's name; None for those of this process.

    Returns:
        The exit code: 0, cargo's own, 1 for a problem with the project, 2 for a wrong call.
    """
    given = sys.argv[1:] if arguments is None else arguments
    name, rest = _split(given)
    if name == "--version":
        from .. import __version__

        print(f"setuptools-pyo3 {__version__}")
        return 0
    if name in ("-h", "--help"):
        print(_USAGE, end="")
        return 0
    subcommand = _SUBCOMMANDS.get(name)
    if subcommand is None:
        print(f"setuptools-pyo3: there is no subcommand {name!r}\n{_USAGE}" if name else _USAGE, end="", file=sys.stderr)
        return 2
    try:
        return subcommand(rest)
    except Problem as problem:
        print(f"setuptools-pyo3: {problem}", file=sys.stderr)
        return 1


def _split(given: List[str]) -> Tuple[str, List[str]]:
    return (given[0], given[1:]) if given else ("", [])
