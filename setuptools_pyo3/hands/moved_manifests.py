"""Where manifests from outside a project lie in its unpacked source distribution, which still declares where they were."""

from __future__ import annotations

import json
import os

from ..mind.shipment import MOVED
from . import files


def place(root: str, path: str) -> str:
    """The path of an extension's manifest, as it is declared or as it is now; relative to the root.

    Args:
        root: the project's folder.
        path: as it is declared, leading out of that.
    """
    try:
        moved = json.loads(files.content(os.path.join(root, *MOVED.split("/"))) or b"{}")
    except ValueError:
        return path
    there = moved.get(os.path.normpath(path).replace(os.sep, "/")) if isinstance(moved, dict) else None
    return os.path.join(*there.split("/")) if isinstance(there, str) else path
