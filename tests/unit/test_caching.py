"""The cache's decisions: whether it is used, what its folders are called, and which of them have to go."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from setuptools_pyo3.declaration.extension import RustExtension
from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.mind import caching
from setuptools_pyo3.mind.caching import Entry

DAY = 24 * 3600
NOW = 1000.0 * DAY


@pytest.mark.parametrize(
    ("given", "declared", "wanted"),
    [
        (None, True, True),
        (None, False, False),
        ("", False, False),
        ("off", True, False),
        ("OFF", True, False),
        (" 0 ", True, False),
        ("no", True, False),
        ("false", True, False),
        ("on", False, True),
        ("1", False, True),
    ],
)
def test_the_environment_decides_and_then_the_project(given: str, declared: bool, wanted: bool) -> None:
    environ = {} if given is None else {"SETUPTOOLS_PYO3_CACHE": given}
    assert caching.wanted(environ, declared) is wanted


def test_a_folder_in_the_switch_is_told_where_it_belongs() -> None:
    with pytest.raises(DeclarationProblem, match="found '/some/folder'") as caught:
        caching.wanted({"SETUPTOOLS_PYO3_CACHE": "/some/folder"}, True)
    assert "SETUPTOOLS_PYO3_CACHE_DIR" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ("", 5 * 1024**3),
        ("0", 0),
        ("1000", 1000),
        ("10k", 10 * 1024),
        ("500M", 500 * 1024**2),
        ("1.5G", 3 * 512 * 1024**2),
        ("2 GB", 2 * 1024**3),
        ("2GiB", 2 * 1024**3),
        ("1T", 1024**4),
    ],
)
def test_sizes_are_read(given: str, size: int) -> None:
    assert caching.limit({"SETUPTOOLS_PYO3_CACHE_SIZE": given}) == size


@pytest.mark.parametrize("given", ["plenty", "-1", "5X", "G", "1,5G", "0x10", "1e9"])
def test_what_is_no_size_is_refused(given: str) -> None:
    with pytest.raises(DeclarationProblem, match="expected a size"):
        caching.limit({"SETUPTOOLS_PYO3_CACHE_SIZE": given})


@pytest.mark.parametrize(
    ("environ", "tables", "settings"),
    [
        ({"CARGO_TARGET_DIR": "x"}, [], {}),
        ({"CARGO_BUILD_TARGET_DIR": "x"}, [], {}),
        ({"CARGO_BUILD_BUILD_DIR": "x"}, [], {}),
        ({}, [{}, {"target-dir": "x"}], {}),
        ({}, [{"build-dir": "x"}], {}),
        ({}, [], {"args": ["--target-dir=x"]}),
        ({}, [], {"args": ["--target-dir", "x"]}),
        ({}, [], {"cargo_manifest_args": ["--target-dir=x"]}),
        ({}, [], {"env": {"CARGO_TARGET_DIR": "x"}}),
    ],
)
def test_the_user_decides_about_the_target_folder(
    environ: Dict[str, str], tables: List[Dict[str, str]], settings: Dict[str, Any]
) -> None:
    assert caching.target_is_decided(environ, tables, [RustExtension("a"), RustExtension("b", **settings)])


def test_other_settings_decide_nothing_about_the_target_folder() -> None:
    extension = RustExtension("a", args=["--target=x"], env={"CARGO_HOME": "x", "CARGO_TARGET_DIR": ""})
    assert not caching.target_is_decided({"CARGO_BUILD_TARGET": "x", "CARGO_TARGET_DIR": ""}, [{"target": "x"}], [extension])


def test_configuration_among_the_arguments_is_found() -> None:
    extension = RustExtension("a", args=["--config", "one", "--quiet", "--config=two=2"], cargo_manifest_args=["--config=three"])
    assert caching.config_options([extension, extension]) == ("three", "one", "two=2")


def test_names_of_entries_tell_projects_and_sources_apart() -> None:
    name = caching.entry_name("My.Project_1", "")
    assert name.startswith("my-project-1-")
    assert name == caching.entry_name("My.Project_1", "")
    others = [caching.entry_name("My.Project_1", "vendored"), caching.entry_name("my-project-1", ""), caching.entry_name("Ж", "")]
    assert len({name, *others}) == 4


@pytest.mark.parametrize("project", ["", "x" * 300, "../../evil", "a/b", "Ж", "con", ".", "a" * 39 + "--b"])
def test_names_of_entries_are_names_of_folders_everywhere(project: str) -> None:
    name = caching.entry_name(project, "")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(name) <= 53
    assert not name.startswith("-")
    assert "--" not in name


def test_options_are_quoted_for_toml() -> None:
    options = caching.options("/cache/a b", {'odd"name': "C:\\vendored", "🦀": "/ü"})
    assert options == (
        "--target-dir=/cache/a b",
        '--config=source."odd\\"name".directory="C:\\\\vendored"',
        '--config=source."🦀".directory="/ü"',
    )


def _names(entries: List[Entry], limit: int) -> List[str]:
    return [entry.name for entry in caching.surplus(entries, limit, NOW)]


def test_the_least_recently_used_go_first() -> None:
    entries = [Entry("new", "", 40, NOW - 1), Entry("old", "", 40, NOW - 3), Entry("middle", "", 40, NOW - 2)]
    assert _names(entries, 120) == []
    assert _names(entries, 119) == ["old"]
    assert _names(entries, 79) == ["old", "middle"]
    assert _names(entries, 39) == ["old", "middle", "new"]


def test_nothing_older_stays_than_what_has_to_go() -> None:
    entries = [Entry("new", "", 50, NOW - 1), Entry("large", "", 60, NOW - 2), Entry("old", "", 10, NOW - 3)]
    assert _names(entries, 100) == ["old", "large"]


def test_one_that_is_too_large_by_itself_takes_no_others_with_it() -> None:
    entries = [Entry("huge", "", 101, NOW - 1), Entry("small", "", 60, NOW - 2)]
    assert _names(entries, 100) == ["huge"]


def test_what_was_not_used_for_long_goes() -> None:
    entries = [Entry("new", "", 1, NOW - 89 * DAY), Entry("old", "", 1, NOW - 91 * DAY)]
    assert _names(entries, 100) == ["old"]


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 kB"), (70 * 1024**2, "70 MB"), (5 * 1024**3, "5.0 GB"), (1024**5, "1048576 GB")],
)
def test_sizes_are_shown(size: int, shown: str) -> None:
    assert caching.shown(size) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (DAY, "1 day ago"),
        (91.5 * DAY, "91 days ago"),
        (-5, "just now"),
    ],
)
def test_ages_are_shown(seconds: float, shown: str) -> None:
    assert caching.ago(seconds) == shown
