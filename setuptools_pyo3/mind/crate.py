"""A crate with its surroundings: its workspace, its lock, and its use of PyO3."""

from __future__ import annotations

import os
from typing import FrozenSet, Mapping, NamedTuple, Optional, Tuple

from . import features, lockfile
from .manifest import Manifest


class Crate(NamedTuple):
    """What has been read about one crate; nothing in it is computed by cargo.

    Args:
        manifest: the crate's own.
        manifests: by folder, the crate's and those of its local dependencies.
        root: the manifest at the root of its workspace (its own if it is alone).
        lock: the text of Cargo.lock, None where there is none.
        members: of a virtual manifest, the members' manifests.
    """

    manifest: Manifest
    manifests: Mapping[str, Manifest]
    root: Manifest
    lock: Optional[str]
    members: Tuple[str, ...] = ()

    @property
    def lock_path(self) -> str:
        """Where Cargo.lock is, or will be."""
        return os.path.join(self.root.folder, "Cargo.lock")


class Pyo3Use(NamedTuple):
    """How a crate uses PyO3.

    Args:
        key: what the crate calls its dependency on ``pyo3`` or else ``pyo3-ffi``; "" where it has neither of its own.
        version: (major, minor), None where nothing tells it.
        features: those asked for.
    """

    key: str
    version: Optional[Tuple[int, int]]
    features: FrozenSet[str]


def pyo3_use(crate: Crate, resolved: features.Resolved) -> Optional[Pyo3Use]:
    """How the crate, with these features, uses PyO3; None where no local crate of its depends on it."""
    if not resolved.uses_pyo3:
        return None
    own = next((d for name in features.PYO3_PACKAGES for d in [crate.manifest.dependency(name)] if d), None)
    holders = [crate.manifests[folder] for folder in resolved.crates]
    package = next(name for name in features.PYO3_PACKAGES if any(m.dependency(name) for m in holders))
    requirement = next(d.requirement for m in holders for d in [m.dependency(package)] if d)
    version = lockfile.chosen(crate.lock or "", package, requirement)
    return Pyo3Use(own.key if own else "", version, resolved.pyo3)
