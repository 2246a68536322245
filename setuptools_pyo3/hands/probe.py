"""Finding out what an interpreter is like: this one at no cost, another one by running it once."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Mapping

from ..errors import ToolchainProblem
from ..mind.interpreter import Interpreter, from_facts
from . import process, python_facts


def running() -> Interpreter:
    """The interpreter that runs this."""
    return from_facts(python_facts.collect())


def interpreter(wanted: str, environ: Mapping[str, str], cwd: str) -> Interpreter:
    """The interpreter that a variable such as ``PYO3_PYTHON`` names.

    Args:
        wanted: a path or a name on PATH; "" for the running one.
        environ: the environment to find and run it in.
        cwd: the folder to run it in.

    Raises:
        ToolchainProblem: there is no such interpreter, or it doesn't answer.
    """
    found = shutil.which(wanted, path=environ.get("PATH")) if wanted else sys.executable
    if found is None:
        raise ToolchainProblem(
            f"the interpreter {wanted!r} was not found",
            where="PYO3_PYTHON",
            hint="set it to the path of a Python, or remove it to build for the Python that runs the build",
        )
    if os.path.abspath(found) == os.path.abspath(sys.executable):
        return running()
    return _ask(found, environ, cwd)


def _ask(executable: str, environ: Mapping[str, str], cwd: str) -> Interpreter:
    import json

    try:
        finished = process.capture([executable, "-I", python_facts.__file__], env=environ, cwd=cwd)
        return from_facts(json.loads(finished.stdout.decode("utf-8")))
    except (OSError, ValueError) as error:
        raise ToolchainProblem(
            f"{executable} could not be asked about itself",
            where="PYO3_PYTHON",
            why=str(error),
            hint="set it to a working Python 3, or remove it to build for the Python that runs the build",
        ) from error
