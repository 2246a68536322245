"""The audit of whole wheels: what it needs to know, what it says, and how that is read."""

from __future__ import annotations

import json

import pytest

from setuptools_pyo3.mind import audit
from setuptools_pyo3.mind.abi import ABI3, ABI3T, Abi
from setuptools_pyo3.mind.finding import NOTE

from .natives import MUSL, POLICIES, PUBLISHED, VENDORED, module, wheel

STABLE = {"PyModule_Create2": (3, 2), "PyBytes_Size": (3, 2), "PyType_GetName": (3, 11)}
KNOWN = audit.Knowledge({("x86_64", "glibc"): POLICIES, ("x86_64", "musl"): (MUSL,)}, STABLE, "test")
CP311 = "pkg/_core.cpython-311-x86_64-linux-gnu.so"


def told(report: audit.Report) -> "list[tuple[str, str]]":
    return [(finding.rule, finding.level) for finding in report.findings]


def test_a_local_wheel_is_true_and_unfit_for_upload() -> None:
    report = audit.of_wheel(wheel("cp311-cp311-linux_x86_64", module(CP311)), KNOWN)
    assert told(report) == [("upload", NOTE)]
    assert report.keeps_to == "manylinux_2_17_x86_64"
    assert "unfit for upload" in report.findings[0].what
    assert "manylinux_2_17_x86_64" in report.findings[0].hint
    assert not report.errors


@pytest.mark.parametrize("platform", ["linux_armv6l", "linux_armv7l", "win_amd64"])
def test_what_pypi_takes(platform: str) -> None:
    assert audit.of_wheel(wheel(f"cp311-cp311-{platform}"), KNOWN).findings == ()


def test_installers_take_no_minor_releases_of_macos() -> None:
    file = PUBLISHED["macosx_10_12_universal2"]
    (finding,) = audit.of_wheel(wheel("cp311-cp311-macosx_14_4_arm64", file), KNOWN).findings
    assert "macosx_14_0_arm64" in finding.what
    assert audit.of_wheel(wheel("cp311-cp311-macosx_10_12_x86_64", file), KNOWN).findings == ()


def test_a_wheels_own_policy_is_held_against_it_once() -> None:
    file = module(CP311, "statx@GLIBC_2.28")
    report = audit.of_wheel(wheel("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", file), KNOWN)
    assert [finding.rule for finding in report.errors] == ["symbol-version"]
    assert report.keeps_to == "manylinux_2_28_x86_64"


def test_a_policy_that_nobody_knows() -> None:
    file = module(CP311, "statx@GLIBC_2.28")
    assert told(audit.of_wheel(wheel("cp311-cp311-manylinux_2_30_x86_64", file), KNOWN)) == [("policy", NOTE)]
    report = audit.of_wheel(wheel("cp311-cp311-manylinux_2_20_x86_64", file), KNOWN)
    assert [finding.rule for finding in report.errors] == ["symbol-version"]


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        ("auto", []),
        ("linux", []),
        ("manylinux_2_28", []),
        ("manylinux_2_28_x86_64", []),
        ("manylinux2014", ["symbol-version"]),
        ("manylinux_2_99", ["policy"]),
        ("manylinux_2_28_aarch64", ["architecture"]),
        ("musllinux_1_2", ["libc"]),
    ],
)
def test_a_policy_that_is_asked_for(asked: str, errors: "list[str]") -> None:
    file = module(CP311, "statx@GLIBC_2.28")
    report = audit.of_wheel(wheel("cp311-cp311-linux_x86_64", file), KNOWN, [asked])
    assert [finding.rule for finding in report.errors] == errors


def test_asking_for_any_policy_where_none_holds() -> None:
    file = module(CP311, needed=("libc.so.6", "libssl.so.3"))
    report = audit.of_wheel(wheel("cp311-cp311-linux_x86_64", file), KNOWN, ["auto"])
    (finding,) = report.errors
    assert "libssl.so.3" in finding.why
    assert report.keeps_to == ""


def test_musls_version_is_taken_at_its_word() -> None:
    report = audit.of_wheel(wheel("cp39-abi3-musllinux_1_2_x86_64", PUBLISHED["musllinux_1_2_x86_64"], VENDORED), KNOWN)
    assert told(report) == [("musl-version", NOTE)]


def test_files_for_two_processors_keep_to_nothing() -> None:
    other = module("pkg/_b.abi3.so", architectures=("aarch64",), machine="aarch64")
    assert audit.of_wheel(wheel("cp39-abi3-linux_x86_64", module(CP311), other), KNOWN).keeps_to == ""


def test_the_limited_api_is_looked_at_where_the_tag_promises_it() -> None:
    file = module("pkg/_core.abi3.so", "PyFunction_GetCode")
    assert [f.rule for f in audit.of_wheel(wheel("cp39-abi3-linux_x86_64", file), KNOWN).errors] == ["not-limited"]
    assert audit.of_wheel(wheel("cp311-cp311-linux_x86_64", file), KNOWN).errors == ()


def test_a_file_alone_is_held_against_its_name() -> None:
    assert audit.of_file(module(CP311), KNOWN).findings == ()
    found = audit.of_file(module("pkg/_core.abi3.so", "PyFunction_GetCode"), KNOWN, ["manylinux2014"])
    assert [finding.rule for finding in found.findings] == ["not-limited"]
    assert found.keeps_to == "manylinux_2_17_x86_64"


@pytest.mark.parametrize(
    ("python", "abi", "found"),
    [
        ("cp39", "abi3", Abi(ABI3, (3, 9))),
        ("cp310.cp39", "abi3", Abi(ABI3, (3, 9))),
        ("cp315", "abi3.abi3t", Abi(ABI3T, (3, 15))),
        ("cp311", "cp311", None),
        ("py3", "none", None),
    ],
)
def test_the_limited_api_that_a_tag_promises(python: str, abi: str, found: object) -> None:
    assert audit.limited_api(python.split("."), abi.split(".")) == found


@pytest.mark.parametrize(
    ("tag", "asked", "keys", "musl"),
    [
        ("linux_x86_64", (), [("x86_64", "glibc")], ()),
        ("manylinux_2_17_aarch64", (), [("aarch64", "glibc"), ("x86_64", "glibc")], ()),
        ("linux_x86_64", ("musllinux_1_2",), [("x86_64", "glibc"), ("x86_64", "musl")], ("musllinux_1_2",)),
        ("musllinux_1_1_x86_64", (), [("x86_64", "glibc"), ("x86_64", "musl")], ("musllinux_1_1",)),
    ],
)
def test_which_policies_an_audit_takes(tag: str, asked: "tuple[str, ...]", keys: object, musl: object) -> None:
    found = audit.need([module(CP311)], wheel(f"cp311-cp311-{tag}").tags.platform, asked)
    assert (list(found.keys), found.musl) == (keys, musl)


def test_wheels_without_native_linux_code_take_none() -> None:
    assert audit.need([], wheel("cp311-cp311-manylinux2014_x86_64").tags.platform).keys == ()
    assert audit.need([PUBLISHED["win32"]], wheel("cp311-cp311-win32").tags.platform).keys == ()


def test_json_and_text_say_the_same() -> None:
    file = module(CP311, "statx@GLIBC_2.28", "fstat64@GLIBC_2.14")
    report = audit.of_wheel(wheel("cp311-cp311-manylinux2014_x86_64", file), KNOWN)
    plain = json.loads(json.dumps(audit.as_json(report)))
    assert (plain["ok"], plain["tags"], plain["keeps_to"]) == (False, "cp311-cp311-manylinux2014_x86_64", "manylinux_2_28_x86_64")
    assert plain["files"][0]["newest_versions"] == {"GLIBC": "2.28"}
    assert plain["findings"][0] == report.findings[0]._asdict()
    text = audit.as_text(report)
    assert "needs GLIBC 2.28" in text
    assert "keeps to manylinux_2_28_x86_64" in text
    assert f"error: {CP311}: it needs GLIBC_2.28" in text


def test_a_pure_wheel() -> None:
    report = audit.of_wheel(wheel("py3-none-any", purelib=True), KNOWN)
    assert not report.findings
    assert "no native files" in audit.as_text(report)
