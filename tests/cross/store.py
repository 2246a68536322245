"""A folder of tools that are installed once and kept: complete or not there at all, however an installation ends."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Callable, Dict

from .debian import Debian, Unavailable

Fill = Callable[[Path, Path], None]


class Store:
    """Tools by their name, each in a folder of its own.

    Args:
        folder: that holds them all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.debian = Debian(self.folder / "apt")
        self._failures: Dict[str, Unavailable] = {}

    def get(self, name: str, ingredients: object, fill: Fill) -> Path:
        """A tool's folder; what it holds is made at the first call and kept for all runs after it.

        Args:
            name: the tool's.
            ingredients: what decides what it is; with others it is another tool.
            fill: makes it in the folder that is given first, which is renamed to the second when everything went well.

        Raises:
            Unavailable: it can't be had here; asked again, it isn't tried again.
        """
        final = self.folder / f"{name}-{hashlib.sha256(repr(ingredients).encode()).hexdigest()[:8]}"
        if final.name in self._failures:
            raise self._failures[final.name]
        if not final.exists():
            try:
                self._make(final, fill)
            except Unavailable as error:
                self._failures[final.name] = Unavailable(f"{name}: {error}")
                raise self._failures[final.name] from None
        return final

    def _make(self, final: Path, fill: Fill) -> None:
        if sys.platform != "linux" or platform.machine() != "x86_64":
            raise Unavailable("it is made for Linux on x86_64")
        import fcntl

        self.folder.mkdir(parents=True, exist_ok=True)
        # One at a time: apt's lists are shared, and another run may want the same tool.
        with open(self.folder / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if final.exists():
                return
            parts = self.folder / "parts"
            # Whatever an interrupted run left; nobody else can be working there.
            shutil.rmtree(parts, ignore_errors=True)
            part = parts / final.name
            part.mkdir(parents=True)
            fill(part, final)
            os.rename(part, final)
            shutil.rmtree(parts)


def script(path: Path, text: str) -> None:
    """Write a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
