"""Target triples: what each says, and that what Python doesn't run on is refused."""

from __future__ import annotations

import shutil
import subprocess
from typing import Tuple

import pytest

from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.mind import triples
from setuptools_pyo3.mind.triples import Triple, parse


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x86_64-unknown-linux-gnu", ("linux", "x86_64", 64, "gnu", "x86_64-linux-gnu")),
        ("i586-unknown-linux-gnu", ("linux", "i686", 32, "gnu", "i386-linux-gnu")),
        ("x86_64-unknown-linux-gnux32", ("linux", "x86_64", 32, "gnu", "x86_64-linux-gnux32")),
        ("armv7-unknown-linux-musleabihf", ("linux", "armv7l", 32, "musl", "arm-linux-musleabihf")),
        ("thumbv7neon-unknown-linux-gnueabihf", ("linux", "armv7l", 32, "gnu", "arm-linux-gnueabihf")),
        ("arm-unknown-linux-gnueabi", ("linux", "armv6l", 32, "gnu", "arm-linux-gnueabi")),
        ("mips64el-unknown-linux-gnuabi64", ("linux", "mips64", 64, "gnu", "mips64el-linux-gnuabi64")),
        ("mips64-unknown-linux-muslabi64", ("linux", "mips64", 64, "musl", "mips64-linux-musl")),
        ("riscv64gc-unknown-linux-gnu", ("linux", "riscv64", 64, "gnu", "riscv64-linux-gnu")),
        ("aarch64-apple-darwin", ("macos", "arm64", 64, "", "darwin")),
        ("arm64e-apple-darwin", ("macos", "arm64", 64, "", "darwin")),
        ("x86_64-apple-ios", ("ios", "x86_64", 64, "", "iphonesimulator")),
        ("aarch64-apple-ios", ("ios", "arm64", 64, "", "iphoneos")),
        ("i686-win7-windows-msvc", ("windows", "win32", 32, "", "")),
        ("aarch64-pc-windows-gnullvm", ("windows", "arm64", 64, "", "")),
        ("armv7-linux-androideabi", ("android", "armeabi_v7a", 32, "", "arm-linux-androideabi")),
        ("wasm32-unknown-emscripten", ("emscripten", "wasm32", 32, "", "wasm32-emscripten")),
        ("x86_64-pc-cygwin", ("cygwin", "x86_64", 64, "", "x86_64-cygwin")),
        ("x86_64-unknown-freebsd", ("freebsd", "amd64", 64, "", "")),
    ],
)
def test_a_triple_says(text: str, said: Tuple[object, ...]) -> None:
    assert parse(text) == Triple(text, *said)  # type: ignore[arg-type]  # a row of the table above


def test_a_target_specification_is_known_by_its_name() -> None:
    assert parse("targets/aarch64-mycompany-linux-gnu.json").multiarch == "aarch64-linux-gnu"


@pytest.mark.parametrize(
    "text",
    [
        *("", "x86_64", "wasm32-unknown-unknown", "wasm32-wasip1", "x86_64-unknown-linux-ohos", "armv7l-linux", "avr-none"),
        *(
            "armv7-unknown-linux-uclibceabihf",
            "aarch64-apple-ios-macabi",
            "aarch64-apple-watchos",
            "aarch64-unknown-linux-gnu_ilp32",
        ),
    ],
)
def test_what_python_is_not_known_to_run_on_fails_loudly(text: str) -> None:
    with pytest.raises(DeclarationProblem) as raised:
        parse(text, "CARGO_BUILD_TARGET")
    assert repr(text) in str(raised.value)
    assert "CARGO_BUILD_TARGET" in str(raised.value)


@pytest.mark.skipif(shutil.which("rustc") is None, reason="there is no rustc")
def test_rustcs_own_list_holds_nothing_that_is_misread() -> None:
    listed = subprocess.run(["rustc", "--print", "target-list"], capture_output=True, text=True, check=True).stdout.split()
    understood = []
    for text in listed:
        try:
            understood.append(parse(text))
        except DeclarationProblem:
            assert not text.endswith(("-linux-gnu", "-apple-darwin", "-windows-msvc")) or text.partition("-")[0] in _NO_PYTHON
    for triple in understood:
        widths = {"x86_64": 64, "i686": 32, "armv7": 32, "powerpc64le": 64, "aarch64": 64, "wasm32": 32}
        assert triple.pointer_width == widths.get(triple.text.partition("-")[0], triple.pointer_width) or "x32" in triple.text


# Processors that Rust knows and Python's names don't.
_NO_PYTHON = frozenset(
    {"aarch64_be", "csky", "m68k", "mipsisa32r6", "mipsisa32r6el", "riscv32gc", "sparc", "thumbv7a", "amdgcn", "hexagon"}
)


@pytest.mark.parametrize(
    "text",
    [
        *("x86_64-unknown-linux-gnu", "i686-unknown-linux-musl", "aarch64-unknown-linux-gnu", "armv7-unknown-linux-gnueabihf"),
        *("arm-unknown-linux-gnueabihf", "arm-unknown-linux-gnueabi", "armv7-unknown-linux-musleabihf"),
        *("powerpc64le-unknown-linux-gnu", "powerpc64-unknown-linux-gnu", "s390x-unknown-linux-gnu", "riscv64gc-unknown-linux-gnu"),
        *("loongarch64-unknown-linux-musl", "x86_64-apple-darwin", "aarch64-apple-darwin", "aarch64-apple-ios-sim"),
        *("aarch64-apple-ios", "x86_64-apple-ios", "i686-pc-windows-msvc", "aarch64-pc-windows-msvc", "aarch64-linux-android"),
        *("armv7-linux-androideabi", "wasm32-unknown-emscripten"),
    ],
)
def test_a_pythons_description_leads_back_to_the_triple(text: str) -> None:
    from setuptools_pyo3.mind.target import architecture

    triple = parse(text)
    known = architecture(triple.machine, triple.pointer_width)
    assert triples.implied(triple.system, known, triple.machine, triple.multiarch, triple.libc) == text
