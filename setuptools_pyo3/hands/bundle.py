"""Which local crates a source distribution needs, and what has to be written so that they build there."""

from __future__ import annotations

from typing import Sequence

from ..mind.shipment import Shipment


def shipment(root: str, manifests: Sequence[str]) -> Shipment:
    """What a source distribution holds for cargo's sake.

    Args:
        root: the Python project's folder.
        manifests: the absolute paths of the extensions' manifests.

    Raises:
        Problem: a manifest can't be read, or a crate can't be taken along.
    """
    raise NotImplementedError
