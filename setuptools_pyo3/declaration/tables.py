"""The table ``[tool.setuptools-pyo3]`` of a pyproject.toml, read from its parsed content."""

from __future__ import annotations

from types import MappingProxyType
from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple, Type

from ..errors import DeclarationProblem, Problem
from . import settings
from .extension import RustBin, RustExtension

TABLE = "tool.setuptools-pyo3"
_KINDS: Dict[str, Type[RustExtension]] = {settings.MODULE: RustExtension, settings.BIN: RustBin}
_SETTINGS: Dict[str, settings.Setting] = {setting.key: setting for setting in settings.PROJECT_SETTINGS}


class ProjectTable(NamedTuple):
    """What the table declares.

    Args:
        extensions: in the order they are written.
        discover: True where the table is there but names no extension, so that the crates decide.
        problems: what is wrong with the table itself; each extension carries its own.
        settings: those of the whole project that are given, by their Python names.
    """

    extensions: Tuple[RustExtension, ...]
    discover: bool
    problems: Tuple[Problem, ...]
    settings: Mapping[str, object] = MappingProxyType({})


def read(pyproject: Mapping[str, object], file: str) -> Optional[ProjectTable]:
    """The project's table, or None where there is none.

    Args:
        pyproject: the whole parsed file.
        file: its name, for messages.
    """
    tool = pyproject.get("tool")
    table = tool.get("setuptools-pyo3") if isinstance(tool, Mapping) else None
    if table is None:
        return None
    if not isinstance(table, Mapping):
        problem = DeclarationProblem(f"expected a table, found {type(table).__name__} {table!r}", where=f"{file}: {TABLE}")
        return ProjectTable((), False, (problem,))
    extensions: List[RustExtension] = []
    problems: List[Problem] = []
    given: Dict[str, object] = {}
    for key, value in table.items():
        where = f"{file}: {TABLE}.{key}"
        if key in _SETTINGS:
            given[_SETTINGS[key].name] = value
            problems += settings.faults(_SETTINGS[key], value, where)
        elif key not in _KINDS:
            problems.append(_unknown(key, file))
        elif not isinstance(value, list):
            found = f"{type(value).__name__} {value!r}"
            problems.append(
                DeclarationProblem(f"expected an array of tables, found {found}", where=where, hint=f"write [[{TABLE}.{key}]]")
            )
        else:
            _take(key, value, where, extensions, problems)
    declares = any(key in table for key in _KINDS)
    return ProjectTable(tuple(extensions), not declares, tuple(problems), given)


def _take(key: str, tables: List[object], where: str, extensions: List[RustExtension], problems: List[Problem]) -> None:
    for index, table in enumerate(tables):
        place = f"{where}[{index}]"
        if isinstance(table, Mapping):
            extensions.append(_KINDS[key].from_table(table, place))
        else:
            problems.append(DeclarationProblem(f"expected a table, found {type(table).__name__} {table!r}", where=place))


def _unknown(key: str, file: str) -> Problem:
    known = (*_KINDS, *_SETTINGS)
    close = settings.nearest(key, known)
    hint = f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
    return DeclarationProblem(f"unknown key {key!r}", where=f"{file}: {TABLE}", hint=hint)
