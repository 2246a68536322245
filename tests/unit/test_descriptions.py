"""The files by which a target's Python describes itself: read as text, found in a sysroot, never executed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Tuple

import pytest

from setuptools_pyo3.errors import ToolchainProblem
from setuptools_pyo3.hands import target_files
from setuptools_pyo3.mind import build_details, sysconfigdata

from .real_pythons import BUILD_DETAILS, PYPY, REAL, variables


def text(values: Dict[str, Any]) -> str:
    return f"# system configuration generated and used by the sysconfig module\nbuild_time_vars = {values!r}\n"


def write(folder: Path, name: str, content: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


ARMHF = REAL["Debian armhf"].variables or {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (ARMHF, ("cpython", (3, 11), 32, "arm-linux-gnueabihf", False)),
        (PYPY, ("pypy", (3, 11), 64, "x86_64-linux-gnu", False)),
        ({"EXT_SUFFIX": ".graalpy250-312-native-x86_64-linux.so"}, ("graalpy", None, 0, "x86_64-linux", False)),
        (REAL["free-threaded 3.13"].variables, ("cpython", (3, 13), 64, "x86_64-linux-gnu", True)),
        (REAL["macOS, python.org's"].variables, ("cpython", (3, 13), 64, "darwin", False)),
        (REAL["FreeBSD"].variables, ("cpython", (3, 11), 64, "", False)),
        ({}, ("", None, 0, "", False)),
    ],
)
def test_variables_say(values: Dict[str, Any], said: Tuple[object, ...]) -> None:
    found = sysconfigdata.parse(text(values), "x.py")
    assert said == (
        sysconfigdata.implementation(found),
        sysconfigdata.version(found),
        sysconfigdata.pointer_width(found),
        sysconfigdata.multiarch(found),
        sysconfigdata.free_threaded(found),
    )


def test_nothing_of_the_file_is_executed(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    program = f"open({str(trap)!r}, 'w')\nbuild_time_vars = {{'EXT_SUFFIX': open({str(trap)!r}, 'w').name}}\n"
    with pytest.raises(ToolchainProblem):
        sysconfigdata.parse(program, "x.py")
    assert not trap.exists()


@pytest.mark.parametrize(
    "content", ["", "build_time_vars = {'a': sys.version}", "build_time_vars = 3", "build_time_vars = {", "other = {}", "\0"]
)
def test_a_file_that_holds_no_values_is_named(content: str) -> None:
    with pytest.raises(ToolchainProblem) as raised:
        sysconfigdata.parse(content, "/sysroot/_sysconfigdata_.py")
    assert "/sysroot/_sysconfigdata_.py" in str(raised.value)
    assert "PYO3_CROSS_LIB_DIR" in str(raised.value)


def test_build_details_say() -> None:
    found = build_details.parse(json.dumps(BUILD_DETAILS), "build-details.json")
    assert (found.platform, found.implementation, found.version) == ("linux-x86_64", "cpython", (3, 15))
    assert (found.free_threaded, found.multiarch) == (False, "x86_64-linux-gnu")
    threaded = {**BUILD_DETAILS, "abi": {"flags": ["t", "d"]}}
    found = build_details.parse(json.dumps(threaded), "build-details.json")
    assert (found.free_threaded, found.debug) == (True, True)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", json.dumps({**BUILD_DETAILS, "schema_version": "2.0"}), json.dumps({**BUILD_DETAILS, "language": {}})],
)
def test_build_details_that_cannot_be_read_are_named(content: str) -> None:
    with pytest.raises(ToolchainProblem) as raised:
        build_details.parse(content, "/sysroot/build-details.json")
    assert "/sysroot/build-details.json" in str(raised.value)


# -- where they lie


@pytest.fixture
def sysroot(tmp_path: Path) -> Path:
    """As Debian lays it out: two names for one file, and libpython in a folder for the architecture."""
    library = tmp_path / "usr" / "lib"
    own = write(library / "python3.11", "_sysconfigdata__arm-linux-gnueabihf.py", text(ARMHF))
    (own.parent / "_sysconfigdata__linux_arm-linux-gnueabihf.py").symlink_to(own.name)
    write(library / "arm-linux-gnueabihf", "libpython3.11.so", "")
    return tmp_path


@pytest.mark.parametrize("given", [".", "usr/lib", "usr/lib/python3.11", "usr/lib/arm-linux-gnueabihf"])
def test_the_folder_may_be_the_sysroot_or_any_library_folder_in_it(sysroot: Path, given: str) -> None:
    folder = str(sysroot / given)
    (found,) = target_files.described(folder)
    assert found.path.endswith("_sysconfigdata__arm-linux-gnueabihf.py")
    assert target_files.library_folder(folder, found) == str(sysroot / "usr/lib/arm-linux-gnueabihf")


def test_several_pythons_are_all_found(sysroot: Path) -> None:
    write(
        sysroot / "usr/lib/python3.13",
        "_sysconfigdata__x.py",
        text(variables(".cpython-313-arm-linux-gnueabihf.so", version="3.13")),
    )
    write(sysroot / "usr/lib/python3.15", "build-details..x86_64-linux-gnu.json", json.dumps(BUILD_DETAILS))
    write(sysroot / "usr/lib/pypy3.11", "_sysconfigdata.py", text(PYPY))
    found = target_files.described(str(sysroot / "usr/lib"))
    assert [(one.says.implementation, one.says.version) for one in found] == [
        ("pypy", (3, 11)),
        ("cpython", (3, 11)),
        ("cpython", (3, 13)),
        ("cpython", (3, 15)),
    ]


def test_a_file_that_is_a_program_is_in_the_way_only_where_it_is_alone(tmp_path: Path) -> None:
    write(tmp_path / "pypy3.9", "_sysconfigdata.py", "import sys\nbuild_time_vars = {'VERSION': sys.version}\n")
    with pytest.raises(ToolchainProblem) as raised:
        target_files.described(str(tmp_path))
    assert "PYO3_CROSS_PYTHON_IMPLEMENTATION" in str(raised.value)
    write(tmp_path / "pypy3.11", "_sysconfigdata__x86_64-linux-gnu.py", text(PYPY))
    assert len(target_files.described(str(tmp_path))) == 1


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolchainProblem) as raised:
        target_files.described(str(tmp_path / "nowhere"))
    assert f"PYO3_CROSS_LIB_DIR={tmp_path / 'nowhere'}" in str(raised.value)


def test_a_folder_with_glob_characters_in_its_name_is_searched(tmp_path: Path) -> None:
    write(tmp_path / "[sys*root]" / "python3.11", "_sysconfigdata__x.py", text(ARMHF))
    assert len(target_files.described(str(tmp_path / "[sys*root]"))) == 1


def test_a_file_that_a_variable_names_is_found_where_python_would_import_it(tmp_path: Path) -> None:
    write(tmp_path, "_sysconfigdata__other.py", text(ARMHF))
    (found,) = target_files.named("_sysconfigdata__other", {"PYTHONPATH": f"/nowhere:{tmp_path}"})
    assert found.multiarch == "arm-linux-gnueabihf"
    assert target_files.named("_sysconfigdata__nowhere", {}) == []
