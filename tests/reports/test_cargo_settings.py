"""Reports 1 to 6: what a user, a packager or a configuration file has told cargo is followed, and its result is found."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Dict

import pytest

from ..crates import crate, pyproject
from ..support import TARGET, Project, cargo_calls, compiled, run
from ..surface import plain

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
SPECIFIC = f"cp{sys.version_info[0]}{sys.version_info[1]}"


def host() -> str:
    """The triple that rustc compiles for by itself."""
    said = subprocess.run(["rustc", "-vV"], capture_output=True, encoding="utf-8", check=True).stdout
    return next(line.partition(": ")[2] for line in said.splitlines() if line.startswith("host: "))


def extension(target: str, path: str = "Cargo.toml", more: str = "") -> str:
    return f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{target}"\npath = "{path}"\n{more}\n'


def ctypes_extension(target: str, path: str = "Cargo.toml", more: str = "") -> str:
    return extension(target, path, f'binding = "NoBinding"\n{more}')


# -- report 1


def with_default_target(name: str, setting: str) -> Dict[str, str]:
    """A module and an executable, and a configuration that names a target for both."""
    tool = f'[[tool.setuptools-pyo3.bins]]\ntarget = "{name}-tool"\npath = "tool/Cargo.toml"\n'
    files = {**crate(name), **plain.binaries(f"{name}-tool", [f"{name}-tool"], folder="tool")}
    files["pyproject.toml"] = pyproject(name, extension(name) + tool)
    if setting:
        files[".cargo/config.toml"] = f"[build]\ntarget = {setting}\n"
    return files


@pytest.mark.parametrize("form", ["string", "list", "variable"])
def test_report_1_default_target_of_cargo(project: Project, tmp_path: Path, form: str) -> None:
    setting = {"string": f'"{host()}"', "list": f'["{host()}"]', "variable": ""}[form]
    name = f"report1_{form}"
    project.write(with_default_target(name, setting))
    if form == "variable":
        project.env["CARGO_BUILD_TARGET"] = host()
    wheel = project.wheel()
    assert f"{name}{SUFFIX}" in wheel.content
    assert any(path.endswith(f"scripts/{name}-tool") for path in wheel.content)
    assert wheel.tag.startswith(f"{SPECIFIC}-{SPECIFIC}-")
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert project.evaluate(f"import {name}; print({name}.answer())", cwd=unpacked) == "42"
    # The user's setting decides where cargo's output is, and we add no setting of our own.
    assert (TARGET / host() / "release" / f"lib{name}.so").exists()
    assert not any("--target" in call for call in cargo_calls(project.setup("build_rust", "--inplace", "--release").stdout))
    assert project.evaluate(f"import {name}; print({name}.answer())") == "42"


# -- report 2


@pytest.mark.parametrize("way", ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "configuration", "argument"])
def test_report_2_relative_target_folder(project: Project, tmp_path: Path, way: str) -> None:
    name = f"report2_{way.lower()}"
    more = 'args = ["--target-dir=cargo-out"]' if way == "argument" else ""
    project.write(plain.library(name, folder="rust"))
    project.write({"pyproject.toml": pyproject("demo", ctypes_extension(name, "rust/Cargo.toml", more))})
    del project.env["CARGO_TARGET_DIR"]
    if way == "configuration":
        project.write({".cargo/config.toml": '[build]\ntarget-dir = "cargo-out"\n'})
    elif way != "argument":
        project.env[way] = "cargo-out"
    # pip is run from elsewhere: relative means relative to the project.
    options = ["--no-build-isolation", "--no-deps", "-w", "dist"]
    run([project.python, "-m", "pip", "wheel", *options, project.folder], cwd=tmp_path, env=project.env)
    assert (project.folder / "cargo-out" / "release" / f"lib{name}.so").exists()
    assert project.files("rust/**/*") == ["rust/Cargo.toml", "rust/src", "rust/src/lib.rs"]
    assert not project.files("**/target")
    assert not (tmp_path / "cargo-out").exists()
    assert list((tmp_path / "dist").glob("*.whl"))
    # The second build finds everything there, in place too.
    assert compiled(project.pip_wheel().stdout) == []
    project.setup("build_ext", "--inplace")
    assert plain.call(project, f"{name}*.so") == 42
    assert (project.folder / "cargo-out" / "debug" / f"lib{name}.so").exists()
    assert "rust/target" not in project.files("rust/*")


# -- report 3

PROFILES = """
[profile.checked]
inherits = "release"
debug-assertions = true

[profile.packaged]
inherits = "release"
opt-level = 1
"""


@pytest.mark.parametrize("args", ['["--profile=checked"]', '["--profile", "checked"]', '["--profile=packaged"]', "[]"])
def test_report_3_profile_of_ones_own(project: Project, args: str) -> None:
    name = "report3_" + "".join(letter for letter in args if letter.isalpha())
    project.write(plain.library(name, answer=plain.DEBUG, extra=PROFILES))
    project.write({"pyproject.toml": pyproject("demo", ctypes_extension(name, more=f"args = {args}"))})
    expected = "checked" if "checked" in args else "packaged" if "packaged" in args else "release"
    for asked in ("", "checked", "packaged"):
        project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = asked
        output = project.pip_wheel().stdout
        (command,) = cargo_calls(output)
        assert command.count("--profile") + command.count("--release") == 1
        profile = asked or expected
        assert (TARGET / profile / f"lib{name}.so").exists()
        unpacked = project.built_wheel().unpack(project.folder / f"unpacked-{asked}")
        answer = "import ctypes, glob; print(ctypes.CDLL(glob.glob('./*.so')[0]).answer())"
        assert project.evaluate(answer, cwd=unpacked) == str(int(profile == "checked"))


def test_report_3_the_environment_decides_for_executables_and_in_place(project: Project) -> None:
    project.write(plain.binaries("report3-bin", ["report3-bin"], says="cfg!(debug_assertions)", extra=PROFILES))
    project.write(plain.library("report3_inplace", folder="lib", answer=plain.DEBUG, extra=PROFILES.replace("true", "false")))
    bins = '[[tool.setuptools-pyo3.bins]]\ntarget = "report3-bin"\nargs = ["--profile=packaged"]\n'
    project.write({"pyproject.toml": pyproject("demo", ctypes_extension("report3_inplace", "lib/Cargo.toml") + bins)})
    project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "checked"
    project.setup("build_ext", "--inplace")
    assert plain.call(project, "report3_inplace*.so") == 0
    project.setup("bdist_wheel")
    (tool,) = (path for path in project.built_wheel().unpack(project.folder / "unpacked").rglob("report3-bin"))
    tool.chmod(0o755)
    assert project.run(tool).stdout.startswith("report3-bin true")


# -- report 4


def test_report_4_optimised_in_place_when_asked_for(project: Project) -> None:
    project.write(crate("report4", answer=0))
    lib = (project.folder / "src" / "lib.rs").read_text().replace("    0\n", "    cfg!(debug_assertions) as i64\n")
    project.write({"src/lib.rs": lib, "pyproject.toml": pyproject("demo", extension("report4"))})

    def is_debug() -> bool:
        return project.evaluate("import report4; print(report4.answer())") == "1"

    def last_line(*command: str) -> str:
        return project.setup(*command).stdout.splitlines()[-1]

    assert "dev profile" in last_line("build_ext", "--inplace")
    assert is_debug()
    assert "release profile" in last_line("build_rust", "--inplace", "--release")
    assert not is_debug()
    project.setup("build_ext", "--inplace")
    assert is_debug()
    project.setup("build_rust", "-i", "-r")
    assert not is_debug()
    project.setup("build_rust", "--inplace", "--debug")
    assert is_debug()
    assert len(project.files("report4*.so")) == 1


# -- report 5


def test_report_5_output_of_plain_cargo_is_used(project: Project) -> None:
    """Without PyO3 nothing at all is left to compile, the crate itself neither."""
    extra = '[dependencies]\nitoa = "1"\nreport5-local = { path = "local" }\n'
    project.write(plain.library("report5", answer="report5_local::value()", extra=extra))
    project.write(plain.library("report5-local", folder="local"))
    project.write({"local/Cargo.toml": '[package]\nname = "report5-local"\nversion = "0.1.0"\nedition = "2021"\n'})
    project.write({"local/src/lib.rs": "pub fn value() -> i32 {\n    5\n}\n"})
    project.write({"pyproject.toml": pyproject("demo", ctypes_extension("report5"))})
    del project.env["CARGO_TARGET_DIR"]
    assert "itoa" in compiled(project.run("cargo", "build", "--release").stdout)
    output = project.pip_wheel().stdout
    assert compiled(output) == []
    assert len(cargo_calls(output)) == 1
    # And back: the wheel leaves plain cargo nothing to do.
    assert compiled(project.run("cargo", "build", "--release").stdout) == []


@pytest.mark.slow
def test_report_5_only_pyo3_differs_from_plain_cargo(project: Project) -> None:
    """A plain build links libpython, a wheel's does not, so PyO3 itself is compiled for it; its dependencies and macros aren't."""
    project.write(crate("report5_pyo3", extra='itoa = "1"\n'))
    project.write({"pyproject.toml": pyproject("demo", extension("report5_pyo3"))})
    del project.env["CARGO_TARGET_DIR"]
    project.env["PYO3_PYTHON"] = str(project.python)
    first = compiled(project.run("cargo", "build", "--release").stdout)
    assert {"itoa", "pyo3-macros", "pyo3-build-config"} <= set(first)
    output = project.pip_wheel().stdout
    assert set(compiled(output)) <= {"pyo3-ffi", "pyo3", "report5_pyo3"}
    assert compiled(project.pip_wheel().stdout) == []
    assert project.files("target/*/") == ["target/release"]


# -- report 6


def test_report_6_any_crate_type_becomes_a_module(project: Project) -> None:
    """``dylib``, ``rlib``, both, a static library beside, and cargo's default."""
    kinds = {"dylib": '"dylib"', "rlib": '"rlib"', "both": '"dylib", "rlib"', "static": '"staticlib", "cdylib"', "unsaid": ""}
    table = ""
    for kind, types in kinds.items():
        files = crate(f"report6_{kind}", folder=kind, types=types, answer=len(kind))
        if not types:
            files[f"{kind}/Cargo.toml"] = files[f"{kind}/Cargo.toml"].replace("crate-type = []\n", "")
        project.write(files)
        table += extension(f"report6_{kind}", f"{kind}/Cargo.toml")
    project.write({"Cargo.toml": f'[workspace]\nresolver = "2"\nmembers = {list(kinds)}\n'})
    project.write({"pyproject.toml": pyproject("demo", table)})
    unpacked = project.wheel().unpack(project.folder / "unpacked")
    assert sorted(path.name for path in unpacked.glob("*.so")) == sorted(f"report6_{kind}{SUFFIX}" for kind in kinds)
    for kind in kinds:
        name = f"report6_{kind}"
        assert project.evaluate(f"import {name}; print({name}.answer())", cwd=unpacked) == str(len(kind))
