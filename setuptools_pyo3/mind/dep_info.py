"""What cargo and rustc write down about what they read: dependency info and the output of build scripts.

https://doc.rust-lang.org/cargo/reference/build-cache.html#dep-info-files
"""

from __future__ import annotations

import os
import re
from typing import List, NamedTuple, Optional, Tuple

from .messages import Artifact

_ENV_DEP = "# env-dep:"
# Spaces in paths are escaped, backslashes are not.
_PATH = re.compile(r"(?:\\ |[^ ])+")


class ScriptOutput(NamedTuple):
    """What a build script told cargo about what it depends on.

    Args:
        variables: environment variables.
        whole_package: it named nothing at all, so that cargo runs it again when any file of its package has changed.
    """

    variables: Tuple[str, ...]
    whole_package: bool


def files(text: str) -> List[str]:
    """The files that an artifact was made from, by the ``.d`` file that cargo writes beside it.

    Args:
        text: of the file: one rule, ``artifact: file file``.
    """
    return [path.replace("\\ ", " ") for path in _PATH.findall(text.partition(": ")[2].rstrip("\n"))]


def moved(text: str, old: str, new: str) -> str:
    """The text of such a file, with another name for a folder.

    Args:
        text: of the file.
        old: the folder's path in it.
        new: the path to be there instead.
    """
    return text.replace(_escaped(old), _escaped(new))


def _escaped(folder: str) -> str:
    return os.path.join(folder, "").replace(" ", "\\ ")


def variables(text: str) -> List[str]:
    """The environment variables that a crate reads while it is compiled, by the ``.d`` file that rustc writes."""
    lines = (line[len(_ENV_DEP) :] for line in text.splitlines() if line.startswith(_ENV_DEP))
    return [line.partition("=")[0] for line in lines]


def script(text: str) -> ScriptOutput:
    """What a build script's standard output says; cargo keeps it in a file."""
    found: List[str] = []
    named = False
    for line in text.splitlines():
        key, _, value = line.partition("=")
        key = key.replace("cargo::", "cargo:")
        named = named or key.startswith("cargo:rerun-if-")
        if key == "cargo:rerun-if-env-changed":
            found.append(value)
    return ScriptOutput(tuple(found), not named)


def rustc_file(artifact: Artifact, deps: str) -> Optional[str]:
    """Where rustc has written the dependency info of a crate; None where that can't be told.

    Args:
        artifact: of the crate.
        deps: the folder in which cargo keeps what it doesn't show, for an artifact that is one of those it shows.
    """
    crate = artifact.name.replace("-", "_")
    for path in artifact.filenames:
        folder, name = os.path.split(path)
        stem = os.path.splitext(name)[0]
        stem = stem[3:] if stem.startswith(f"lib{crate}") else stem
        if os.path.basename(folder) == "deps":
            return os.path.join(folder, f"{stem}.d")
    # A library that Python or C can load has no hash in its name.
    return os.path.join(deps, f"{crate}.d") if "cdylib" in artifact.kinds else None


def deps_folder(artifacts: List[Artifact]) -> str:
    """The folder in which cargo keeps what it doesn't show; "" where it named none."""
    folders = (os.path.dirname(path) for artifact in artifacts for path in artifact.filenames)
    return next((folder for folder in folders if os.path.basename(folder) == "deps"), "")
