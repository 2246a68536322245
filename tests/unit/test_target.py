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
        ("linux-ppc64le", 64, ("ppc64le",)),
        ("linux-ppc64", 64, ("ppc64",)),
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


@pytest.mark.parametrize(
    "target", [Target("", "macosx-11.0-arm64", 64), Target("aarch64-apple-ios", "ios-13.0-arm64-iphoneos", 64)]
)
def test_a_module_on_apples_systems_takes_its_symbols_at_run_time_and_tells_no_build_path(target: Target) -> None:
    assert linking.needs_arguments(target)
    assert linking.module_arguments(target, "core.abi3.so", {}) == (
        "-Clink-arg=-undefined",
        "-Clink-arg=dynamic_lookup",
        "-Clink-arg=-Wl,-install_name,@rpath/core.abi3.so",
    )


def test_a_module_for_emscripten_is_a_side_module_unless_the_environment_says_so_already() -> None:
    target = Target("wasm32-unknown-emscripten", "emscripten-4.0.9-wasm32", 32)
    both = ("-Clink-arg=-sSIDE_MODULE=2", "-Clink-arg=-sWASM_BIGINT")
    assert linking.module_arguments(target, "core.so", {}) == both
    flags = "-C link-arg=-sSIDE_MODULE=2 -C link-arg=-sWASM_BIGINT"
    environ = {"CARGO_TARGET_WASM32_UNKNOWN_EMSCRIPTEN_RUSTFLAGS": flags}
    assert linking.module_arguments(target, "core.so", environ) == ()
    assert linking.module_arguments(target, "core.so", {"RUSTFLAGS": "-Clink-arg=-sSIDE_MODULE=1"}) == both[1:]


@pytest.mark.parametrize("platform", ["linux-x86_64", "win-amd64", "android-24-arm64_v8a"])
def test_elsewhere_the_linker_needs_no_word_of_ours(platform: str) -> None:
    assert linking.module_arguments(Target("", platform, 64), "core.so", {}) == ()
    assert not linking.needs_arguments(Target("", platform, 64))
