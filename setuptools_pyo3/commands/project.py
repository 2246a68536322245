"""Loading the project in the current folder, as setuptools would, without running a command."""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

import setuptools

from ..errors import DeclarationProblem


def load() -> Any:
    """The project's distribution: from its setup.py, or from setup.cfg and pyproject.toml alone.

    Raises:
        DeclarationProblem: there is no project here.
        SystemExit: setuptools refuses it; the message says why.
    """
    from distutils import core

    names = [name for name in ("setup.py", "setup.cfg", "pyproject.toml") if os.path.isfile(name)]
    if not names:
        raise DeclarationProblem(
            "there is no Python project here", where=os.getcwd(), hint="change to the folder that holds setup.py or pyproject.toml"
        )
    stop: Any = core
    argv, sys.argv = sys.argv, ["setup.py", "build_rust"]
    stop._setup_stop_after, stop._setup_distribution = "commandline", None
    try:
        if "setup.py" in names:
            sys.path.insert(0, os.getcwd())
            runpy.run_path("setup.py", run_name="__main__")
        else:
            setuptools.setup()
        if stop._setup_distribution is None:
            raise DeclarationProblem("setup.py doesn't call setup()", where=os.path.abspath("setup.py"))
        return stop._setup_distribution
    finally:
        sys.argv = argv
        stop._setup_stop_after = None
