"""The files that cargo writes to one place: each way of building finds its own again, and nothing else is taken for them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Optional

import pytest

from setuptools_pyo3.hands import folders, leaves
from setuptools_pyo3.mind.plan import Leaf

# The hash in its name is of package and version only; that of a check is in the names of its files too.
FINGERPRINT, CHECK = "demo-0123456789abcdef", "demo-fedcba9876543210"


def leaf(identity: str) -> Leaf:
    return Leaf("demo", "demo", identity, knows_python=True)


class Target:
    """A folder that a stand-in for cargo compiles into, with cargo's layout and nothing behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = folder / "deps" / "libdemo.so"
        self.hash = folder / ".fingerprint" / FINGERPRINT / "lib-demo"
        self.clock = 1_600_000_000

    def compile(self, text: str) -> None:
        """Write what cargo would."""
        self.clock += 1
        for path, content in {
            self.library: text,
            self.folder / "deps" / "demo.d": "libdemo.so: src/lib.rs",
            self.hash: f"hash of {text}",
            self.hash.with_name("dep-lib-demo"): "dependencies",
            self.folder / ".fingerprint" / CHECK / "lib-demo": "a check",
            self.folder / "deps" / f"libdemo-{CHECK[5:]}.rmeta": "a check",
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(content)
            os.utime(path, (self.clock, self.clock))

    def build(self, identity: str, text: Optional[str] = None) -> str:
        """Build one way, with something to compile or without; returns what is in place then."""
        leaves.prepare([str(self.folder)], [leaf(identity)])
        if text is not None:
            self.compile(text)
        leaves.mark(str(self.folder), [leaf(identity)])
        return self.content

    @property
    def content(self) -> str:
        """What lies in place, "" where library and fingerprint are not one build's."""
        try:
            text = self.library.read_text()
            return text if self.hash.read_text() == f"hash of {text}" else ""
        except OSError:
            return ""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    made = Target(tmp_path / "target" / "release")
    made.folder.mkdir(parents=True)
    return made


def test_ways_in_turn_find_their_own_with_their_times(target: Target) -> None:
    target.build("one", "first")
    time = target.library.stat().st_mtime_ns, target.hash.with_name("dep-lib-demo").stat().st_mtime_ns
    assert target.build("two", "second") == "second"
    assert target.build("one") == "first"
    assert (target.library.stat().st_mtime_ns, target.hash.with_name("dep-lib-demo").stat().st_mtime_ns) == time
    assert target.build("two") == "second"


def test_a_new_way_finds_nothing_of_another_but_checks_stay(target: Target) -> None:
    target.build("one", "first")
    leaves.prepare([str(target.folder)], [leaf("two")])
    assert not target.library.exists()
    assert not target.hash.exists()
    assert (target.folder / ".fingerprint" / CHECK / "lib-demo").exists()


def test_what_somebody_else_compiled_meanwhile_gives_way(target: Target) -> None:
    target.build("one", "first")
    target.compile("somebody else's")
    assert target.build("one") == "first"
    target.compile("somebody else's")
    assert target.build("two", "second") == "second"
    assert target.build("one") == "first"


def test_what_was_handed_over_is_kept_unseen(target: Target) -> None:
    target.build("one", "first")
    leaves.prepare([str(target.folder)], [leaf("tests")], hand_over=True)
    target.compile("tests")
    assert target.build("one") == "first"
    leaves.prepare([str(target.folder)], [leaf("tests")], hand_over=True)
    assert target.content == "tests"
    target.compile("newer tests")
    leaves.prepare([str(target.folder)], [leaf("tests")], hand_over=True)
    assert target.content == "newer tests"


def test_a_library_that_was_written_to_in_place_is_not_put_back(target: Target) -> None:
    target.build("one", "first")
    # strip on the file in the target folder, which may be one with the kept file.
    target.library.write_text("stripped")
    target.build("two", "second")
    leaves.prepare([str(target.folder)], [leaf("one")])
    assert not target.library.exists()
    assert not target.hash.exists()


def test_a_build_that_failed_leaves_nothing_that_looks_built(target: Target) -> None:
    target.build("one", "first")
    leaves.prepare([str(target.folder)], [leaf("one")])
    target.hash.write_text("")
    target.library.unlink()
    target.build("two", "second")
    assert target.build("one") == "first"


def test_cargo_clean_means_what_was_kept_too(target: Target) -> None:
    target.build("one", "first")
    target.build("two", "second")
    shutil.rmtree(target.folder / ".fingerprint")
    target.library.unlink()
    assert target.build("two") == ""
    target.build("two", "third")
    assert target.build("one") == ""


def test_without_copies_nothing_is_kept(target: Target) -> None:
    target.compile("first")
    leaves.mark(str(target.folder), [leaf("one")], keep=False)
    assert leaves.current(str(target.folder), "demo") == "one"
    assert not list((target.folder / folders.OWN).glob("demo-*"))


def test_the_number_of_kept_ways_is_bounded_and_the_least_recently_used_go(target: Target) -> None:
    for number in range(16):
        target.build(f"way{number}", f"text {number}")
    kept = sorted((target.folder / folders.OWN).glob("demo-*"))
    for path in kept:
        os.utime(path, (1, 1))
    assert target.build("way3") == "text 3"
    target.build("another", "another")
    left = {path.name for path in (target.folder / folders.OWN).glob("demo-*")}
    assert len(left) == 16
    assert {"demo-way3", "demo-another"} <= left


def test_a_layout_of_another_kind_is_left_alone(target: Target) -> None:
    before = target.folder / "build" / "demo" / "0123" / "out" / "libdemo.so"
    before.parent.mkdir(parents=True)
    before.write_text("first")
    for identity in ("one", "two", "one"):
        target.build(identity)
    assert before.read_text() == "first"


def test_the_folder_that_cargo_compiles_into(tmp_path: Path) -> None:
    plain = tmp_path / "target" / "release"
    (plain / ".fingerprint").mkdir(parents=True)
    assert folders.home(str(plain), []) == str(plain)
    assert folders.home(str(plain / "deps"), []) == str(plain)
    finished = str(tmp_path / "finished" / "armv7-unknown-linux-gnueabihf" / "release")
    compiled = tmp_path / "compiled"
    for_host, for_target = compiled / "release", compiled / "armv7-unknown-linux-gnueabihf" / "release"
    named = [str(place / "deps" / "libx.rlib") for place in (for_host, for_target)]
    assert folders.home(finished, [*named, f"{finished}/libdemo.so"]) == str(for_target)
    assert folders.home(finished, [f"{finished}/libdemo.so"]) == finished
