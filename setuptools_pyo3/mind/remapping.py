"""Builds that come out the same in other folders and for other users: rustc is told what to call the folders of this machine.

Flags are part of what cargo judges crates by, so these builds have a profile of their own, which inherits everything from the one
that is asked for: cargo keeps its artifacts in a folder of their own, and what others compile stays as it is. Nothing has to be
known of where the user's target folder is.
"""

from __future__ import annotations

import os
from typing import Iterable, Sequence, Tuple

VARIABLE = "SETUPTOOLS_PYO3_REPRODUCIBLE"
_SUFFIX = "-reproducible"

TARGET = "/target"

# A folder, and what it is called.
Prefix = Tuple[str, str]


def profile(base: str) -> str:
    """The profile of a build that is to be reproducible, by the one that it inherits from."""
    return f"{base}{_SUFFIX}"


def base(profile: str) -> str:
    """The profile that one inherits from that is ours; any other is its own."""
    return profile[: -len(_SUFFIX)] if profile.endswith(_SUFFIX) else profile


def definition(profile: str) -> Tuple[str, ...]:
    """The option that defines a profile of ours for cargo; () for any other."""
    inherited = base(profile)
    return (f'--config=profile.{profile}.inherits="{inherited}"',) if inherited != profile else ()


def prefixes(known: Sequence[Prefix], workspace: str, *, throwaway: bool) -> Tuple[Prefix, ...]:
    """All folders that are called by other names, those that lie in another one behind it.

    Args:
        known: cargo's home, and the target folders if they are elsewhere than cargo puts them by itself; () for none.
        workspace: the folder of the crate's workspace.
        throwaway: the tree is an unpacked sdist, which lies elsewhere each time: its path among the flags would have everything
            compiled again each time, where there is a target folder that lasts.
    """
    elsewhere = any(name == TARGET for _, name in known)
    if not known or (throwaway and elsewhere):
        return tuple(known)
    own = [(workspace, "/project"), *([] if elsewhere else [(os.path.join(workspace, "target"), TARGET)])]
    return tuple(sorted((*known, *own), key=lambda prefix: len(prefix[0])))


def flags(prefixes: Iterable[Prefix]) -> Tuple[str, ...]:
    """rustc's flags (https://doc.rust-lang.org/rustc/remap-source-paths.html), of which the last that fits counts."""
    return tuple(f"--remap-path-prefix={folder}={name}" for folder, name in dict.fromkeys(prefixes))
