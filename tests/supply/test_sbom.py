"""The bill of materials in real wheels: what is in it is what cargo itself says is linked, for each extension."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Set

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from .. import crates
from ..support import Project, Wheel, cargo_calls

NAME = "sboms/setuptools-pyo3.cdx.json"

# Two extensions with different crates; one crate is only compiled for a build script, one for a macro, two are off.
_FILES = {
    "pyproject.toml": crates.pyproject(
        "supply",
        "[[tool.setuptools-pyo3.ext-modules]]\ntarget = 'supply_one'\npath = 'one/Cargo.toml'\n"
        "[[tool.setuptools-pyo3.ext-modules]]\ntarget = 'supply_two'\npath = 'two/Cargo.toml'\nfeatures = ['fast']\n",
    ),
    "Cargo.toml": """\
        [workspace]
        members = ["one", "two", "common"]
        resolver = "2"

        [workspace.package]
        license = "MIT/Apache-2.0"

        [workspace.dependencies]
        cfg-if = "1"
        """,
    **crates.crate("supply-one", folder="one", extra='common = { path = "../common", package = "supply-common" }\n'),
    **crates.crate(
        "supply-two",
        folder="two",
        extra='memchr = { version = "2", optional = true }\nitoa = { version = "1", optional = true }\n'
        '[target."cfg(windows)".dependencies]\ncfg-if = "1"\n'
        '[build-dependencies]\nautocfg = "1"\n[features]\nfast = ["dep:memchr"]\n',
    ),
    "two/build.rs": "fn main() { autocfg::new(); }\n",
    "common/Cargo.toml": """\
        [package]
        name = "supply-common"
        version = "0.3.0"
        edition = "2021"
        license.workspace = true

        [dependencies]
        cfg-if.workspace = true
        """,
    "common/src/lib.rs": "",
}


def _document(wheel: Wheel) -> Dict[str, Any]:
    text = wheel.read(NAME)
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    content: Dict[str, Any] = json.loads(text)
    return content


def _linked(document: Dict[str, Any], start: str) -> Set[str]:
    """The ``name version`` of what is reached from a component."""
    components = {component["bom-ref"]: component for component in document["components"]}
    edges = {entry["ref"]: entry["dependsOn"] for entry in document["dependencies"]}
    found: Set[str] = set()
    pending = list(edges[start])
    while pending:
        ref = pending.pop()
        if ref not in found:
            found.add(ref)
            pending += edges[ref]
    return {f"{components[ref]['name']} {components[ref]['version']}" for ref in found}


def _cargo_tree(project: Project, package: str, *options: str) -> Set[str]:
    argv = ["cargo", "tree", f"--package={package}", "--edges=normal,no-proc-macro", "--prefix=none", "--format={p}", *options]
    lines = project.run(*argv).stdout.splitlines()
    return {" ".join(line.split()[:2]).replace(" v", " ") for line in lines if " v" in line}


def test_each_extension_has_what_cargo_says_is_linked_into_it(project: Project) -> None:
    project.write(_FILES)
    project.run("cargo", "generate-lockfile")
    document = _document(project.wheel())
    assert _linked(document, "extension:supply_one") == _cargo_tree(project, "supply-one")
    assert _linked(document, "extension:supply_two") == _cargo_tree(project, "supply-two", "--features=fast")
    components = {component["name"]: component for component in document["components"]}
    assert not {"autocfg", "itoa", "pyo3-macros", "pyo3-build-config", "syn"} & set(components)
    assert components["memchr"]["purl"] == f"pkg:cargo/memchr@{components['memchr']['version']}"
    assert len(components["memchr"]["hashes"][0]["content"]) == 64
    assert components["supply-common"]["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert "purl" not in components["supply-common"]
    assert document["metadata"]["component"]["purl"] == "pkg:pypi/supply@1.0"


def test_a_known_build_gives_the_same_document_and_starts_nothing_else(project: Project) -> None:
    project.write({"pyproject.toml": crates.pyproject(table="[tool.setuptools-pyo3]"), **crates.crate("sbom-again")})
    project.run("cargo", "generate-lockfile")
    project.setup("bdist_wheel")
    first = project.built_wheel().read(NAME)
    output = project.setup("bdist_wheel").stdout
    assert len(cargo_calls(output)) == 1
    assert project.built_wheel().read(NAME) == first


def test_a_lock_that_cargo_makes_counts_too(project: Project) -> None:
    project.write({"pyproject.toml": crates.pyproject(table="[tool.setuptools-pyo3]"), **crates.crate("sbom-unlocked")})
    document = _document(project.wheel())
    hashed = {component["name"] for component in document["components"] if "hashes" in component}
    assert "pyo3" in hashed
    assert not (project.folder / "Cargo.lock").exists()


def test_it_can_be_turned_off_and_documents_of_ones_own_be_added(project: Project) -> None:
    table = '[tool.setuptools-pyo3]\nsbom = false\nsbom-files = ["docs/c-libraries.cdx.json"]'
    project.write({"pyproject.toml": crates.pyproject(table=table), **crates.crate("sbom-off"), "docs/c-libraries.cdx.json": "{}"})
    wheel = project.wheel()
    sboms = [name.rpartition("/")[2] for name in wheel.names if "/sboms/" in name]
    assert sboms == ["c-libraries.cdx.json"]
    assert "sboms/c-libraries.cdx.json" in wheel.read("RECORD")
    project.write({"release.cdx.json": "{}"})
    project.env.update(SETUPTOOLS_PYO3_SBOM="on", SETUPTOOLS_PYO3_SBOM_FILES=os.pathsep.join(["release.cdx.json"]))
    names = [name.rpartition("/")[2] for name in project.wheel().names if "/sboms/" in name]
    assert names == ["c-libraries.cdx.json", "release.cdx.json", "setuptools-pyo3.cdx.json"]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SETUPTOOLS_PYO3_SBOM", "perhaps", "expected on or off, found 'perhaps'"),
        ("SETUPTOOLS_PYO3_SBOM_FILES", "missing.json", "the document for the wheel can't be read"),
    ],
)
def test_what_is_wrong_is_told(project: Project, variable: str, value: str, message: str) -> None:
    project.write({"pyproject.toml": crates.pyproject(table="[tool.setuptools-pyo3]"), **crates.crate("sbom-wrong")})
    project.env[variable] = value
    failed = project.setup("bdist_wheel", check=False)
    assert failed.returncode == 1
    assert message in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not project.files("dist/*")


def test_a_wheel_of_which_nothing_was_built_now_says_that_it_has_none(project: Project) -> None:
    project.write({"pyproject.toml": crates.pyproject(table="[tool.setuptools-pyo3]"), **crates.crate("sbom-skipped")})
    project.setup("build")
    output = project.setup("bdist_wheel", "--skip-build").stdout
    assert "the wheel gets no bill of materials, because nothing was built in this run" in output
    assert not cargo_calls(output)
    assert not [name for name in project.built_wheel().names if "/sboms/" in name]
