"""What matters of cargo's configuration files: the target they name, and the rustflags they set."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Tuple

from ..errors import DeclarationProblem


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
        value = _table(file.content, "build").get("target")
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


def _table(content: Mapping[str, Any], *keys: str) -> Dict[str, Any]:
    found: Any = content
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def sets_build_rustflags(files: Iterable[Configuration]) -> bool:
    """Whether a file sets ``[build] rustflags``."""
    return any(_table(file.content, "build").get("rustflags") for file in files)


def rustflags(files: Iterable[Configuration]) -> Iterator[str]:
    """All words of all rustflags that the files set, for whatever target."""
    for file in files:
        tables = [_table(file.content, "build"), *_table(file.content, "target").values()]
        for table in tables:
            value = table.get("rustflags") if isinstance(table, dict) else None
            yield from value.split() if isinstance(value, str) else map(str, value or ())
