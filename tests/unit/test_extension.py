"""The descriptors ``RustExtension`` and ``RustBin``: what they take, keep, and find wrong."""

from __future__ import annotations

import ast
import enum
import inspect
import os
from pathlib import Path
from typing import Any, Mapping

import pytest
from setuptools import Extension

from setuptools_pyo3.declaration import settings
from setuptools_pyo3.declaration.extension import Binding, RustBin, RustExtension, Strip

# The parameters of setuptools-rust 1.13, in its order; projects give some of them by position.
# fmt: off
EXTENSION_PARAMETERS = [
    "target", "path", "args", "cargo_manifest_args", "features", "rustc_flags", "rust_version", "quiet",
    "debug", "binding", "strip", "script", "native", "optional", "py_limited_api", "env", "generated_files",
]
BIN_PARAMETERS = [
    "target", "path", "args", "cargo_manifest_args", "features", "rust_version", "quiet", "debug", "strip",
    "optional", "env",
]
# fmt: on


def texts(extension: RustExtension) -> str:
    """All that is wrong with a declaration, as the user reads it."""
    return "\n".join(str(problem) for problem in extension.problems)


def declared(**values: Any) -> RustExtension:
    """An extension of whatever values, right or wrong."""
    return RustExtension(**{"target": "pkg.core", **values})


def test_it_is_an_extension_of_setuptools_without_c_sources() -> None:
    extension = RustExtension("pkg._core", "rust/Cargo.toml", optional=True)
    assert isinstance(extension, Extension)
    assert (extension.name, extension.sources, extension.optional) == ("pkg._core", [], True)
    assert extension.path == os.path.join("rust", "Cargo.toml")
    assert extension.problems == ()


@pytest.mark.parametrize(("descriptor", "known"), [(RustExtension, EXTENSION_PARAMETERS), (RustBin, BIN_PARAMETERS)])
def test_the_incumbents_parameters_come_first_in_its_order(descriptor: type, known: "list[str]") -> None:
    assert list(inspect.signature(descriptor).parameters)[: len(known)] == known


@pytest.mark.parametrize(("descriptor", "scope"), [(RustExtension, settings.MODULE), (RustBin, settings.BIN)])
def test_the_model_knows_each_parameter_and_its_default(descriptor: type, scope: str) -> None:
    given = {n: p for n, p in inspect.signature(descriptor).parameters.items() if p.kind is not p.VAR_KEYWORD}
    model = {setting.name: setting for setting in settings.SETTINGS if scope in setting.scope}
    assert set(given) == set(model)
    for name, parameter in given.items():
        if isinstance(parameter.default, (Binding, Strip)):
            assert model[name].default == parameter.default.name
        elif parameter.default is not parameter.empty:
            shown = ast.literal_eval(model[name].default)
            assert (tuple(shown) if isinstance(shown, list) else shown) == parameter.default


def test_two_equal_declarations_are_two_extensions() -> None:
    one, other = RustExtension("demo"), RustExtension("demo")
    assert one != other
    assert len({one, other}) == 2


def test_the_target_is_always_a_mapping() -> None:
    assert RustExtension("pkg.core").target == {"": "pkg.core"}
    tools = RustExtension({"a": "pkg.one", "b": "pkg.two"}, binding=Binding.Exec)
    assert tools.target == {"a": "pkg.one", "b": "pkg.two"}
    assert tools.name == "a=pkg.one; b=pkg.two"


def test_an_absolute_path_becomes_relative_to_the_project() -> None:
    assert RustExtension("demo", os.path.abspath("rust/Cargo.toml")).path == os.path.join("rust", "Cargo.toml")


def test_a_path_object_is_a_path() -> None:
    # It is one for the incumbent, which hands it to os.path.relpath.
    extension = declared(path=Path("rust") / "Cargo.toml")
    assert texts(extension) == ""
    assert extension.path == os.path.join("rust", "Cargo.toml")


@pytest.mark.parametrize("name", ["args", "cargo_manifest_args", "features", "rustc_flags"])
@pytest.mark.parametrize(("given", "kept"), [(None, ()), (["a", "b"], ("a", "b")), (("a",), ("a",))])
def test_lists_are_kept_as_tuples(name: str, given: Any, kept: "tuple[str, ...]") -> None:
    assert getattr(declared(**{name: given}), name) == kept


@pytest.mark.parametrize("name", ["args", "cargo_manifest_args", "features", "rustc_flags"])
def test_report_8_an_iterable_is_read_once(name: str) -> None:
    extension = declared(**{name: (word for word in ["a", "b"])})
    assert getattr(extension, name) == ("a", "b")


def test_a_set_of_features_has_an_order_that_does_not_change_from_run_to_run() -> None:
    names = [f"f{number:02}" for number in range(20)]
    assert declared(features=set(names)).features == tuple(names)


def test_native_is_a_flag_for_the_crate_itself() -> None:
    assert declared(rustc_flags=["-Copt-level=1"], native=True).rustc_flags == ("-Copt-level=1", "-Ctarget-cpu=native")


def test_a_binding_and_a_strip_may_be_named() -> None:
    extension = declared(binding="NoBinding", strip="Debug")
    assert (extension.binding, extension.strip) == (Binding.NoBinding, Strip.Debug)


def test_a_member_of_another_packages_enumeration_means_the_same_here() -> None:
    # A project that has changed one of its two imports hands over the incumbent's Binding.
    class Theirs(enum.IntEnum):
        PyO3 = 1
        Exec = 4

    extension = declared(binding=Theirs.Exec)
    assert extension.binding is Binding.Exec
    assert extension.is_executable


def test_a_copy_of_the_environment_may_be_given() -> None:
    assert declared(env=os.environ.copy()).problems == ()
    assert declared(env={"A": "line\nline", "B": None}).env == {"A": "line\nline", "B": None}


def test_a_library_for_ctypes_may_lie_at_a_path() -> None:
    extension = RustExtension("pkg/lib/name", binding=Binding.NoBinding)
    assert (extension.name, extension.problems) == ("pkg.lib.name", ())
    assert extension.target == {"": "pkg/lib/name"}


def test_the_places_of_executables() -> None:
    assert RustExtension("pkg.my-tool", binding=Binding.Exec).binaries() == {"my-tool": "pkg.my-tool"}
    assert RustExtension({"a": "pkg.one"}, binding=Binding.Exec).binaries() == {"a": "pkg.one"}
    assert RustBin("my-tool").binaries() == {"my-tool": "my-tool"}
    assert RustBin({"a": "one", "b": "two"}).binaries() == {"a": "one", "b": "two"}


def test_a_console_script_runs_an_executable() -> None:
    extension = RustExtension({"a": "pkg.my-tool", "b": "other"}, binding=Binding.Exec, script=True)
    assert extension.entry_points() == ["my-tool=pkg._gen_my_tool:run", "other=_gen_other:run"]


@pytest.mark.parametrize(
    "extension", [RustExtension("pkg.tool", binding=Binding.Exec), RustExtension("m", script=True), RustBin("t")]
)
def test_no_console_script_where_none_is_asked_for(extension: RustExtension) -> None:
    assert extension.entry_points() == []


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("featurs", "features"),
        ("rustversion", "rust_version"),
        ("no_default_feature", "no_default_features"),
        ("generated_file", "generated_files"),
        ("py_limited_abi", "py_limited_api"),
        ("cargo_manifest_arg", "cargo_manifest_args"),
    ],
)
def test_fault_18_a_misspelt_key_is_named_with_the_nearest_one(misspelt: str, meant: str) -> None:
    assert texts(declared(**{misspelt: 1})) == (
        f"RustExtension('pkg.core'): unknown key '{misspelt}'\n  next: did you mean '{meant}'?"
    )


def test_fault_18_a_key_like_none_other_is_answered_with_all_that_are_known() -> None:
    text = texts(declared(zzz=1))
    assert "unknown key 'zzz'" in text
    assert all(name in text for name in EXTENSION_PARAMETERS)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"target": 5}, "RustExtension(5).target: expected a string, or a table of binary names and their places, found int 5"),
        ({"target": ["a"]}, "found list ['a']"),
        ({"target": {"a": 1}, "binding": "Exec"}, ".target.a: expected"),
        ({"path": None}, ".path: expected a string, found NoneType None"),
        ({"features": "abi3"}, ".features: expected a list of strings, found str 'abi3'"),
        ({"features": ["a", 2]}, ".features[1]: expected a list of strings, found int 2"),
        ({"args": {"--a": 1}}, ".args: expected a list of strings, found dict"),
        ({"rustc_flags": [None]}, ".rustc_flags[0]: expected a list of strings, found NoneType None"),
        ({"rust_version": 1.74}, ".rust_version: expected a string, found float 1.74"),
        ({"quiet": 1}, ".quiet: expected true or false, found int 1"),
        ({"debug": "yes"}, ".debug: expected true or false, found str 'yes'"),
        ({"binding": "Pyo3"}, ".binding: expected one of PyO3, RustCPython, NoBinding, Exec, found str 'Pyo3'"),
        ({"strip": True}, ".strip: expected one of No, Debug, All, found bool True"),
        ({"py_limited_api": "cp39"}, ".py_limited_api: expected \"auto\", true or false, found str 'cp39'"),
        ({"env": {"A": 1}}, ".env.A: expected a table of strings, found int 1"),
        ({"env": ["A=1"]}, ".env: expected a table of strings, found list"),
        ({"generated_files": {"a.py": None}}, ".generated_files.a.py: expected a table of paths and packages, found NoneType"),
        ({"profile": []}, ".profile: expected a string, found list []"),
        ({"locked": "no"}, ".locked: expected true or false, found str 'no'"),
    ],
)
def test_fault_19_a_wrong_type_is_named_by_its_place(values: Mapping[str, Any], text: str) -> None:
    extension = declared(**values)
    assert len(extension.problems) == 1
    assert text in texts(extension)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"target": "-x"}, "a leading dash in '-x'"),
        ({"target": "a\0b"}, "a NUL byte in 'a\\x00b'"),
        ({"target": "a\nb"}, "a newline in 'a\\nb'"),
        ({"path": "--config=x"}, ".path"),
        ({"path": "a\nb/Cargo.toml"}, "a newline"),
        ({"features": ["--release"]}, ".features[0]"),
        ({"features": ["a\0"]}, "a NUL byte"),
        ({"profile": "-Zunstable"}, "a leading dash"),
        ({"args": ["--features=a\nb"]}, "a newline"),
        ({"rustc_flags": ["-Ca\0"]}, "a NUL byte"),
        ({"rust_version": "-1"}, "a leading dash"),
        ({"env": {"A": "\0"}}, ".env.A"),
        ({"env": {"A\0": "x"}}, "a NUL byte"),
        ({"generated_files": {"a": "-x"}}, "a leading dash"),
    ],
)
def test_fault_60_hostile_values_are_rejected(values: Mapping[str, Any], text: str) -> None:
    extension = declared(**values)
    assert text in texts(extension)
    assert "\0" not in texts(extension)
    assert "\n" not in extension.name


def test_fault_60_a_name_that_no_environment_can_hold_is_rejected() -> None:
    # Starting cargo with it ends in a ValueError, far from its place.
    assert declared(env={"A=B": "x"}).problems


@pytest.mark.parametrize(
    "extension",
    [
        RustExtension("../../evil"),
        RustExtension("/abs"),
        RustExtension("pkg.my-mod"),
        RustExtension("pkg/lib/name"),
        RustExtension("../evil", binding=Binding.NoBinding),
        RustExtension("pkg.my-lib", binding=Binding.NoBinding),
        RustExtension("/abs/tool", binding=Binding.Exec),
        RustExtension({"a": "../tool", "b": "pkg.ok"}, binding=Binding.Exec),
        RustBin("../tool"),
        RustBin({"a": "bin/tool"}),
    ],
)
def test_fault_59_targets_that_leave_the_tree_or_cannot_be_imported_are_rejected(extension: RustExtension) -> None:
    (problem,) = extension.problems
    assert "can't be a target" in problem.what
    assert problem.why
    assert problem.hint


def test_fault_16_two_binaries_of_one_name_are_rejected() -> None:
    assert "tool" in texts(RustBin({"a": "tool", "b": "tool"}))


def test_several_mistakes_are_all_reported() -> None:
    text = texts(declared(featurs=["a"], quiet="no", env={"A": 1}))
    assert all(part in text for part in ("'featurs'", ".quiet", ".env.A"))


def test_a_bad_name_is_reported_beside_other_mistakes() -> None:
    text = texts(declared(target="../../evil", featurs=["a"]))
    assert "'featurs'" in text
    assert "can't be a target" in text


def test_a_table_of_binaries_is_for_executables() -> None:
    assert "executables only" in texts(RustExtension({"a": "pkg.a"}))
    assert "is empty" in texts(RustBin({}))


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../b", ""])
def test_fault_63_generated_files_stay_in_out_dir(path: str) -> None:
    assert "OUT_DIR" in texts(declared(generated_files={path: "pkg"}))


def test_generated_files_go_into_a_package_or_the_root() -> None:
    assert declared(generated_files={"a/b.py": "pkg.sub", "c": ""}).problems == ()
    assert "is no package" in texts(declared(generated_files={"a.py": "../pkg"}))


def test_generated_files_belong_to_one_target() -> None:
    tools = RustExtension({"a": "pkg.a", "b": "pkg.b"}, binding=Binding.Exec, generated_files={"a.py": "pkg"})
    assert "can't be combined with several targets" in texts(tools)


def test_choices_are_shown_as_they_are_written() -> None:
    assert [repr(Binding.NoBinding), repr(Strip.All)] == ["Binding.NoBinding", "Strip.All"]


def test_a_bin_knows_no_settings_of_modules() -> None:
    text = texts(RustBin("tool", binding="PyO3", rustc_flags=["-C"]))
    assert "unknown key 'binding'" in text
    assert "unknown key 'rustc_flags'" in text


def test_a_bin_is_an_executable_without_limited_api() -> None:
    tool = RustBin("tool")
    assert (tool.is_executable, tool.binding, tool.py_limited_api) == (True, Binding.Exec, False)


def test_a_wrong_declaration_is_still_an_extension_with_a_printable_name() -> None:
    extension = declared(target="a\nb", path=3)
    assert isinstance(extension, Extension)
    assert extension.name.isprintable()
    assert extension.path == "Cargo.toml"
