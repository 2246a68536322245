"""A universal2 module is merged from a build for each processor, with a tool that this machine has or an error that names it."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Dict, List

import pytest

from setuptools_pyo3.declaration.extension import RustExtension
from setuptools_pyo3.errors import ArtifactProblem, ToolchainProblem
from setuptools_pyo3.hands import build, universal
from setuptools_pyo3.hands.build import Built, Result, Surroundings
from setuptools_pyo3.hands.hearing import Heard
from setuptools_pyo3.mind.plan import Call
from setuptools_pyo3.mind.target import Target

from .values import macos, only_call, with_pyo3

BOTH = ("aarch64-apple-darwin", "x86_64-apple-darwin")
# The header of a loadable module with no load commands (https://github.com/apple-oss-distributions/cctools, mach-o/loader.h).
HALVES = {
    triple: struct.pack("<8I", 0xFEEDFACF, cpu, kind, 8, 0, 0, 0, 0)
    for triple, cpu, kind in (("aarch64-apple-darwin", 0x0100000C, 0), ("x86_64-apple-darwin", 0x01000007, 3))
}

needs_lipo = pytest.mark.skipif(
    not any(os.access(os.path.join(folder, name), os.X_OK) for folder in os.get_exec_path() for name in universal._TOOLS),
    reason="there is neither lipo nor llvm-lipo here",
)


def call() -> Call:
    python = macos()._replace(platform="macosx-10.13-universal2")
    target = Target(BOTH[0], python.platform, 64, slices=BOTH, crossed=True)
    return only_call((RustExtension("demo"), with_pyo3()), interpreter=python, target=target)


def surroundings(tmp_path: Path, environ: Dict[str, str]) -> Surroundings:
    return Surroundings("cargo", environ, str(tmp_path), str(tmp_path / "cache"), lambda line: None)


@pytest.fixture
def halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> List[str]:
    """cargo stands still: each build finds what lies in its triple's folder. Returns the triples that were built."""
    built: List[str] = []

    def run(one: Call, around: Surroundings, manifests: object) -> Result:
        built.append(one.triple)
        file = tmp_path / "target" / one.triple / "release" / "libdemo.dylib"
        if not file.exists():
            file.parent.mkdir(parents=True)
            file.write_bytes(HALVES[one.triple])
        (item,) = one.items
        compiled = one.triple == BOTH[1]
        return Result({item.key: Built(item, (("demo", "demo", str(file)),), ("Py_3_11",), "", compiled)}, Heard(), ())

    monkeypatch.setattr(build, "run", run)
    return built


@needs_lipo
def test_both_processors_are_in_one_file_beside_the_folders_of_the_two(halves: List[str], tmp_path: Path) -> None:
    (built,) = universal.run(call(), surroundings(tmp_path, dict(os.environ)), []).built.values()
    ((name, place, file),) = built.files
    assert (name, place, built.compiled) == ("demo", "demo", True)
    assert file == str(tmp_path / "target" / "universal2-apple-darwin" / "release" / "libdemo.dylib")
    assert halves == list(BOTH)
    content = Path(file).read_bytes()
    assert (content[:4], struct.unpack(">I", content[4:8])) == (b"\xca\xfe\xba\xbe", (2,))
    assert all(half in content for half in HALVES.values())


@needs_lipo
def test_what_did_not_change_is_not_merged_again(halves: List[str], tmp_path: Path) -> None:
    around = surroundings(tmp_path, dict(os.environ))
    (built,) = universal.run(call(), around, []).built.values()
    before = os.stat(built.files[0][2])
    universal.run(call(), around, [])
    assert os.stat(built.files[0][2]).st_ino == before.st_ino
    half = tmp_path / "target" / BOTH[0] / "release" / "libdemo.dylib"
    os.utime(half, ns=(before.st_mtime_ns + 10**9, before.st_mtime_ns + 10**9))
    universal.run(call(), around, [])
    assert os.stat(built.files[0][2]).st_ino != before.st_ino


@needs_lipo
def test_what_cannot_be_merged_is_told_and_leaves_nothing(
    halves: List[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HALVES, BOTH[1], b"not Mach-O at all, and long enough to be read")
    with pytest.raises(ArtifactProblem):
        universal.run(call(), surroundings(tmp_path, dict(os.environ)), [])
    assert not list(tmp_path.glob("target/universal2-apple-darwin/release/*"))


def test_without_a_tool_nothing_is_built_and_the_tool_is_named(halves: List[str], tmp_path: Path) -> None:
    with pytest.raises(ToolchainProblem) as raised:
        universal.run(call(), surroundings(tmp_path, {"PATH": str(tmp_path)}), [])
    assert "lipo" in str(raised.value)
    assert "ARCHFLAGS" in str(raised.value)
    assert halves == []
