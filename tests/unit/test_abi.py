"""ABIs: what PyO3's features lead to on each interpreter, and the suffixes and tags that follow."""

from __future__ import annotations

import sys
from typing import Iterable, List, Optional, Tuple

import pytest
from packaging import tags

from setuptools_pyo3.errors import ToolchainProblem
from setuptools_pyo3.hands import probe
from setuptools_pyo3.mind import abi
from setuptools_pyo3.mind.abi import ABI3, ABI3T, NONE, SPECIFIC, Abi, LimitedApi
from setuptools_pyo3.mind.interpreter import Interpreter

from .values import graalpy, linux, macos, pypy, windows

SPECIFICALLY = Abi(SPECIFIC)
PY313T, PY314T, PY315T = (linux((3, minor), threaded=True) for minor in (13, 14, 15))
PY314, PY315 = linux((3, 14)), linux((3, 15))


@pytest.mark.parametrize(
    ("features", "asked"),
    [
        ([], LimitedApi()),
        (["extension-module", "macros", "abi4", "abi3-pypy39", "xabi3"], LimitedApi()),
        (["abi3"], LimitedApi(enabled=True)),
        (["abi3-py39"], LimitedApi(enabled=True, minimum=(3, 9))),
        (["abi3-py310", "abi3", "abi3-py39"], LimitedApi(enabled=True, minimum=(3, 9))),
        (["abi3-py310", "abi3-py38"], LimitedApi(enabled=True, minimum=(3, 8))),
        (["abi3t"], LimitedApi(threaded=True)),
        (["abi3t-py315"], LimitedApi(threaded=True, threaded_minimum=(3, 15))),
        (["abi3-py39", "abi3t-py315"], LimitedApi(True, (3, 9), True, (3, 15))),
    ],
)
def test_features_ask_for_the_limited_api_and_the_lowest_version_wins(features: List[str], asked: LimitedApi) -> None:
    assert abi.limited_api(features) == asked


@pytest.mark.parametrize(
    ("features", "interpreter", "outcome"),
    [
        ([], linux(), SPECIFICALLY),
        ([], PY315T, SPECIFICALLY),
        (["abi3"], linux(), Abi(ABI3, (3, 11))),
        (["abi3-py39"], linux(), Abi(ABI3, (3, 9))),
        (["abi3-py39"], windows(), Abi(ABI3, (3, 9))),
        (["abi3-py39"], PY314, Abi(ABI3, (3, 9))),
        (["abi3-py39"], PY315, Abi(ABI3, (3, 9))),
        (["abi3-py39"], PY313T, SPECIFICALLY),
        (["abi3-py39"], PY314T, SPECIFICALLY),
        (["abi3-py39"], PY315T, SPECIFICALLY),
        (["abi3-py39"], pypy(), SPECIFICALLY),
        (["abi3-py39"], graalpy(), SPECIFICALLY),
        (["abi3t-py315"], PY314, SPECIFICALLY),
        (["abi3t-py315"], PY314T, SPECIFICALLY),
        (["abi3t-py315"], PY315, Abi(ABI3T, (3, 15))),
        (["abi3t-py315"], PY315T, Abi(ABI3T, (3, 15))),
        (["abi3t"], PY315T, Abi(ABI3T, (3, 15))),
        (["abi3-py39", "abi3t-py315"], PY314, Abi(ABI3, (3, 9))),
        (["abi3-py39", "abi3t-py315"], PY315, Abi(ABI3T, (3, 15))),
        (["abi3-py39", "abi3t-py315"], PY315T, Abi(ABI3T, (3, 15))),
        (["abi3-py39", "abi3t-py315"], PY313T, SPECIFICALLY),
        (["abi3t-py315"], pypy(), SPECIFICALLY),
    ],
)
def test_each_interpreter_gets_the_abi_that_pyo3_gives_it(features: List[str], interpreter: Interpreter, outcome: Abi) -> None:
    assert abi.of_module(abi.limited_api(features), interpreter) == outcome


@pytest.mark.parametrize(
    ("cfgs", "found"),
    [
        (["Py_3_9", "Py_3_10", "Py_3_11"], SPECIFICALLY),
        (["Py_3_9", "Py_LIMITED_API"], Abi(ABI3, (3, 9))),
        (["Py_3_6", "Py_3_7", "Py_3_8", "Py_LIMITED_API"], Abi(ABI3, (3, 8))),
        (["Py_3_9", "Py_3_13", "Py_GIL_DISABLED"], SPECIFICALLY),
        (["Py_3_9", "PyPy", 'py_sys_config="Py_DEBUG"'], SPECIFICALLY),
        (["Py_3_14", "Py_3_15", "Py_LIMITED_API", "Py_GIL_DISABLED"], Abi(ABI3T, (3, 15))),
        ([], SPECIFICALLY),
    ],
)
def test_pyo3_says_which_abi_it_built_for(cfgs: List[str], found: Abi) -> None:
    assert abi.from_cfgs(cfgs) == found


@pytest.mark.parametrize(
    ("built", "interpreter", "suffix"),
    [
        (SPECIFICALLY, linux(), ".cpython-311-x86_64-linux-gnu.so"),
        (SPECIFICALLY, PY313T, ".cpython-313t-x86_64-linux-gnu.so"),
        (SPECIFICALLY, macos(), ".cpython-311-darwin.so"),
        (SPECIFICALLY, windows(), ".cp311-win_amd64.pyd"),
        (SPECIFICALLY, pypy(), ".pypy311-pp80-x86_64-linux-gnu.so"),
        (Abi(ABI3, (3, 9)), linux(), ".abi3.so"),
        (Abi(ABI3, (3, 9)), macos(), ".abi3.so"),
        (Abi(ABI3, (3, 9)), windows(), ".pyd"),
        (Abi(ABI3T, (3, 15)), windows((3, 15)), ".pyd"),
        (Abi(NONE), linux(), ".so"),
        (Abi(NONE), pypy(), ".so"),
        (Abi(NONE), windows(), ".pyd"),
    ],
)
def test_the_suffix_is_one_that_the_interpreter_imports_by(built: Abi, interpreter: Interpreter, suffix: str) -> None:
    assert abi.suffix(built, interpreter) == suffix


def test_without_a_suffix_no_module_gets_a_name_that_nothing_imports() -> None:
    """So a Python is left whose _PYTHON_SYSCONFIGDATA_NAME names nothing that it can import."""
    nameless = linux()._replace(ext_suffix="")
    with pytest.raises(ToolchainProblem, match="file names end in"):
        abi.suffix(Abi(SPECIFIC), nameless)
    assert abi.suffix(Abi(NONE), nameless) == ".so"


def test_an_abi3_module_built_on_3_15_has_a_suffix_that_older_pythons_import() -> None:
    # 3.15 lists ".abi3-x86_64-linux-gnu.so" first, which 3.9 doesn't know.
    assert abi.suffix(Abi(ABI3, (3, 9)), PY315) == ".abi3.so"


@pytest.mark.parametrize("interpreter", [PY315, PY315T])
def test_an_abi3t_module_has_a_suffix_of_its_own(interpreter: Interpreter) -> None:
    suffix = abi.suffix(Abi(ABI3T, (3, 15)), interpreter)
    assert suffix.startswith(".abi3t")
    assert suffix in interpreter.extension_suffixes


@pytest.mark.parametrize(
    ("built", "interpreter", "tag"),
    [
        (Abi(NONE), linux(), ("py3", "none")),
        (Abi(ABI3, (3, 9)), linux(), ("cp39", "abi3")),
        (Abi(ABI3, (3, 10)), PY315, ("cp310", "abi3")),
        (Abi(ABI3T, (3, 15)), PY315, ("cp315", "abi3.abi3t")),
        (Abi(ABI3T, (3, 15)), PY315T, ("cp315", "abi3.abi3t")),
        (SPECIFICALLY, linux(), ("cp311", "cp311")),
        (SPECIFICALLY, windows((3, 9)), ("cp39", "cp39")),
        (SPECIFICALLY, PY314T, ("cp314", "cp314t")),
        (SPECIFICALLY, linux(config={"Py_DEBUG": 1}), ("cp311", "cp311d")),
        (SPECIFICALLY, linux((3, 13), threaded=True, config={"Py_DEBUG": 1}), ("cp313", "cp313td")),
        (SPECIFICALLY, pypy(), ("pp311", "pypy311_pp80")),
        (SPECIFICALLY, pypy(config={"SOABI": "pypy311-pp80"}), ("pp311", "pypy311_pp80")),
        (SPECIFICALLY, graalpy(), ("graalpy312", "graalpy250_312_native")),
    ],
)
def test_the_tag_of_a_wheel(built: Abi, interpreter: Interpreter, tag: Tuple[str, str]) -> None:
    assert abi.tag(built, interpreter) == tag


def test_our_tag_of_this_python_is_the_best_one_that_installers_know() -> None:
    best = next(tags.sys_tags())
    assert abi.specific_tag(probe.running()) == (best.interpreter, best.abi)


def test_an_abi3t_wheel_is_for_both_kinds_of_interpreter() -> None:
    python, kinds = abi.tag(Abi(ABI3T, (3, 15)), PY315)
    assert {tag.abi for tag in tags.parse_tag(f"{python}-{kinds}-any")} == {"abi3", "abi3t"}


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], Abi(NONE)),
        ([Abi(NONE)], Abi(NONE)),
        ([Abi(NONE), Abi(ABI3, (3, 9))], Abi(ABI3, (3, 9))),
        ([Abi(ABI3, (3, 9)), Abi(ABI3, (3, 11))], Abi(ABI3, (3, 11))),
        ([Abi(ABI3, (3, 9)), SPECIFICALLY, Abi(NONE)], SPECIFICALLY),
        ([Abi(ABI3T, (3, 15))], Abi(ABI3T, (3, 15))),
        # A free-threaded interpreter can't load the one part that is plain abi3.
        ([Abi(ABI3, (3, 9)), Abi(ABI3T, (3, 15))], Abi(ABI3, (3, 15))),
    ],
)
def test_a_wheel_is_as_demanding_as_its_most_demanding_part(parts: List[Abi], whole: Abi) -> None:
    assert abi.combine(iter(parts)) == whole
    assert abi.combine(reversed(parts)) == whole


@pytest.mark.parametrize(
    ("text", "version"), [("cp39", (3, 9)), ("cp310", (3, 10)), ("cp3", None), ("py3", None), ("", None), ("cp39.cp310", None)]
)
def test_a_python_tag_names_a_version(text: str, version: Optional[Tuple[int, int]]) -> None:
    assert abi.parse_python_tag(text) == version


@pytest.mark.parametrize(
    ("built", "text"), [(SPECIFICALLY, "version-specific"), (Abi(NONE), "none"), (Abi(ABI3, (3, 9)), "abi3 from Python 3.9")]
)
def test_an_abi_in_words(built: Abi, text: str) -> None:
    assert built.described == text


def test_the_running_interpreter_imports_by_the_suffixes_we_choose() -> None:
    running = probe.running()
    kinds: Iterable[Abi] = [SPECIFICALLY, Abi(ABI3, (3, 9))] if sys.implementation.name == "cpython" else [SPECIFICALLY]
    for kind in kinds:
        assert abi.suffix(kind, running) in running.extension_suffixes


@pytest.mark.parametrize(
    ("said", "architectures", "tag"),
    [
        ("macosx_11_0_universal2", ["aarch64"], "macosx_11_0_arm64"),
        ("macosx_10_9_universal2", ["x86_64", "x86_64"], "macosx_10_9_x86_64"),
        ("macosx_10_9_universal2", ["x86_64", "aarch64"], "macosx_10_9_universal2"),
        ("macosx_10_9_universal2", [], "macosx_10_9_universal2"),
        ("macosx_11_0_arm64", ["aarch64"], "macosx_11_0_arm64"),
        ("linux_x86_64", ["x86_64"], "linux_x86_64"),
    ],
)
def test_a_wheel_with_files_for_one_processor_is_not_tagged_for_two(said: str, architectures: "list[str]", tag: str) -> None:
    assert abi.platform_tag(said, architectures) == tag
