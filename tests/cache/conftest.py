"""A project that is built from one unpacked copy after the other, with a cache of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from subprocess import CompletedProcess
from typing import Dict, List, Sequence

import pytest

from ..faults.ground import module, setup_py
from ..support import Environments, Project, Wheel

# A crate from the registry that compiles in a moment, and a local crate that uses it.
MANIFEST = """\
[package]
name = "thrown"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
itoa = "1"
"""
# The answer goes through the registry's crate, so that a wrong one shows.
ANSWER = "itoa::Buffer::new().format({}).parse::<std::ffi::c_long>().unwrap() as _"


def source(answer: object = 42) -> str:
    """The source of the module ``_core``."""
    return module(answer=ANSWER.format(answer))


class Thrown:
    """The project, and its copies that stand for unpacked sdists.

    Args:
        project: the project as its author has it.
        folder: for the copies.
    """

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self.folder = folder
        self.env: Dict[str, str] = project.env
        self._copies = 0

    @property
    def cache(self) -> Path:
        """The user's cache folder."""
        return Path(self.env["SETUPTOOLS_PYO3_CACHE_DIR"])

    def targets(self) -> List[Path]:
        """The cached target folders."""
        return sorted(path for path in (self.cache / "targets").glob("*") if path.is_dir())

    def kept(self) -> List[str]:
        """The files in the one cached target folder, relative to it, except locks."""
        (target,) = self.targets()
        found = (path for path in target.rglob("*") if path.is_file() and path.name != ".cargo-lock")
        return sorted(path.relative_to(target).as_posix() for path in found)

    def unpack(self) -> Project:
        """Another copy, at another path, with PKG-INFO, and with times of long ago, as archives have them."""
        self._copies += 1
        copy = Project(self.folder / f"unpacked-{self._copies}", self.project.python, self.env)
        shutil.copytree(self.project.folder, copy.folder)
        copy.write({"PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"})
        for path in copy.folder.rglob("*"):
            os.utime(path, (1_000_000_000, 1_000_000_000))
        return copy

    def build(self, *options: str) -> CompletedProcess[str]:
        """Build a wheel from another copy, which is removed, and keep the wheel."""
        copy = self.unpack()
        done = copy.setup(*options, "bdist_wheel", "--dist-dir", str(self.project.folder / "dist"))
        shutil.rmtree(copy.folder)
        return done

    def answer(self) -> int:
        """What the module of the newest wheel says."""
        self._copies += 1
        return answer_in(self.project, self.project.built_wheel(), self.folder / f"wheel-{self._copies}")


def answer_in(project: Project, wheel: Wheel, folder: Path) -> int:
    """What the module in a wheel says when it is unpacked into a folder."""
    return int(project.evaluate("import pkg._core; print(pkg._core.ANSWER)", cwd=wheel.unpack(folder)))


@pytest.fixture(scope="session")
def locked(tmp_path_factory: pytest.TempPathFactory, environments: Environments) -> str:
    """The Cargo.lock of the project, made once."""
    folder = tmp_path_factory.mktemp("locked")
    project = Project(folder, environments.make(), environments.env)
    project.write({"Cargo.toml": MANIFEST, "src/lib.rs": ""}).run("cargo", "generate-lockfile")
    return (folder / "Cargo.lock").read_text()


@pytest.fixture
def thrown(project: Project, tmp_path: Path, locked: str) -> Thrown:
    """A project with one local crate, one crate from the registry, an empty cache, and no target folder that anybody chose."""
    files = {"Cargo.toml": MANIFEST, "Cargo.lock": locked, "src/lib.rs": source(), "pkg/__init__.py": ""}
    project.write({**files, "setup.py": declared()})
    del project.env["CARGO_TARGET_DIR"]
    project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(tmp_path / "cache")
    return Thrown(project, tmp_path)


def declared(*extensions: str, more: Sequence[str] = ()) -> str:
    """The project's setup.py, with one module by default."""
    return setup_py(*(extensions or ("RustExtension('pkg._core')",)), more=", ".join(more))
