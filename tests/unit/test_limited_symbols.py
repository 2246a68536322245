"""Modules for the limited API that use more than it."""

from __future__ import annotations

from typing import Sequence

import pytest

from setuptools_pyo3.mind.abi import ABI3, ABI3T, Abi
from setuptools_pyo3.mind.finding import ERROR, NOTE
from setuptools_pyo3.mind.limited_symbols import findings
from setuptools_pyo3.mind.native_file import PE

from .natives import PUBLISHED, imports, module

STABLE = {
    "PyModule_Create2": (3, 2),
    "PyModuleDef_Init": (3, 5),
    "PyBool_Type": (3, 2),
    "PyBytes_AsString": (3, 2),
    "PyBytes_Size": (3, 2),
    "PyCMethod_New": (3, 9),
    "PyNumber_Index": (3, 2),
    "PyList_Append": (3, 2),
    "Py_GetVersion": (3, 2),
    "PyType_GetName": (3, 11),
    "PyList_GetItemRef": (3, 13),
    "_Py_NoneStruct": (3, 2),
}
ON_39 = Abi(ABI3, (3, 9))


def judged(abi: Abi, *symbols: str) -> "list[tuple[str, str]]":
    found = findings(abi, STABLE, "test", [module("a.abi3.so", *symbols)])
    return [(finding.rule, finding.what + finding.why) for finding in found]


def test_what_is_newer_than_the_data_may_be_limited() -> None:
    """The tag's Python is one that the data doesn't know yet: a symbol that came with it can't be told from a wrong one."""
    file = module("a.abi3.so", "PyList_New42")
    levels = [finding.level for minor in (13, 14) for finding in findings(Abi(ABI3, (3, minor)), STABLE, "test", [file])]
    assert levels == [ERROR, NOTE]


def test_published_modules_are_clean() -> None:
    for file in PUBLISHED.values():
        assert findings(ON_39, STABLE, "test", [file]) == ()


@pytest.mark.parametrize("symbols", [("memcpy",), ("Pyramid",), ("_Py_NoneStruct",), ("PyType_GetName@x",)])
def test_only_pythons_own_symbols_are_judged(symbols: Sequence[str]) -> None:
    found = judged(Abi(ABI3, (3, 11)), *symbols)
    assert bool(found) == (symbols == ("Pyramid",))


def test_fault_47_a_symbol_outside_the_limited_api_is_named() -> None:
    ((rule, text),) = judged(ON_39, "PyFunction_GetCode", "_PyDict_NewPresized")
    assert rule == "not-limited"
    assert "PyFunction_GetCode, _PyDict_NewPresized" in text


def test_a_symbol_newer_than_the_tag_is_named_with_its_version() -> None:
    ((rule, text),) = judged(ON_39, "PyType_GetName", "PyList_GetItemRef")
    assert rule == "newer-limited"
    assert "PyType_GetName came with Python 3.11" in text
    (finding,) = findings(ON_39, STABLE, "test", [module("a.abi3.so", "PyType_GetName", "PyList_GetItemRef")])
    assert "abi3-py313" in finding.hint


def test_a_weak_symbol_may_be_newer_but_not_foreign() -> None:
    assert judged(ON_39, "?PyType_GetName") == []
    assert [rule for rule, _ in judged(ON_39, "?PyFunction_GetCode")] == ["not-limited"]


def test_without_a_minimum_only_foreign_symbols_count() -> None:
    assert judged(Abi(ABI3), "PyList_GetItemRef") == []


def test_abi3t_modules_are_not_defined_by_a_struct() -> None:
    """What takes a PyModuleDef can't be used: its layout isn't part of abi3t."""
    file = module("a.abi3t.so", imports=imports("PyModuleDef_Init"))
    assert findings(Abi(ABI3, (3, 15)), STABLE, "test", [file]) == ()
    (finding,) = findings(Abi(ABI3T, (3, 15)), STABLE, "test", [file])
    assert "PyModuleDef_Init, which is not in abi3t" in finding.what


def test_windows_modules_must_take_python3_dll() -> None:
    file = PUBLISHED["win_amd64"]._replace(imports=imports("PyList_Append@python311.dll", "malloc@ucrtbase.dll"))
    assert file.format == PE
    (finding,) = findings(ON_39, STABLE, "test", [file])
    assert "python311.dll" in finding.what
