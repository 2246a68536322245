"""The local crates of a source distribution, as values: where each goes, and what is written beside them."""

from __future__ import annotations

import os
import posixpath
from typing import NamedTuple, Optional, Tuple

# What comes from outside the project lies below cargo's own folder: no tool takes one with a dot in its name for a Python
# package, and cargo itself leaves hidden folders out of the crate that they lie in.
OUTSIDE = ".cargo/crates"
VENDORED = ".cargo/vendor"
# Where extensions' manifests from outside have gone, by the paths that the project gives them.
MOVED = f"{OUTSIDE}/moved.json"


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


class Layout(NamedTuple):
    """Where everything goes. What lies outside the project keeps its place towards the rest outside.

    Args:
        root: the project's folder.
        outside: the folder that :data:`OUTSIDE` stands for, "" where nothing from outside is needed.
    """

    root: str
    outside: str = ""

    def place(self, path: str) -> Optional[str]:
        """The place of a file or folder, given by its absolute path; "" for the root, None where it has none."""
        for base, prefix in ((self.root, ""), (self.outside, OUTSIDE)):
            if base and (path == base or path.startswith(os.path.join(base, ""))):
                inner = os.path.relpath(path, base).replace(os.sep, "/")
                return prefix if inner == "." else posixpath.join(prefix, inner)
        return None


class Shipment(NamedTuple):
    """All that a source distribution holds for cargo's sake, beside the files of each package.

    Args:
        crates: in order of their places. One crate's folder may lie inside another's.
        written: files by their places, with their content: workspace manifests, pruned locks, cargo's configuration.
        copied: files by their places, with the absolute paths of their sources: readmes and licences from elsewhere.
        notices: what the user should know.
        layout: where any other file would go.
        roots: the places of the roots of the workspaces that cargo builds in.
    """

    crates: Tuple[ShippedCrate, ...]
    written: Tuple[Tuple[str, bytes], ...]
    copied: Tuple[Tuple[str, str], ...]
    notices: Tuple[str, ...]
    layout: Layout
    roots: Tuple[str, ...]


def relative(place: str, to: str) -> str:
    """The path from one folder in the source distribution to another place in it."""
    return posixpath.relpath(to or ".", place or ".")
