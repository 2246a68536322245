"""Fault rows 48 and 49: builds with and without the GIL share a target folder, and never get each other's module."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Dict

import pytest

from ..crates import module, pyproject
from ..support import Environments, Project

pytestmark = [pytest.mark.cross, pytest.mark.slow, pytest.mark.network]

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
def pythons(environments: Environments, pythons_by_name: Callable[[str], Path]) -> Dict[int, Path]:
    """3.13 with the GIL (1) and without it (2)."""
    gil = environments.interpreter("3.13")
    if gil is None:
        pytest.skip("no Python 3.13 on this machine")
    return {1: gil, 2: pythons_by_name("3.13t")}


def write(project: Project, name: str, features: str = "") -> None:
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


def test_fault_49_never_each_others_module(plain: Project, pythons: Dict[int, Path], tmp_path: Path) -> None:
    write(plain, "gil_or_not")
    code = "import gil_or_not; print(gil_or_not.answer())"
    for turn, number in enumerate((1, 2, 1, 2)):
        plain.env["PYO3_PYTHON"] = str(pythons[number])
        plain.setup("bdist_wheel")
        wheel = plain.built_wheel()
        thread = "t" if number == 2 else ""
        assert wheel.tag.startswith(f"cp313-cp313{thread}-")
        assert [name.partition("-x86")[0] for name in wheel.content] == [f"gil_or_not.cpython-313{thread}"]
        assert plain.evaluate(code, python=pythons[number], cwd=wheel.unpack(tmp_path / str(turn))) == str(number)
    for number in (1, 2):
        plain.env["PYO3_PYTHON"] = str(pythons[number])
        plain.setup("build_ext", "--inplace")
    # Both lie side by side, and each Python takes its own.
    assert [plain.evaluate(code, python=pythons[number]) for number in (1, 2)] == ["1", "2"]


def test_fault_48_abi3_where_there_is_none(plain: Project, pythons: Dict[int, Path], tmp_path: Path) -> None:
    write(plain, "gil_limited", '"abi3-py39"')
    plain.env["PYO3_PYTHON"] = str(pythons[2])
    said = plain.setup("bdist_wheel").stdout
    assert "has no limited API" in said
    wheel = plain.built_wheel()
    assert wheel.tag.startswith("cp313-cp313t-")
    code = "import gil_limited; print(gil_limited.answer())"
    assert plain.evaluate(code, python=pythons[2], cwd=wheel.unpack(tmp_path / "t")) == "2"
    plain.env["PYO3_PYTHON"] = str(pythons[1])
    plain.setup("bdist_wheel")
    assert plain.built_wheel().tag.startswith("cp39-abi3-")
    assert plain.evaluate(code, python=pythons[1], cwd=plain.built_wheel().unpack(tmp_path / "g")) == "1"
