"""``setuptools-pyo3 licenses``: the licences of the crates that a wheel of the project has in it."""

from __future__ import annotations

import argparse
import json
import os
from typing import List

from ..commands import materials, project
from ..commands import session as sessions
from ..mind import notices


def main(arguments: List[str]) -> int:
    """Build what a wheel would have in it, and print the licences of what is linked.

    Raises:
        Problem: the project can't be built.
        SystemExit: the arguments are wrong, or setuptools refuses the project.
    """
    parser = argparse.ArgumentParser(prog="setuptools-pyo3 licenses", description="Print the licences of the crates in a wheel.")
    parser.add_argument("--texts", action="store_true", help="with the texts that come with the crates")
    parser.add_argument("--all", action="store_true", help="with the project's own crates")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--profile", default=None, help="of a build with this cargo profile")
    parser.add_argument("--target", default=None, help="of a build for this target triple")
    options = parser.parse_args(arguments)
    distribution = project.load()
    command = distribution.get_command_obj("build_rust")
    for name in ("profile", "target"):
        if getattr(options, name):
            setattr(command, name, getattr(options, name))
    session = sessions.of(distribution)
    with session.lock():
        for ext in session.extensions:
            command.build_extension(ext)
        found = materials.licensed(materials.of(session, os.environ) or [], texts=options.texts, own=options.all)
    if options.json:
        entries = [{**one._asdict(), "texts": dict(one.texts)} for one in found]
        print(json.dumps(entries if options.texts else [{k: v for k, v in e.items() if k != "texts"} for e in entries], indent=2))
    elif options.texts:
        print(notices.full(f"{distribution.get_name()} {distribution.get_version()}", found), end="")
    else:
        print(notices.table(found), end="")
    return 0
