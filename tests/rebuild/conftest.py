"""A project that can be installed in editable mode into an environment of its own, with crates that need nothing but rustc."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import Environments
from .editable import Editable


@pytest.fixture
def editable(tmp_path: Path, environments: Environments) -> Editable:
    """An empty project with a target folder, a cache and a virtual environment of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Editable(folder, environments.make(fresh=True), environments.env)
    project.env["CARGO_TARGET_DIR"] = str(tmp_path / "target")
    project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(tmp_path / "cache")
    return project
