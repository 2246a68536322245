"""A declaration, a crate and a Python held against each other: what an extension becomes, and what can't be."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import pytest

from setuptools_pyo3.declaration.extension import Binding, RustBin, RustExtension
from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.mind.abi import ABI3, ABI3T, NONE, SPECIFIC, Abi
from setuptools_pyo3.mind.interpreter import Interpreter

from .values import ROOT, crate, expected, linux, locked, package, pypy, with_pyo3

PLAIN = with_pyo3("0.30")
ABI3_ANY = with_pyo3("0.30", "abi3")
ABI3_39 = with_pyo3("0.30", "abi3-py39")
ABI3T_315 = with_pyo3("0.30", "abi3t-py315")
OWN_FEATURE = with_pyo3("0.30", tables='[features]\nstable = ["pyo3/abi3-py39"]\n')
WITHOUT = package(tables='[dependencies]\nlibc = "0.2"')


def refused(extension: RustExtension, of: Any, interpreter: Optional[Interpreter] = None, **circumstances: Any) -> str:
    """What the user is told where an extension can't be what it is declared to be."""
    with pytest.raises(DeclarationProblem) as caught:
        expected(extension, of, interpreter, **circumstances)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "settings", "limited_api", "abi"),
    [
        # The crate's features alone decide,
        (PLAIN, {}, "", Abi(SPECIFIC)),
        (ABI3_39, {}, "", Abi(ABI3, (3, 9))),
        (ABI3_ANY, {}, "", Abi(ABI3, (3, 11))),
        # whether the crate has them on by itself or the declaration asks for them.
        (OWN_FEATURE, {}, "", Abi(SPECIFIC)),
        (OWN_FEATURE, {"features": ["stable"]}, "", Abi(ABI3, (3, 9))),
        (OWN_FEATURE, {"args": ["--features", "stable"]}, "", Abi(ABI3, (3, 9))),
        (OWN_FEATURE, {"args": ["--all-features"]}, "", Abi(ABI3, (3, 9))),
        (PLAIN, {"features": ["pyo3/abi3-py310"]}, "", Abi(ABI3, (3, 10))),
        # Two older settings may say the same,
        (ABI3_39, {"py_limited_api": True}, "", Abi(ABI3, (3, 9))),
        (ABI3_39, {}, "cp39", Abi(ABI3, (3, 9))),
        (ABI3_39, {"py_limited_api": True}, "cp39", Abi(ABI3, (3, 9))),
        (ABI3_ANY, {"py_limited_api": True}, "", Abi(ABI3, (3, 11))),
        (PLAIN, {"py_limited_api": False}, "", Abi(SPECIFIC)),
        # and bdist_wheel's turns the feature on where the crate leaves it open.
        (PLAIN, {}, "cp39", Abi(ABI3, (3, 9))),
        (PLAIN, {"py_limited_api": True}, "cp310", Abi(ABI3, (3, 10))),
        (ABI3_ANY, {}, "cp39", Abi(ABI3, (3, 9))),
    ],
)
def test_the_limited_api_is_decided_in_one_place(text: str, settings: Any, limited_api: str, abi: Abi) -> None:
    assert expected(RustExtension("demo", **settings), text, limited_api=limited_api).abi == abi


@pytest.mark.parametrize(
    ("text", "limited_api", "features"),
    [(PLAIN, "cp39", ("pyo3/abi3-py39",)), (ABI3_ANY, "cp310", ("pyo3/abi3-py310",)), (ABI3_39, "cp39", ()), (PLAIN, "", ())],
)
def test_what_bdist_wheel_asks_for_becomes_a_feature(text: str, limited_api: str, features: Tuple[str, ...]) -> None:
    assert expected(RustExtension("demo"), text, limited_api=limited_api).features == features


@pytest.mark.parametrize("features", ["", ', features = ["abi3"]'])
def test_pyo3_ffi_alone_is_asked_for_the_limited_api_too(features: str) -> None:
    text = package(tables=f'[dependencies]\npyo3-ffi = {{ version = "0.30"{features} }}')
    found = expected(RustExtension("demo"), text, limited_api="cp39")
    assert found.features == ("pyo3-ffi/abi3-py39",)
    assert found.abi == Abi(ABI3, (3, 9))


def test_a_feature_is_asked_for_by_the_name_that_the_crate_gives_pyo3() -> None:
    text = package(tables='[dependencies]\npy = { package = "pyo3", version = "0.30" }')
    assert expected(RustExtension("demo"), text, limited_api="cp39").features == ("py/abi3-py39",)


@pytest.mark.parametrize(
    ("text", "said", "limited_api", "both"),
    [
        (ABI3_39, False, "", ("py_limited_api is false", "abi3-py39")),
        (ABI3_ANY, False, "", ("py_limited_api is false", "abi3 on")),
        (PLAIN, False, "cp39", ("py_limited_api is false", "cp39")),
        (ABI3_39, False, "cp39", ("py_limited_api is false", "abi3-py39")),
        (ABI3_39, "auto", "cp310", ("cp310", "abi3-py39")),
        (ABI3_39, True, "cp310", ("cp310", "abi3-py39")),
        (PLAIN, True, "", ("py_limited_api is true", "do not turn PyO3's abi3 on")),
    ],
)
def test_settings_that_contradict_each_other_are_both_shown(text: str, said: Any, limited_api: str, both: Tuple[str, str]) -> None:
    told = refused(RustExtension("demo", py_limited_api=said), text, limited_api=limited_api)
    assert told.startswith("RustExtension('demo'): two settings disagree about the limited API")
    assert all(part in told for part in both)
    assert "next: " in told


@pytest.mark.parametrize(("text", "limited_api"), [(with_pyo3("0.30", "abi3-py312"), ""), (PLAIN, "cp312")])
def test_a_minimum_above_the_interpreter_is_refused_before_anything_is_built(text: str, limited_api: str) -> None:
    # PyO3 refuses it too, but not where a config file tells it that the Python is as new as the minimum.
    told = refused(RustExtension("demo"), text, linux((3, 11)), limited_api=limited_api)
    assert "3.12" in told
    assert "3.11" in told


@pytest.mark.parametrize(
    ("python", "limited_api", "text"),
    [
        (linux((3, 13), threaded=True), "", ABI3_39),
        (linux((3, 14), threaded=True), "", ABI3_39),
        (linux((3, 13), threaded=True), "cp39", PLAIN),
        (pypy(), "", ABI3_39),
        # abi3t is what a free-threaded 3.15 knows.
        (linux((3, 15), threaded=True), "", ABI3_39),
    ],
)
def test_fault_48_where_there_is_no_limited_api_the_user_is_told(python: Interpreter, limited_api: str, text: str) -> None:
    found = expected(RustExtension("pkg.demo"), text, python, limited_api=limited_api)
    assert found.abi == Abi(SPECIFIC)
    (notice,) = found.notices
    assert "pkg.demo" in notice
    assert python.described in notice


def test_no_notice_where_nothing_is_lost() -> None:
    assert expected(RustExtension("demo"), PLAIN, linux((3, 13), threaded=True)).notices == ()
    assert expected(RustExtension("demo"), ABI3_39).notices == ()


@pytest.mark.parametrize(
    ("python", "kind"), [(linux((3, 15)), ABI3T), (linux((3, 15), threaded=True), ABI3T), (linux((3, 14)), SPECIFIC)]
)
def test_abi3t_is_expected_from_3_15_on(python: Interpreter, kind: str) -> None:
    assert expected(RustExtension("demo"), ABI3T_315, python).abi.kind == kind


@pytest.mark.parametrize(
    ("version", "features", "added"),
    [
        ("0.30", (), ()),
        ("0.26", (), ()),
        ("0.25", (), ("pyo3/extension-module",)),
        ("0.11", (), ("pyo3/extension-module",)),
        # The crate turns it on itself.
        ("0.20", ("extension-module",), ()),
    ],
)
def test_old_pyo3_learns_by_a_feature_that_it_is_an_extension(
    version: str, features: Tuple[str, ...], added: Tuple[str, ...]
) -> None:
    assert expected(RustExtension("demo"), with_pyo3(version, *features)).features == added


def test_an_optional_feature_that_says_so_is_enough() -> None:
    text = with_pyo3("0.20", tables='[features]\ndefault = ["extension-module"]\nextension-module = ["pyo3/extension-module"]')
    assert expected(RustExtension("demo"), text).features == ()
    assert expected(RustExtension("demo", no_default_features=True), text).features == ("pyo3/extension-module",)


def test_the_lock_says_how_old_pyo3_is() -> None:
    text = with_pyo3(">=0.20")
    assert expected(RustExtension("demo"), crate(text, lock=locked("pyo3 0.25.1"))).features == ("pyo3/extension-module",)
    assert expected(RustExtension("demo"), crate(text, lock=locked("pyo3 0.29.0"))).features == ()


def test_all_features_reach_an_optional_dependency_too() -> None:
    text = package(tables='[dependencies]\npyo3 = { version = "0.30", features = ["abi3-py39"], optional = true }')
    assert expected(RustExtension("demo"), text).pyo3 is None
    assert expected(RustExtension("demo", args=["--all-features"]), text).pyo3 is not None


@pytest.mark.parametrize(
    "extension", [RustExtension("demo", no_default_features=True), RustExtension("demo", args=["--no-default-features"])]
)
def test_default_features_can_be_turned_off_in_two_ways(extension: RustExtension) -> None:
    text = with_pyo3("0.30", tables='[features]\ndefault = ["pyo3/abi3-py39"]')
    found = expected(extension, text)
    assert not found.default_features
    assert found.abi == Abi(SPECIFIC)


@pytest.mark.parametrize(
    ("text", "settings", "limited_api", "abi"),
    [
        (WITHOUT, {}, "", Abi(NONE)),
        (WITHOUT, {}, "cp39", Abi(ABI3, (3, 9))),
        (WITHOUT, {"py_limited_api": True}, "", Abi(ABI3, (3, 11))),
        (package(tables='[dependencies]\npython3-sys = "0.7"'), {}, "", Abi(SPECIFIC)),
        (package(tables='[dependencies]\npyo3-ffi = "0.30"'), {}, "", Abi(SPECIFIC)),
        (package(tables='[dependencies]\npyo3-ffi = { version = "0.30", features = ["abi3-py39"] }'), {}, "", Abi(ABI3, (3, 9))),
    ],
)
def test_a_library_without_bindings_is_for_every_python_unless_it_knows_one(
    text: str, settings: Any, limited_api: str, abi: Abi
) -> None:
    found = expected(RustExtension("demo", binding=Binding.NoBinding, **settings), text, limited_api=limited_api)
    assert found.abi == abi


@pytest.mark.parametrize("text", ['pyo3-ffi = "0.30"', 'pyo3 = "0.30"'])
def test_a_library_on_pyo3_ffi_is_told_that_it_is_an_extension(text: str) -> None:
    library = RustExtension("demo", binding=Binding.NoBinding)
    assert expected(library, package(tables=f"[dependencies]\n{text}")).knows_python
    assert not expected(library, WITHOUT).knows_python


def test_rust_cpython_gets_the_features_that_it_needs() -> None:
    found = expected(RustExtension("demo", binding=Binding.RustCPython), package(tables='[dependencies]\ncpython = "0.7"'))
    assert found.features == ("cpython/python3-sys", "cpython/extension-module")
    assert (found.abi, found.knows_python) == (Abi(SPECIFIC), True)


@pytest.mark.parametrize(("text", "kind"), [(WITHOUT, NONE), (PLAIN, SPECIFIC), (ABI3_39, SPECIFIC)])
def test_an_executable_that_embeds_python_is_for_one_python(text: str, kind: str) -> None:
    found = expected(RustBin("tool"), text)
    assert (found.abi, found.features) == (Abi(kind), ())
    assert found.knows_python is (kind == SPECIFIC)


VIRTUAL = '[workspace]\nmembers = ["core", "tools/*"]\n'


def test_fault_11_a_virtual_manifest_lists_its_members() -> None:
    of = crate(VIRTUAL)._replace(members=(f"{ROOT}/core/Cargo.toml", f"{ROOT}/tools/x/Cargo.toml"))
    told = refused(RustExtension("pkg.core"), of)
    assert told.startswith("RustExtension('pkg.core'): Cargo.toml is a virtual manifest")
    assert "its members are: core/Cargo.toml, tools/x/Cargo.toml" in told
    assert "set path to the Cargo.toml of the member" in told


def test_fault_12_a_crate_without_a_library_is_pointed_to_bins() -> None:
    text = '[package]\nname = "tool"\nversion = "0.1.0"\n'
    told = refused(RustExtension("pkg.core"), crate({"rust": text}, "rust", without_library=["rust"]))
    assert "the crate 'tool' has no library target" in told
    assert "rust/Cargo.toml" in told
    assert "RustBin" in told
    assert expected(RustBin("tool"), crate(text, without_library=[""])).crate.manifest.library is None
