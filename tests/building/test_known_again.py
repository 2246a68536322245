"""A build in which nothing has changed is known again, and every kind of change is noticed all the same."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import List

import pytest

from ..crates import crate, module
from ..support import Project, cargo_calls, compiled, planned, watched

_SETUP = """
    from setuptools import setup
    from setuptools_pyo3 import RustExtension

    setup(name="demo", version="1.0", packages=["pkg"], rust_extensions=[RustExtension("pkg.{name}"{more})])
"""


def _make(project: Project, name: str, more: str = "") -> Project:
    project.write({**crate(name), "pkg/__init__.py": "", "setup.py": _SETUP.format(name=name, more=more)})
    project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(project.folder.parent / "cache")
    project.run("cargo", "generate-lockfile", "--quiet")
    return project


def _modules(project: Project) -> List[Path]:
    return sorted((project.folder / "pkg").glob("*.so")) + sorted((project.folder / "pkg").glob("*.pyd"))


def _answer(project: Project, name: str) -> str:
    return project.evaluate(f"from pkg import {name}; print({name}.answer())")


def _use_abi3(project: Project) -> None:
    manifest = project.folder / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('"0.30"', '{ version = "0.30", features = ["abi3-py39"] }'))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one project and its cache, which all tests here go on with."""
    return tmp_path_factory.mktemp("known")


@pytest.fixture
def known(built: Path, project: Project) -> Project:
    """A project that has been built twice in place and is known again."""
    project.folder = built / "project"
    fresh = not project.folder.exists()
    project.folder.mkdir(exist_ok=True)
    if not fresh:
        shutil.rmtree(project.folder / "pkg")
    _make(project, "known_again")
    watched(project, "build_ext", "--inplace")
    output = watched(project, "build_ext", "--inplace")
    assert not planned(output), output
    return project


def test_a_second_build_runs_cargo_once_and_plans_nothing(known: Project) -> None:
    output = watched(known, "build_ext", "--inplace")
    assert not planned(output)
    assert len(cargo_calls(output)) == 1
    assert "pkg.known_again: built with cargo's dev profile" in output
    assert not compiled(output)
    assert _answer(known, "known_again") == "42"


def test_an_edited_source_is_compiled_and_put_in_place(known: Project) -> None:
    known.write({"src/lib.rs": module("known_again", 43)})
    output = watched(known, "build_ext", "--inplace")
    assert compiled(output) == ["known_again"]
    assert len(cargo_calls(output)) == 1
    assert _answer(known, "known_again") == "43"
    assert not planned(watched(known, "build_ext", "--inplace"))


def test_a_source_that_does_not_compile_fails_once_and_leaves_the_old_module(known: Project) -> None:
    (before,) = _modules(known)
    content = before.read_bytes()
    known.write({"src/lib.rs": "fn broken( {"})
    output = watched(known, "build_ext", "--inplace", check=False)
    assert output.count("error: cargo failed") == 1 or output.count("cargo failed with exit code") == 1
    assert len(cargo_calls(output)) == 1
    assert "Traceback" not in output.partition("setuptools_pyo3")[0]
    assert before.read_bytes() == content


def test_a_module_that_was_removed_comes_back(known: Project) -> None:
    (before,) = _modules(known)
    before.unlink()
    assert planned(watched(known, "build_ext", "--inplace"))
    assert _answer(known, "known_again") == "42"


def test_a_module_that_somebody_wrote_over_is_put_right(known: Project) -> None:
    (before,) = _modules(known)
    content = before.read_bytes()
    before.write_bytes(b"something else")
    watched(known, "build_ext", "--inplace")
    assert before.read_bytes() == content


def test_fault_44_a_file_that_would_be_imported_instead_is_removed(known: Project) -> None:
    (module_file,) = _modules(known)
    suffixes = known.evaluate("import importlib.machinery as m; print(*m.EXTENSION_SUFFIXES)").split()
    own = next(suffix for suffix in suffixes if module_file.name.endswith(suffix))
    assert own == suffixes[0], "the test needs a shadow, so it makes the module an abi3 one"
    _use_abi3(known)
    output = watched(known, "build_ext", "--inplace")
    assert f"removed {os.path.join('pkg', module_file.name)}" in output
    assert not planned(watched(known, "build_ext", "--inplace"))
    module_file.write_bytes(b"stale")
    output = watched(known, "build_ext", "--inplace")
    assert f"removed {os.path.join('pkg', module_file.name)}" in output
    assert _answer(known, "known_again") == "42"


@pytest.mark.parametrize(
    ("name", "value"), [("PYO3_PYTHON", "{python}"), ("ANYTHING", "else"), ("SETUPTOOLS_PYO3_CARGO_PROFILE", "release")]
)
def test_another_environment_is_another_build(known: Project, name: str, value: str) -> None:
    known.env[name] = value.format(python=known.python)
    assert planned(watched(known, "build_ext", "--inplace"))
    assert not planned(watched(known, "build_ext", "--inplace"))
    del known.env[name]
    assert planned(watched(known, "build_ext", "--inplace"))


def test_another_option_declaration_or_manifest_is_another_build(known: Project) -> None:
    assert planned(watched(known, "build_ext", "--inplace", "--profile=release"))
    known.write({"setup.py": _SETUP.format(name="known_again", more=", args=['--release']")})
    assert planned(watched(known, "build_ext", "--inplace"))
    assert not planned(watched(known, "build_ext", "--inplace"))
    manifest = known.folder / "Cargo.toml"
    manifest.write_text(manifest.read_text() + "\n# a comment\n")
    assert planned(watched(known, "build_ext", "--inplace"))


def test_a_damaged_memory_costs_time_only(known: Project) -> None:
    for file in (known.folder.parent / "cache" / "builds").iterdir():
        file.write_bytes(file.read_bytes()[:-40])
    assert planned(watched(known, "build_ext", "--inplace"))
    assert not planned(watched(known, "build_ext", "--inplace"))


def test_what_plain_cargo_built_meanwhile_does_not_get_into_the_package(known: Project) -> None:
    known.run("cargo", "build", "--quiet", "--features", "pyo3/abi3-py39")
    watched(known, "build_ext", "--inplace")
    assert _answer(known, "known_again") == "42"
    assert not planned(watched(known, "build_ext", "--inplace"))


def test_a_wheel_of_a_known_build_has_the_right_tag(known: Project) -> None:
    _use_abi3(known)
    for _ in range(2):
        output = watched(known, "bdist_wheel")
        assert known.built_wheel().tag.startswith("cp39-abi3-")
    # setuptools removes what it unpacked, not what build_ext made: the second run had nothing to do.
    assert not planned(output)


def test_a_projects_own_command_is_called_each_time(project: Project) -> None:
    _make(project, "known_extended")
    project.write(
        {
            "setup.py": """
                from setuptools import setup
                from setuptools_pyo3 import RustExtension, build_rust

                class own(build_rust):
                    def install_extension(self, ext, modules, out_dir=None):
                        print("own install", ext.name)
                        super().install_extension(ext, modules, out_dir)

                setup(name="demo", version="1.0", packages=["pkg"], cmdclass={"build_rust": own},
                      rust_extensions=[RustExtension("pkg.known_extended")])
            """
        }
    )
    for _ in range(2):
        assert "own install pkg.known_extended" in project.setup("build_ext", "--inplace").stdout


def test_build_scripts_see_the_environment_that_rustups_proxy_gives(project: Project) -> None:
    _make(project, "known_environment")
    project.write(
        {
            "build.rs": """
                fn main() {
                    println!("cargo:rerun-if-changed=trigger");
                    let mut lines: Vec<String> = std::env::vars().map(|(k, v)| format!("{k}={v}")).collect();
                    lines.sort();
                    let place = format!("{}/environment.txt", std::env::var("CARGO_MANIFEST_DIR").unwrap());
                    std::fs::write(place, lines.join("\\n")).unwrap();
                }
            """,
            "trigger": "1",
        }
    )
    seen = []
    for turn in range(3):
        project.write({"trigger": str(turn)})
        watched(project, "build_ext", "--inplace")
        seen.append((project.folder / "environment.txt").read_text())
        (project.folder / "environment.txt").unlink()
    assert seen[1] == seen[0]
    assert seen[2] == seen[0]
