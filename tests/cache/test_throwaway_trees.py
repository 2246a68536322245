"""Wheels from unpacked sdists: what came from a registry is compiled once, local crates each time, and nothing is mixed up."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Callable, Dict

import pytest

from ..crates import crate, pyproject
from ..faults.ground import function
from ..support import Environments, Project, cargo_calls, compiled, run
from .conftest import MANIFEST, Thrown, declared, source

# -- the default ways of the frontends


@pytest.mark.slow
def test_default_builds_compile_only_the_projects_own_crates(project: Project, environments: Environments, tmp_path: Path) -> None:
    """``uv build``, ``python -m build`` and ``pip install x.tar.gz`` share what any of them has compiled."""
    del project.env["CARGO_TARGET_DIR"]
    project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(tmp_path / "cache")
    table = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "cache_front"\n'
    project.write({"pyproject.toml": pyproject("cache-front", table), **crate("cache_front")})
    project.run("cargo", "generate-lockfile")
    first = project.run("uv", "build", "--python", project.python).stdout
    assert "pyo3" in compiled(first)
    assert "cache_front" in compiled(first)
    assert compiled(project.run("uv", "build", "--python", project.python).stdout) == ["cache_front"]
    assert compiled(project.run(sys.executable, "-m", "build").stdout) == ["cache_front"]
    (sdist,) = (project.folder / "dist").glob("*.tar.gz")
    interpreter = environments.make(fresh=True)
    assert compiled(project.run(interpreter, "-m", "pip", "install", "-v", sdist).stdout) == ["cache_front"]
    said = run([interpreter, "-c", "import cache_front; print(cache_front.answer())"], cwd=tmp_path, env=project.env).stdout
    assert said.strip() == "42"
    assert not project.files("target")


# -- the staleness trap: fault 42


def test_fault_42_local_crates_are_compiled_anew_each_time(thrown: Thrown) -> None:
    """cargo judges by times, and those of an archive are old, whatever has changed."""
    assert compiled(thrown.build().stdout) == ["itoa", "thrown"]
    assert thrown.answer() == 42
    thrown.project.write({"src/lib.rs": source(43)})
    output = thrown.build().stdout
    assert compiled(output) == ["thrown"]
    assert len(cargo_calls(output)) == 1
    assert thrown.answer() == 43


_MACRO = """\
use proc_macro::TokenStream;

#[proc_macro]
pub fn number(_: TokenStream) -> TokenStream {
    "NUMBER".parse().unwrap()
}
"""
_BUILD_RS = """\
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=MADE={}", maker::number());
}
"""
_DEPENDENCIES = """\
helper = { path = "helper" }
numbers = { path = "numbers" }

[build-dependencies]
maker = { path = "maker" }
"""


def _helper(number: int, name: str = "helper") -> Dict[str, str]:
    """A local library that gives a number."""
    return {
        f"{name}/Cargo.toml": f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n',
        f"{name}/src/lib.rs": f"pub fn number() -> i64 {{\n    {number}\n}}\n",
    }


def _with_local_dependencies(number: int) -> Dict[str, str]:
    """A library, a procedural macro and a dependency of the build script, each of which gives the number once."""
    macro = _helper(number, "numbers")
    return {
        "Cargo.toml": MANIFEST + _DEPENDENCIES,
        "build.rs": _BUILD_RS,
        "src/lib.rs": source('helper::number() + numbers::number!() + env!("MADE").parse::<i64>().unwrap()'),
        **_helper(number),
        **_helper(number, "maker"),
        "numbers/Cargo.toml": macro["numbers/Cargo.toml"] + "\n[lib]\nproc-macro = true\n",
        "numbers/src/lib.rs": _MACRO.replace("NUMBER", str(number)),
    }


def test_fault_42_local_dependencies_of_every_kind_are_compiled_anew(thrown: Thrown) -> None:
    thrown.project.write(_with_local_dependencies(1)).run("cargo", "generate-lockfile")
    thrown.build()
    assert thrown.answer() == 3
    thrown.project.write(_with_local_dependencies(10))
    output = thrown.build().stdout
    assert sorted(compiled(output)) == ["helper", "maker", "numbers", "thrown"]
    assert len(cargo_calls(output)) == 1
    assert thrown.answer() == 30


# What a project's setup.py can do to us to make cargo's layout look unknown.
_BLIND = "from setuptools_pyo3.hands.remains import Remains\n\nRemains.remove = lambda self, target: None\n"


def test_fault_42_local_crates_are_compiled_anew_where_cargos_layout_is_unknown(thrown: Thrown) -> None:
    """When nothing is found to remove, cargo calls crates fresh that aren't, and is told to forget them."""
    thrown.project.write({**_with_local_dependencies(1), "setup.py": _BLIND + declared()}).run("cargo", "generate-lockfile")
    thrown.build()
    thrown.project.write(_with_local_dependencies(10))
    output = thrown.build().stdout
    assert "itoa" not in compiled(output)
    assert len(cargo_calls(output)) == 2
    assert thrown.answer() == 30


def test_fault_42_a_cargo_that_does_not_forget_is_not_believed(thrown: Thrown, tmp_path: Path) -> None:
    """Where ``cargo clean`` does nothing either, the build goes on in the tree itself."""
    thrown.project.write({**_with_local_dependencies(1), "setup.py": _BLIND + declared()}).run("cargo", "generate-lockfile")
    thrown.build()
    cargo = shutil.which("cargo", path=thrown.env["PATH"])
    forgetful = tmp_path / "tools" / "cargo"
    forgetful.parent.mkdir()
    forgetful.write_text(f'#!/bin/sh\n[ "$1" = clean ] || exec {cargo} "$@"\n')
    forgetful.chmod(0o755)
    thrown.env["CARGO"] = str(forgetful)
    thrown.project.write(_with_local_dependencies(10))
    output = thrown.build().stdout
    assert output.count("can't be used") == 1
    assert thrown.answer() == 30
    # What can't be trusted isn't kept.
    assert thrown.targets() == []


def test_a_registry_crate_of_the_projects_own_name_is_compiled_once(thrown: Thrown) -> None:
    renamed = MANIFEST.replace('itoa = "1"', 'real = { package = "itoa", version = "1" }')
    manifest = renamed.replace('name = "thrown"', 'name = "itoa"')
    thrown.project.write({"Cargo.toml": manifest, "src/lib.rs": source().replace("itoa::", "real::")})
    thrown.project.run("cargo", "generate-lockfile")
    assert compiled(thrown.build().stdout) == ["itoa", "itoa"]
    thrown.project.write({"src/lib.rs": source(43).replace("itoa::", "real::")})
    assert compiled(thrown.build().stdout) == ["itoa"]
    assert thrown.answer() == 43


def test_extensions_that_need_several_commands_get_their_own_modules(thrown: Thrown) -> None:
    """Two features of one crate: two commands write one file, and share a local dependency."""
    answer = 'helper::number() as i32 + if cfg!(feature = "loud") { 1 } else { 0 }'
    modules = [f"RustExtension('pkg.{name}', binding=Binding.NoBinding, features={[name]})" for name in ("quiet", "loud")]
    thrown.project.write(
        {
            "Cargo.toml": MANIFEST + 'helper = { path = "helper" }\n\n[features]\nloud = []\nquiet = []\n',
            "src/lib.rs": function(answer),
            **_helper(40),
            "setup.py": declared(*modules),
        }
    ).run("cargo", "generate-lockfile")
    for number in (40, 50):
        thrown.project.write(_helper(number))
        output = thrown.build().stdout
        assert len(cargo_calls(output)) == 2
        assert compiled(output).count("helper") == 1
        unpacked = thrown.project.built_wheel().unpack(thrown.folder / str(number))
        code = "import ctypes; print(*(ctypes.CDLL(f'pkg/{name}.so').answer() for name in ('quiet', 'loud')))"
        assert thrown.project.evaluate(code, cwd=unpacked) == f"{number} {number + 1}"


# -- what stays


@pytest.mark.parametrize("profile", ["release", "dev", "small"])
def test_nothing_of_local_crates_stays(thrown: Thrown, profile: str) -> None:
    thrown.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = profile
    extra = '\n[[bin]]\nname = "thrown-tool"\npath = "src/main.rs"\n\n[profile.small]\ninherits = "release"\nopt-level = "s"\n'
    files = _with_local_dependencies(1)
    thrown.project.write({**files, "Cargo.toml": files["Cargo.toml"] + extra, "src/main.rs": "fn main() {}\n"})
    thrown.project.write({"setup.py": declared("RustExtension('pkg._core')", "RustBin('thrown-tool')")})
    thrown.project.run("cargo", "generate-lockfile")
    thrown.build()
    first = thrown.kept()
    names = ("thrown", "helper", "numbers", "maker")
    assert not [path for path in first if any(name in path for name in names)]
    assert any("itoa" in path for path in first)
    # Another version of a crate, other dependencies and other features each make another name for cargo.
    changed = files["Cargo.toml"].replace('"0.1.0"', '"0.2.0"', 1) + extra + "\n[features]\ndefault = []\n"
    thrown.project.write({"Cargo.toml": changed})
    thrown.project.run("cargo", "update", "--workspace", "--offline")
    thrown.build()
    assert thrown.kept() == first


def test_nothing_of_local_crates_stays_of_a_build_that_fails(thrown: Thrown) -> None:
    thrown.build()
    first = thrown.kept()
    thrown.project.write({**_with_local_dependencies(1), "src/lib.rs": "this is no Rust\n"}).run("cargo", "generate-lockfile")
    copy = thrown.unpack()
    assert copy.setup("bdist_wheel", check=False).returncode != 0
    assert thrown.kept() == first


# -- when it isn't used


def _is_local(thrown: Thrown, copy: Project) -> bool:
    """Whether a build left its output in the tree, and none in the cache."""
    return bool(copy.files("target/*/.fingerprint")) and thrown.targets() == []


@pytest.mark.parametrize("way", ["in place", "editable"])
def test_a_tree_that_is_worked_in_has_a_target_folder_of_its_own(thrown: Thrown, environments: Environments, way: str) -> None:
    copy = thrown.unpack()
    if way == "editable":
        copy.python = environments.make(fresh=True)
        copy.run(copy.python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "-e", ".")
    else:
        copy.setup("build_ext", "--inplace")
    assert _is_local(thrown, copy)
    assert compiled(copy.setup("build_ext", "--inplace").stdout) == []


def test_a_tree_under_version_control_has_a_target_folder_of_its_own(thrown: Thrown) -> None:
    copy = thrown.unpack()
    copy.run("git", "init", "--quiet")
    copy.setup("bdist_wheel")
    assert _is_local(thrown, copy)


_CONFIGURED = ".cargo/config.toml"
_DECISIONS: Dict[str, Callable[[Thrown], object]] = {
    "variable": lambda thrown: thrown.env.update(CARGO_TARGET_DIR="chosen"),
    "configuration's variable": lambda thrown: thrown.env.update(CARGO_BUILD_TARGET_DIR="chosen"),
    "configuration": lambda thrown: thrown.project.write({_CONFIGURED: '[build]\ntarget-dir = "chosen"\n'}),
    "build-dir": lambda thrown: thrown.project.write({_CONFIGURED: '[build]\nbuild-dir = "chosen"\n'}),
    "included": lambda thrown: thrown.project.write(
        {_CONFIGURED: 'include = ["more.toml"]\n', ".cargo/more.toml": '[build]\ntarget-dir = "chosen"\n'}
    ),
    "argument": lambda thrown: thrown.project.write(
        {"setup.py": declared("RustExtension('pkg._core', args=['--target-dir', 'chosen'])")}
    ),
    "option": lambda thrown: thrown.project.write(
        {"setup.py": declared("""RustExtension('pkg._core', cargo_manifest_args=['--config', 'build.target-dir="chosen"'])""")}
    ),
    "extension's variable": lambda thrown: thrown.project.write(
        {"setup.py": declared("RustExtension('pkg._core', env={'CARGO_TARGET_DIR': 'chosen'})")}
    ),
}


@pytest.mark.parametrize("decision", list(_DECISIONS))
def test_the_users_own_target_folder_goes_before_it(thrown: Thrown, decision: str) -> None:
    _DECISIONS[decision](thrown)
    copy = thrown.unpack()
    output = copy.setup("bdist_wheel").stdout
    (command,) = cargo_calls(output)
    assert str(thrown.cache / "targets") not in command
    assert thrown.targets() == []
    # An older cargo doesn't know of includes and build-dir, and uses its own folder.
    assert copy.files("chosen/release*") or copy.files("target/release*")


@pytest.mark.parametrize(
    ("variable", "declared", "used"),
    [("off", "", False), ("0", "", False), ("", "false", False), ("on", "false", True), ("off", "true", False), ("", "true", True)],
)
def test_it_can_be_turned_off(thrown: Thrown, variable: str, declared: str, used: bool) -> None:
    thrown.env["SETUPTOOLS_PYO3_CACHE"] = variable
    if declared:
        thrown.project.write({"pyproject.toml": f"[tool.setuptools-pyo3]\ncache = {declared}\n"})
    copy = thrown.unpack()
    output = copy.setup("bdist_wheel").stdout
    assert bool(thrown.targets()) is used
    assert _is_local(thrown, copy) is not used
    assert "can't be used" not in output


@pytest.mark.parametrize(("name", "value"), [("SETUPTOOLS_PYO3_CACHE", "/some/folder"), ("SETUPTOOLS_PYO3_CACHE_SIZE", "plenty")])
def test_a_variable_that_says_nothing_sensible_is_refused(thrown: Thrown, name: str, value: str) -> None:
    thrown.env[name] = value
    done = thrown.unpack().setup("bdist_wheel", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert f"{name}: expected" in done.stdout
    assert value in done.stdout


def test_the_plan_shows_it_and_makes_nothing(thrown: Thrown) -> None:
    copy = thrown.unpack()
    plan = copy.run(copy.python, "-m", "setuptools_pyo3", "plan").stdout
    assert f"--target-dir={thrown.cache / 'targets'}" in plan
    assert not (thrown.cache / "targets").exists()


def test_a_project_level_setting_alone_leaves_it_to_the_crates(thrown: Thrown) -> None:
    (thrown.project.folder / "setup.py").unlink()
    table = "[tool.setuptools]\npackages = []\n[tool.setuptools-pyo3]\ncache = false\n"
    thrown.project.write({"pyproject.toml": pyproject("demo", table), **crate("found")})
    copy = thrown.unpack()
    plan = copy.run(copy.python, "-m", "setuptools_pyo3", "plan").stdout
    assert "found: " in plan
    assert "--target-dir" not in plan


# -- vendored and patched crates never meet those of the registry


def _vendored(thrown: Thrown) -> None:
    """Vendor the registry's crates into the project, and have cargo use them."""
    output = thrown.project.run("cargo", "vendor").stdout
    thrown.project.write({_CONFIGURED: output[output.index("[source") :]})


def _forge(folder: Path, answer: int, checksums: str) -> None:
    """Let a copy of itoa give one answer to everything."""
    library = folder / "src" / "lib.rs"
    head = "pub fn format<I: Integer>(&mut self, i: I) -> &str {"
    assert head in library.read_text()
    library.write_text(library.read_text().replace(head, f'{head} if true {{ return "{answer}"; }}'))
    listed = folder / ".cargo-checksum.json"
    if listed.exists():
        content = json.loads(listed.read_text())
        digest = hashlib.sha256(library.read_bytes()).hexdigest()
        content["files"] = {**content["files"], "src/lib.rs": digest} if checksums == "renewed" else {}
        listed.write_text(json.dumps(content))


@pytest.mark.parametrize("checksums", ["renewed", "none"])
def test_vendored_crates_never_meet_the_registrys(thrown: Thrown, checksums: str) -> None:
    """cargo gives both one name, and never looks at either's files again."""
    thrown.build()
    _vendored(thrown)
    (vendored,) = (thrown.project.folder / "vendor").glob("itoa*")
    assert compiled(thrown.build().stdout) == ["itoa", "thrown"]
    assert compiled(thrown.build().stdout) == ["thrown"]
    for answer in (1000, 2000):
        _vendored(thrown)
        _forge(vendored, answer, checksums)
        assert compiled(thrown.build().stdout) == ["itoa", "thrown"]
        assert thrown.answer() == answer
    # Without the vendored crates, all is as it was.
    (thrown.project.folder / _CONFIGURED).unlink()
    assert compiled(thrown.build().stdout) == ["thrown"]
    assert thrown.answer() == 42


@pytest.mark.parametrize("where", ["manifest", "configuration"])
def test_patched_crates_never_meet_the_registrys(thrown: Thrown, where: str) -> None:
    thrown.build()
    _vendored(thrown)
    (thrown.project.folder / _CONFIGURED).unlink()
    (vendored,) = (thrown.project.folder / "vendor").glob("itoa*")
    (vendored / ".cargo-checksum.json").unlink()
    patch = f'\n[patch.crates-io]\nitoa = {{ path = "vendor/{vendored.name}" }}\n'
    thrown.project.write({"Cargo.toml": MANIFEST + patch} if where == "manifest" else {_CONFIGURED: patch})
    thrown.project.run("cargo", "update", "itoa", "--offline")
    library = vendored / "src" / "lib.rs"
    original = library.read_text()
    for answer in (1000, 2000):
        library.write_text(original)
        _forge(vendored, answer, "none")
        # It is the project's own now.
        assert sorted(compiled(thrown.build().stdout)) == ["itoa", "thrown"]
        assert thrown.answer() == answer
