"""Where cargo writes, remembered from its messages of earlier builds: its folders are asked of nobody else."""

from __future__ import annotations

import contextlib
import os
from typing import Dict, Iterable, List, Mapping

from ..mind.plan import Call
from . import files

# What we keep in a folder of cargo's artifacts.
OWN = ".setuptools-pyo3"


class Folders:
    """The folders that cargo has compiled into (``target/release``), whatever its configuration says about their places.

    Args:
        cache_dir: the folder to remember them in.
        environ: the environment, whose CARGO_TARGET_DIR several workspaces may share.
        workspace: the folder of the workspace.
    """

    def __init__(self, cache_dir: str, environ: Mapping[str, str], workspace: str) -> None:
        place = environ.get("CARGO_TARGET_DIR") or workspace
        self.path = os.path.join(cache_dir, "folders", f"{files.name_for(os.path.realpath(place))}.txt")
        self._known = _load(self.path)

    def all(self) -> List[str]:
        """All that are remembered."""
        return sorted(set(self._known.values()))

    def of(self, call: Call) -> List[str]:
        """The one that a call like this has written to, where there was one."""
        folder = self._known.get(_kind(call))
        return [folder] if folder is not None else []

    def note(self, call: Call, folder: str) -> None:
        """Remember where a call has written to."""
        if self._known.get(_kind(call)) != folder:
            self._known[_kind(call)] = folder
            with contextlib.suppress(OSError):
                lines = (f"{key}\t{known}\n" for key, known in sorted(self._known.items()) if "\n" not in known)
                files.write_whole(self.path, os.fsencode("".join(lines)))


def home(folder: str, filenames: Iterable[str]) -> str:
    """The folder that cargo compiles into, of which the one with the finished artifacts may be a part only.

    With ``build.build-dir`` set, cargo keeps what it compiles elsewhere
    (https://doc.rust-lang.org/cargo/reference/config.html#buildbuild-dir) and names it in its messages.

    Args:
        folder: that of the finished artifacts.
        filenames: all files that cargo has named.
    """
    folder = os.path.dirname(folder) if os.path.basename(folder) == "deps" else folder
    if os.path.isdir(os.path.join(folder, ".fingerprint")):
        return folder
    deps = (os.path.dirname(name) for name in filenames)
    found = dict.fromkeys(os.path.dirname(place) for place in deps if os.path.basename(place) == "deps")
    # Procedural macros lie elsewhere than what is built for a target triple.
    return max(found, key=lambda place: _common_ending(place, folder), default=folder)


def _common_ending(one: str, other: str) -> int:
    pairs = zip(reversed(one.split(os.sep)), reversed(other.split(os.sep)))
    return next((count for count, (ours, theirs) in enumerate(pairs) if ours != theirs), 0)


def _kind(call: Call) -> str:
    """What decides about cargo's folder: the profile and the target."""
    return f"{call.profile} {call.triple}".strip()


def _load(path: str) -> Dict[str, str]:
    # A line for each, with a tab between: json would have to be imported before cargo is started.
    try:
        with open(path, "rb") as file:
            lines = [os.fsdecode(line.rstrip(b"\n")).partition("\t") for line in file]
    except OSError:
        return {}
    return {key: folder for key, tab, folder in lines if tab}
