"""The text of PyO3's config file, for every age of PyO3 and kind of interpreter."""

from __future__ import annotations

from typing import Dict, Optional, Tuple

import pytest

from setuptools_pyo3.mind import pyo3_config
from setuptools_pyo3.mind.abi import ABI3, ABI3T, NONE, SPECIFIC, Abi
from setuptools_pyo3.mind.interpreter import Interpreter

from .values import graalpy, linux, macos, pypy, windows

FROM_39 = Abi(ABI3, (3, 9))
AGES = [(0, 15), (0, 20), (0, 23), (0, 30)]
# What 0.15 knows. Up to 0.18 another key is an error, and each of these still means the same.
KEYS = {"implementation", "version", "shared", "abi3", "lib_name", "lib_dir", "executable", "pointer_width", "build_flags"}
PYTHONS = [linux(), linux((3, 13), threaded=True), macos(), windows(), windows((3, 13), threaded=True), pypy(), graalpy()]


def keys(text: str) -> Dict[str, str]:
    """The file's content. PyO3 trims nothing and takes neither blank lines nor comments."""
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    pairs = [line.partition("=") for line in lines]
    assert all(key in KEYS and equals for key, equals, _ in pairs)
    assert len({key for key, _, _ in pairs}) == len(pairs)
    return {key: value for key, _, value in pairs}


@pytest.mark.parametrize("pyo3", AGES)
@pytest.mark.parametrize("embeds", [False, True])
@pytest.mark.parametrize("abi", [Abi(SPECIFIC), FROM_39, Abi(NONE)])
@pytest.mark.parametrize("python", PYTHONS, ids=lambda python: python.described)
def test_every_age_of_pyo3_can_read_it(python: Interpreter, abi: Abi, embeds: bool, pyo3: Tuple[int, int]) -> None:
    told = keys(pyo3_config.text(python, abi, pyo3, embeds=embeds))
    assert told["pointer_width"] == "64"
    assert {"implementation", "version", "shared"} <= set(told)


def test_a_version_specific_module() -> None:
    text = pyo3_config.text(linux(), Abi(SPECIFIC), (0, 30))
    assert text == "implementation=CPython\nversion=3.11\nshared=true\npointer_width=64\n"


@pytest.mark.parametrize(("pyo3", "told"), [((0, 15), True), ((0, 20), True), ((0, 22), True), ((0, 23), False), ((0, 30), False)])
def test_abi3_is_told_to_the_pyo3_that_does_not_look_at_features(pyo3: Tuple[int, int], told: bool) -> None:
    assert keys(pyo3_config.text(linux(), FROM_39, pyo3)).get("abi3") == ("true" if told else None)


@pytest.mark.parametrize("pyo3", AGES)
def test_all_interpreters_share_one_file_for_abi3(pyo3: Tuple[int, int]) -> None:
    pythons = [linux((3, minor)) for minor in (9, 11, 13, 15)]
    pythons += [linux(config={"Py_ENABLE_SHARED": 0}), linux(executable="/build-env-1/bin/python", lib_dir="/elsewhere")]
    texts = {pyo3_config.text(python, FROM_39, pyo3) for python in pythons}
    assert len(texts) == 1
    assert keys(texts.pop())["version"] == "3.9"


def test_a_new_environment_for_each_build_changes_nothing() -> None:
    one = linux(executable="/build-env-1/bin/python")
    other = linux(executable="/build-env-2/bin/python")
    assert pyo3_config.text(one, Abi(SPECIFIC), (0, 30)) == pyo3_config.text(other, Abi(SPECIFIC), (0, 30))


def test_abi3_without_a_minimum_of_its_own_is_for_this_python_and_newer() -> None:
    assert keys(pyo3_config.text(linux((3, 12)), Abi(ABI3, (3, 12)), (0, 30)))["version"] == "3.12"


@pytest.mark.parametrize(
    ("python", "flags"),
    [
        (linux(), None),
        (linux((3, 13), threaded=True), "Py_GIL_DISABLED"),
        (windows(), None),
        (linux(config={"Py_DEBUG": 1}), "Py_DEBUG"),
        (linux((3, 14), threaded=True, config={"Py_DEBUG": 1}), "Py_DEBUG,Py_GIL_DISABLED"),
    ],
)
def test_the_build_flags_of_the_interpreter(python: Interpreter, flags: Optional[str]) -> None:
    assert keys(pyo3_config.text(python, Abi(SPECIFIC), (0, 23))).get("build_flags") == flags


def test_abi3t_on_a_free_threaded_interpreter_leaves_the_rest_to_the_features() -> None:
    told = keys(pyo3_config.text(linux((3, 15), threaded=True), Abi(ABI3T, (3, 15)), (0, 30)))
    assert (told["version"], told["build_flags"], told.get("abi3")) == ("3.15", "Py_GIL_DISABLED", None)


@pytest.mark.parametrize(("python", "name"), [(linux(), "CPython"), (pypy(), "PyPy"), (graalpy(), "GraalVM")])
def test_implementations_have_pyo3s_names(python: Interpreter, name: str) -> None:
    assert keys(pyo3_config.text(python, Abi(SPECIFIC), (0, 30)))["implementation"] == name


def test_the_pointer_width_is_the_pythons() -> None:
    assert keys(pyo3_config.text(linux(pointer_width=32), Abi(SPECIFIC), (0, 30)))["pointer_width"] == "32"


def test_windows_links_a_version_specific_module_to_the_import_library() -> None:
    told = keys(pyo3_config.text(windows(), Abi(SPECIFIC), (0, 20)))
    assert (told["lib_name"], told["lib_dir"]) == ("python311", "C:/Python311/libs")


def test_windows_leaves_the_library_of_abi3_to_pyo3() -> None:
    # What is named is never replaced, and the limited API lives in python3.dll.
    told = keys(pyo3_config.text(windows(), FROM_39, (0, 30)))
    assert "lib_name" not in told
    assert "lib_dir" not in told


def test_before_raw_dylib_windows_is_told_where_the_library_of_abi3_is() -> None:
    told = keys(pyo3_config.text(windows(), FROM_39, (0, 28)))
    assert ("lib_name" in told, told["lib_dir"]) == (False, "C:/Python311/libs")


@pytest.mark.parametrize("platform", ["android-24-arm64_v8a", "ios-13.0-arm64-iphoneos", "cygwin-3.5.4-x86_64"])
@pytest.mark.parametrize("abi", [Abi(SPECIFIC), FROM_39])
def test_a_platform_that_links_modules_to_libpython_is_told_where_it_is(platform: str, abi: Abi) -> None:
    told = keys(pyo3_config.text(linux(platform=platform, lib_dir="/prefix/lib"), abi, (0, 30)))
    assert (told["lib_name"], told["lib_dir"]) == ("python3.11", "/prefix/lib")
    assert "executable" not in told


def test_a_python_that_cannot_run_here_is_no_executable_for_a_program_that_embeds_it() -> None:
    told = keys(pyo3_config.text(linux(executable="", pointer_width=32), Abi(SPECIFIC), (0, 30), embeds=True))
    assert ("executable" in told, told["pointer_width"]) == (False, "32")


def test_pypys_library_on_windows_has_another_name_than_elsewhere() -> None:
    python = pypy(platform="win-amd64", lib_dir="C:/pypy/libs")
    told = keys(pyo3_config.text(python, Abi(SPECIFIC), (0, 30)))
    # PyO3 fills in the right one itself, and checks the one it is given.
    assert told.get("lib_name", "libpypy3.11-c") == "libpypy3.11-c"


@pytest.mark.parametrize("pyo3", AGES)
@pytest.mark.parametrize("abi", [Abi(SPECIFIC), FROM_39])
def test_a_program_that_embeds_python_is_told_where_libpython_is(abi: Abi, pyo3: Tuple[int, int]) -> None:
    told = keys(pyo3_config.text(linux((3, 12)), abi, pyo3, embeds=True))
    assert told == {
        "implementation": "CPython",
        "version": "3.12",
        "shared": "true",
        "lib_name": "python3.12",
        "lib_dir": "/opt/python/lib",
        "executable": "/opt/python/bin/python3.12",
        "pointer_width": "64",
    }


def test_a_static_libpython_is_linked_statically() -> None:
    assert keys(pyo3_config.text(linux(config={"Py_ENABLE_SHARED": 0}), Abi(SPECIFIC), (0, 30), embeds=True))["shared"] == "false"


def test_an_interpreter_below_a_folder_with_a_newline_does_not_spoil_the_file() -> None:
    keys(pyo3_config.text(linux(executable="/a\nb/bin/python"), Abi(SPECIFIC), (0, 30), embeds=True))


def test_a_file_is_named_by_its_content() -> None:
    one = pyo3_config.file_name("version=3.9\n")
    assert one == pyo3_config.file_name("version=3.9\n")
    assert one != pyo3_config.file_name("version=3.10\n")
    assert one.replace("-", "").replace(".", "").isalnum()


@pytest.mark.parametrize(("pyo3", "reads"), [((0, 11), False), ((0, 13), False), ((0, 14), True), ((0, 30), True), (None, True)])
def test_pyo3_reads_a_file_since_0_14(pyo3: Optional[Tuple[int, int]], reads: bool) -> None:
    assert pyo3_config.understands_config_file(pyo3) is reads
