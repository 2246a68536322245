"""zig as the linker: what it is called with for each target, and how rustc, cargo and build scripts are told of it."""

from __future__ import annotations

import pytest

from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.mind import triples, zig


def made(triple: str, glibc: str = "", macos: str = "", *, batch: bool = False) -> zig.Zig:
    return zig.make(triples.parse(triple), glibc, macos, "--zig", "/cache/zig", batch=batch)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x86_64-unknown-linux-gnu.2.17", ("x86_64-unknown-linux-gnu", "2.17")),
        ("armv7-unknown-linux-gnueabihf.2.28", ("armv7-unknown-linux-gnueabihf", "2.28")),
        ("x86_64-unknown-linux-gnu", ("x86_64-unknown-linux-gnu", "")),
        ("x86_64-unknown-linux-musl.1.2", ("x86_64-unknown-linux-musl.1.2", "")),
        ("x86_64-unknown-linux-gnu.2", ("x86_64-unknown-linux-gnu.2", "")),
        ("specs/x86_64-linux-gnu-mine.json", ("specs/x86_64-linux-gnu-mine.json", "")),
    ],
)
def test_a_glibc_may_stand_behind_the_triple(text: str, parts: "tuple[str, str]") -> None:
    assert zig.split(text) == parts


@pytest.mark.parametrize(
    ("triple", "words"),
    [
        ("x86_64-unknown-linux-gnu", "-target x86_64-linux-gnu.2.17"),
        ("aarch64-unknown-linux-gnu", "-target aarch64-linux-gnu.2.17"),
        ("i686-unknown-linux-gnu", "-mcpu=pentium4 -target x86-linux-gnu.2.17"),
        ("armv7-unknown-linux-gnueabihf", "-mcpu=generic+v7a+vfp3d16+thumb2-neon -target arm-linux-gnueabihf.2.17"),
        ("arm-unknown-linux-gnueabihf", "-mcpu=generic+v6+strict_align+vfp2 -target arm-linux-gnueabihf.2.17"),
        ("powerpc64le-unknown-linux-gnu", "-target powerpc64le-linux-gnu.2.17"),
        ("s390x-unknown-linux-gnu", "-mcpu=z10 -target s390x-linux-gnu.2.17"),
        # Their ports are younger than 2.17.
        ("riscv64gc-unknown-linux-gnu", "-mcpu=baseline_rv64 -target riscv64-linux-gnu.2.29"),
        ("loongarch64-unknown-linux-gnu", "-target loongarch64-linux-gnu.2.36"),
        ("x86_64-unknown-linux-musl", "-target x86_64-linux-musl"),
        ("armv7-unknown-linux-musleabihf", "-mcpu=generic+v7a+vfp3d16+thumb2-neon -target arm-linux-musleabihf"),
        ("aarch64-apple-darwin", "-target aarch64-macos.11.0-none"),
        ("x86_64-apple-darwin", "-target x86_64-macos.11.0-none"),
    ],
)
def test_what_zig_is_called_with(triple: str, words: str) -> None:
    content = made(triple, macos="11.0").cc.content
    assert content.startswith("#!/bin/sh\nexec ")
    assert content.endswith(f' zig cc -- -g -fno-sanitize=all {words} "$@"\n')


def test_a_glibc_that_is_named_counts() -> None:
    found = made("armv7-unknown-linux-gnueabihf", "2.28")
    assert found.glibc == "2.28"
    assert "arm-linux-gnueabihf.2.28" in found.cxx.content
    assert found.cc.path != made("armv7-unknown-linux-gnueabihf", "2.17").cc.path


@pytest.mark.parametrize(
    "triple",
    ["x86_64-pc-windows-gnu", "aarch64-linux-android", "aarch64-apple-ios", "wasm32-unknown-emscripten", "x86_64-unknown-freebsd"],
)
def test_targets_that_it_does_not_link_for_are_refused(triple: str) -> None:
    with pytest.raises(DeclarationProblem) as told:
        made(triple)
    assert triple in str(told.value)
    assert "--zig" in str(told.value)


@pytest.mark.parametrize(
    ("triple", "macos", "release"),
    [
        ("aarch64-apple-darwin", "10.12", "11.0"),
        ("aarch64-apple-darwin", "14.0", "14.0"),
        ("x86_64-apple-darwin", "10.12", "10.12"),
    ],
)
def test_apples_processors_need_a_newer_macos(triple: str, macos: str, release: str) -> None:
    assert zig.release(triples.parse(triple), macos) == release


def test_cargo_and_build_scripts_are_told_of_the_scripts_by_variables() -> None:
    found = made("x86_64-unknown-linux-gnu")
    assert found.linker_variable == "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"
    assert found.variables == (
        ("CC_x86_64_unknown_linux_gnu", found.cc.path),
        ("CXX_x86_64_unknown_linux_gnu", found.cxx.path),
    )


def test_on_windows_the_scripts_are_batch_files() -> None:
    found = made("x86_64-unknown-linux-gnu", batch=True)
    assert found.cc.path.endswith(".bat")
    assert found.cc.content == (
        '@"%SETUPTOOLS_PYO3_CARGO_ZIGBUILD%" zig cc -- -g -fno-sanitize=all -target x86_64-linux-gnu.2.17 %*\r\n'
    )
