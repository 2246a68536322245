"""Interpreters of every kind: what is built for one bears its tag and its suffix, and is imported by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable, NamedTuple

import pytest

from setuptools_pyo3.errors import ToolchainProblem
from setuptools_pyo3.hands import target_files
from setuptools_pyo3.mind import abi
from setuptools_pyo3.mind.evidence import Evidence
from setuptools_pyo3.mind.target_choice import choose_target
from setuptools_pyo3.mind.target_sources import Said

from ..crates import crate, pyproject
from ..support import Environments, Project, run
from ..unit.values import linux
from .conftest import FAST

pytestmark = [pytest.mark.cross, pytest.mark.slow, pytest.mark.network]

TABLE = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "NAME"\n'


class Kind(NamedTuple):
    """An interpreter, and a PyO3 that supports it.

    Args:
        name: as the fixture knows it.
        pyo3: the newest that supports it.
        tag: the Python and ABI part of its wheels' tags.
        suffix: what a module's file ends in.
    """

    name: str
    pyo3: str
    tag: str
    suffix: str

    @property
    def word(self) -> str:
        """Its name as a part of others."""
        return self.name.replace(".", "_")


KINDS = [
    Kind("3.13t", "0.28", "cp313-cp313t", ".cpython-313t-x86_64-linux-gnu.so"),
    Kind("3.14", "0.30", "cp314-cp314", ".cpython-314-x86_64-linux-gnu.so"),
    Kind("3.15", "0.30", "cp315-cp315", ".cpython-315-x86_64-linux-gnu.so"),
    Kind("pypy3.9", "0.26", "pp39-pypy39_pp73", ".pypy39-pp73-x86_64-linux-gnu.so"),
    Kind("pypy3.11", "0.30", "pp311-pypy311_pp80", ".pypy311-pp80-x86_64-linux-gnu.so"),
]
BY_NAME = {kind.name: kind for kind in KINDS}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)

Find = Callable[[str], Path]


@pytest.fixture
def on(tmp_path: Path, environments: Environments, pythons_by_name: Find) -> Callable[[str], Project]:
    """An empty project that one of these interpreters builds itself."""

    def make(name: str) -> Project:
        folder = tmp_path / name
        folder.mkdir()
        return Project(folder, environments.make("packaging", python=str(pythons_by_name(name))), {**environments.env, **FAST})

    return make


def write(project: Project, name: str, version: str, *features: str) -> Project:
    """Write a project with one module."""
    dependency = f'{{ version = "{version}", features = {json.dumps(features)} }}'
    return project.write({"pyproject.toml": pyproject(name, TABLE.replace("NAME", name)), **crate(name, dependency=dependency)})


def answer(project: Project, name: str, folder: Path, python: Path) -> str:
    """What the module says; PyO3 before 0.28 doesn't declare it fit for running without the GIL, which Python warns of."""
    code = f"import warnings; warnings.simplefilter('ignore'); import {name}; print({name}.answer())"
    return project.evaluate(code, python=python, cwd=folder)


@each_kind
def test_it_builds_for_itself(on: Callable[[str], Project], kind: Kind, tmp_path: Path) -> None:
    project, name = on(kind.name), f"itself_{kind.word}"
    wheel = write(project, name, kind.pyo3).wheel()
    assert wheel.tag == f"{kind.tag}-linux_x86_64"
    assert wheel.content == [f"{name}{kind.suffix}"]
    assert answer(project, name, wheel.unpack(tmp_path / "unpacked"), project.python) == "42"
    # What it says of itself.
    said = project.evaluate(
        """
        import sysconfig, packaging.tags
        tag = next(packaging.tags.sys_tags())
        print(sysconfig.get_config_var("EXT_SUFFIX"), tag.interpreter, tag.abi)
        """
    )
    assert said == f"{kind.suffix} {kind.tag.replace('-', ' ')}"


@each_kind
def test_another_python_builds_for_it(plain: Project, pythons_by_name: Find, kind: Kind, tmp_path: Path) -> None:
    python, name = pythons_by_name(kind.name), f"another_{kind.word}"
    plain.env["PYO3_PYTHON"] = str(python)
    wheel = write(plain, name, kind.pyo3).wheel()
    assert wheel.tag == f"{kind.tag}-linux_x86_64"
    assert wheel.content == [f"{name}{kind.suffix}"]
    assert answer(plain, name, wheel.unpack(tmp_path / "unpacked"), python) == "42"


@pytest.mark.parametrize("name", ["3.14", "3.15", "pypy3.11"])
def test_the_limited_api_where_there_is_one(on: Callable[[str], Project], name: str, tmp_path: Path) -> None:
    kind = BY_NAME[name]
    project, name = on(kind.name), f"limited_{kind.word}"
    write(project, name, kind.pyo3, "abi3-py39")
    output = project.pip_wheel().stdout
    wheel = project.built_wheel()
    has_one = "pypy" not in kind.name
    assert wheel.tag == ("cp39-abi3" if has_one else kind.tag) + "-linux_x86_64"
    assert wheel.content == [name + (".abi3.so" if has_one else kind.suffix)]
    assert ("has no stable ABI" in output) != has_one
    assert answer(project, name, wheel.unpack(tmp_path / "unpacked"), project.python) == "42"


@each_kind
def test_its_names_follow_from_its_own_files_and_from_its_version(pythons_by_name: Find, kind: Kind, tmp_path: Path) -> None:
    ask = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    folder = run([pythons_by_name(kind.name), "-c", ask], cwd=tmp_path, env={}).stdout.strip()
    # Another Python runs the build, so that nothing is taken from a live one.
    running, host = linux((3, 20), libc="gnu"), Evidence("this machine", "linux", "x86_64", "gnu", 64)
    said = Said({}, running, running, host, named=("x86_64-unknown-linux-gnu", "test"))
    if kind.name == "pypy3.9":
        with pytest.raises(ToolchainProblem, match="PYO3_CROSS_PYTHON_IMPLEMENTATION"):
            target_files.described(folder)
        return
    ways = [said._replace(files=tuple(target_files.described(folder)))]
    # PyPy's names hold a number that doesn't follow from the version.
    ways += [] if "pypy" in kind.name else [said._replace(environ={"PYO3_CROSS_PYTHON_VERSION": kind.name})]
    for way in ways:
        python = choose_target(way).facts.interpreter
        assert (python.ext_suffix, "-".join(abi.specific_tag(python))) == (kind.suffix, kind.tag)


@pytest.mark.parametrize("version", ["0.23", "0.27"])
def test_older_pyo3_knows_free_threading_too(on: Callable[[str], Project], version: str, tmp_path: Path) -> None:
    kind, name = BY_NAME["3.13t"], f"threaded_{version.replace('.', '_')}"
    project = on(kind.name)
    wheel = write(project, name, version).wheel()
    assert (wheel.tag, wheel.content) == (f"{kind.tag}-linux_x86_64", [f"{name}{kind.suffix}"])
    assert answer(project, name, wheel.unpack(tmp_path / "unpacked"), project.python) == "42"


def test_newest_pyo3_refuses_free_threading_before_3_14(on: Callable[[str], Project]) -> None:
    project = write(on("3.13t"), "threaded_refused", "0.30")
    failed = project.pip_wheel(check=False)
    assert failed.returncode != 0
    assert "3.13t" in failed.stdout
    assert not project.files("dist/*.whl")


def test_abi3t_is_for_both_kinds_of_3_15(on: Callable[[str], Project], pythons_by_name: Find, tmp_path: Path) -> None:
    project = write(on("3.15"), "both_kinds", "0.30", "abi3t-py315")
    wheel = project.wheel()
    assert wheel.tag == "cp315-abi3.abi3t-linux_x86_64"
    assert wheel.content == ["both_kinds.abi3t.so"]
    folder = wheel.unpack(tmp_path / "unpacked")
    assert answer(project, "both_kinds", folder, project.python) == "42"
    project.run(project.python, "-m", "pip", "install", "--no-index", "--target", tmp_path / "installed", wheel.path)
    assert answer(project, "both_kinds", tmp_path / "installed", project.python) == "42"
    older = pythons_by_name("3.14")
    failed = project.run(older, "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); import both_kinds", check=False)
    assert "No module named 'both_kinds'" in failed.stdout
