"""The places of the files by which cargo and rustup are told what to do. Nothing is read or imported for them."""

from __future__ import annotations

import os
from typing import Iterator, Mapping, Tuple


def upwards(folder: str) -> Iterator[str]:
    """A folder and all above it."""
    yield folder
    while os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        yield folder


def home(environ: Mapping[str, str]) -> str:
    """cargo's home."""
    return environ.get("CARGO_HOME") or os.path.join(os.path.expanduser("~"), ".cargo")


def configuration_places(environ: Mapping[str, str], root: str) -> Iterator[Tuple[str, str]]:
    """Where cargo looks for configuration, the places that win first, each with its two names
    (https://doc.rust-lang.org/cargo/reference/config.html#hierarchical-structure).

    Args:
        environ: the environment that cargo gets.
        root: the folder that it runs in.
    """
    folders = [os.path.join(folder, ".cargo") for folder in upwards(root)]
    for place in dict.fromkeys([*folders, home(environ)]):
        # With both, cargo takes the one without an ending.
        yield os.path.join(place, "config"), os.path.join(place, "config.toml")


def configuration_files(environ: Mapping[str, str], root: str) -> Iterator[str]:
    """cargo's configuration files, the ones that win first; arguments as for :func:`configuration_places`."""
    for names in configuration_places(environ, root):
        path = next((name for name in names if os.path.isfile(name)), "")
        if path:
            yield path


def toolchain_files(root: str) -> Iterator[str]:
    """Where rustup looks for a toolchain that is pinned for a folder, the nearest first."""
    for folder in upwards(root):
        yield from (os.path.join(folder, name) for name in ("rust-toolchain.toml", "rust-toolchain"))
