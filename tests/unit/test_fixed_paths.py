"""Paths that are the same for every checkout: links to target folders, and copies of vendored crates."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import List, Tuple

import pytest

from setuptools_pyo3.hands import fixed_paths
from setuptools_pyo3.hands.cargo_config import Configuration

_REPLACED = {"crates-io": {"replace-with": "own"}, "own": {"directory": "vendor"}}


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(tmp_path / "cache")


def test_the_first_checkout_gets_the_first_link_and_keeps_it(tmp_path: Path, cache: str) -> None:
    first, second = str(tmp_path / "a/target"), str(tmp_path / "b/target")
    link = fixed_paths.link(cache, "demo", first)
    assert link == os.path.join(cache, "links", "demo-0")
    assert os.path.realpath(link) == first
    assert fixed_paths.link(cache, "demo", second) == os.path.join(cache, "links", "demo-1")
    assert fixed_paths.link(cache, "demo", first) == link
    assert fixed_paths.link(cache, "other", second) == os.path.join(cache, "links", "other-0")


def test_a_link_whose_target_folder_is_gone_is_the_next_ones(tmp_path: Path, cache: str) -> None:
    first, second = str(tmp_path / "a/target"), str(tmp_path / "b/target")
    link = fixed_paths.link(cache, "demo", first)
    shutil.rmtree(first)
    assert fixed_paths.link(cache, "demo", second) == link
    assert os.path.realpath(link) == second


def test_a_target_folder_that_is_made_is_tagged_as_cargo_does_it(tmp_path: Path, cache: str) -> None:
    fixed_paths.link(cache, "demo", str(tmp_path / "target"))
    # https://bford.info/cachedir/
    assert (tmp_path / "target" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_without_links_there_is_no_such_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OSError("a privilege is missing")

    # As on Windows without developer mode.
    monkeypatch.setattr(os, "symlink", refuse)
    assert fixed_paths.link(cache, "demo", str(tmp_path / "target")) == ""


def _sources(checkout: Path, cache: str, content: object = _REPLACED) -> List[Tuple[str, str]]:
    return list(fixed_paths.sources([Configuration(str(checkout / ".cargo" / "config.toml"), {"source": content})], cache))


def _vendored(checkout: Path, text: str = "pub fn a() {}\n") -> Path:
    source = checkout / "vendor" / "a" / "src" / "lib.rs"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text)
    return checkout


def test_vendored_crates_lie_at_one_place_for_every_checkout(tmp_path: Path, cache: str) -> None:
    [(name, place)] = _sources(_vendored(tmp_path / "one"), cache)
    assert name == "own"
    assert os.path.dirname(place) == os.path.join(cache, "vendored")
    assert Path(place, "a/src/lib.rs").read_text() == "pub fn a() {}\n"
    assert _sources(_vendored(tmp_path / "two"), cache) == [(name, place)]


def test_other_content_lies_elsewhere(tmp_path: Path, cache: str) -> None:
    before = _sources(_vendored(tmp_path), cache)
    after = _sources(_vendored(tmp_path, "pub fn b() {}\n"), cache)
    assert before != after
    assert Path(after[0][1], "a/src/lib.rs").read_text() == "pub fn b() {}\n"
    (tmp_path / "vendor/a/src/lib.rs").rename(tmp_path / "vendor/a/src/main.rs")
    assert _sources(tmp_path, cache) not in (before, after)


@pytest.mark.parametrize(
    "content",
    [
        # Nothing is replaced with it.
        {"own": {"directory": "vendor"}},
        # No folder.
        {"crates-io": {"replace-with": "own"}, "own": {"registry": "https://example.invalid"}},
        # It isn't there.
        {"crates-io": {"replace-with": "own"}, "own": {"directory": "elsewhere"}},
        # Everybody can have it at this path.
        {"crates-io": {"replace-with": "own"}, "own": {"directory": "/usr/share/cargo/registry"}},
        "nonsense",
    ],
)
def test_nothing_else_is_copied(tmp_path: Path, cache: str, content: object) -> None:
    assert _sources(_vendored(tmp_path), cache, content) == []


def test_copies_that_were_not_used_for_long_are_let_go(tmp_path: Path, cache: str) -> None:
    [(_, old)] = _sources(_vendored(tmp_path), cache)
    os.utime(old, (0, 0))
    [(_, new)] = _sources(_vendored(tmp_path, "pub fn b() {}\n"), cache)
    assert not os.path.exists(old)
    assert os.listdir(os.path.dirname(new)) == [os.path.basename(new)]


def test_everything_can_be_let_go(tmp_path: Path, cache: str) -> None:
    _sources(_vendored(tmp_path), cache)
    kept = fixed_paths.link(cache, "demo", str(tmp_path / "target"))
    fixed_paths.let_go(cache)
    assert os.path.exists(kept)
    fixed_paths.let_go(cache, everything=True)
    assert [os.listdir(os.path.join(cache, name)) for name in fixed_paths.FOLDERS] == [[], []]
    assert (tmp_path / "target").is_dir()
