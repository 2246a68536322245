"""A MANIFEST.in means to us what it means to setuptools, for files that would be in without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from setuptools.command.egg_info import FileList

from setuptools_pyo3.mind import manifest_template

_FILES = (
    "a.txt",
    "b.csv",
    "rust/Cargo.toml",
    "rust/src/lib.rs",
    "rust/src/deep/a.txt",
    "rust/data/a.csv",
    "rust/data/b[1].csv",
    "rust/data.csv",
    "rusty/a.txt",
    "docs/index.md",
)


@pytest.mark.parametrize(
    "text",
    [
        "prune rust",
        "prune rust/data/",
        "prune rust\ngraft rust/src",
        "exclude a.txt rust/*.csv",
        "exclude *.csv",
        "exclude **/*.csv",
        "exclude rust/**/*.csv",
        "global-exclude *.csv *.md",
        "global-exclude a.*\ninclude a.txt",
        "recursive-exclude rust *.txt *.csv",
        "recursive-exclude rust *\nrecursive-include rust *.rs",
        "recursive-exclude . *.md",
        "exclude rust/data/b[[]1].csv",
        "global-exclude [ab].txt",
        "global-exclude ?.csv",
        "prune rust\nglobal-include *.toml",
        "prune r*",
        "include nothing.txt\ngraft nowhere",
    ],
)
def test_it_is_setuptools_reading(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in _FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    theirs = FileList()
    theirs.extend(_FILES)
    for line in text.splitlines():
        theirs.process_template_line(line)
    template = manifest_template.parse(text.splitlines())
    assert {name for name in _FILES if template.keeps(name)} == set(theirs.files)


def test_what_is_named_in_so_many_words_is_known() -> None:
    template = manifest_template.parse(["include tests/server.key *.pem", "recursive-include a b.key", "nonsense", "prune"])
    assert template.named == ("tests/server.key",)
