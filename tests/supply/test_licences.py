"""The licences of third parties: listed on demand, and put into wheels in the way that METADATA has told before."""

from __future__ import annotations

import json

from .. import crates
from ..support import Project

NAME = "THIRD-PARTY-LICENSES.txt"


def _project(project: Project, name: str, table: str = "") -> Project:
    declared = f"[tool.setuptools-pyo3]\n{table}\n"
    return project.write({"pyproject.toml": crates.pyproject(name, declared), **crates.crate(name), "LICENSE": "Ours"})


def test_third_parties_are_listed_and_nothing_is_left_in_the_tree(project: Project) -> None:
    _project(project, "licences-list")
    project.run("cargo", "generate-lockfile")
    before = project.files("**/*")
    argv = (project.python, "-m", "setuptools_pyo3", "licenses")
    listed = [line.split("  ")[0] for line in project.run(*argv).stdout.splitlines() if "MIT OR Apache-2.0" in line]
    assert listed == ["libc", "once_cell", "pyo3", "pyo3-ffi"]
    told = project.run(*argv, "--json", "--all").stdout
    entries = {entry["name"]: entry for entry in json.loads(told[told.index("\n[") :])}
    assert entries["licences-list"]["license"] == ""
    assert entries["pyo3"]["repository"].startswith("https://")
    assert "Apache License" in project.run(*argv, "--texts").stdout
    assert [path for path in project.files("**/*") if path not in before and not path.startswith("build")] == []


def test_a_wheel_holds_them_and_its_metadata_says_so_before_it_is_built(project: Project) -> None:
    _project(project, "licences-wheel", "third-party-licenses = true")
    (project.folder / "prepared").mkdir()
    project.setup("dist_info", "--output-dir=prepared")
    (prepared,) = project.files("prepared/*/METADATA")
    wheel = project.wheel()
    metadata = wheel.read("METADATA")
    assert metadata == (project.folder / prepared).read_text()
    assert f"License-File: LICENSE\nLicense-File: {NAME}\n" in metadata
    text = wheel.read(f"licenses/{NAME}")
    assert text.startswith("licences-wheel 1.0 contains these crates")
    assert "pyo3-ffi" in text
    assert "Apache License" in text
    assert "pyo3-macros" not in text


def test_an_editable_installation_holds_them_too(project: Project) -> None:
    _project(project, "licences-editable", "third-party-licenses = true")
    project.setup("editable_wheel", "--dist-dir=dist")
    assert "pyo3" in project.built_wheel().read(f"licenses/{NAME}")


def test_without_the_setting_there_is_none(project: Project) -> None:
    _project(project, "licences-none")
    assert not [name for name in project.wheel().names if name.endswith(NAME)]
