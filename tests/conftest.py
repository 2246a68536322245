"""Fixtures: a wheel of this very code, environments that have it installed, and projects to build with them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Callable, Iterator

import pytest

from .support import EXAMPLES, ROOT, TARGET, Environments, Project, copy_tree, run


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the wheel of the code under test, for isolated builds to install."""
    source = tmp_path_factory.mktemp("source") / "setuptools-pyo3"
    for name in ("setuptools_pyo3", "setup.cfg", "pyproject.toml", "README.md"):
        path = ROOT / name
        if path.is_dir():
            copy_tree(path, source / name)
        else:
            source.mkdir(exist_ok=True)
            (source / name).write_bytes(path.read_bytes())
    # A path that never was: uv caches wheels by path and version, and would install an older build of this one.
    folder = Path(tempfile.mkdtemp(prefix="wheelhouse-"))
    run(["uv", "build", "--quiet", "--wheel", "--out-dir", folder, source], cwd=source, env=os.environ)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Environments:
    """Virtual environments with setuptools-pyo3, made on demand and shared."""
    TARGET.mkdir(parents=True, exist_ok=True)
    return Environments(tmp_path_factory.mktemp("environments"), wheelhouse)


@pytest.fixture
def project(tmp_path: Path, environments: Environments) -> Project:
    """An empty project, built by the Python that runs the tests with the newest setuptools."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder, environments.make(), environments.env)


@pytest.fixture
def example(project: Project) -> Callable[[str], Project]:
    """A copy of one of the examples, by its name."""

    def copy(name: str) -> Project:
        copy_tree(EXAMPLES / name, project.folder)
        return project

    return copy


@pytest.fixture
def each_python(environments: Environments) -> Iterator[str]:
    """Versions of Python on this machine that we support."""
    return (version for version in ("3.9", "3.10", "3.11", "3.12", "3.13") if environments.interpreter(version))


def pytest_configure(config: pytest.Config) -> None:
    """Make the interpreter's own tools (uv, build) the first on PATH, so that the pinned ones are used."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
