"""Every local crate as it is: the shipment of a project all of whose crates lie under its root."""

from __future__ import annotations

import os
from typing import Dict, Sequence

from ..mind.shipment import Shipment, ShippedCrate
from . import reading


def shipment(root: str, manifests: Sequence[str]) -> Shipment:
    """The crates under the root, and notices of those that aren't.

    Args:
        root: the project's folder, absolute.
        manifests: absolute paths of the extensions' Cargo.toml.

    Raises:
        DeclarationProblem: a manifest can't be read.
    """
    crates = reading.Crates()
    places: Dict[str, str] = {}
    for path in manifests:
        crate = crates.read(path, path)
        folders = [*crate.manifests, *(member.folder for member in crates.members(crate.root))]
        places.update((folder, os.path.relpath(folder, root).replace(os.sep, "/")) for folder in folders)
    outside = sorted(place for place in places.values() if place.startswith("../"))
    shipped = (ShippedCrate(f, "" if p == "." else p, None) for f, p in places.items() if not p.startswith("../"))
    notices = tuple(f"{place} lies outside the project and is not in the source distribution" for place in outside)
    return Shipment(tuple(sorted(shipped, key=lambda crate: crate.place)), (), (), notices)
