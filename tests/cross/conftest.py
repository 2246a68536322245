"""Toolchains and interpreters that a machine doesn't have by itself; a test is skipped, with the reason, where one can't be had."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Callable, Dict, Mapping, TypeVar

import pytest

from ..support import TARGET, Environments, Project
from . import pythons, toolchains
from .debian import Unavailable
from .store import Store
from .toolchains import Cross, Machine

Tool = TypeVar("Tool")


@pytest.fixture(scope="session")
def store() -> Store:
    """The folder of installed tools; it may be kept and shared between work trees."""
    return Store(Path(os.environ.get("SETUPTOOLS_PYO3_TEST_TOOLS") or TARGET / "cross"))


def obtain(make: Callable[[], Tool]) -> Tool:
    """A tool, or a skipped test; where SETUPTOOLS_PYO3_TEST_TOOLS_REQUIRED is set, a failed one."""
    try:
        return make()
    except Unavailable as error:
        (pytest.fail if os.environ.get("SETUPTOOLS_PYO3_TEST_TOOLS_REQUIRED") else pytest.skip)(str(error))
        raise AssertionError from error


@pytest.fixture(scope="session")
def cross(store: Store) -> Callable[[Machine], Cross]:
    """The toolchain, sysroot and emulator for a machine."""
    return lambda machine: obtain(lambda: toolchains.cross(store, machine))


@pytest.fixture(scope="session")
def older_cross(store: Store, cross: Callable[[Machine], Cross]) -> Callable[[Machine], Cross]:
    """The same with CPython 3.9."""
    return lambda machine: obtain(lambda: toolchains.with_older_python(store, cross(machine)))


@pytest.fixture(scope="session")
def build_std(store: Store) -> Mapping[str, str]:
    """The environment in which cargo compiles the standard library too."""
    return obtain(lambda: toolchains.build_std(store))


@pytest.fixture(scope="session")
def mingw(store: Store) -> Path:
    """A folder for PATH with the C compiler for Windows."""
    return obtain(lambda: toolchains.mingw(store))


@pytest.fixture(scope="session")
def llvm(store: Store) -> Path:
    """A folder for PATH with llvm-lipo."""
    return obtain(lambda: toolchains.llvm(store))


@pytest.fixture
def zig(plain: Project) -> None:
    """zig, where the builds of the plain project find it: beside the Python that runs the tests, not installed for each of them."""
    if shutil.which("cargo-zigbuild") is None or importlib.util.find_spec("ziglang") is None:
        pytest.skip("cargo-zigbuild and ziglang are not installed")
    plain.env["CARGO_ZIGBUILD_PYTHON_PATH"] = sys.executable


@pytest.fixture(scope="session")
def musl_python(store: Store) -> Path:
    """A CPython 3.13 on musl."""
    return obtain(lambda: pythons.musl(store))


@pytest.fixture(scope="session")
def pythons_by_name(store: Store) -> Callable[[str], Path]:
    """Interpreters by their names: ``3.13t``, ``3.14``, ``3.15``, ``pypy3.9``, ``pypy3.11``."""
    made: Dict[str, Callable[[], Path]] = {
        "3.13t": lambda: pythons.free_threaded(store),
        "pypy3.9": lambda: pythons.pypy39(store),
    }
    return lambda name: obtain(made.get(name, lambda: pythons.sid(store)[name]))


# cargo's dev profile compiles fastest, and faster without debugging symbols. Left to itself it would then have rustc strip files,
# which for macOS takes a tool that Debian's doesn't bring.
FAST = {"SETUPTOOLS_PYO3_CARGO_PROFILE": "dev", "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_DEV_STRIP": "false"}


@pytest.fixture
def plain(tmp_path: Path, environments: Environments) -> Project:
    """An empty project that compiles fast."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder, environments.make(), {**environments.env, **FAST})
