"""Programs and tests that embed Python: cargo's arguments and environment for them."""

from __future__ import annotations

from typing import Dict, List, Optional

import pytest

from setuptools_pyo3.mind import embedding
from setuptools_pyo3.mind.interpreter import Interpreter

from .values import linux, macos, windows

OWN = [f"--config=profile.{profile}.package.pyo3-ffi.codegen-units=70000" for profile in ("dev", "release")]
CHECKED = "--config=profile.checked.package.pyo3-ffi.codegen-units=70000"


@pytest.mark.parametrize(
    ("given", "called"),
    [
        (["run"], ["run", *OWN]),
        (["run", "-p", "profile", "--", "--release"], ["run", *OWN, "-p", "profile", "--", "--release"]),
        (["test", "--release"], ["test", *OWN, "--release"]),
        (["+nightly", "test"], ["+nightly", "test", *OWN]),
        (["--locked", "test", "x"], ["--locked", "test", *OWN, "x"]),
        (["run", "--profile", "checked"], ["run", *OWN, CHECKED, "--profile", "checked"]),
        (["run", "--profile=checked"], ["run", *OWN, CHECKED, "--profile=checked"]),
        # What follows "--" is the program's.
        (["run", "--", "--profile=checked"], ["run", *OWN, "--", "--profile=checked"]),
    ],
)
def test_pyo3_is_kept_apart_from_the_one_of_modules(given: List[str], called: List[str]) -> None:
    assert list(embedding.arguments(given, 70000, ["pyo3-ffi"], {"checked": {"inherits": "release"}})) == called


def test_a_project_without_pyo3_is_handed_to_cargo_as_it_is() -> None:
    assert embedding.arguments(["test", "--release"], 70000, [], {}) == ("test", "--release")


def environment(python: Interpreter, environ: Dict[str, str], platform: str = "linux") -> Dict[str, Optional[str]]:
    """What changes for a program that embeds this Python."""
    return embedding.environment(python, environ, "/cache/config.txt", platform)


def test_a_program_finds_the_interpreter_and_libpython() -> None:
    assert environment(linux(), {}) == {
        "PYO3_PYTHON": "/opt/python/bin/python3.11",
        "PYTHON_SYS_EXECUTABLE": "/opt/python/bin/python3.11",
        "PYO3_CONFIG_FILE": "/cache/config.txt",
        "LD_LIBRARY_PATH": "/opt/python/lib",
    }


def test_a_program_is_no_extension_module_whatever_the_caller_says() -> None:
    found = environment(linux(), {"PYO3_BUILD_EXTENSION_MODULE": "1"})
    assert found["PYO3_BUILD_EXTENSION_MODULE"] is None


def test_what_the_user_sets_stays() -> None:
    environ = {"PYO3_PYTHON": "python3.11", "PYTHON_SYS_EXECUTABLE": "python3.11", "PYO3_CONFIG_FILE": "/mine.txt"}
    found = embedding.environment(linux(), environ, "", "linux")
    assert set(found) == {"LD_LIBRARY_PATH"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/a:/b", "/opt/python/lib:/a:/b"),
        ("", "/opt/python/lib"),
        # An empty entry would be the current folder.
        (":/a:", "/opt/python/lib:/a"),
        ("/a:/opt/python/lib", "/opt/python/lib:/a"),
    ],
)
def test_libpythons_folder_comes_first_and_the_others_stay(before: str, after: str) -> None:
    assert environment(linux(), {"LD_LIBRARY_PATH": before})["LD_LIBRARY_PATH"] == after


def test_a_second_run_changes_nothing_more() -> None:
    first = {name: value for name, value in environment(linux(), {}).items() if value is not None}
    assert environment(linux(), first) == {}


def test_a_static_libpython_needs_no_search() -> None:
    assert "LD_LIBRARY_PATH" not in environment(linux(config={"Py_ENABLE_SHARED": 0}), {})


def test_macos_has_its_own_variable() -> None:
    found = environment(macos(), {}, "darwin")
    assert found["DYLD_LIBRARY_PATH"] == "/Library/Frameworks/Python.framework/Versions/3.11/lib"
    assert "LD_LIBRARY_PATH" not in found


def test_windows_finds_the_dll_by_path_and_links_by_lib() -> None:
    found = environment(windows(), {"PATH": "C:/Windows;C:/Rust", "LIB": "C:/SDK"}, "win32")
    assert found["PATH"] == "C:/Python311;C:/Windows;C:/Rust"
    assert found["LIB"] == "C:/Python311/libs;C:/SDK"


def test_on_windows_the_dll_of_a_virtual_environment_lies_with_its_base() -> None:
    found = environment(windows(executable="C:/project/.venv/Scripts/python.exe"), {"PATH": "C:/Windows"}, "win32")
    assert "C:/Python311" in str(found["PATH"]).split(";")
