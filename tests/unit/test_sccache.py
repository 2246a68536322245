"""What is decided about sccache, and how cargo's arguments come to be."""

from __future__ import annotations

from typing import Dict

import pytest

from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.mind import dep_info, sccache
from setuptools_pyo3.mind.sccache import BuildTable, Policy


def test_the_policy_without_any_settings() -> None:
    assert sccache.policy({}) == Policy(15.0, stops=False, fixes_paths=True)


def test_the_policy_that_the_environment_sets() -> None:
    environ = {
        "SETUPTOOLS_PYO3_SCCACHE_TIMEOUT": " 2.5 ",
        "SETUPTOOLS_PYO3_SCCACHE_FAILURE": "Stop",
        "SETUPTOOLS_PYO3_SCCACHE_PATHS": "0",
    }
    assert sccache.policy(environ) == Policy(2.5, stops=True, fixes_paths=False)


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "15s"])
def test_a_timeout_that_is_none(value: str) -> None:
    with pytest.raises(DeclarationProblem, match="expected a number of seconds") as caught:
        sccache.policy({"SETUPTOOLS_PYO3_SCCACHE_TIMEOUT": value})
    assert caught.value.where == "SETUPTOOLS_PYO3_SCCACHE_TIMEOUT"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, {"RUSTC_WRAPPER": "/project/tools/sccache"}),
        ({"RUSTC_WRAPPER": "sccache"}, {"RUSTC_WRAPPER": "sccache"}),
        # cargo reads an empty one as none, whatever its configuration says.
        ({"RUSTC_WRAPPER": ""}, {}),
        ({"RUSTC_WRAPPER": "/usr/bin/ccache"}, {}),
        ({"CARGO_BUILD_RUSTC_WRAPPER": "/opt/sccache"}, {"RUSTC_WRAPPER": "/opt/sccache"}),
        (
            {"RUSTC_WORKSPACE_WRAPPER": "C:\\tools\\sccache.EXE"},
            {"RUSTC_WRAPPER": "/project/tools/sccache", "RUSTC_WORKSPACE_WRAPPER": "C:\\tools\\sccache.EXE"},
        ),
    ],
)
def test_which_wrapper_cargo_uses(environ: Dict[str, str], expected: Dict[str, str]) -> None:
    tables = [BuildTable("/project", {"rustc-wrapper": "tools/sccache"}), BuildTable("/", {"rustc-wrapper": "other"})]
    assert sccache.wrappers(environ, tables) == expected


def test_a_bare_name_in_the_configuration_is_looked_up_on_path() -> None:
    assert sccache.wrappers({}, [BuildTable("/project", {"rustc-wrapper": "sccache"})]) == {"RUSTC_WRAPPER": "sccache"}


def test_a_target_folder_that_somebody_chose_is_left_to_them() -> None:
    assert sccache.may_fix_target(["build", "--lib"], {})
    assert not sccache.may_fix_target(["build", "--target-dir=t"], {})
    assert not sccache.may_fix_target(["build", "--target-dir", "t"], {})
    assert not sccache.may_fix_target(["build"], {"CARGO_TARGET_DIR": "t"})
    assert not sccache.may_fix_target(["build"], {"CARGO_BUILD_BUILD_DIR": "t"})


def test_options_stand_before_those_of_rustc() -> None:
    assert sccache.with_options(["rustc", "--lib", "--", "-Cx"], ["--a"]) == ("rustc", "--a", "--lib", "--", "-Cx")


def test_a_path_in_an_option_is_toml() -> None:
    option = sccache.config_option(("source", "my own", "directory"), 'C:\\a "b"')
    assert option == '--config="source"."my own"."directory"="C:\\\\a \\"b\\""'


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("sccache: error: Timed out waiting\nRun with SCCACHE_LOG\n", "Timed out waiting"),
        ("sccache: Starting\nerror: no\n", "no"),
        ("some words\nlast words\n", "last words"),
        ("", "it said nothing"),
    ],
)
def test_the_reason_for_a_failure(output: str, expected: str) -> None:
    assert sccache.reason(output) == expected


def test_the_files_in_dependency_info() -> None:
    assert dep_info.files("/t/liba.so: /p/src/lib.rs /p/with\\ space.rs\n") == ["/p/src/lib.rs", "/p/with space.rs"]
    assert dep_info.files("") == []


def test_dependency_info_of_a_folder_that_has_another_name() -> None:
    text = "/l\\ 1/liba.so: /l\\ 1/out/x.rs /l\\ 10/y.rs\n"
    assert dep_info.moved(text, "/l 1", "/my target") == "/my\\ target/liba.so: /my\\ target/out/x.rs /l\\ 10/y.rs\n"
