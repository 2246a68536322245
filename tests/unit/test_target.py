"""The platform that is built for: its processors, and what it wants of the linker."""

from __future__ import annotations

from typing import Tuple

import pytest

from setuptools_pyo3.mind import linking
from setuptools_pyo3.mind.target import Target, architecture


@pytest.mark.parametrize(
    ("platform", "width", "processors"),
    [
        ("linux-x86_64", 64, ("x86_64",)),
        ("linux-x86_64", 32, ("x86",)),
        ("linux-aarch64", 64, ("aarch64",)),
        ("linux-aarch64", 32, ("arm",)),
        ("linux-armv7l", 32, ("arm",)),
        ("linux-i686", 32, ("x86",)),
        ("linux-ppc64le", 64, ("ppc64",)),
        ("linux-s390x", 64, ("s390x",)),
        ("linux-riscv64", 64, ("riscv64",)),
        ("macosx-11.0-arm64", 64, ("aarch64",)),
        ("macosx-10.9-x86_64", 64, ("x86_64",)),
        ("macosx-10.9-universal2", 64, ("x86_64", "aarch64")),
        ("win-amd64", 64, ("x86_64",)),
        ("win-arm64", 64, ("aarch64",)),
        ("win32", 32, ("x86",)),
        ("emscripten-3.1.58-wasm32", 32, ("wasm32",)),
        ("android-24-arm64_v8a", 64, ("aarch64",)),
        ("ios-13.0-arm64-iphonesimulator", 64, ("aarch64",)),
        ("solaris-5.11-sparcv9", 64, ()),
    ],
)
def test_the_processors_a_file_may_be_for(platform: str, width: int, processors: Tuple[str, ...]) -> None:
    assert Target("", platform, width).architectures == processors


def test_a_processor_is_spelt_in_any_case() -> None:
    assert architecture("AMD64", 64) == architecture("x86_64", 64) == "x86_64"


@pytest.mark.parametrize(
    ("target", "macos"),
    [
        (Target("", "macosx-11.0-arm64", 64), True),
        (Target("", "linux-x86_64", 64), False),
        (Target("aarch64-apple-darwin", "linux-x86_64", 64), True),
        (Target("x86_64-unknown-linux-gnu", "macosx-11.0-arm64", 64), False),
    ],
)
def test_the_triple_says_whether_it_is_macos_and_without_one_the_platform(target: Target, macos: bool) -> None:
    assert target.is_macos is macos


def test_a_module_on_macos_takes_its_symbols_at_run_time_and_tells_no_build_path() -> None:
    arguments = linking.module_arguments(Target("", "macosx-11.0-arm64", 64), "core.abi3.so")
    assert arguments == (
        "-Clink-arg=-undefined",
        "-Clink-arg=dynamic_lookup",
        "-Clink-arg=-Wl,-install_name,@rpath/core.abi3.so",
    )


@pytest.mark.parametrize("platform", ["linux-x86_64", "win-amd64"])
def test_elsewhere_the_linker_needs_no_word_of_ours(platform: str) -> None:
    assert linking.module_arguments(Target("", platform, 64), "core.so") == ()
