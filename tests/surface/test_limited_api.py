"""Where projects say that their wheel is for the limited API: setup.py, setup.cfg, or the command line of a frontend."""

from __future__ import annotations

import sys
from typing import Dict

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project
from .test_keywords import setup_py

# How the crate itself stands to it. "bare" leaves the minimum open, "silent" doesn't turn the limited API on at all.
CRATES: Dict[str, str] = {
    "equal": '{ version = "0.30", features = ["abi3-py39"] }',
    "bare": '{ version = "0.30", features = ["abi3"] }',
    "silent": "",
}
OPTION = "--config-settings=--build-option=--py-limited-api=cp39"


@pytest.mark.parametrize("crate_says", CRATES)
def test_limited_api_from_every_source(project: Project, environments: Environments, crate_says: str) -> None:
    """Each of them alone gives the tag, the suffix and code that runs on the oldest Python."""
    name = f"limited_{crate_says}"
    project.write(crate(name, dependency=CRATES[crate_says]))
    oldest = environments.make(python="3.9") if environments.interpreter("3.9") else project.python
    for source in ("options", "setup.cfg", "config setting"):
        options = '    options={"bdist_wheel": {"py_limited_api": "cp39"}},\n' if source == "options" else ""
        project.write(setup_py(f'RustExtension("{name}")', options))
        project.write({"setup.cfg": "[bdist_wheel]\npy_limited_api = cp39\n" if source == "setup.cfg" else ""})
        wheel = project.wheel(*([OPTION] if source == "config setting" else []))
        assert wheel.tag.startswith("cp39-abi3-"), source
        assert wheel.content == [f"{name}.abi3.so"], source
        unpacked = wheel.unpack(project.folder / f"unpacked {source}")
        assert project.evaluate(f"import {name}; print({name}.answer())", python=oldest, cwd=unpacked) == "42", source


def test_limited_api_from_the_command_line_of_a_table(project: Project, environments: Environments) -> None:
    """The same with a table in pyproject.toml, through ``build`` and ``uv``, and as setup.py's own option."""
    project.python = environments.make("build")
    project.write(crate("limited_table", dependency=CRATES["equal"]))
    project.write({"pyproject.toml": pyproject("demo", '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "limited_table"\n')})
    option = "--build-option=--py-limited-api=cp39"
    for argv in (
        [project.python, "-m", "build", "--wheel", "--no-isolation", f"-C{option}"],
        ["uv", "build", "--wheel", "--no-build-isolation", "--python", project.python, f"-C{option}"],
    ):
        project.run(*argv)
        wheel = project.built_wheel()
        assert wheel.tag.startswith("cp39-abi3-")
        assert wheel.content == ["limited_table.abi3.so"]
        wheel.path.unlink()
    project.setup("bdist_wheel", "--py-limited-api=cp39")
    assert project.built_wheel().tag.startswith("cp39-abi3-")


def test_in_place_build_beside_a_limited_wheel(project: Project) -> None:
    """An in-place build need not know the wheel's setting; whatever it leaves works, and stays out of the wheel."""
    project.write(crate("limited_inplace", module_name="_core", dependency=CRATES["silent"]))
    project.write({"demo/__init__.py": "", "setup.cfg": "[bdist_wheel]\npy_limited_api = cp39\n"})
    project.write(setup_py('RustExtension("demo._core")', '    packages=["demo"],\n    include_package_data=True,\n'))
    project.setup("build_rust", "--inplace")
    assert project.evaluate("from demo import _core; print(_core.answer())") == "42"
    project.write({"MANIFEST.in": "graft demo\n"})
    wheel = project.wheel()
    assert wheel.content == ["demo/__init__.py", "demo/_core.abi3.so"]
    assert project.evaluate("from demo import _core; print(_core.answer())") == "42"
    project.setup("build_ext", "--inplace")
    assert len(project.files("demo/_core*.so")) == 1 or sys.platform != "linux"
    assert project.evaluate("from demo import _core; print(_core.answer())") == "42"
