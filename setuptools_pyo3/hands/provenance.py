"""Where the sources of a build's dependencies come from, as a text that differs wherever one crate can be two.

cargo names what it compiled from a registry by the registry, the crate and its version. A copy that stands in for the registry,
such as a vendored crate, gets the same name, whatever is in it, and cargo never looks at its files again.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence

from ..errors import DeclarationProblem
from ..mind.cargo_config import Configuration
from . import files, reading


def of(configurations: Sequence[Configuration], roots: Iterable[str]) -> str:
    """The text for a build; "" where everything comes from where the manifests say.

    Args:
        configurations: cargo's, in their order.
        roots: the manifests at the root of each workspace.
    """
    parts: List[Any] = []
    for configuration in configurations:
        tables = _some(configuration.content, ("source", "patch", "paths"))
        if tables:
            replaced = sorted(configuration.table("source").items())
            parts.append([tables, [_source(configuration.folder, table) for _, table in replaced]])
    for root in sorted(roots):
        tables = _some(_manifest(root), ("patch", "replace"))
        if tables:
            parts.append(tables)
    return json.dumps(parts, sort_keys=True, default=str) if parts else ""


def vendored(configurations: Sequence[Configuration], root: str) -> Dict[str, str]:
    """The folders of vendored crates inside the project's own, by the names that cargo's configuration gives them."""
    found: Dict[str, str] = {}
    for configuration in configurations:
        for name, table in configuration.table("source").items():
            if isinstance(table, dict) and isinstance(table.get("directory"), str):
                found.setdefault(name, os.path.normpath(os.path.join(configuration.folder, table["directory"])))
    return {name: path for name, path in sorted(found.items()) if path.startswith(os.path.join(root, ""))}


def _some(content: Mapping[str, Any], names: Iterable[str]) -> Dict[str, Any]:
    return {name: content[name] for name in names if content.get(name)}


def _manifest(path: str) -> Mapping[str, Any]:
    try:
        return reading.toml(path)
    except (OSError, DeclarationProblem):
        return {}


def _source(folder: str, table: Any) -> str:
    """What a replaced source holds, where it lies in the file system: its folder may be another one each time."""
    if not isinstance(table, dict):
        return ""
    if isinstance(table.get("directory"), str):
        return _digest(_of_directory(os.path.join(folder, table["directory"])))
    if isinstance(table.get("local-registry"), str):
        # Its index holds a checksum of each crate.
        return _digest(_files(os.path.join(folder, table["local-registry"], "index")))
    return ""


def _of_directory(folder: str) -> Iterator[bytes]:
    """Of vendored crates, the lists of checksums, which cargo holds their files against; the files where a list names none."""
    for name in files.names(folder):
        content = files.content(os.path.join(folder, name, ".cargo-checksum.json"))
        yield os.fsencode(name)
        yield content
        if not _lists_files(content):
            yield from _files(os.path.join(folder, name))


def _lists_files(checksums: bytes) -> bool:
    try:
        return bool(json.loads(checksums)["files"])
    except (ValueError, TypeError, KeyError):
        return False


def _files(folder: str) -> Iterator[bytes]:
    for current, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(current, name)
            yield os.fsencode(os.path.relpath(path, folder))
            yield files.content(path)


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
