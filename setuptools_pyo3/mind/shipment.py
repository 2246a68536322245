"""The local crates of a source distribution, as values: where each goes, and what is written beside them."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple


class ShippedCrate(NamedTuple):
    """One local package that the build needs.

    Args:
        folder: the absolute folder of the package.
        place: its folder in the source distribution, with slashes, "" for the root.
        manifest: its rewritten manifest, None where it goes along as it is.
    """

    folder: str
    place: str
    manifest: Optional[bytes]


class Shipment(NamedTuple):
    """All that a source distribution holds for cargo's sake, beside the files of each package.

    Args:
        crates: in order of their places. One crate's folder may lie inside another's.
        written: files by their places, with their content: workspace manifests, pruned locks, cargo's configuration.
        copied: files by their places, with the absolute paths of their sources: readmes and licences from elsewhere.
        notices: what the user should know.
    """

    crates: Tuple[ShippedCrate, ...]
    written: Tuple[Tuple[str, bytes], ...]
    copied: Tuple[Tuple[str, str], ...]
    notices: Tuple[str, ...]
