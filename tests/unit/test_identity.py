"""PyO3's identity for cargo: one number for one configuration on every machine, and options that cargo takes."""

from __future__ import annotations

from typing import Any, Dict, Sequence

import pytest

from setuptools_pyo3.declaration.extension import RustExtension
from setuptools_pyo3.mind import identity
from setuptools_pyo3.mind.plan import without_identity

from .values import crate, linux, locked, only_call, toml, with_pyo3

TEXT = "implementation=CPython\nversion=3.11\nshared=true\npointer_width=64\n"


def test_a_configuration_has_the_same_number_everywhere() -> None:
    # Written out: build caches of other machines and earlier versions of ours know it.
    assert identity.key(TEXT, {"PYO3_BUILD_EXTENSION_MODULE": "1"}) == 1_246_987_192


@pytest.mark.parametrize("name", ["PATH", "VIRTUAL_ENV", "PYO3_PYTHON", "PYO3_CROSS_LIB_DIR", "PYO3_CONFIG_FILE"])
def test_what_pyo3_does_not_look_at_changes_no_number(name: str) -> None:
    assert identity.key(TEXT, {name: "/elsewhere"}) == identity.key(TEXT, {})


@pytest.mark.parametrize("name", ["PYO3_BUILD_EXTENSION_MODULE", "PYO3_USE_ABI3_FORWARD_COMPATIBILITY"])
def test_what_pyo3_looks_at_changes_the_number(name: str) -> None:
    assert identity.key(TEXT, {name: "1"}) != identity.key(TEXT, {name: None})


def test_numbers_are_what_cargo_takes_for_codegen_units_and_cap_nothing() -> None:
    numbers = {identity.key(f"version=3.{minor}\n", {}) for minor in range(1000)}
    assert len(numbers) == 1000
    assert min(numbers) >= 2**16
    assert max(numbers) < 2**31


@pytest.mark.parametrize(
    ("lock", "version", "named"),
    [
        ("", (0, 30), ["pyo3-ffi"]),
        ("", (0, 29), ["pyo3-ffi"]),
        ("", (0, 28), ["pyo3-build-config"]),
        ("", (0, 14), ["pyo3-build-config"]),
        ("", (0, 13), ["pyo3"]),
        ("", None, []),
        (locked("pyo3 0.27.2", "pyo3-ffi 0.27.2"), (0, 30), ["pyo3-build-config"]),
        (locked("pyo3-ffi 0.30.1"), None, ["pyo3-ffi"]),
        (locked("pyo3 0.23.5", "pyo3 0.30.1", "serde 1.0.0"), None, ["pyo3-build-config", "pyo3-ffi"]),
        (locked("serde 1.0.0"), None, []),
    ],
)
def test_the_package_that_asks_for_the_interpreter(lock: str, version: "tuple[int, int] | None", named: Sequence[str]) -> None:
    assert list(identity.packages(lock, version)) == named


@pytest.mark.parametrize(
    ("profile", "profiles", "expected"),
    [
        ("dev", "", ["profile.dev.package.pyo3-ffi.codegen-units"]),
        ("checked", '[checked]\ninherits = "release"', ["profile.checked.package.pyo3-ffi.codegen-units"]),
        # A profile that nobody defined is cargo's to name.
        ("chekced", '[checked]\ninherits = "release"', []),
        ("release", "[release.package.pyo3-ffi]\nopt-level = 3", ["profile.release.package.pyo3-ffi.codegen-units"]),
        # Two names for one package are a mistake for cargo.
        ("release", '[release.package."pyo3-ffi@0.30"]\nopt-level = 3', ['profile.release.package."pyo3-ffi@0.30".codegen-units']),
        (
            "checked",
            '[checked]\ninherits = "release"\n[release.package."pyo3-ffi:0.30.1"]\nopt-level = 3',
            ['profile.checked.package."pyo3-ffi:0.30.1".codegen-units'],
        ),
        ("bench", "[release.package.pyo3-ffi]\ncodegen-units = 1", []),
        ("release", "[release.package.pyo3-ffi]\ncodegen-units = 1", []),
        ("release", '[release.package."*"]\ncodegen-units = 1', ["profile.release.package.pyo3-ffi.codegen-units"]),
        ("release", "[dev.package.pyo3-ffi]\ncodegen-units = 1", ["profile.release.package.pyo3-ffi.codegen-units"]),
        ("release", "[release.package]\npyo3-ffi = 1", ["profile.release.package.pyo3-ffi.codegen-units"]),
    ],
)
def test_a_projects_own_overrides_stay(profile: str, profiles: str, expected: Sequence[str]) -> None:
    given: Dict[str, Any] = toml(profiles)
    options = identity.options(70000, ["pyo3-ffi"], profile, given)
    assert list(options) == [f"--config={option}=70000" for option in expected]
    # They are TOML, which names the same package.
    for option in options:
        (named,) = toml(option[len("--config=") :])["profile"][profile]["package"]
        assert named == identity.overridden(option)


@pytest.mark.parametrize(
    "spec",
    [
        "pyo3-ffi",
        "pyo3-ffi@0.30.1",
        "pyo3-ffi:0.30.1",
        "registry+https://github.com/rust-lang/crates.io-index#pyo3-ffi@0.30.1",
        "https://github.com/rust-lang/crates.io-index#pyo3-ffi",
        "https://example.org/pyo3-ffi",
        "https://example.org/pyo3-ffi/#0.30.1",
        "git+https://example.org/pyo3-ffi?branch=main#0.30.1",
    ],
)
def test_every_way_to_name_a_package_is_understood(spec: str) -> None:
    assert identity.specified(spec) == "pyo3-ffi"


def test_pythons_differ_and_all_of_them_share_the_limited_api() -> None:
    pythons = [linux((3, minor)) for minor in (9, 11, 13)] + [linux((3, 14), threaded=True)]
    specific = {only_call((RustExtension("demo"), with_pyo3()), interpreter=python).identity for python in pythons}
    assert len(specific) == len(pythons)
    limited = {
        only_call((RustExtension("demo"), with_pyo3("0.30", "abi3-py39")), interpreter=python).identity for python in pythons[:3]
    }
    assert len(limited) == 1


def test_an_isolated_environment_changes_nothing() -> None:
    calls = [
        only_call((RustExtension("demo"), with_pyo3()), interpreter=linux(executable=f"/tmp/{name}/bin/python"), cache_dir=name)
        for name in ("a", "b")
    ]
    assert calls[0].identity == calls[1].identity != ()


@pytest.mark.parametrize("said", ["0", "off", "No"])
def test_it_can_be_turned_off(said: str) -> None:
    call = only_call((RustExtension("demo"), with_pyo3()), environ={"SETUPTOOLS_PYO3_KEEP_APART": said})
    assert call.identity == ()
    assert not any("codegen-units" in word for word in call.arguments)


def test_a_crate_without_pyo3_gets_no_option() -> None:
    of = crate('[package]\nname = "demo"\nversion = "0.1.0"\n[lib]\ncrate-type = ["cdylib"]\n', lock=locked("serde 1.0.0"))
    assert only_call((RustExtension("demo"), of)).identity == ()


def test_a_call_without_them_is_otherwise_the_same() -> None:
    call = only_call((RustExtension("demo"), with_pyo3()))
    plain = without_identity(call)
    assert [word for word in call.arguments if word not in plain.arguments] == list(call.identity)
    assert plain._replace(arguments=call.arguments, identity=call.identity) == call
