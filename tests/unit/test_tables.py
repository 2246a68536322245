"""The table ``[tool.setuptools-pyo3]``: what it declares, and mistakes in it named by their full path."""

from __future__ import annotations

from typing import Optional

import pytest

from setuptools_pyo3.declaration import tables
from setuptools_pyo3.declaration.extension import Binding, RustBin, Strip

from .values import toml

HERE = "pyproject.toml: tool.setuptools-pyo3"


def read(text: str) -> Optional[tables.ProjectTable]:
    """The table of a pyproject.toml with this text."""
    return tables.read(toml(text), "pyproject.toml")


def faults(text: str) -> str:
    """All that is wrong in a pyproject.toml, as the user reads it."""
    table = read(text)
    assert table is not None
    problems = [*table.problems, *(problem for extension in table.extensions for problem in extension.problems)]
    return "\n".join(str(problem) for problem in problems)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'demo'", "[tool.other]", "tool = 3"])
def test_a_project_without_the_table_is_none_of_our_business(text: str) -> None:
    assert read(text) is None


def test_an_empty_table_leaves_it_to_the_crates() -> None:
    assert read("[tool.setuptools-pyo3]") == tables.ProjectTable((), True, ())


def test_naming_extensions_turns_discovery_off() -> None:
    table = read("[tool.setuptools-pyo3]\nbins = []")
    assert table is not None
    assert not table.discover


def test_extensions_and_bins_are_read_in_order() -> None:
    table = read(
        """
        [[tool.setuptools-pyo3.ext-modules]]
        target = "pkg.b"
        path = "rust/Cargo.toml"
        binding = "NoBinding"
        strip = "All"
        py-limited-api = true
        rust-version = ">=1.74"
        no-default-features = true
        env = { A = "1" }
        [[tool.setuptools-pyo3.ext-modules]]
        target = "pkg.a"
        py_limited_api = false
        [[tool.setuptools-pyo3.bins]]
        target = { tool = "my-tool" }
        """
    )
    assert table is not None
    first, second, tool = table.extensions
    assert [first.name, second.name] == ["pkg.b", "pkg.a"]
    assert (first.binding, first.strip, first.py_limited_api) == (Binding.NoBinding, Strip.All, True)
    assert (first.rust_version, first.no_default_features, first.env) == (">=1.74", True, {"A": "1"})
    assert second.py_limited_api is False
    assert isinstance(tool, RustBin)
    assert tool.binaries() == {"tool": "my-tool"}
    assert faults('[[tool.setuptools-pyo3.ext-modules]]\ntarget = "pkg.b"') == ""


def test_defaults_are_those_of_setup_py() -> None:
    table = read('[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo"')
    assert table is not None
    (extension,) = table.extensions
    assert (extension.path, extension.binding, extension.strip) == ("Cargo.toml", Binding.PyO3, Strip.No)
    assert (extension.features, extension.debug, extension.locked, extension.py_limited_api) == ((), None, None, "auto")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool]\nsetuptools-pyo3 = 1", f"{HERE}: expected a table, found int 1"),
        ("[tool.setuptools-pyo3]\next-module = []", f"{HERE}: unknown key 'ext-module'\n  next: did you mean 'ext-modules'?"),
        ("[tool.setuptools-pyo3]\nbin = []", f"{HERE}: unknown key 'bin'\n  next: did you mean 'bins'?"),
        ("[tool.setuptools-pyo3]\nzzz = 1", f"{HERE}: unknown key 'zzz'\n  next: known are ext-modules, bins"),
        ("[tool.setuptools-pyo3.ext-modules]\ntarget = 'x'", f"{HERE}.ext-modules: expected an array of tables, found dict"),
        ("[tool.setuptools-pyo3]\nbins = ['x']", f"{HERE}.bins[0]: expected a table, found str 'x'"),
        ("[[tool.setuptools-pyo3.bins]]", f"{HERE}.bins[0]: the key 'target' is missing"),
        (
            "[[tool.setuptools-pyo3.ext-modules]]\ntarget = 'x'\nrust-versoin = '1'",
            f"{HERE}.ext-modules[0]: unknown key 'rust-versoin'\n  next: did you mean 'rust-version'?",
        ),
        (
            "[[tool.setuptools-pyo3.bins]]\ntarget = 'x'\nbinding = 'PyO3'",
            f"{HERE}.bins[0]: unknown key 'binding'",
        ),
    ],
)
def test_fault_18_unknown_and_missing_keys_are_named(text: str, message: str) -> None:
    assert faults(text).startswith(message)


def test_fault_18_a_misspelt_key_is_named_as_it_stands_in_the_file() -> None:
    assert "'rust_versoin'" in faults("[[tool.setuptools-pyo3.ext-modules]]\ntarget = 'x'\nrust_versoin = '1'")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("features = ['a', 2]", ".features[1]: expected a list of strings, found int 2"),
        ("rust-version = 1", ".rust-version: expected a string, found int 1"),
        ("no-default-features = 'yes'", ".no-default-features: expected true or false, found str 'yes'"),
        ("env = { A = 1 }", ".env.A: expected a table of strings, found int 1"),
        ("generated-files = { 'a.py' = 1 }", ".generated-files.a.py: expected a table of paths and packages, found int 1"),
        ("binding = 'pyo3'", ".binding: expected one of PyO3, RustCPython, NoBinding, Exec, found str 'pyo3'"),
    ],
)
def test_fault_19_a_wrong_type_is_named_by_its_full_path(line: str, message: str) -> None:
    text = f"[[tool.setuptools-pyo3.ext-modules]]\ntarget = 'a'\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = 'b'\n{line}"
    assert faults(text) == f"{HERE}.ext-modules[1]{message}"


def test_mistakes_in_several_tables_are_all_reported() -> None:
    text = faults(
        """
        [tool.setuptools-pyo3]
        typo = 1
        [[tool.setuptools-pyo3.ext-modules]]
        target = "../../evil"
        [[tool.setuptools-pyo3.ext-modules]]
        target = "b"
        featuers = []
        quiet = "no"
        [[tool.setuptools-pyo3.bins]]
        target = "-x"
        """
    )
    for part in ("'typo'", "'../../evil' can't be a target", "'featuers'", "ext-modules[1].quiet", "bins[0].target"):
        assert part in text


@pytest.mark.parametrize("target", ["../../evil", "/abs", "pkg.my-mod", "", "a b"])
def test_fault_59_a_bad_target_is_named_by_its_table(target: str) -> None:
    assert faults(f"[[tool.setuptools-pyo3.ext-modules]]\ntarget = {target!r}").startswith(f"{HERE}.ext-modules[0]")


@pytest.mark.parametrize(
    "line", ['path = "-x"', 'profile = "--release"', 'features = ["-a"]', 'args = ["a\\u0000"]', 'path = "a\\nb"']
)
def test_fault_60_hostile_values_are_named_by_their_path(line: str) -> None:
    key = line.partition(" ")[0]
    text = faults(f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "x"\n{line}')
    assert text.startswith(f"{HERE}.ext-modules[0].{key}")
