"""One target folder for many builds: two Pythons, abi3 or not, other features; each result is what was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List

import pytest

from ..crates import crate, manifest, module, pyproject
from ..support import Environments, Project, cargo_calls, compiled

pytestmark = [pytest.mark.cross, pytest.mark.slow]

# What a build turned on and which Python it was made for is compiled in, so that a mixed-up module can't pass for the right one.
TELLTALE = """\
use pyo3::prelude::*;

#[pyfunction]
fn built_with() -> (bool, bool, &'static str) {
    let python = if cfg!(Py_3_13) {
        "3.13"
    } else if cfg!(Py_3_11) {
        "3.11"
    } else {
        "3.9"
    };
    (cfg!(feature = "loud"), cfg!(Py_LIMITED_API), python)
}

#[pymodule]
fn NAME(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(built_with, m)?)?;
    Ok(())
}
"""

# Features come from a variable, so that one tree can be built in many ways.
SETUP = """\
import os

from setuptools import setup
from setuptools_pyo3 import RustExtension

setup(name="NAME", version="1.0", packages=[], ext_modules=[RustExtension("NAME", features=os.environ["WANTED"].split())])
"""


def telltale(name: str) -> Dict[str, str]:
    """A crate whose module tells how it was built."""
    extra = '[build-dependencies]\npyo3-build-config = "0.30"\n[features]\nloud = []\nstable = ["pyo3/abi3-py39"]\n'
    return {
        "Cargo.toml": manifest(name, extra=extra),
        "build.rs": "fn main() {\n    pyo3_build_config::use_pyo3_cfgs();\n}\n",
        "src/lib.rs": TELLTALE.replace("NAME", name),
        "setup.py": SETUP.replace("NAME", name),
    }


def in_dev_profile(project: Project) -> Project:
    """Let wheels be built in the profile that compiles fastest."""
    project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "dev"
    return project


def test_builds_that_alternate_never_get_each_others_module(environments: Environments, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    pythons = {version: environments.make(python=version) for version in ("3.11", "3.13")}
    projects = {version: in_dev_profile(Project(folder, python, environments.env)) for version, python in pythons.items()}
    projects["3.11"].write(telltale("alternating"))
    ways = [
        ("3.11", "", (False, False, "3.11")),
        ("3.11", "loud", (True, False, "3.11")),
        ("3.13", "", (False, False, "3.13")),
        ("3.11", "stable", (False, True, "3.9")),
        ("3.13", "loud", (True, False, "3.13")),
        ("3.13", "stable loud", (True, True, "3.9")),
    ]
    # The second time round, each finds its like compiled and another's file in its place.
    for number, (version, features, expected) in enumerate([*ways, *ways]):
        project = projects[version]
        project.env["WANTED"] = features
        project.setup("bdist_wheel")
        wheel = project.built_wheel()
        digits = version.replace(".", "")
        assert wheel.tag.startswith("cp39-abi3-" if "stable" in features else f"cp{digits}-cp{digits}-")
        unpacked = wheel.unpack(tmp_path / str(number))
        assert project.evaluate("import alternating; print(alternating.built_with())", cwd=unpacked) == str(expected)


def test_abi3_module_serves_all_pythons_and_is_compiled_once(environments: Environments, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    first, second = (in_dev_profile(Project(folder, environments.make(python=v), environments.env)) for v in ("3.11", "3.13"))
    name = "abi3_once"
    table = f'[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\n'
    first.write(
        {"pyproject.toml": pyproject(name, table), **crate(name, dependency='{ version = "0.30", features = ["abi3-py39"] }')}
    )
    assert name in compiled(first.pip_wheel().stdout)
    unpacked = first.built_wheel().unpack(tmp_path / "unpacked")
    for version in ("3.9", "3.11", "3.13"):
        python = environments.make(python=version)
        assert first.evaluate(f"import {name}; print({name}.answer())", python=python, cwd=unpacked) == "42"

    output = second.pip_wheel().stdout
    assert len(cargo_calls(output)) == 1
    assert compiled(output) == []
    assert second.built_wheel().tag.startswith("cp39-abi3-")


def in_place(project: Project, names: List[str]) -> List[str]:
    """Build in place, and let each module answer."""
    project.setup("build_ext", "--inplace")
    return [project.evaluate(f"import {name}; print({name}.answer())") for name in names]


def test_a_module_compiled_while_its_neighbour_failed_is_the_new_one(project: Project) -> None:
    # "neighbour_top" depends on "neighbour_base", so cargo has finished the one when the other fails.
    names = ["neighbour_base", "neighbour_top"]
    tables = "".join(f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\npath = "{name}/Cargo.toml"\n' for name in names)
    project.write(
        {
            "pyproject.toml": pyproject("neighbours", f"[tool.setuptools]\npackages = []\n{tables}"),
            "Cargo.toml": '[workspace]\nmembers = ["neighbour_base", "neighbour_top"]\nresolver = "2"\n',
            **crate("neighbour_base", folder="neighbour_base", types='"cdylib", "rlib"', answer=1),
            **crate("neighbour_top", folder="neighbour_top", extra='neighbour_base = { path = "../neighbour_base" }\n', answer=1),
        }
    )
    assert in_place(project, names) == ["1", "1"]
    project.write({"neighbour_base/src/lib.rs": module("neighbour_base", 2), "neighbour_top/src/lib.rs": "this is no Rust\n"})
    failed = project.setup("build_ext", "--inplace", check=False)
    assert failed.returncode != 0
    assert "neighbour_base" in compiled(failed.stdout)
    project.write({"neighbour_top/src/lib.rs": module("neighbour_top", 2)})
    assert in_place(project, names) == ["2", "2"]


def test_a_module_compiled_by_the_echoed_command_is_the_new_one(project: Project) -> None:
    name = "pasted"
    table = f'[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\n'
    project.write({"pyproject.toml": pyproject(name, table), **crate(name, answer=1)})
    (echoed,) = cargo_calls(project.setup("build_ext", "--inplace").stdout)
    project.write({"src/lib.rs": module(name, 2)})
    project.run("sh", "-c", echoed)
    assert in_place(project, [name]) == ["2"]


def test_what_others_compiled_with_other_features_is_not_taken_for_ours(project: Project) -> None:
    # cargo itself calls our variant fresh then, though the one file that both are written to holds the other.
    project.env["WANTED"] = ""
    project.write(telltale("overwritten"))
    (echoed,) = cargo_calls(project.setup("build_ext", "--inplace").stdout)
    project.run("sh", "-c", f"{echoed} --features=loud")
    project.setup("build_ext", "--inplace")
    assert project.evaluate("import overwritten; print(overwritten.built_with()[0])") == "False"
