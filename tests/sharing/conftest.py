"""Checkouts of a project, each with cargo's own target folder, and a cache that they share."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Dict, Iterator

import pytest

from ..support import Environments, Project
from .shared_cache import SharedCache, missing

Checkouts = Callable[[str], Project]


@pytest.fixture
def checkout(tmp_path: Path, environments: Environments) -> Checkouts:
    """Makes an empty folder for a project; cargo writes where it does without any settings."""

    def make(name: str) -> Project:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        project = Project(folder, environments.make(), environments.env)
        # It is part of sccache's keys.
        del project.env["CARGO_TARGET_DIR"]
        project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(tmp_path / "cache")
        return project

    return make


@pytest.fixture
def shared_cache(tmp_path: Path, environments: Environments) -> Iterator[SharedCache]:
    """A team's cache."""
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    cache = SharedCache(tmp_path / "shared", environments.env)
    yield cache
    cache.stop()


def vendored(name: str) -> Dict[str, str]:
    """The files of a project that has a crate ``name`` in ``vendor``, as ``cargo vendor`` puts them there, and of its lock."""
    own = f"{name}-core"
    return {
        ".cargo/config.toml": '[source.crates-io]\nreplace-with = "own"\n\n[source.own]\ndirectory = "vendor"\n',
        f"vendor/{name}/Cargo.toml": f'[package]\nname = "{name}"\nversion = "1.0.0"\nedition = "2021"\n',
        f"vendor/{name}/.cargo-checksum.json": '{"files":{}}',
        f"vendor/{name}/src/lib.rs": "pub const ANSWER: i64 = 42;\n",
        "Cargo.lock": (
            f'version = 3\n\n[[package]]\nname = "{name}"\nversion = "1.0.0"\n'
            'source = "registry+https://github.com/rust-lang/crates.io-index"\n\n'
            f'[[package]]\nname = "{own}"\nversion = "0.1.0"\ndependencies = [\n "{name}",\n]\n'
        ),
    }
