"""What became of an extension."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..mind.abi import Abi


class BuiltModule(NamedTuple):
    """A built file: the dotted name (or script name) it is for, and where it is now."""

    module_name: str
    path: str


class Outcome(NamedTuple):
    """What became of an extension.

    Args:
        abi: of what was built; None where an optional extension failed.
        files: the files in their places.
        architectures: the processors that its files run on, () where they weren't looked at.
    """

    abi: Optional[Abi]
    files: Tuple[str, ...]
    architectures: Tuple[str, ...] = ()

    def as_plain(self) -> Dict[str, Any]:
        """As JSON can hold it; for one that was built."""
        return {
            "kind": self.abi.kind if self.abi else "",
            "minimum": self.abi.minimum if self.abi else None,
            "files": self.files,
            "architectures": self.architectures,
        }

    @classmethod
    def from_plain(cls, known: Mapping[str, Any]) -> Outcome:
        """What :meth:`as_plain` made."""
        minimum = known["minimum"]
        found = Abi(known["kind"], (minimum[0], minimum[1]) if minimum else None)
        return cls(found, tuple(known["files"]), tuple(known["architectures"]))
