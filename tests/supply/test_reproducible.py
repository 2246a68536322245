"""Wheels hold nothing of the machine that built them, and are the same file elsewhere where that is asked for."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import Dict, List

import pytest
from elftools.elf.elffile import ELFFile

from .. import crates
from ..support import TARGET, Project, compiled
from .paths import crate

CARGO_HOME = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")


def _library(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(".so")))


def _ours(project: Project, content: bytes) -> List[str]:
    """The paths of this machine in a file."""
    folders = [CARGO_HOME, str(project.folder), str(TARGET), str(Path.home() / ".cache")]
    return [path for path in re.findall(r"/[\x21-\x7e]{3,}", content.decode("latin-1")) if path.startswith(tuple(folders))]


def test_a_wheel_holds_no_path_of_the_machine_and_nothing_is_compiled_for_that(project: Project) -> None:
    project.write(crate("paths-hidden", names_its_folder=True))
    project.run("cargo", "build", "--release")
    project.setup("build_ext", "--inplace")
    in_place = (project.folder / project.files("*.so")[0]).read_bytes()
    assert all(folder.encode() in in_place for folder in (CARGO_HOME, str(project.folder), str(TARGET)))
    # The crate itself may be another tree's: the tests share their target folder.
    assert "smallvec" not in compiled(project.pip_wheel().stdout)
    wheel = project.built_wheel()
    assert _ours(project, _library(wheel.path)) == []
    assert b"/cargo//" in _library(wheel.path)
    assert compiled(project.run("cargo", "build", "--release").stdout) == []
    wheel.unpack(project.folder / "unpacked")
    code = "import ctypes, glob; print(ctypes.CDLL(glob.glob('unpacked/*.so')[0]).answer(0))"
    assert project.evaluate(code) == "42"


def test_folders_to_look_for_libraries_in_stay(project: Project, tmp_path: Path) -> None:
    files = crate("paths-searched")
    told = '    println!("cargo:rustc-link-arg=-Wl,-rpath,{}/lib", std::env::var("OUT_DIR").unwrap());\n}\n'
    project.write({**files, "build.rs": files["build.rs"].rstrip("}\n") + "\n" + told})
    library = tmp_path / "library.so"
    library.write_bytes(_library(project.wheel().path))
    with library.open("rb") as file:
        (searched,) = (tag.runpath for tag in ELFFile(file).get_section_by_name(".dynamic").iter_tags("DT_RUNPATH"))
    assert _ours(project, library.read_bytes()) == [searched]
    assert searched.endswith("/out/lib")


def test_paths_stay_where_a_project_wants_them(project: Project) -> None:
    files = crate("paths-kept")
    table = f"{files['pyproject.toml']}\n[tool.setuptools-pyo3]\nhide-paths = false\n"
    project.write({**files, "pyproject.toml": table})
    assert _ours(project, _library(project.wheel().path))
    # What lies in the build folder from before is no reason to leave them there.
    project.env["SETUPTOOLS_PYO3_HIDE_PATHS"] = "on"
    assert _ours(project, _library(project.wheel().path)) == []


def test_members_bear_one_time_and_plain_permissions(project: Project) -> None:
    project.write(crate("paths-times"))
    old = os.umask(0o077)
    try:
        wheel = project.wheel()
    finally:
        os.umask(old)
    with zipfile.ZipFile(wheel.path) as archive:
        members = archive.infolist()
    assert {member.date_time for member in members} == {(2000, 1, 1, 0, 0, 0)}
    modes = {member.filename: oct(member.external_attr >> 16 & 0o777) for member in members}
    assert {mode for name, mode in modes.items() if name.endswith(".so")} == {"0o755"}
    # setuptools itself gives RECORD what it gives to nothing else.
    assert {mode for name, mode in modes.items() if not name.endswith((".so", "RECORD"))} == {"0o644"}


def _elsewhere(project: Project, folder: Path, umask: int) -> bytes:
    """The wheel of the same project, built in another folder, by another user, under another umask."""
    other = Project(folder / "project", project.python, project.env)
    shutil.copytree(project.folder, other.folder, ignore=shutil.ignore_patterns("target", "build", "dist", "*.egg-info"))
    home = folder / "home"
    (home / ".cargo").mkdir(parents=True)
    (home / ".cargo" / "registry").symlink_to(Path(CARGO_HOME) / "registry")
    other.env.update(CARGO_HOME=str(home / ".cargo"), SETUPTOOLS_PYO3_CACHE_DIR=str(home / "cache"), SOURCE_DATE_EPOCH="1700000000")
    del other.env["CARGO_TARGET_DIR"]
    old = os.umask(umask)
    try:
        return other.wheel().path.read_bytes()
    finally:
        os.umask(old)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(crate("paths-same"), id="all kinds of paths"),
        pytest.param({"pyproject.toml": crates.pyproject(table="[tool.setuptools-pyo3]"), **crates.crate("same-pyo3")}, id="PyO3"),
    ],
)
def test_wheels_are_the_same_in_two_folders_for_two_users(project: Project, tmp_path: Path, files: Dict[str, str]) -> None:
    project.write(files)
    project.run("cargo", "generate-lockfile")
    first = _elsewhere(project, tmp_path / "one", 0o022)
    assert first == _elsewhere(project, tmp_path / "another one, longer", 0o077)
    (tmp_path / "kept.whl").write_bytes(first)
    assert _library(tmp_path / "kept.whl").count(b"/cargo/registry/src/") > 0


def test_source_distributions_are_the_same_in_two_folders_under_two_umasks(project: Project, tmp_path: Path) -> None:
    project.write({**crate("paths-sources"), "README.md": "Hello", "LICENSE": "Ours"})
    project.run("cargo", "generate-lockfile")
    made = []
    for name, umask in (("one", 0o022), ("another one", 0o077)):
        old = os.umask(umask)
        try:
            other = Project(tmp_path / name, project.python, project.env)
            shutil.copytree(project.folder, other.folder, copy_function=shutil.copyfile)
            other.setup("sdist")
        finally:
            os.umask(old)
        made += [path.read_bytes() for path in other.folder.glob("dist/*.tar.gz")]
    assert len(made) == 2
    assert made[0] == made[1]


def test_others_artifacts_stay_as_they_are(project: Project) -> None:
    project.write(crate("paths-apart"))
    del project.env["CARGO_TARGET_DIR"]
    project.run("cargo", "build", "--release")
    project.setup("bdist_wheel")
    project.env["SOURCE_DATE_EPOCH"] = "1700000000"
    assert sorted(compiled(project.setup("bdist_wheel").stdout)) == ["paths-apart", "smallvec"]
    assert project.files("target/release-reproducible/*.so")
    assert compiled(project.run("cargo", "build", "--release").stdout) == []
    assert compiled(project.setup("bdist_wheel").stdout) == []
    del project.env["SOURCE_DATE_EPOCH"]
    assert compiled(project.setup("bdist_wheel").stdout) == []


def test_the_cache_serves_unpacked_sdists_all_the_same(project: Project, tmp_path: Path) -> None:
    project.write({**crate("paths-cached", debug=False), "PKG-INFO": "Metadata-Version: 2.1\nName: paths-cached\nVersion: 1.0\n"})
    project.run("cargo", "generate-lockfile")
    del project.env["CARGO_TARGET_DIR"]
    project.env.update(SOURCE_DATE_EPOCH="1700000000", SETUPTOOLS_PYO3_CACHE_DIR=str(tmp_path / "cache"))
    wheels, said = [], []
    for number in range(2):
        tree = Project(tmp_path / f"unpacked-{number}" / "tree", project.python, project.env)
        shutil.copytree(project.folder, tree.folder)
        said.append(sorted(compiled(tree.setup("bdist_wheel").stdout)))
        wheels.append(tree.built_wheel().path.read_bytes())
    assert said == [["paths-cached", "smallvec"], ["paths-cached"]]
    assert wheels[0] == wheels[1]


def test_the_projects_own_profile_and_flags_stay(project: Project) -> None:
    files = crate("paths-profile")
    files["Cargo.toml"] += '\n[profile.checked]\ninherits = "release"\ndebug-assertions = true\n'
    files["src/lib.rs"] += '#[no_mangle]\npub extern "C" fn checked() -> bool {\n    cfg!(all(debug_assertions, told))\n}\n'
    project.write(files)
    project.env.update(SETUPTOOLS_PYO3_CARGO_PROFILE="checked", SOURCE_DATE_EPOCH="1700000000", RUSTFLAGS="--cfg told")
    project.wheel().unpack(project.folder / "unpacked")
    code = "import ctypes, glob; print(ctypes.CDLL(glob.glob('unpacked/*.so')[0]).checked())"
    assert project.evaluate(code) == "1"
    project.env["SETUPTOOLS_PYO3_REPRODUCIBLE"] = "off"
    assert "-reproducible" not in project.pip_wheel().stdout
