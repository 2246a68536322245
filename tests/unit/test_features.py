"""Foretelling which features cargo turns on, in a crate, in its local dependencies and in PyO3."""

from __future__ import annotations

from typing import Mapping, Tuple

import pytest

from setuptools_pyo3.mind import features
from setuptools_pyo3.mind.crate import pyo3_use
from setuptools_pyo3.mind.features import Resolved

from .values import ROOT, crate, local, locked, package, with_pyo3

OPTIONAL_PYO3 = 'pyo3 = { version = "0.30", optional = true }'


def resolve(texts: "str | Mapping[str, str]", *asked: str, folder: str = "", default: bool = True) -> Resolved:
    """What is on in a crate, given by the texts of manifests."""
    found = local({"": texts} if isinstance(texts, str) else texts)
    return features.resolve(f"{ROOT}/{folder}".rstrip("/"), found, asked, default=default)


def tables(dependencies: str, features_table: str = "") -> str:
    """A manifest with these two tables."""
    return package(tables=f"[dependencies]\n{dependencies}\n[features]\n{features_table}\n")


def test_what_a_crate_asks_of_pyo3() -> None:
    resolved = resolve(with_pyo3("0.30", "abi3-py39"))
    assert resolved.uses_pyo3
    assert resolved.pyo3 == {"default", "abi3-py39"}
    assert resolved.packages == {"pyo3"}
    assert resolved.crates == {ROOT: {"default"}}


def test_a_crate_without_pyo3() -> None:
    resolved = resolve(tables('libc = "0.2"'))
    assert not resolved.uses_pyo3
    assert resolved.pyo3 == frozenset()
    assert resolved.packages == {"libc"}


@pytest.mark.parametrize(
    ("feature", "asked", "default", "pyo3"),
    [
        # What a default or an asked-for feature of the crate turns on in PyO3.
        ('default = ["pyo3/abi3"]', (), True, {"default", "abi3"}),
        ('default = ["pyo3/abi3"]', (), False, {"default"}),
        ('default = ["a"]\na = ["b"]\nb = ["pyo3/abi3"]', (), True, {"default", "abi3"}),
        ('stable = ["pyo3/abi3-py39"]', (), True, {"default"}),
        ('stable = ["pyo3/abi3-py39"]', ("stable",), True, {"default", "abi3-py39"}),
        # Asked for directly, on the command line.
        ("", ("pyo3/abi3-py310",), True, {"default", "abi3-py310"}),
    ],
)
def test_features_lead_to_pyo3(feature: str, asked: Tuple[str, ...], default: bool, pyo3: "set[str]") -> None:
    assert resolve(tables('pyo3 = "0.30"', feature), *asked, default=default).pyo3 == pyo3


def test_features_may_form_a_ring() -> None:
    assert resolve(tables('pyo3 = "0.30"', 'default = ["a"]\na = ["b"]\nb = ["a", "pyo3/abi3"]')).pyo3 == {"default", "abi3"}


@pytest.mark.parametrize(
    ("feature", "asked", "uses"),
    [
        ("", (), False),
        # An optional dependency is a feature of its own name, unless "dep:" names it.
        ("", ("pyo3",), True),
        ('default = ["pyo3"]', (), True),
        ('python = ["dep:pyo3"]', (), False),
        ('python = ["dep:pyo3"]', ("python",), True),
        ('python = ["pyo3/abi3"]', ("python",), True),
        # A weak feature turns nothing on.
        ('default = ["pyo3?/abi3"]', (), False),
    ],
)
def test_an_optional_dependency_is_on_where_a_feature_asks_for_it(feature: str, asked: Tuple[str, ...], uses: bool) -> None:
    assert resolve(tables(OPTIONAL_PYO3, feature), *asked).uses_pyo3 is uses


@pytest.mark.parametrize(
    "feature",
    [
        'default = ["dep:pyo3", "pyo3?/abi3"]',
        'default = ["pyo3?/abi3", "dep:pyo3"]',
        'default = ["weak", "strong"]\nweak = ["pyo3?/abi3"]\nstrong = ["dep:pyo3"]',
        'default = ["strong", "weak"]\nweak = ["pyo3?/abi3"]\nstrong = ["dep:pyo3"]',
    ],
)
def test_a_weak_feature_counts_where_the_dependency_is_on_in_whatever_order(feature: str) -> None:
    assert resolve(tables(OPTIONAL_PYO3, feature)).pyo3 == {"default", "abi3"}


def test_a_weak_feature_of_a_dependency_that_is_always_on() -> None:
    assert resolve(tables('pyo3 = "0.30"', 'default = ["pyo3?/abi3"]')).pyo3 == {"default", "abi3"}


def test_default_features_of_a_dependency_can_be_off() -> None:
    assert resolve(tables('pyo3 = { version = "0.30", default-features = false }')).pyo3 == frozenset()


def test_a_renamed_pyo3_is_asked_by_its_key() -> None:
    text = tables('py = { package = "pyo3", version = "0.30" }', 'default = ["py/abi3"]')
    assert resolve(text).pyo3 == {"default", "abi3"}


def test_the_crate_itself_may_be_named_on_the_command_line() -> None:
    # cargo takes --features demo/stable for the package demo.
    assert "abi3" in resolve(tables('pyo3 = "0.30"', 'stable = ["pyo3/abi3"]'), "demo/stable").pyo3


def test_pyo3_ffi_counts_as_pyo3() -> None:
    resolved = resolve(tables('pyo3-ffi = { version = "0.30", features = ["abi3-py39"] }'))
    assert resolved.uses_pyo3
    assert "abi3-py39" in resolved.pyo3


def test_pyo3_may_lie_in_a_folder() -> None:
    texts = {
        "": tables('pyo3 = { path = "vendor/pyo3", features = ["abi3-py39"] }'),
        "vendor/pyo3": package("pyo3", tables='[features]\nabi3-py39 = []\n[dependencies]\nlibc = "0.2"'),
    }
    resolved = resolve(texts)
    assert resolved.uses_pyo3
    assert "abi3-py39" in resolved.pyo3


MEMBERS = {
    "a": with_pyo3("0.30", name="a", tables='common = { path = "../common", features = ["fast"] }'),
    "b": with_pyo3("0.30", name="b", tables='common = { path = "../common", default-features = false }'),
    "common": with_pyo3(
        "0.30", "macros", name="common", tables='[features]\ndefault = ["stable"]\nstable = ["pyo3/abi3-py39"]\nfast = []'
    ),
}


def test_local_dependencies_have_features_of_their_own_and_ask_things_of_pyo3() -> None:
    resolved = resolve(MEMBERS, folder="a")
    assert set(resolved.crates) == {f"{ROOT}/a", f"{ROOT}/common"}
    assert resolved.crates[f"{ROOT}/a"] == {"default"}
    assert resolved.crates[f"{ROOT}/common"] >= {"default", "stable", "fast"}
    assert resolved.pyo3 == {"default", "macros", "abi3-py39"}


def test_another_crate_uses_the_same_dependency_otherwise() -> None:
    resolved = resolve(MEMBERS, folder="b")
    assert resolved.crates[f"{ROOT}/common"] == frozenset()
    assert resolved.pyo3 == {"default", "macros"}


def test_a_local_dependency_that_two_crates_reach_gets_the_features_of_both() -> None:
    texts = {
        "": package(tables='[dependencies]\na = { path = "a" }\nb = { path = "b" }'),
        "a": package("a", tables='[dependencies]\nc = { path = "../c", features = ["x"] }'),
        "b": package("b", tables='[dependencies]\nc = { path = "../c", features = ["y"], default-features = false }'),
        "c": with_pyo3("0.30", name="c", tables='[features]\nx = ["pyo3/abi3"]\ny = ["pyo3/abi3-py39"]\n'),
    }
    resolved = resolve(texts)
    assert resolved.crates[f"{ROOT}/c"] >= {"default", "x", "y"}
    assert resolved.pyo3 == {"default", "abi3", "abi3-py39"}


def test_an_optional_local_dependency_stays_out() -> None:
    texts = {"": tables('c = { path = "c", optional = true }', 'with-c = ["dep:c"]'), "c": with_pyo3("0.30", name="c")}
    assert list(resolve(texts).crates) == [ROOT]
    assert resolve(texts, "with-c").uses_pyo3


@pytest.mark.parametrize(
    ("text", "lock", "key", "version"),
    [
        (with_pyo3("0.30"), "", "pyo3", (0, 30)),
        (with_pyo3(">=0.20, <0.30"), locked("pyo3 0.26.1", "pyo3-ffi 0.26.1"), "pyo3", (0, 26)),
        (with_pyo3("0.15"), "", "pyo3", (0, 15)),
        (with_pyo3("0.16"), "", "pyo3", (0, 16)),
        (tables('py = { package = "pyo3", version = "0.23" }'), "", "py", (0, 23)),
        (tables('pyo3-ffi = "0.30"'), "", "pyo3-ffi", (0, 30)),
        (tables('pyo3 = { git = "https://example.org/pyo3" }'), "", "pyo3", None),
        (tables('pyo3 = { git = "https://example.org/pyo3" }'), locked("pyo3 0.31.0"), "pyo3", (0, 31)),
    ],
)
def test_how_a_crate_uses_pyo3(text: str, lock: str, key: str, version: "tuple[int, int] | None") -> None:
    found = pyo3_use(crate(text, lock=lock), resolve(text))
    assert found is not None
    assert (found.key, found.version) == (key, version)


def test_a_crate_that_uses_pyo3_through_another_one_cannot_name_it() -> None:
    texts = {"": package(tables='[dependencies]\ninner = { path = "inner" }'), "inner": with_pyo3("0.23", name="inner")}
    found = pyo3_use(crate(texts), resolve(texts))
    assert found is not None
    assert (found.key, found.version) == ("", (0, 23))


def test_a_crate_that_does_not_use_pyo3() -> None:
    text = tables(OPTIONAL_PYO3)
    assert pyo3_use(crate(text), resolve(text)) is None
