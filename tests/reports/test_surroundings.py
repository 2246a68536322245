"""Reports 17 and 18: leftovers in the environment don't decide what is built for, and we bootstrap from sources."""

from __future__ import annotations

import email
import email.message
import shutil
import sys
import zipfile
from pathlib import Path
from typing import List

import pytest
from packaging.requirements import Requirement

from ..crates import crate, pyproject
from ..support import ROOT, Environments, Project, compiled, copy_tree, run

# -- report 17

# What PyO3's own build script chose, as the crate's build script can see it.
BUILD_RS = 'fn main() {\n    println!("cargo:rerun-if-changed=build.rs");\n    pyo3_build_config::use_pyo3_cfgs();\n}\n'
MINOR = """\
use pyo3::prelude::*;

#[pyfunction]
fn minor() -> u8 {
    if cfg!(Py_3_13) { 13 } else if cfg!(Py_3_12) { 12 } else if cfg!(Py_3_11) { 11 } else if cfg!(Py_3_10) { 10 } else { 9 }
}

#[pymodule]
fn report17(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(minor, m)?)?;
    Ok(())
}
"""


def test_report_17_stale_environments_in_the_environment(project: Project, environments: Environments, tmp_path: Path) -> None:
    other = next(v for v in ("3.9", "3.10", "3.12", "3.13") if environments.interpreter(v) and not sys.version.startswith(v))
    alive = environments.make(python=other).parent.parent
    project.write(crate("report17", extra='\n[build-dependencies]\npyo3-build-config = "0.30"\n'))
    project.write({"build.rs": BUILD_RS, "src/lib.rs": MINOR})
    project.write({"pyproject.toml": pyproject("report17", '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "report17"\n')})
    version = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    gone = str(tmp_path / "gone")
    path = project.env["PATH"]
    for count, leftovers in enumerate(
        (
            {"CONDA_PREFIX": gone},
            {"CONDA_PREFIX": str(alive)},
            {"VIRTUAL_ENV": gone},
            {"VIRTUAL_ENV": str(alive)},
            {"VIRTUAL_ENV": str(alive), "CONDA_PREFIX": gone},
            {"PATH": f"{alive / 'bin'}:{path}", "VIRTUAL_ENV": str(alive)},
        )
    ):
        project.env.update({"PATH": path, "VIRTUAL_ENV": "", "CONDA_PREFIX": "", **leftovers})
        output = project.pip_wheel().stdout
        wheel = project.built_wheel()
        assert wheel.tag.startswith(f"{version}-{version}-"), leftovers
        unpacked = wheel.unpack(tmp_path / f"unpacked-{count}")
        assert project.evaluate("import report17; print(report17.minor())", cwd=unpacked) == str(sys.version_info[1]), leftovers
        # None of it is a reason to compile anything again.
        assert not count or compiled(output) == [], leftovers
    project.setup("build_ext", "--inplace")
    assert project.evaluate("import report17; print(report17.minor())") == str(sys.version_info[1])


# -- report 18

PLAIN = {"setuptools", "semantic-version", "pyelftools"}
PLATFORM = {"linux": set(), "darwin": {"macholib"}, "win32": {"pefile"}}  # type: dict[str, set[str]]


def requirements(wheelhouse: Path) -> List[Requirement]:
    """What our own wheel says that it needs, extras left out."""
    with zipfile.ZipFile(next(wheelhouse.glob("setuptools_pyo3-*.whl"))) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata: email.message.Message = email.message_from_bytes(archive.read(name))
    found = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    return [one for one in found if one.marker is None or one.marker.evaluate({"extra": ""}) or "extra" not in str(one.marker)]


def needed(wheelhouse: Path, version: str, platform: str) -> List[Requirement]:
    names = {"python_version": version, "python_full_version": f"{version}.0", "sys_platform": platform, "extra": ""}
    return [one for one in requirements(wheelhouse) if one.marker is None or one.marker.evaluate(names)]


@pytest.mark.parametrize("platform", PLATFORM)
def test_report_18_requirements_of_our_own(wheelhouse: Path, platform: str) -> None:
    for version in ("3.11", "3.12", "3.13", "3.14", "3.15"):
        names = {one.name.replace("_", "-").lower() for one in needed(wheelhouse, version, platform)}
        assert names == PLAIN | PLATFORM[platform]
    (setuptools,) = (one for one in requirements(wheelhouse) if one.name == "setuptools")
    assert setuptools.marker is None
    assert [specifier.operator for specifier in setuptools.specifier] == [">="]


@pytest.mark.network
@pytest.mark.skipif(sys.version_info < (3, 11), reason="older Pythons have no TOML reader of their own")
def test_report_18_bootstrap_from_sources_alone(wheelhouse: Path, environments: Environments, tmp_path: Path) -> None:
    """With nothing but setuptools, all that we need and we ourselves are built from sources, on every platform's list."""
    bare = tmp_path / "bare"
    env = environments.env
    run(["uv", "venv", "--quiet", "--python", sys.executable, bare], cwd=tmp_path, env=env)
    python = bare / "bin" / "python"
    run(["uv", "pip", "install", "--quiet", "--python", python, "setuptools", "pip"], cwd=tmp_path, env=env)
    wanted = {one.name for platform in PLATFORM for one in needed(wheelhouse, "3.11", platform)} - {"setuptools"}
    options = ["--no-build-isolation", "--no-binary=:all:", "-w", tmp_path / "built"]
    # Their own requirements too, such as macholib's altgraph.
    run([python, "-m", "pip", "wheel", *options, *sorted(wanted)], cwd=tmp_path, env=env)
    source = tmp_path / "source"
    copy_tree(ROOT / "setuptools_pyo3", source / "setuptools_pyo3")
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copyfile(ROOT / name, source / name)
    run([python, "-m", "pip", "wheel", *options, "--no-deps", source], cwd=tmp_path, env=env)
    assert list((tmp_path / "built").glob("setuptools_pyo3-*.whl"))
