"""Several configurations side by side in one target folder: whoever comes back finds what was compiled for it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Dict, List, Optional

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project, compiled, run
from .telltale import in_dev_profile, telltale

pytestmark = [pytest.mark.cross, pytest.mark.slow]

PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")


def knowing_python(name: str) -> List[str]:
    """The crates that are compiled for each configuration, the module's own included."""
    return ["pyo3-ffi", "pyo3", name]


def same_tree(environments: Environments, folder: Path) -> Dict[str, Project]:
    """One project, as built by each of the Pythons from a virtual environment of its own."""
    folder.mkdir()
    return {v: in_dev_profile(Project(folder, environments.make(python=v), environments.env)) for v in PYTHONS}


def in_place(project: Project) -> List[str]:
    """Build in place; returns what was compiled."""
    return compiled(project.setup("build_ext", "--inplace").stdout)


def minor(project: Project, name: str, python: Optional[Path] = None) -> int:
    """Which Python's module it is that a Python finds, by the module's own account."""
    return int(project.evaluate(f"import {name}; print({name}.built_with()[2])", python=python))


def test_five_pythons_in_turn_and_back_compile_nothing_twice(environments: Environments, tmp_path: Path) -> None:
    name = "five_in_turn"
    projects = same_tree(environments, tmp_path / "project")
    projects["3.9"].write(telltale(name))
    first = {version: in_place(project) for version, project in projects.items()}
    for version in PYTHONS[1:]:
        # Crates that don't know Python are there since the first of them, wherever that found them.
        assert set(first[version]) <= set(knowing_python(name)), version
    assert [crate for crates in first.values() for crate in crates].count(name) == len(PYTHONS)
    for version, project in projects.items():
        assert in_place(project) == [], version
        assert minor(project, name) == int(version.partition(".")[2])
    # It doesn't matter who runs the build.
    running = projects["3.11"]
    for version, project in reversed(projects.items()):
        running.env["PYO3_PYTHON"] = str(project.python)
        assert in_place(running) == [], version
        assert minor(running, name, project.python) == int(version.partition(".")[2])


@pytest.mark.parametrize(("pyo3", "pythons"), [("0.23", ("3.9", "3.13")), ("0.15", ("3.9", "3.10"))])
def test_older_pyo3s_are_kept_apart_too(environments: Environments, tmp_path: Path, pyo3: str, pythons: "tuple[str, str]") -> None:
    name = f"older_{pyo3.replace('.', '_')}"
    projects = same_tree(environments, tmp_path / "project")
    files = telltale(name, pyo3=pyo3)
    if pyo3 == "0.15":
        files["src/lib.rs"] = files["src/lib.rs"].replace("m: &Bound<'_, PyModule>", "_py: Python, m: &PyModule")
    projects["3.9"].write(files)
    for again in (False, True):
        for version in pythons:
            assert (in_place(projects[version]) == []) == again, version
            assert minor(projects[version], name) == int(version.partition(".")[2])


def both(name: str) -> Dict[str, str]:
    """A crate whose library is a module and a Rust library too, with a Rust test that needs no Python."""
    return {
        **telltale(name, types='"cdylib", "rlib"'),
        "src/plain.rs": "pub fn number() -> i32 {\n    7\n}\n",
        "src/lib.rs": f"pub mod plain;\n{telltale(name)['src/lib.rs']}",
        "tests/number.rs": f"#[test]\nfn number() {{\n    assert_eq!({name}::plain::number(), 7);\n}}\n",
    }


def plain_cargo(project: Project, *arguments: str) -> str:
    """What the user's own cargo says; it finds the interpreter itself."""
    path = os.pathsep.join([str(project.python.parent), project.env["PATH"]])
    env = {**project.env, "VIRTUAL_ENV": str(project.python.parent.parent), "PATH": path}
    return run(["cargo", *arguments], cwd=project.folder, env=env).stdout


def test_the_users_own_cargo_between_two_builds_costs_nothing(project: Project) -> None:
    name = "own_cargo"
    project.write(both(name))
    assert name in in_place(project)
    for command in (["check", "--all-targets"], ["test", "--no-run"], ["build"]):
        # What it compiles is its own, and replaces the module in the target folder where it builds that too.
        assert name in plain_cargo(project, *command)
        assert in_place(project) == [], command
        assert minor(project, name) > 9
    # Nor does what we put back disturb what cargo checks.
    assert compiled(plain_cargo(project, "check", "--all-targets")) == []


def test_an_edit_between_two_builds_is_seen_whoever_compiled_it_first(project: Project) -> None:
    name = "own_edit"
    project.write(both(name))
    in_place(project)
    source = project.folder / "src" / "lib.rs"
    source.write_text(source.read_text().replace("let minor = ", "let minor = 100 + "))
    plain_cargo(project, "build")
    assert in_place(project) == [name]
    assert minor(project, name) > 100


def test_after_a_plain_release_build_only_what_knows_python_is_compiled(project: Project) -> None:
    name = "after_release"
    project.write(crate(name)).write(
        {"pyproject.toml": pyproject(name, f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\n')}
    )
    assert "Finished" in plain_cargo(project, "rustc", "--release", "--lib", "--", "-Clink-arg=-Wl,--unresolved-symbols=ignore-all")
    first = compiled(project.pip_wheel().stdout)
    assert name in first
    assert set(first) <= set(knowing_python(name))
    assert compiled(project.pip_wheel().stdout) == []


def test_programs_that_embed_python_and_modules_take_turns(project: Project) -> None:
    name = "embeds_in_turn"
    files = both(name)
    project.write(files)
    in_place(project)
    tests = [str(project.python.parent / "setuptools-pyo3"), "cargo", "test", "--no-run"]
    assert name in compiled(project.run(*tests).stdout)
    for _ in range(2):
        assert in_place(project) == []
        assert minor(project, name) > 9
        assert compiled(project.run(*tests).stdout) == []


def test_every_place_that_cargo_is_told_to_build_in(environments: Environments, tmp_path: Path) -> None:
    """A relative target folder, another one for what is compiled, and a default target triple in cargo's configuration."""
    name = "told_places"
    projects = same_tree(environments, tmp_path / "project")
    host = next(
        line.split()[1]
        for line in run(["rustc", "-vV"], cwd=tmp_path, env=environments.env).stdout.splitlines()
        if line.startswith("host")
    )
    files = telltale(name)
    files[".cargo/config.toml"] = f'[build]\ntarget = "{host}"\nbuild-dir = "../compiled"\n'
    projects["3.9"].write(files)
    for project in projects.values():
        project.env["CARGO_TARGET_DIR"] = "../finished"
    ways = [projects["3.9"], projects["3.13"]]
    for again in (False, True):
        for project, expected in zip(ways, (9, 13)):
            assert (in_place(project) == []) == again
            assert minor(project, name) == expected
    assert not list((tmp_path / "project").rglob("target"))
    assert list((tmp_path / "finished").glob(f"{host}/debug/lib{name}.so"))
    assert list((tmp_path / "compiled").glob(f"{host}/debug/deps/lib{name}.so"))


@pytest.mark.parametrize("where", ["Cargo.toml", ".cargo/config.toml"])
def test_overrides_of_ones_own_for_pyo3(project: Project, where: str) -> None:
    """cargo takes two names for one package for a mistake; the one that the project has chosen is used."""
    name = "own_override" if where == "Cargo.toml" else "own_configuration"
    files = telltale(name)
    files[where] = files.get(where, "") + '\n[profile.dev.package."pyo3-ffi@0.30"]\nopt-level = 1\n'
    project.write(files)
    # Made by cargo in the first build; what is in it tells the versions.
    for _ in range(2):
        output = project.setup("build_ext", "--inplace").stdout
        assert minor(project, name) > 9
    assert compiled(output) == []
    assert ("has a profile override for pyo3-ffi@0.30" in output) == (where != "Cargo.toml")


def test_a_cargo_that_has_no_option_for_it_builds_all_the_same(project: Project, tmp_path: Path) -> None:
    old = tmp_path / "bin" / "cargo"
    old.parent.mkdir()
    old.write_text(
        '#!/bin/sh\nfor word; do case "$word" in\n'
        "--version) echo 'cargo 1.62.1 (a748cf5a3 2022-06-08)'; exit 0;;\n"
        "--config*) echo 'error: the `--config` flag is unstable' >&2; exit 101;;\n"
        'esac; done\nexec "$REAL_CARGO" "$@"\n'
    )
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    real = run(["sh", "-c", "command -v cargo"], cwd=tmp_path, env=project.env).stdout.strip()
    project.env.update(CARGO=str(old), REAL_CARGO=real)
    project.write(telltale("old_cargo"))
    output = project.setup("build_ext", "--inplace").stdout
    assert "cargo 1.62 has no option --config" in output
    assert minor(project, "old_cargo") > 9


def test_turned_off_it_costs_time_and_nothing_else(environments: Environments, tmp_path: Path) -> None:
    name = "turned_off"
    projects = same_tree(environments, tmp_path / "project")
    projects["3.9"].write(telltale(name))
    for version in ("3.9", "3.13", "3.9"):
        project = projects[version]
        project.env["SETUPTOOLS_PYO3_KEEP_APART"] = "0"
        output = project.setup("build_ext", "--inplace").stdout
        assert set(knowing_python(name)) <= set(compiled(output))
        assert "codegen-units" not in output
        assert minor(project, name) == int(version.partition(".")[2])
