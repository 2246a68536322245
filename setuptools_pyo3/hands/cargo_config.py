"""cargo's configuration files, as far as they have to be known before cargo runs.

https://doc.rust-lang.org/cargo/reference/config.html
"""

from __future__ import annotations

import contextlib
import os
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..errors import DeclarationProblem
from ..mind.cargo_config import Configuration
from . import cargo_files, reading


def read(root: str, environ: Mapping[str, str], given: Sequence[str] = ()) -> Tuple[Configuration, ...]:
    """All that cargo reads when it runs in a folder, the first to win first. What can't be read is cargo's to say.

    Args:
        root: the folder.
        environ: the environment, for cargo's home.
        given: the values of ``--config``.
    """
    found: List[Configuration] = []
    for value in reversed(given):
        found += _given(root, value)
    seen: Set[str] = set()
    for path in cargo_files.configuration_files(environ, root):
        found += _file(path, seen)
    return tuple(found)


def _given(root: str, value: str) -> Iterator[Configuration]:
    if os.path.isfile(os.path.join(root, value)):
        yield from _file(os.path.join(root, value), set())
        return
    with contextlib.suppress(DeclarationProblem):
        yield Configuration("--config", reading.parse_toml(value.encode(), "--config"), root)


def _file(path: str, seen: Set[str]) -> Iterator[Configuration]:
    """A file, and those that it includes, which it goes before."""
    content = _content(path) if os.path.realpath(path) not in seen else None
    seen.add(os.path.realpath(path))
    if content is None:
        return
    yield Configuration(path, content)
    included = content.get("include", ())
    # A list of paths and of tables with a path, the last to win last.
    for entry in reversed(included if isinstance(included, list) else [included]):
        name = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(name, str):
            yield from _file(os.path.join(os.path.dirname(path), name), seen)


def _content(path: str) -> Optional[Mapping[str, Any]]:
    try:
        return reading.toml(path)
    except (OSError, DeclarationProblem):
        return None
