"""The bill of materials as a value: valid by CycloneDX' own schema, and the same for the same content."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from setuptools_pyo3.mind import sbom
from setuptools_pyo3.mind.sbom import Component, Subject

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"
SHA = "65cd87c9a6d60536580b316ad985726104730a5151c99845f2490428ef91240a"
OTHER = "sparse+https://crates.example.org/index/"
GIT = "git+https://example.org/é/x.git?branch=main#0123abc"

COMPONENTS = [
    Component("own", "0.1.0", "", "", "", "LICENSE", "Ours", "", (sbom.reference("a", "1.0.0", CRATES_IO),)),
    Component("a", "1.0.0", CRATES_IO, SHA, "MIT OR Apache-2.0", "", "", "https://example.org/a", ()),
    Component("b", "1.0.0", OTHER, SHA, "", "", "", "", ()),
    Component("c", "1.0.0+x", GIT, "", "MIT", "", "", "", ()),
]


def _document(time: Optional[int] = None, **changes: Any) -> bytes:
    given: Dict[str, Any] = {"components": COMPONENTS, **changes}
    return sbom.document(Subject("demo", "1.0"), {"demo._core": "cargo:own@0.1.0"}, given["components"], "1.0", time)


@pytest.mark.parametrize("time", [None, 1_700_000_000])
def test_it_is_valid(time: Optional[int]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(_document(time).decode()) is None


def test_executables_are_applications() -> None:
    roots = dict.fromkeys(("demo._core", "tool"), "cargo:own@0.1.0")
    content = json.loads(sbom.document(Subject("demo", "1.0"), roots, [], "1.0", None, {"tool"}))
    assert {one["name"]: one["type"] for one in content["components"]} == {"demo._core": "library", "tool": "application"}


def test_the_same_content_gives_the_same_document_in_whatever_order() -> None:
    assert _document() == _document(components=COMPONENTS[::-1])


def test_its_number_follows_its_content() -> None:
    documents = (_document(), _document(1_700_000_000), _document(components=COMPONENTS[:2]))
    numbers = {json.loads(document)["serialNumber"] for document in documents}
    assert len(numbers) == 3
    assert all(number.startswith("urn:uuid:") for number in numbers)


def test_the_time_is_told_only_where_it_is_given() -> None:
    assert "timestamp" not in json.loads(_document())["metadata"]
    assert json.loads(_document(1_700_000_000))["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"


def test_package_urls_lead_to_where_a_crate_comes_from() -> None:
    assert sbom.purl("own", "0.1.0", "") == ""
    plain = PackageURL.from_string(sbom.purl("a", "1.0.0", CRATES_IO))
    assert (plain.type, plain.name, plain.version, plain.qualifiers) == ("cargo", "a", "1.0.0", {})
    assert PackageURL.from_string(sbom.purl("b", "1.0.0", OTHER)).qualifiers == {"repository_url": OTHER.partition("+")[2]}
    of_git = PackageURL.from_string(sbom.purl("c", "1.0.0+x", GIT))
    assert of_git.version == "1.0.0+x"
    assert of_git.qualifiers == {"vcs_url": "git+https://example.org/é/x.git@0123abc"}
