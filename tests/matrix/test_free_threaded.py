"""Fault rows 48 and 49: builds with and without the GIL share a target folder, and never get each other's module."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..crates import module, pyproject
from ..support import Environments, Project

# The last PyO3 that supports a free-threaded 3.13; its version with the GIL is the one to mix it up with.
PYO3 = "0.28"
MANIFEST = """\
[package]
name = "{name}"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
pyo3 = {{ version = "{pyo3}", features = [{features}] }}

[build-dependencies]
pyo3-build-config = "{pyo3}"
"""
TABLE = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\n'
# 1 with the GIL, 2 without it: what PyO3 was told when the module was compiled.
ANSWER = "if cfg!(Py_GIL_DISABLED) { 2 } else { 1 }"


@pytest.fixture
def pythons(environments: Environments) -> "dict[int, Path]":
    """3.13 with the GIL (1) and without it (2)."""
    found = {1: environments.interpreter("3.13"), 2: environments.interpreter("3.13t")}
    present = {number: path for number, path in found.items() if path is not None}
    if len(present) != 2:
        pytest.skip("needs Python 3.13 and python3.13t on PATH")
    return present


def write(project: Project, name: str, features: str = "") -> None:
    project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "dev"
    source = module(name).replace("    42\n", f"    {ANSWER}\n")
    assert ANSWER in source
    project.write(
        {
            "pyproject.toml": pyproject(name, TABLE.format(name=name)),
            "Cargo.toml": MANIFEST.format(name=name, pyo3=PYO3, features=features),
            "build.rs": "fn main() {\n    pyo3_build_config::use_pyo3_cfgs();\n}\n",
            "src/lib.rs": source,
        }
    )


@pytest.mark.cross
@pytest.mark.slow
def test_fault_49_never_each_others_module(project: Project, pythons: "dict[int, Path]", tmp_path: Path) -> None:
    write(project, "gil_or_not")
    code = "import gil_or_not; print(gil_or_not.answer())"
    for turn, number in enumerate((1, 2, 1, 2)):
        project.env["PYO3_PYTHON"] = str(pythons[number])
        project.setup("bdist_wheel")
        wheel = project.built_wheel()
        thread = "t" if number == 2 else ""
        assert wheel.tag.startswith(f"cp313-cp313{thread}-")
        assert [name.partition("-x86")[0] for name in wheel.content] == [f"gil_or_not.cpython-313{thread}"]
        assert project.evaluate(code, python=pythons[number], cwd=wheel.unpack(tmp_path / str(turn))) == str(number)
    for number in (1, 2):
        project.env["PYO3_PYTHON"] = str(pythons[number])
        project.setup("build_ext", "--inplace")
    # Both lie side by side, and each Python takes its own.
    assert [project.evaluate(code, python=pythons[number]) for number in (1, 2)] == ["1", "2"]


@pytest.mark.cross
@pytest.mark.slow
def test_fault_48_abi3_where_there_is_none(project: Project, pythons: "dict[int, Path]", tmp_path: Path) -> None:
    write(project, "gil_limited", '"abi3-py39"')
    project.env["PYO3_PYTHON"] = str(pythons[2])
    said = project.setup("bdist_wheel").stdout
    assert "has no limited API" in said
    wheel = project.built_wheel()
    assert wheel.tag.startswith("cp313-cp313t-")
    code = "import gil_limited; print(gil_limited.answer())"
    assert project.evaluate(code, python=pythons[2], cwd=wheel.unpack(tmp_path / "t")) == "2"
    project.env["PYO3_PYTHON"] = str(pythons[1])
    project.setup("bdist_wheel")
    assert project.built_wheel().tag.startswith("cp39-abi3-")
    assert project.evaluate(code, python=pythons[1], cwd=project.built_wheel().unpack(tmp_path / "g")) == "1"
