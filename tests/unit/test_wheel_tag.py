"""Reading the tags in wheels' names."""

from __future__ import annotations

import pytest
from packaging.tags import parse_tag

from setuptools_pyo3.mind.wheel_tag import parse, tags


@pytest.mark.parametrize(
    ("text", "system", "version", "architectures"),
    [
        ("linux_x86_64", "linux", (), ("x86_64",)),
        ("linux_armv7l", "linux", (), ("arm",)),
        ("manylinux_2_28_aarch64", "manylinux", (2, 28), ("aarch64",)),
        ("manylinux1_i686", "manylinux", (2, 5), ("x86",)),
        ("manylinux2010_x86_64", "manylinux", (2, 12), ("x86_64",)),
        ("manylinux2014_ppc64le", "manylinux", (2, 17), ("ppc64le",)),
        ("musllinux_1_2_x86_64", "musllinux", (1, 2), ("x86_64",)),
        ("macosx_11_0_arm64", "macosx", (11, 0), ("aarch64",)),
        ("macosx_10_12_universal2", "macosx", (10, 12), ("x86_64", "aarch64")),
        ("win32", "win", (), ("x86",)),
        ("win_amd64", "win", (), ("x86_64",)),
        ("win_arm64", "win", (), ("aarch64",)),
        ("any", "any", (), ()),
        ("android_21_arm64_v8a", "android", (), ("aarch64",)),
        ("ios_13_0_arm64_iphoneos", "ios", (), ("aarch64",)),
        ("emscripten_4_0_9_wasm32", "emscripten", (), ("wasm32",)),
    ],
)
def test_platform_tags(text: str, system: str, version: "tuple[int, ...]", architectures: "tuple[str, ...]") -> None:
    tag = parse(text)
    assert (tag.text, tag.system, tag.version, tag.architectures) == (text, system, version, architectures)


@pytest.mark.parametrize(
    "text", ["cp315-abi3.abi3t-linux_x86_64", "py2.py3-none-any", "cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64"]
)
def test_compressed_tags_expand_as_packaging_says(text: str) -> None:
    assert tags(*text.split("-")).expanded == tuple(sorted(map(str, parse_tag(text))))
    assert str(tags(*text.split("-"))) == text
