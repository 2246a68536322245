"""Which paths are taken out of compiled files, what they are replaced by, and what is called otherwise in the first place."""

from __future__ import annotations

from pathlib import Path

import pytest

from setuptools_pyo3.hands import hidden_paths as hands
from setuptools_pyo3.mind import cargo, hidden_paths, remapping
from setuptools_pyo3.mind.hidden_paths import Base, Hidden

HOME = "/home/ann"
BASES = [Base("/home/ann/.cargo", "/cargo"), Base("/home/ann/p/target", "/target"), Base("/home/ann/p", "/project")]


def test_of_a_path_that_part_is_hidden_that_says_where_it_is() -> None:
    folders = [
        "/home/ann/.cargo/registry/src/index-1",
        "/home/ann/p/target",
        "/home/ann/p/native",
        "/home/ann/p",
        "/srv/other/crate",
    ]
    assert hidden_paths.find(folders, BASES, HOME) == (
        Hidden("/home/ann/.cargo/registry/src/index-1", "/cargo//////////registry/src/index-1"[:16] + "/registry/src/index-1"),
        Hidden("/home/ann/p/native", "/project////native"),
        Hidden("/home/ann/p/target", "/target///////////"),
        Hidden("/srv/other/crate", "/build//////////"),
        Hidden("/home/ann/p", "/project///"),
    )


@pytest.mark.parametrize("folder", ["/", "/io", "/project", "/home/ann", "/usr/src", "relative/path/of/three"])
def test_what_may_mean_anything_is_left_alone(folder: str) -> None:
    assert hidden_paths.find([folder], BASES, HOME) == ()


def test_a_label_is_cut_to_the_length() -> None:
    assert hidden_paths.find(["/root/p"], [Base("/root/p", "/project")], "/root") == (Hidden("/root/p", "/projec"),)


def test_files_keep_their_length_and_only_libraries_are_touched(tmp_path: Path) -> None:
    hidden = [Hidden("/home/ann/p", "/project///")]
    for magic, touched in ((b"\x7fELF", True), (b"MZ\x90", True), (b"\xcf\xfa\xed\xfe", False), (b"#!/bin/sh", False)):
        file = tmp_path / "file"
        file.write_bytes(magic + b"..at /home/ann/p/src/lib.rs\0")
        hands.hide(str(file), hidden)
        assert file.read_bytes() == magic + (b"..at /project////src/lib.rs\0" if touched else b"..at /home/ann/p/src/lib.rs\0")


def test_a_reproducible_profile_inherits_from_the_one_that_is_asked_for() -> None:
    name = remapping.profile("release")
    assert remapping.base(name) == remapping.base("release") == "release"
    assert cargo.profile_option(name) == (f"--profile={name}", f'--config=profile.{name}.inherits="release"')
    assert cargo.profile_option("release") == ("--release",)


def test_folders_in_others_come_behind_them() -> None:
    home = ("/home/ann/.cargo", "/cargo")
    assert remapping.prefixes((home,), "/w/p", throwaway=False) == (("/w/p", "/project"), ("/w/p/target", "/target"), home)
    target = ("/t", "/target")
    assert remapping.prefixes((home, target), "/w/p", throwaway=False) == (target, ("/w/p", "/project"), home)
    assert remapping.prefixes((home, target), "/tmp/unpacked-1", throwaway=True) == (home, target)
    assert remapping.prefixes((), "/w/p", throwaway=False) == ()
