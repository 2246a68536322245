"""``setuptools-pyo3 plan``: print what a build would run."""

from __future__ import annotations

import argparse
import json
from typing import List

from ..commands import project
from ..mind import plan_text


def main(arguments: List[str]) -> int:
    """Print the plan of the project in this folder.

    Raises:
        Problem: the project can't be built as it is declared.
        SystemExit: the arguments are wrong, or setuptools refuses the project.
    """
    parser = argparse.ArgumentParser(prog="setuptools-pyo3 plan", description="Print the cargo commands that a build would run.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--inplace", action="store_true", help="plan a build in place")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--debug", action="store_true", help="plan a build with cargo's dev profile")
    kind.add_argument("--release", action="store_true", help="plan a build with cargo's release profile")
    parser.add_argument("--profile", default=None, help="plan a build with this cargo profile")
    parser.add_argument("--target", default=None, help="plan a build for this target triple")
    parser.add_argument("--zig", action="store_true", help="plan a build with zig as the linker")
    options = parser.parse_args(arguments)
    command = project.load().get_command_obj("build_rust")
    # What isn't given is left to setup.cfg.
    for name in ("inplace", "debug", "release", "profile", "target", "zig"):
        if getattr(options, name):
            setattr(command, name, getattr(options, name))
    plan = command.plan()
    print(json.dumps(plan_text.as_json(plan), indent=2) if options.json else plan_text.as_text(plan))
    return 0
