"""The folders of this machine that rustc writes into what it compiles, with the names that they have everywhere."""

from __future__ import annotations

import os
from typing import Iterator, Mapping, Sequence, Tuple

from ..mind.cargo_config import Configuration
from ..mind.remapping import TARGET, Prefix
from . import cargo_config, cargo_files

_VARIABLES = ("CARGO_BUILD_BUILD_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_TARGET_DIR")
_KEYS = ("build-dir", "target-dir")


def find(root: str, environ: Mapping[str, str], cached: Sequence[str]) -> Tuple[Tuple[Prefix, ...], Tuple[Configuration, ...]]:
    """cargo's home, then the target folders that anybody has said to use, and cargo's configuration.

    Args:
        root: the folder that cargo runs in.
        environ: the environment.
        cached: the options for a cached target folder, () where none is used.
    """
    configurations = cargo_config.read(root, environ)
    targets = [word.partition("=")[2] for word in cached if word.startswith("--target-dir=")]
    targets = targets or [os.path.join(root, environ[name]) for name in _VARIABLES if environ.get(name)]
    targets = targets or list(_configured(configurations))
    named = [(cargo_files.home(environ), "/cargo"), *((os.path.normpath(folder), TARGET) for folder in targets)]
    spelt = ((spelling, name) for folder, name in named for spelling in (folder, os.path.realpath(folder)))
    return tuple(dict.fromkeys(spelt)), configurations


def _configured(configurations: Sequence[Configuration]) -> Iterator[str]:
    for one in configurations:
        build = one.table("build")
        yield from (os.path.join(one.folder, build[key]) for key in _KEYS if isinstance(build.get(key), str))
