"""When a build is known again, from what is kept of the last one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict

import pytest

from setuptools_pyo3.hands import files, recollection

_QUESTION: Dict[str, Any] = {"version": "1", "environ": {"PATH": "/bin"}}


def _content(**states: files.State) -> Dict[str, Any]:
    rest: Dict[str, Any] = {"presence": {}, "calls": [], "behind": None, "results": {}, "outcomes": {}, "notices": [], "last": []}
    return {"question": _QUESTION, "states": states, **rest}


def test_it_fits_as_long_as_question_and_files_are_the_same(tmp_path: Path) -> None:
    manifest = tmp_path / "Cargo.toml"
    manifest.write_text("a")
    known = recollection.Recollection(_content(**{str(manifest): files.state(str(manifest))}))
    assert known.fits(dict(_QUESTION))
    assert not known.fits({**_QUESTION, "version": "2"})
    os.utime(manifest, ns=(0, 0))
    assert not known.fits(dict(_QUESTION))


def test_a_file_that_was_missing_and_is_there_now_is_a_change(tmp_path: Path) -> None:
    lock = tmp_path / "Cargo.lock"
    known = recollection.Recollection(_content(**{str(lock): None}))
    assert known.fits(dict(_QUESTION))
    lock.write_text("")
    assert not known.fits(dict(_QUESTION))


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    path = str(tmp_path / "builds" / "one")
    question = {**_QUESTION, "environ": {"NOT_UTF8": "\udc80"}}
    recollection.save(path, {**_content(), "question": question})
    loaded = recollection.load(path)
    assert loaded is not None
    assert loaded.fits(question)


def test_what_cannot_be_read_is_as_good_as_nothing(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"garbage", b"i\x01\x00\x00\x00")):
        path = tmp_path / str(number)
        path.write_bytes(content)
        assert recollection.load(str(path)) is None
    assert recollection.load(str(tmp_path / "missing")) is None


def test_the_first_look_at_a_file_counts(tmp_path: Path) -> None:
    path = tmp_path / "Cargo.toml"
    seen = files.Seen()
    assert seen.look(str(path)) is None
    path.write_text("written while the build was running")
    assert seen.look(str(path)) is None
    assert not seen.unchanged()


def test_those_go_first_that_were_not_made_anew_for_longest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recollection, "_MOST", 2)
    for age, size in ((3, 300), (2, 1), (1, 200)):
        path = tmp_path / f"age{age}"
        path.write_bytes(bytes(size))
        os.utime(path, ns=(0, 10**9 * (10 - age)))
    recollection.save(str(tmp_path / "new"), _content())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["age1", "new"]
