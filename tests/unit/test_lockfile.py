"""What is read from the text of ``Cargo.lock``."""

from __future__ import annotations

from typing import Optional, Tuple

import pytest

from setuptools_pyo3.mind import lockfile

from .values import locked, package, parsed

LOCK = locked("demo 0.1.0", "pyo3 0.23.5", "pyo3-ffi 0.23.5", "rand 0.8.5", "rand 0.9.1", "big 10.12.1")


@pytest.mark.parametrize(
    ("name", "versions"),
    [("pyo3", ((0, 23),)), ("rand", ((0, 9), (0, 8))), ("big", ((10, 12),)), ("pyo", ()), ("pyo3-ff.", ())],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_versions_of_a_package(name: str, versions: Tuple[Tuple[int, int], ...], ending: str) -> None:
    assert lockfile.versions(LOCK.replace("\n", ending), name) == versions


def test_how_often_a_name_occurs() -> None:
    assert [lockfile.occurrences(LOCK, name) for name in ("rand", "pyo3", "nothing")] == [2, 1, 0]


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("0.23", (0, 23)),
        ("^0.23.1", (0, 23)),
        ("=0.23.5", (0, 23)),
        (">=0.28, <0.31", (0, 28)),
        ("1", (1, 0)),
        ("*", None),
        ("", None),
    ],
)
def test_the_first_version_that_a_requirement_names(requirement: str, version: Optional[Tuple[int, int]]) -> None:
    assert lockfile.lowest(requirement) == version


@pytest.mark.parametrize(
    ("lock", "requirement", "version"),
    [
        (LOCK, "0.23", (0, 23)),
        (LOCK, ">=0.20", (0, 23)),
        (LOCK, "", (0, 23)),
        ("", "0.23.3", (0, 23)),
        ("", "*", None),
        (locked("pyo3 0.26.0", "pyo3 0.20.3"), "0.20", (0, 20)),
        ("[[package]\nthis is no lock", "0.23", (0, 23)),
    ],
)
def test_the_version_that_is_built(lock: str, requirement: str, version: Optional[Tuple[int, int]]) -> None:
    assert lockfile.chosen(lock, "pyo3", requirement) == version


def test_fault_9_a_stale_lock_is_told_by_what_it_lacks() -> None:
    fresh = parsed(package(tables='[dependencies]\npyo3 = "0.23"\ncommon = { path = "common" }'))
    assert lockfile.lacks(LOCK, [fresh]) == ()
    assert lockfile.lacks(LOCK.replace("\n", "\r\n"), [fresh]) == ()
    bumped = fresh._replace(version="0.2.0")
    assert lockfile.lacks(LOCK, [bumped]) == ("demo 0.2.0",)
    added = parsed(package(tables='[dependencies]\nserde = "1"\nbig_num = { package = "big", version = "10" }'))
    assert lockfile.lacks(LOCK, [added]) == ("serde",)


def test_several_crates_that_lack_the_same_are_told_once() -> None:
    one, two = (parsed(package(name, tables='[dependencies]\nserde = "1"')) for name in ("one", "two"))
    assert lockfile.lacks(LOCK, [one, two]) == ("one 0.1.0", "serde", "two 0.1.0")
