"""Which names modules, libraries, executables and scripts may have (faults 59 and 60)."""

from __future__ import annotations

import pytest

from setuptools_pyo3.declaration import names

ESCAPES = ["", ".", "..", "../../evil", "..\\evil", "/abs", "C:\\evil", "pkg/../../evil", "-rf", "a b", "a\0b", "a\nb"]


@pytest.mark.parametrize("name", ["demo", "pkg._core", "a.b.c1", "pkg.größe"])
def test_dotted_identifiers_are_modules(name: str) -> None:
    assert names.module_fault(name) == ""


@pytest.mark.parametrize("name", [*ESCAPES, ".pkg", "pkg.", "pkg..x", "pkg/x", "my-mod", "pkg.1", "pkg.class", "pkg.None"])
def test_fault_59_other_names_are_no_modules(name: str) -> None:
    assert "is not a Python identifier" in names.module_fault(name)


@pytest.mark.parametrize("name", ["pkg/lib/name", "pkg.lib.name", "name"])
def test_libraries_for_ctypes_may_be_given_as_paths(name: str) -> None:
    assert names.library_fault(name) == ""
    assert "/" not in names.dotted(name)


@pytest.mark.parametrize("name", [*ESCAPES, "pkg//x", "pkg/", "pkg/lib-x", "pkg.lib/name", "pkg\\x"])
def test_fault_59_a_library_stays_in_the_tree(name: str) -> None:
    assert names.library_fault(name)


@pytest.mark.parametrize("name", ["tool", "my-tool", "pkg.my-tool", "pkg.sub.tool_2"])
def test_executables_may_have_dashes_in_their_last_part(name: str) -> None:
    assert names.executable_fault(name) == ""


@pytest.mark.parametrize("name", [*ESCAPES, "my-pkg.tool", "pkg.-tool", "pkg.", "pkg/tool", "pkg.tool/x"])
def test_fault_59_an_executable_stays_in_the_tree(name: str) -> None:
    assert names.executable_fault(name)


@pytest.mark.parametrize("name", ["tool", "my-tool", "my_tool2", "7z", "tool.sh"])
def test_scripts_have_file_names(name: str) -> None:
    assert names.script_fault(name) == ""


@pytest.mark.parametrize("name", [*ESCAPES, ".hidden", "bin/tool", "bin\\tool", "tool\t"])
def test_fault_59_a_script_stays_in_its_folder(name: str) -> None:
    assert names.script_fault(name)
