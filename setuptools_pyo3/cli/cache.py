"""``setuptools-pyo3 cache``: look at the user's cache, bring it within its limits, or remove it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Callable, Dict, Iterable, List, Sequence

from ..hands import cache, files
from ..mind import caching
from ..mind.caching import Entry


def main(arguments: List[str]) -> int:
    """Run ``info``, ``prune`` or ``clear``.

    Returns:
        The exit code; 1 where ``clear`` had to leave something, because builds are using it.

    Raises:
        Problem: a variable of ours is wrong.
        SystemExit: the arguments are wrong.
    """
    parser = argparse.ArgumentParser(prog="setuptools-pyo3 cache", description="The cache of what was compiled from registries.")
    subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    info = subparsers.add_parser("info", help="show where it is and what it holds")
    info.add_argument("--json", action="store_true", help="print JSON")
    subparsers.add_parser("prune", help="remove what was not used for 90 days, and the least recently used above the limit")
    subparsers.add_parser("clear", help="remove all of it")
    options = parser.parse_args(arguments)
    folder = files.cache_folder(os.environ, sys.platform)
    if options.action == "info":
        return _info(folder, as_json=options.json)
    return _ACTIONS[options.action](folder)


def _info(folder: str, *, as_json: bool) -> int:
    enabled = caching.wanted(os.environ, declared=True)
    limit = caching.limit(os.environ)
    entries = sorted(cache.entries(folder, measured=True), key=lambda entry: (-entry.used, entry.name))
    total = sum(entry.size for entry in entries)
    if as_json:
        found = [{**entry._asdict(), "folder": cache.target(folder, entry.name)} for entry in entries]
        content = {"folder": folder, "enabled": enabled, "size": total, "limit": limit, "entries": found}
        print(json.dumps(content, indent=2))
        return 0
    print(f"folder: {folder}{'' if enabled else f' (turned off by {caching.SWITCH_VARIABLE})'}")
    print(f"size: {caching.shown(total)} of at most {caching.shown(limit)}")
    for line in _table(entries):
        print(line)
    return 0


def _table(entries: Sequence[Entry]) -> Iterable[str]:
    now = time.time()
    rows = [(entry.project, caching.shown(entry.size), caching.ago(now - entry.used), entry.name) for entry in entries]
    head = ("project", "size", "used", "folder in targets")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows] if rows else []:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()


def _prune(folder: str) -> int:
    _say_removed(cache.prune(folder, caching.limit(os.environ), measured=True))
    return 0


def _clear(folder: str) -> int:
    cleared = cache.clear(folder)
    _say_removed(cleared.removed)
    for entry in cleared.used:
        print(f"kept {entry.name}: a build is using it", file=sys.stderr)
    if not cleared.notes:
        print("kept the configuration files and notes: builds are running", file=sys.stderr)
    return 0 if cleared.notes and not cleared.used else 1


def _say_removed(entries: Sequence[Entry]) -> None:
    for entry in entries:
        print(f"removed {entry.name} ({caching.shown(entry.size)}, of {entry.project})")
    print(f"{caching.shown(sum(entry.size for entry in entries))} freed")


_ACTIONS: Dict[str, Callable[[str], int]] = {"prune": _prune, "clear": _clear}
