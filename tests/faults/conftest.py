"""A project for each fault test whose cargo output is its own, so that no test sees what another one built."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import TARGET, Environments, Project


@pytest.fixture
def ground(tmp_path: Path, environments: Environments) -> Project:
    """An empty project with an empty target folder of its own; its crates need nothing but rustc, so that costs next to nothing."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder, environments.make(), environments.env)
    project.env["CARGO_TARGET_DIR"] = str(tmp_path / "target")
    # It makes rustup and panics tell where in their own code they failed.
    project.env.pop("RUST_BACKTRACE", None)
    return project


@pytest.fixture
def shared(ground: Project) -> Project:
    """The same with the target folder that all tests share, for crates that need PyO3."""
    ground.env["CARGO_TARGET_DIR"] = str(TARGET)
    return ground
