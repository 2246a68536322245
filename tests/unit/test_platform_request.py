"""Which platform tag a wheel gets from what was asked for."""

from __future__ import annotations

from typing import Sequence

import pytest

from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.mind import wheel_tag
from setuptools_pyo3.mind.platform_request import decide, isa_of_flags, names, needs_policies, of_project

from .natives import MUSL, POLICIES, PUBLISHED, VENDORED, module

LINUX = wheel_tag.parse("linux_x86_64")
NEW = module("pkg/_core.abi3.so", "statx@GLIBC_2.28")


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ((), "linux_x86_64"),
        (("linux",), "linux_x86_64"),
        (("auto",), "manylinux_2_28_x86_64"),
        (("manylinux_2_28",), "manylinux_2_28_x86_64"),
        (("manylinux_2_34_x86_64",), "manylinux_2_34_x86_64"),
        (("musllinux_1_2", "manylinux_2_28"), "manylinux_2_28_x86_64"),
        (("manylinux_2_28_aarch64", "manylinux_2_34_x86_64"), "manylinux_2_34_x86_64"),
    ],
)
def test_what_is_kept_is_given(asked: Sequence[str], tag: str) -> None:
    decision = decide(asked, LINUX, [NEW], POLICIES)
    assert (decision.tag, decision.findings, decision.notice) == (tag, (), "")


def test_older_names_come_along() -> None:
    for name in ("manylinux2014", "manylinux_2_17", "auto"):
        assert decide((name,), LINUX, [module()], POLICIES).tag == "manylinux2014_x86_64.manylinux_2_17_x86_64"


def test_a_broken_one_is_told_with_the_one_that_holds() -> None:
    (finding,) = decide(("manylinux2014",), LINUX, [NEW], POLICIES).findings
    assert "statx needs GLIBC_2.28" in finding.why
    assert "manylinux_2_28_x86_64 is what the files keep to" in finding.hint


@pytest.mark.parametrize("platform", ["macosx_11_0_arm64", "win_amd64", "any", "android_21_arm64_v8a"])
@pytest.mark.parametrize("asked", ["auto", "manylinux_2_28", "linux"])
def test_other_systems_keep_their_tag(asked: str, platform: str) -> None:
    assert decide((asked,), wheel_tag.parse(platform), [PUBLISHED["win_amd64"]], ()).tag == platform


def test_auto_falls_back_to_linux_and_says_why() -> None:
    decision = decide(("auto",), LINUX, [NEW._replace(needed=("libc.so.6", "libssl.so.3"))], POLICIES)
    assert decision.tag == "linux_x86_64"
    assert "PyPI refuses" in decision.notice
    assert "libssl.so.3" in decision.notice


def test_nothing_is_guessed_about_musl() -> None:
    files = [PUBLISHED["musllinux_1_2_x86_64"], VENDORED]
    decision = decide(("auto",), LINUX, files, ())
    assert decision.tag == "linux_x86_64"
    assert "musllinux_1_2" in decision.notice
    assert decide(("auto",), LINUX, files, (MUSL,)).tag == "musllinux_1_2_x86_64"
    assert decide(("manylinux_2_28", "musllinux_1_2"), LINUX, files, (MUSL,)).tag == "musllinux_1_2_x86_64"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("musllinux_1_2",), "no platform tag that is asked for fits"),
        (("manylinux_2_28_aarch64",), "that is for x86_64 and glibc"),
        (("manylinux_2_29",), "no policy manylinux_2_29 for x86_64"),
    ],
)
def test_names_that_fit_nothing(asked: Sequence[str], says: str) -> None:
    with pytest.raises(DeclarationProblem) as raised:
        decide(asked, LINUX, [NEW], POLICIES)
    assert says in str(raised.value)
    assert raised.value.hint


def test_names_in_one_text() -> None:
    assert names(" manylinux_2_28, musllinux_1_2 auto", "here") == ("manylinux_2_28", "musllinux_1_2", "auto")
    assert names("", "here") == ()
    with pytest.raises(DeclarationProblem, match="manylinux-2-28"):
        names("manylinux-2-28", "here")


def test_the_projects_own_setting() -> None:
    assert of_project(None) == ()
    assert of_project("auto") == ("auto",)
    assert of_project(["manylinux_2_28", "musllinux_1_2"]) == ("manylinux_2_28", "musllinux_1_2")


def test_linux_needs_no_policies() -> None:
    assert not needs_policies(("linux", "linux_x86_64"))
    assert needs_policies(("linux", "auto"))


@pytest.mark.parametrize(
    ("flags", "isa"),
    [
        ("", ""),
        ("-Ctarget-cpu=native", "native"),
        ("-C target-cpu=x86-64-v3 -Copt-level=3", "x86-64-v3"),
        ("-Clinker=x\x1f-Ctarget-cpu=znver4", "znver4"),
        ("-Ctarget-cpu=x86-64", ""),
        # The last one counts, as for rustc.
        ("-Ctarget-cpu=native -Ctarget-cpu=generic", ""),
    ],
)
def test_the_processor_that_flags_ask_for(flags: str, isa: str) -> None:
    assert isa_of_flags(flags) == isa
