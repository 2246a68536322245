"""``PYO3_PYTHON`` names another Python than the one that runs the build: its own suffix and tag, or a refusal, never a mixture."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project

pytestmark = pytest.mark.cross

RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"
TABLE = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "NAME"\n'


def write(project: Project, name: str, dependency: str = "") -> Project:
    """Write a project with one module, built in cargo's dev profile, which compiles fastest."""
    project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "dev"
    return project.write({"pyproject.toml": pyproject(name, TABLE.replace("NAME", name)), **crate(name, dependency=dependency)})


def suffix_of(project: Project, python: Path) -> str:
    return project.evaluate("import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))", python=python)


def test_wheel_is_the_other_interpreters_own(project: Project, environments: Environments, tmp_path: Path) -> None:
    other = environments.make(python="3.13")
    project.env["PYO3_PYTHON"] = str(other)
    write(project, "other_wheel")
    wheel = project.wheel()
    assert wheel.tag.startswith("cp313-cp313-")
    assert wheel.content == [f"other_wheel{suffix_of(project, other)}"]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert project.evaluate("import other_wheel; print(other_wheel.answer())", python=other, cwd=unpacked) == "42"


def test_found_by_name_on_path_and_built_in_place(project: Project, environments: Environments) -> None:
    other = environments.make(python="3.9")
    project.env["PYO3_PYTHON"] = "python3.9"
    # Without the folder of the running interpreter, which comes first otherwise and may have a python3.9 of its own.
    project.env["PATH"] = os.pathsep.join([str(other.parent), *project.env["PATH"].split(os.pathsep)[1:]])
    write(project, "other_inplace")
    project.setup("build_ext", "--inplace")
    assert project.files("*.so") == [f"other_inplace{suffix_of(project, other)}"]
    assert project.evaluate("import other_inplace; print(other_inplace.answer())", python=other) == "42"


def test_abi3_wheel_does_not_depend_on_who_builds_it(project: Project, environments: Environments, tmp_path: Path) -> None:
    other = environments.make(python="3.13")
    project.env["PYO3_PYTHON"] = str(other)
    write(project, "other_abi3", dependency='{ version = "0.30", features = ["abi3-py39"] }')
    wheel = project.wheel()
    assert wheel.tag.startswith("cp39-abi3-")
    assert wheel.content == ["other_abi3.abi3.so"]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    for python in (other, project.python):
        assert project.evaluate("import other_abi3; print(other_abi3.answer())", python=python, cwd=unpacked) == "42"


@pytest.mark.parametrize("wanted", ["no-such-python", "/nowhere/python3", "/bin/false", "."])
def test_what_is_no_python_is_refused(project: Project, wanted: str) -> None:
    project.env["PYO3_PYTHON"] = wanted
    write(project, "other_missing")
    failed = project.setup("bdist_wheel", check=False)
    assert failed.returncode != 0
    assert "PYO3_PYTHON" in failed.stdout
    assert wanted in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not project.files("dist/*.whl")
    assert not project.files("**/*.so")


def test_a_python_that_pyo3_does_not_support_yields_no_wheel(project: Project, environments: Environments) -> None:
    old = environments.interpreter("3.8")
    assert old is not None, "no Python 3.8 on this machine"
    project.env["PYO3_PYTHON"] = str(old)
    write(project, "other_too_old")
    failed = project.setup("bdist_wheel", check=False)
    assert failed.returncode != 0
    assert "3.8" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not project.files("dist/*.whl")


def test_a_config_file_for_another_python_yields_no_wheel(project: Project, tmp_path: Path) -> None:
    config = tmp_path / "pyo3.txt"
    config.write_text("version=3.9\nshared=true\n", encoding="utf-8")
    project.env["PYO3_CONFIG_FILE"] = str(config)
    write(project, "other_config")
    failed = project.setup("bdist_wheel", check=False)
    assert failed.returncode != 0
    assert f"other_config: PyO3 was compiled for Python 3.9, and the wheel is for {RUNNING}" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not project.files("dist/*.whl")
    # Each file is a configuration of its own, so that taking the variable away is all it takes.
    del project.env["PYO3_CONFIG_FILE"]
    assert project.wheel().tag.startswith(f"cp{sys.version_info[0]}{sys.version_info[1]}-")
