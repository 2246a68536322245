"""The crates that are linked into what was built, from cargo's messages, and what the crates' own files say of them."""

from __future__ import annotations

import contextlib
import os
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ..mind import linked, locked
from ..mind.linked import Graph, Node, Platform
from ..mind.locked import Locked
from ..mind.messages import Artifact
from ..mind.package import Description
from . import files, reading
from .manifests import Manifests


class Crate(NamedTuple):
    """A crate that is linked in.

    Args:
        id: cargo's name for it.
        name: the package's.
        version: its full version.
        source: where it comes from, as in Cargo.lock; "" for a local one.
        checksum: SHA-256 of the archive that a registry gives out, "" for others.
        description: what it says of itself.
        folder: where its sources are.
        dependencies: the ids of those that are linked into it, in order.
    """

    id: str
    name: str
    version: str
    source: str
    checksum: str
    description: Description
    folder: str
    dependencies: Tuple[str, ...]

    @property
    def is_local(self) -> bool:
        """Whether it lies in the file system and is from no registry and no repository."""
        return not self.source


class Linked(NamedTuple):
    """What is linked into one extension.

    Args:
        extension: its name.
        root: the id of its crate.
        crates: that crate and all others, by their ids, in order of names and versions.
    """

    extension: str
    root: str
    crates: Mapping[str, Crate]


def packages(lock: str) -> Tuple[Locked, ...]:
    """The packages of a Cargo.lock, by its text.

    Raises:
        DeclarationProblem: it is no TOML.
    """
    return locked.read(reading.parse_toml(lock.encode(), "Cargo.lock"))


def into(
    extension: str,
    manifest_path: str,
    artifacts: Iterable[Artifact],
    lock: Sequence[Locked],
    platform: Platform,
    manifests: Manifests,
) -> Linked:
    """What is linked into an extension.

    Args:
        extension: its name.
        manifest_path: of its crate.
        artifacts: what cargo said it made.
        lock: the packages of Cargo.lock.
        platform: what was built for.
        manifests: for reading them.

    Raises:
        DeclarationProblem: a manifest can't be read.
    """
    graph = Graph(linked.nodes(artifacts), lock, platform)
    root = next((node for node in graph.nodes.values() if files.same(node.manifest_path, manifest_path)), None)
    found: Dict[str, Crate] = {}
    pending: List[str] = [root.id] if root else []
    while pending:
        node = graph.nodes[pending.pop()]
        if node.id not in found:
            found[node.id] = _crate(node, graph, manifests)
            pending += found[node.id].dependencies
    in_order = sorted(found.values(), key=lambda crate: (crate.name, crate.version, crate.source))
    return Linked(extension, root.id if root else "", {crate.id: crate for crate in in_order})


def _crate(node: Node, graph: Graph, manifests: Manifests) -> Crate:
    read, description = manifests.read(node.manifest_path)
    entry = graph.locked(node)
    name, version, source = node.package
    return Crate(
        id=node.id,
        name=name,
        version=version,
        # The lock knows the commit.
        source=entry.source if entry and source else source,
        checksum=entry.checksum if entry else "",
        description=description,
        folder=os.path.dirname(node.manifest_path),
        dependencies=graph.dependencies(node, read),
    )


# What the texts of licences are called in crates.
_TEXTS = ("licen", "copying", "copyright", "notice", "unlicense")
# Sources may be called so too.
_NO_TEXTS = (".rs", ".toml", ".py", ".json", ".html", ".sh", ".yml", ".yaml")


def texts(crate: Crate) -> Iterator[Tuple[str, str]]:
    """The texts of a crate's licence, each with the name of its file, in order of names."""
    names = [name for name in files.names(crate.folder) if name.lower().startswith(_TEXTS) and not name.lower().endswith(_NO_TEXTS)]
    paths = {os.path.join(crate.folder, name) for name in names}
    folders = {path for path in paths if os.path.isdir(path)}
    paths |= {os.path.join(folder, name) for folder in folders for name in files.names(folder)}
    if crate.description.license_file:
        paths.add(crate.description.license_file)
    for path in sorted(path for path in paths if os.path.isfile(path)):
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
            yield os.path.relpath(path, crate.folder).replace(os.sep, "/"), file.read()
