"""What matters of cargo's configuration.

https://doc.rust-lang.org/cargo/reference/config.html
"""

from __future__ import annotations

import os
from typing import Any, Iterable, List, Mapping, NamedTuple, Tuple

from ..errors import DeclarationProblem
from .toml import table


class Configuration(NamedTuple):
    """The content of one file, or of one ``--config KEY=VALUE``.

    Args:
        path: where it lies; ``--config`` for an option's.
        content: as parsed.
        root: the folder that cargo runs in, for an option's.
    """

    path: str
    content: Mapping[str, Any]
    root: str = ""

    @property
    def folder(self) -> str:
        """What paths in it are relative to: the folder that holds ``.cargo``."""
        return self.root or os.path.dirname(os.path.dirname(self.path))

    def table(self, name: str) -> Mapping[str, Any]:
        """A table in it, {} where there is none."""
        return table(self.content, name)


def target(files: Iterable[Configuration]) -> Tuple[str, str]:
    """The target that ``[build] target`` names, and the file that does; empty where none does.

    Args:
        files: the ones that win first.

    Raises:
        DeclarationProblem: it names several; a wheel is for one platform.
    """
    for file in files:
        value = file.table("build").get("target")
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
