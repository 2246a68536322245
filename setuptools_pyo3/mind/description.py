"""The files by which a target's Python describes itself, and which of several is meant."""

from __future__ import annotations

import os
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import ToolchainProblem
from . import evidence, sysconfigdata, target_python
from .build_details import BuildDetails
from .evidence import Evidence
from .interpreter import Interpreter, dotted_version
from .triples import Triple


class Description(NamedTuple):
    """One file.

    Args:
        path: where it lies.
        variables: of a sysconfigdata, else {}.
        details: of a build-details.json, else None.
    """

    path: str
    variables: Mapping[str, Any]
    details: Optional[BuildDetails] = None

    @property
    def says(self) -> Evidence:
        """What it says, for comparing it with other sources."""
        if self.details is not None:
            return evidence.of_details(self.details, self.path)
        return evidence.of_variables(self.variables, self.path)

    @property
    def multiarch(self) -> str:
        """What the Python's file names end in."""
        return self.details.multiarch if self.details else sysconfigdata.multiarch(self.variables)

    def interpreter(self, triple: Triple, platform: str) -> Interpreter:
        """The Python it describes; arguments as for :func:`setuptools_pyo3.mind.target_python.from_variables`.

        Raises:
            ToolchainProblem: it lacks what has to be known.
        """
        if self.details is not None:
            return target_python.from_details(self.details, triple, platform)
        if not self.says.version or not self.variables.get("EXT_SUFFIX"):
            raise ToolchainProblem(
                "this file doesn't tell the Python's version and the names of its modules", where=self.path, hint=_OTHERWISE
            )
        return target_python.from_variables(self.variables, triple, platform)


_OTHERWISE = "set PYO3_CROSS_PYTHON_VERSION, and leave PYO3_CROSS_LIB_DIR out"


def choose(found: Sequence[Description], wanted: Sequence[Evidence], name: str) -> Tuple[Description, ...]:
    """The files of the Python that is meant: those that agree with what else is said.

    Args:
        found: all that were found.
        wanted: what other sources say.
        name: ``_PYTHON_SYSCONFIGDATA_NAME``, which names a file without its ending; "" where it isn't set.

    Returns:
        All files of one Python, the one to read first; where none agrees, those of the only one there is.

    Raises:
        ToolchainProblem: there are several Pythons that may be meant.
    """
    named = [one for one in found if name and os.path.splitext(os.path.basename(one.path))[0] == name]
    agreeing = [one for one in named or found if not any(evidence.disagreement(one.says, other) for other in wanted)]
    left = agreeing or named or list(found)
    pythons = {(one.says.implementation, one.says.version, one.says.free_threaded, one.multiarch): one for one in left}
    if len(pythons) > 1:
        raise _ambiguous(list(pythons.values()))
    return tuple(sorted(left, key=lambda one: (one.details is not None, one.path)))


def _ambiguous(found: List[Description]) -> ToolchainProblem:
    listed = ", ".join(f"{_named(one.says)} ({one.path})" for one in sorted(found, key=lambda one: one.path))
    return ToolchainProblem(
        "there are several Pythons in this folder",
        where="PYO3_CROSS_LIB_DIR",
        why=listed,
        hint="set PYO3_CROSS_PYTHON_VERSION, or point PYO3_CROSS_LIB_DIR at the library folder of one of them",
    )


def _named(says: Evidence) -> str:
    version = dotted_version(says.version) if says.version else "?"
    return f"{says.implementation or 'Python'} {version}{'t' if says.free_threaded else ''}"
