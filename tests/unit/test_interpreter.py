"""The interpreter as a value, made from what a probe reports."""

from __future__ import annotations

import json
import sys
from typing import Any, Tuple

import pytest

from setuptools_pyo3.hands import python_facts
from setuptools_pyo3.mind.interpreter import Interpreter, dotted_version, from_facts, is_set

from .values import facts, graalpy, linux, macos, pypy, windows


@pytest.mark.parametrize(
    ("value", "on"),
    [(None, False), (0, False), ("", False), ("0", False), (False, False), (1, True), ("1", True), (True, True)],
)
def test_a_configuration_variable_is_on_or_off(value: object, on: bool) -> None:
    assert is_set(value) is on


@pytest.mark.parametrize(("value", "threaded"), [(None, False), (0, False), ("0", False), (1, True), ("1", True)])
def test_free_threading_is_decided_by_the_value_not_by_its_truth(value: object, threaded: bool) -> None:
    assert from_facts(facts(config={"Py_GIL_DISABLED": value})).free_threaded is threaded


@pytest.mark.parametrize(
    ("interpreter", "text"),
    [
        (linux(), "CPython 3.11 (linux-x86_64)"),
        (linux((3, 13), threaded=True), "CPython 3.13t (linux-x86_64)"),
        (macos(), "CPython 3.11 (macosx-11.0-arm64)"),
        (windows((3, 9)), "CPython 3.9 (win-amd64)"),
        (pypy(), "PyPy 3.11 (linux-x86_64)"),
        (graalpy(), "GraalPy 3.12 (linux-x86_64)"),
    ],
)
def test_messages_name_it_by_implementation_version_and_platform(interpreter: Interpreter, text: str) -> None:
    assert interpreter.described == text


def test_build_flags_are_those_that_are_on() -> None:
    found = linux(config={"Py_DEBUG": 1, "Py_REF_DEBUG": "0", "Py_TRACE_REFS": "1", "COUNT_ALLOCS": 0})
    assert found.build_flags == ("Py_DEBUG", "Py_TRACE_REFS")


@pytest.mark.parametrize(
    ("interpreter", "shared"),
    [
        (linux(), True),
        (linux(config={"Py_ENABLE_SHARED": 0}), False),
        (linux(config={"Py_ENABLE_SHARED": "0"}), False),
        (linux(config={"Py_ENABLE_SHARED": None}), False),
        (macos(), True),
        (windows(), True),
    ],
)
def test_libpython_is_shared_where_built_so_and_always_on_windows_and_in_frameworks(interpreter: Interpreter, shared: bool) -> None:
    assert interpreter.shared is shared


@pytest.mark.parametrize(
    ("interpreter", "name"),
    [
        (linux(), "python3.11"),
        (linux((3, 13), threaded=True), "python3.13t"),
        (linux(config={"LDVERSION": "3.11d"}), "python3.11d"),
        (linux(config={"LDVERSION": None}), "python3.11"),
        (macos(), "python3.11"),
        (windows(), "python311"),
        (windows((3, 13), threaded=True), "python313t"),
        (windows((3, 13), config={"Py_DEBUG": 1}), "python313_d"),
        (pypy(), "pypy3.11-c"),
    ],
)
def test_the_name_libpython_is_linked_by(interpreter: Interpreter, name: str) -> None:
    assert interpreter.lib_name == name


def test_executables_end_as_the_platform_wants_it() -> None:
    assert (linux().exe_suffix, windows().exe_suffix) == ("", ".exe")


@pytest.mark.parametrize(("version", "text"), [((3, 9), "3.9"), ((3, 13), "3.13")])
def test_a_version_in_dotted_form(version: Tuple[int, int], text: str) -> None:
    assert dotted_version(version) == text


def test_what_the_probe_reports_survives_json_and_is_understood() -> None:
    told: Any = json.loads(json.dumps(python_facts.collect()))
    found = from_facts(told)
    assert (found.executable, found.version) == (sys.executable, sys.version_info[:2])
    assert found.ext_suffix in found.extension_suffixes
