"""Platforms, as Python says them and as tags have them."""

from __future__ import annotations

from typing import Tuple

import pytest

from setuptools_pyo3.mind import platform_tags


@pytest.mark.parametrize(
    ("text", "system", "machine"),
    [
        ("linux-x86_64", "linux", "x86_64"),
        ("linux_armv7l", "linux", "armv7l"),
        ("manylinux_2_28_aarch64", "linux", "aarch64"),
        ("manylinux_2_17_x86_64.manylinux2014_x86_64", "linux", "x86_64"),
        ("manylinux2014_i686", "linux", "i686"),
        ("musllinux_1_2_ppc64le", "linux", "ppc64le"),
        ("macosx-10.13-universal2", "macos", "universal2"),
        ("macosx_11_0_arm64", "macos", "arm64"),
        ("win-amd64", "windows", "amd64"),
        ("win32", "windows", "win32"),
        ("mingw_x86_64_ucrt_gnu", "windows", "x86_64"),
        ("android-24-arm64_v8a", "android", "arm64_v8a"),
        ("android_21_x86", "android", "x86"),
        ("ios_13_0_arm64_iphonesimulator", "ios", "arm64"),
        ("emscripten_4_0_9_wasm32", "emscripten", "wasm32"),
        ("pyemscripten_2026_0_wasm32", "emscripten", "wasm32"),
        ("cygwin-3.5.4-x86_64", "cygwin", "x86_64"),
        ("freebsd-14.1-RELEASE-amd64", "freebsd", "amd64"),
        ("any", "", ""),
        ("", "", ""),
    ],
)
def test_a_platform_in_either_form_says_system_and_processor(text: str, system: str, machine: str) -> None:
    assert platform_tags.read(text) == (system, machine)


@pytest.mark.parametrize(
    ("platform", "tag"),
    [
        ("linux-x86_64", "linux_x86_64"),
        ("macosx-10.13-universal2", "macosx_10_13_universal2"),
        ("freebsd-13.2-RELEASE-p1-amd64", "freebsd_13_2_release_p1_amd64"),
        ("win32", "win32"),
    ],
)
def test_a_platform_becomes_a_tag_as_setuptools_makes_it(platform: str, tag: str) -> None:
    assert platform_tags.tag(platform) == tag


@pytest.mark.parametrize(
    ("machine", "said", "release"),
    [
        ("x86_64", (), (10, 12)),
        ("x86_64", ("10.9",), (10, 12)),
        ("x86_64", ("", "10.15"), (10, 15)),
        ("arm64", ("10.15",), (11, 0)),
        ("arm64", ("14.2",), (14, 0)),
        ("universal2", ("10.13",), (10, 13)),
        ("universal2", ("nonsense", "11.0"), (11, 0)),
    ],
)
def test_the_deployment_target(machine: str, said: Tuple[str, ...], release: Tuple[int, int]) -> None:
    assert platform_tags.deployment_target(machine, *said) == release
