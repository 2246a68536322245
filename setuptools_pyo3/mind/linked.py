"""Which packages are really linked into what was built from a crate.

cargo's messages name every package that it compiled, those for build scripts and macros too, and no edges between them. The edges
are those of the lock; a manifest tells which of them are for the library, and a package's own features which of those are on. What
remains undecided is taken as linked if cargo compiled it.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import cfg_expression, locked
from .locked import Locked
from .manifest import Dependency, Manifest
from .messages import Artifact, Package, package

_LINKABLE = frozenset({"lib", "rlib", "cdylib", "dylib", "staticlib", "bin"})


class Node(NamedTuple):
    """A package that cargo compiled something linkable of.

    Args:
        id: cargo's name for it.
        package: the same, taken apart.
        manifest_path: its Cargo.toml.
        features: that were on.
    """

    id: str
    package: Package
    manifest_path: str
    features: Tuple[str, ...]


class Platform(NamedTuple):
    """What decides whether a dependency is for the platform that is built for: what is known of it, and its triple or ""."""

    known: Mapping[str, str]
    triple: str


def nodes(artifacts: Iterable[Artifact]) -> Dict[str, Node]:
    """The packages that could be linked, by their ids."""
    found: Dict[str, Node] = {}
    for artifact in artifacts:
        if _LINKABLE & set(artifact.kinds):
            before = found.get(artifact.package_id)
            features = (*(before.features if before else ()), *artifact.features)
            node = Node(artifact.package_id, package(artifact.package_id), artifact.manifest_path, tuple(dict.fromkeys(features)))
            found[artifact.package_id] = node
    return found


class Graph:
    """What the packages of one build depend on.

    Args:
        found: the packages, as from :func:`nodes`.
        lock: the packages of Cargo.lock, () where there is none.
        platform: what is built for.
    """

    def __init__(self, found: Mapping[str, Node], lock: Sequence[Locked], platform: Platform) -> None:
        self.nodes = found
        self._lock = lock
        self._platform = platform
        self._by_name: Dict[str, List[Node]] = {}
        for node in found.values():
            self._by_name.setdefault(node.package.name, []).append(node)

    def locked(self, node: Node) -> Optional[Locked]:
        """The package in the lock; None where the lock doesn't know it."""
        name, version, source = node.package
        own = (one for one in self._lock if (one.name, one.version) == (name, version))
        return next((one for one in own if locked.same_source(one.source, source)), None)

    def dependencies(self, node: Node, manifest: Manifest) -> Tuple[str, ...]:
        """The ids of the packages that are linked into this one, in order.

        Args:
            node: the package.
            manifest: its own.
        """
        entry = self.locked(node)
        allowed = None if entry is None else {(one.name, one.version) for one in locked.dependencies(entry, self._lock)}
        found = (one for d in manifest.dependencies if self._is_on(d, node, manifest) for one in self._meant(d, allowed))
        return tuple(sorted({one.id for one in found if one.id != node.id}))

    def _meant(self, dependency: Dependency, allowed: Optional[Iterable[Tuple[str, str]]]) -> List[Node]:
        named = [
            node
            for node in self._by_name.get(dependency.package, ())
            if allowed is None or (node.package.name, node.package.version) in allowed
        ]
        return [node for node in named if _may_fit(dependency.requirement, node.package.version)] or named

    def _is_on(self, dependency: Dependency, node: Node, manifest: Manifest) -> bool:
        if dependency.target and cfg_expression.holds(dependency.target, *self._platform) is False:
            return False
        return not dependency.optional or any(_turns_on(name, dependency.key, manifest) for name in node.features)


def _turns_on(feature: str, key: str, manifest: Manifest) -> bool:
    """Whether a feature turns an optional dependency on (https://doc.rust-lang.org/cargo/reference/features.html)."""
    values = manifest.features.get(feature, ())
    # The feature that an optional dependency is, unless it is named otherwise.
    return feature == key or any(value == f"dep:{key}" or value.partition("/")[0] == key for value in values)


def _may_fit(requirement: str, version: str) -> bool:
    """Whether a version may be meant by a requirement: only what is plainly another release is ruled out."""
    match = re.fullmatch(r"[\^=~]?\s*(\d+)(?:\.(\d+))?.*", requirement.strip())
    if match is None or "," in requirement:
        return True
    numbers = re.findall(r"\d+", version)
    return numbers[0] == match[1] and (match[1] != "0" or match[2] in (None, numbers[1]))
