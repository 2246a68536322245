"""What a build leaves for the next one beside setuptools' temporary files: which ABI each file has, and where it was put."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, Optional

from ..hands import files
from ..mind.abi import Abi

if TYPE_CHECKING:
    from ..mind.plan import Call

_NAME = "setuptools-pyo3.json"


class Record:
    """The record in one ``build_temp``. A missing or damaged one only costs time.

    Args:
        folder: ``build_temp``.
        enabled: False for builds in place, which leave nothing in the build folder.
        hides_paths: whether what is put in place has the building machine's paths taken out.
    """

    def __init__(self, folder: str, *, enabled: bool = True, hides_paths: bool = False) -> None:
        self.folder = folder
        self.path = os.path.join(folder, _NAME)
        self.enabled = enabled
        self.hides_paths = hides_paths
        self.before = _load(self.path) if enabled else {}
        self.now: Dict[str, Any] = {"sources": {}, "places": {}, "hides_paths": hides_paths}

    def abi(self, source: str) -> Optional[Abi]:
        """The ABI of a built file, if it is the one that was looked at last time."""
        if self.before.get("hides_paths", False) != self.hides_paths:
            return None
        entry = self._before("sources").get(source, {})
        return _to_abi(entry) if entry.get("state") == files.state(source) is not None else None

    def _before(self, key: str) -> Dict[str, Dict[str, Any]]:
        """A part of the record of earlier builds, as far as it is in order."""
        part = self.before.get(key)
        return {name: entry for name, entry in part.items() if isinstance(entry, dict)} if isinstance(part, dict) else {}

    def note(self, source: str, place: str, found: Abi) -> None:
        """Remember what a built file is, and where it went."""
        value = {"kind": found.kind, "minimum": list(found.minimum) if found.minimum else None}
        self.now["sources"][source] = {"state": files.state(source), **value}
        self.now["places"][os.path.abspath(place)] = {"state": files.state(place), **value}

    def note_places(self, places: Iterable[str]) -> None:
        """Remember files that were put in place and have no ABI of their own to remember."""
        for place in places:
            self.now["places"].setdefault(os.path.abspath(place), {"state": files.state(place)})

    def placed(self, place: str) -> Optional[Abi]:
        """The ABI of what an earlier build put in a place, for packaging without building."""
        entry = self._before("places").get(os.path.abspath(place), {})
        return _to_abi(entry) if os.path.exists(place) else None

    def save(self, *folders: str) -> None:
        """Write it, and remove what an earlier build put into these folders and this one did not.

        Args:
            folders: those that this build puts its files into; an earlier one may have been told others.
        """
        ours = tuple(os.path.join(os.path.abspath(folder), "") for folder in folders)
        for place, entry in self._before("places").items():
            # What somebody else has written there since, a C extension or package data, is not ours to remove.
            if place not in self.now["places"] and place.startswith(ours) and entry.get("state") == files.state(place) is not None:
                os.unlink(place)
        if not self.enabled or self.now == self.before:
            return
        import json

        with contextlib.suppress(OSError):
            files.write_whole(self.path, json.dumps(self.now, indent=1, sort_keys=True).encode())

    def kept_lock(self, lock_path: str) -> str:
        """Where a Cargo.lock is kept that cargo made, by the place that cargo wants it in."""
        return os.path.join(self.folder, f"Cargo-{files.name_for(lock_path)}.lock")

    @contextlib.contextmanager
    def lock_file(self, call: Call, *, keep: bool) -> Iterator[None]:
        """Keep a Cargo.lock that cargo makes out of the source tree, and give it back to cargo next time.

        Args:
            call: the cargo command.
            keep: leave the lock where cargo puts it, as in development.
        """
        # Another command of this run may have made it since the crate was read.
        if call.has_lock or os.path.exists(call.lock_path):
            yield
            return
        aside = self.kept_lock(call.lock_path)
        if os.path.exists(aside):
            _move(aside, call.lock_path)
        try:
            yield
        finally:
            if not keep and os.path.exists(call.lock_path):
                _move(call.lock_path, aside)


def _move(source: str, target: str) -> None:
    with contextlib.suppress(OSError):
        with open(source, "rb") as file:
            files.write_whole(target, file.read())
        os.unlink(source)


def _to_abi(entry: Dict[str, Any]) -> Optional[Abi]:
    minimum = entry.get("minimum")
    kind = entry.get("kind")
    return Abi(str(kind), (int(minimum[0]), int(minimum[1])) if minimum else None) if kind else None


def _load(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            import json

            content = json.load(file)
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
