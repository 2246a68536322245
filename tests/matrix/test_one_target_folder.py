"""One target folder for many builds: several Pythons, abi3 or not, other features; each result is what was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from ..crates import crate, module, pyproject
from ..support import Environments, Project, cargo_calls, compiled
from .telltale import in_dev_profile, telltale

pytestmark = [pytest.mark.cross, pytest.mark.slow]


def each_after_each(count: int) -> List[int]:
    """A round through ``count`` numbers in which each follows each, itself included (a walk over all edges)."""
    left = {number: list(range(count)) for number in range(count)}
    path, walk = [0], []
    while path:
        if left[path[-1]]:
            path.append(left[path[-1]].pop())
        else:
            walk.append(path.pop())
    return walk


def test_builds_that_alternate_in_any_order_never_get_each_others_module(environments: Environments, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    pythons = {version: environments.make(python=version) for version in ("3.9", "3.11", "3.13")}
    projects = {version: in_dev_profile(Project(folder, python, environments.env)) for version, python in pythons.items()}
    projects["3.11"].write(telltale("alternating"))
    ways = [
        ("3.9", "", (False, False, 9)),
        ("3.11", "loud", (True, False, 11)),
        ("3.13", "", (False, False, 13)),
        # The limited API of 3.9 has the very configuration of 3.9 itself: PyO3's features alone tell them apart.
        ("3.11", "stable", (False, True, 9)),
        ("3.13", "stable loud", (True, True, 9)),
    ]
    seen = set()
    for number in each_after_each(len(ways)):
        version, features, expected = ways[number]
        project = projects[version]
        project.env["WANTED"] = features
        output = project.setup("build_ext", "--inplace").stdout
        assert (compiled(output) == []) == (number in seen), output
        seen.add(number)
        assert project.evaluate("import alternating; print(alternating.built_with())") == str(expected)
    assert len(seen) == len(ways)


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
