"""What matters of cargo's configuration files."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, NamedTuple, Tuple

from ..errors import DeclarationProblem
from .toml import table


class Configuration(NamedTuple):
    """One file.

    Args:
        path: where it lies.
        content: as parsed.
    """

    path: str
    content: Mapping[str, Any]


def target(files: Iterable[Configuration]) -> Tuple[str, str]:
    """The target that ``[build] target`` names, and the file that does; empty where none does.

    Args:
        files: the ones that win first.

    Raises:
        DeclarationProblem: it names several; a wheel is for one platform.
    """
    for file in files:
        value = table(file.content, "build").get("target")
        named: List[Any] = value if isinstance(value, list) else [value] if value else []
        if len(named) > 1:
            raise DeclarationProblem(
                "[build] target names several targets, and a wheel is for one",
                where=file.path,
                why=", ".join(map(str, named)),
                hint="set CARGO_BUILD_TARGET to one of them for each build",
            )
        if named:
            return str(named[0]), file.path
    return "", ""
