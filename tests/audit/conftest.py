"""Projects that are built, and wheels that are audited, with the extra ``audit`` installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ..support import ROOT, TARGET, Environments, Project

# The versions that the checks run with too.
_PINNED = dict(line.partition("==")[::2] for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if "==" in line)
EXTRA = ("setuptools-pyo3[audit]", *(f"{name}=={_PINNED[name]}" for name in ("abi3audit", "abi3info", "auditwheel")))


def pytest_collection_modifyitems(items: "list[pytest.Item]") -> None:
    """What is built here is judged by the policies of Linux."""
    if sys.platform != "linux":
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="builds for Linux"))


@pytest.fixture
def ground(tmp_path: Path, environments: Environments) -> Project:
    """An empty project with the extra, and a target folder of its own: its crates need nothing but rustc."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder, environments.make(*EXTRA), environments.env)
    project.env["CARGO_TARGET_DIR"] = str(tmp_path / "target")
    return project


@pytest.fixture
def bare(ground: Project, environments: Environments) -> Project:
    """The same without the extra."""
    ground.python = environments.make()
    return ground


@pytest.fixture
def shared(ground: Project) -> Project:
    """The same with the target folder that all tests share, for crates that need PyO3."""
    ground.env["CARGO_TARGET_DIR"] = str(TARGET)
    return ground
