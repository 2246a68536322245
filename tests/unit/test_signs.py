"""The cheap look that every build takes for anything that names a target, or another Python than the running one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from setuptools_pyo3.hands import signs
from setuptools_pyo3.hands.signs import NONE, Named, Signs


def look(root: Path, environ: Dict[str, str]) -> Signs:
    return signs.look({"CARGO_HOME": str(root / "home"), **environ}, str(root), (), ())


def test_a_plain_build_shows_none(tmp_path: Path) -> None:
    assert look(tmp_path, {"RUSTFLAGS": "-g", "CARGO_BUILD_TARGET": ""}) == NONE


@pytest.mark.parametrize("name", ["CARGO_BUILD_TARGET", "PYO3_CROSS_LIB_DIR", "_PYTHON_HOST_PLATFORM", "PYO3_CROSS_PYTHON_VERSION"])
def test_a_variable_is_a_sign(tmp_path: Path, name: str) -> None:
    assert look(tmp_path, {name: "x"}).variables == ((name, "x"),)


def test_what_options_name_is_a_sign(tmp_path: Path) -> None:
    one = Named("a-b-c", "build_ext --target")
    assert signs.look({"CARGO_HOME": str(tmp_path)}, str(tmp_path), [one], []) != NONE
    assert signs.look({"CARGO_HOME": str(tmp_path)}, str(tmp_path), [], [one]).platforms == (one,)


def test_a_python_that_is_patched_is_a_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "cross_compiling", True, raising=False)
    assert look(tmp_path, {}).patched


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('[build]\ntarget = "a-b-c"\n', True),
        ('build.target = "a-b-c"', True),
        ('build = { target = "a-b-c" }', True),
        ('  target="a-b-c"', True),
        ('include = ["ours.toml"]\n', True),
        ('[build]\njobs = 2\n[target.a-b-c]\nlinker = "cc"\n', False),
        ("", False),
    ],
)
def test_a_configuration_is_a_sign_where_it_may_name_a_target(tmp_path: Path, text: str, seen: bool) -> None:
    path = tmp_path / ".cargo" / "config.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    assert look(tmp_path, {}).files == ((str(path),) if seen else ())


def test_configurations_are_found_upwards_then_in_cargos_home_and_the_old_name_wins(tmp_path: Path) -> None:
    project, home = tmp_path / "above" / "project", tmp_path / "home"
    expected: List[str] = []
    for folder, name in ((project / ".cargo", "config"), (tmp_path / "above" / ".cargo", "config.toml"), (home, "config.toml")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
        expected.append(str(folder / name))
    (project / ".cargo" / "config.toml").write_text("")
    assert list(signs.configuration_files({"CARGO_HOME": str(home)}, str(project))) == expected


WINDOWS_ON_ARM = {"PROCESSOR_IDENTIFIER": "ARMv8 (64-bit) Family 8 Model D4B Revision 0, Qualcomm Technologies Inc"}


@pytest.mark.parametrize(
    ("environ", "machine", "emulated"),
    [
        ({"PROCESSOR_ARCHITECTURE": "AMD64"}, "AMD64", False),
        ({"PROCESSOR_ARCHITECTURE": "x86", "PROCESSOR_ARCHITEW6432": "AMD64"}, "AMD64", True),
        ({"PROCESSOR_ARCHITECTURE": "ARM64", **WINDOWS_ON_ARM}, "arm64", False),
        ({"PROCESSOR_ARCHITECTURE": "AMD64", **WINDOWS_ON_ARM}, "arm64", True),
    ],
)
def test_a_python_for_another_processor_than_windows_runs_on_is_a_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: Dict[str, str], machine: str, emulated: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert signs.machine(environ) == machine
    assert look(tmp_path, environ).emulated is emulated


# What uname says on an Intel Mac, on Apple silicon, and there under Rosetta.
INTEL = ("Darwin", "mac", "22.6.0", "Darwin Kernel Version 22.6.0: root:xnu-8796.141.3~6/RELEASE_X86_64", "x86_64")
SILICON = ("Darwin", "mac", "22.6.0", "Darwin Kernel Version 22.6.0: root:xnu-8796.141.3~6/RELEASE_ARM64_T6000", "arm64")


@pytest.mark.parametrize(
    ("uname", "machine", "emulated"),
    [(INTEL, "x86_64", False), (SILICON, "arm64", False), ((*SILICON[:4], "x86_64"), "arm64", True)],
)
def test_a_python_under_rosetta_is_a_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uname: Tuple[Any, ...], machine: str, emulated: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(uname))
    assert signs.machine({}) == machine
    assert look(tmp_path, {}).emulated is emulated
