"""Reading cargo's configuration, and the text that tells the sources of dependencies apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Dict, List

import pytest

from setuptools_pyo3.hands import cargo_config, provenance

REPLACED = '[source.crates-io]\nreplace-with = "here"\n\n[source.here]\n'


def write(folder: Path, files: Dict[str, str]) -> Path:
    """Write files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def targets(root: Path, *given: str, home: str = "home") -> List[object]:
    """What each configuration says about the target folder, the first to win first."""
    found = cargo_config.read(str(root), {"CARGO_HOME": str(root / home)}, given)
    return [one.table("build")["target-dir"] for one in found if "target-dir" in one.table("build")]


def _build(name: str) -> str:
    return f'[build]\ntarget-dir = "{name}"\n'


def test_nearer_configuration_goes_before_farther_and_the_command_line_before_all(tmp_path: Path) -> None:
    files = {
        ".cargo/config.toml": _build("outer"),
        "home/config.toml": _build("home"),
        "in/ner/.cargo/config.toml": _build("inner"),
    }
    root = write(tmp_path, files) / "in" / "ner"
    write(root, {"extra.toml": _build("file")})
    assert targets(root, "extra.toml", 'build.target-dir="given"', home="../../home") == ["given", "file", "inner", "outer", "home"]


def test_the_old_name_goes_before_the_new_one(tmp_path: Path) -> None:
    assert targets(write(tmp_path, {".cargo/config": _build("old"), ".cargo/config.toml": _build("new")})) == ["old"]


def test_included_files_come_after_the_one_that_includes_them(tmp_path: Path) -> None:
    files = {
        ".cargo/config.toml": 'include = ["one.toml", { path = "sub/two.toml", optional = true }, { path = "gone.toml" }]\n'
        + _build("own"),
        ".cargo/one.toml": _build("one"),
        ".cargo/sub/two.toml": 'include = "../config.toml"\n' + _build("two"),
    }
    assert targets(write(tmp_path, files)) == ["own", "two", "one"]


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    files = {".cargo/config.toml": "this is no TOML", "home/config.toml": 'build = "odd"\n'}
    assert targets(write(tmp_path, files), "neither = a file", "nor TOML") == []


# -- where sources come from


def text_of(root: Path, *given: str) -> str:
    """The text for a project in a folder."""
    found = cargo_config.read(str(root), {"CARGO_HOME": str(root / "home")}, given)
    return provenance.of(found, [str(root / "Cargo.toml")])


def vendored(folder: Path, checksums: str = '{"files": {"src/lib.rs": "1"}}') -> Path:
    """A project with one vendored crate."""
    return write(
        folder,
        {
            "Cargo.toml": "[package]\n",
            ".cargo/config.toml": REPLACED + 'directory = "vendor"\n',
            "vendor/a/.cargo-checksum.json": checksums,
            "vendor/a/src/lib.rs": "one",
        },
    )


def test_what_the_manifests_say_alone_needs_no_words(tmp_path: Path) -> None:
    files = {"Cargo.toml": '[dependencies]\na = "1"\n', ".cargo/config.toml": '[build]\njobs = 1\n[registries.a]\nindex = "b"\n'}
    assert text_of(write(tmp_path, files)) == ""


@pytest.mark.parametrize(
    "files",
    [
        {".cargo/config.toml": REPLACED + 'registry = "https://mirror"\n'},
        {"home/config.toml": REPLACED + 'registry = "https://mirror"\n'},
        {".cargo/config.toml": 'paths = ["a"]\n'},
        {".cargo/config.toml": '[patch.crates-io]\na = { path = "a" }\n'},
        {"Cargo.toml": '[patch.crates-io]\na = { path = "a" }\n'},
        {"Cargo.toml": '[replace]\n"a:1.0.0" = { path = "a" }\n'},
    ],
)
def test_whatever_stands_in_for_a_registry_counts(tmp_path: Path, files: Dict[str, str]) -> None:
    assert text_of(write(tmp_path, files)) != ""


def test_an_option_of_the_project_counts(tmp_path: Path) -> None:
    assert text_of(tmp_path, 'source.crates-io.replace-with="here"') != ""


def test_the_place_of_vendored_crates_does_not_count_and_their_content_does(tmp_path: Path) -> None:
    one = text_of(vendored(tmp_path / "one"))
    assert one == text_of(vendored(tmp_path / "two"))
    # cargo holds the files against the checksums.
    write(tmp_path / "two", {"vendor/a/src/lib.rs": "two"})
    assert text_of(tmp_path / "two") == one
    assert text_of(vendored(tmp_path / "three", '{"files": {"src/lib.rs": "2"}}')) != one
    write(tmp_path / "two", {"vendor/b/.cargo-checksum.json": "{}"})
    assert text_of(tmp_path / "two") != one


@pytest.mark.parametrize("checksums", ['{"files": {}}', "{}", "[]", "no JSON"])
def test_without_checksums_the_files_themselves_count(tmp_path: Path, checksums: str) -> None:
    one = text_of(vendored(tmp_path / "one", checksums))
    assert one == text_of(vendored(tmp_path / "two", checksums))
    write(tmp_path / "two", {"vendor/a/src/lib.rs": "two"})
    assert text_of(tmp_path / "two") != one


def test_of_a_local_registry_the_index_counts(tmp_path: Path) -> None:
    def local(folder: str, checksum: str) -> str:
        files = {
            ".cargo/config.toml": REPLACED + 'local-registry = "crates"\n',
            "crates/index/1/a": json.dumps({"cksum": checksum}),
        }
        return text_of(write(tmp_path / folder, files))

    assert local("one", "1") == local("two", "1")
    assert local("three", "2") != local("one", "1")


def test_vendored_folders_of_the_project_are_found(tmp_path: Path) -> None:
    project = vendored(tmp_path / "project")
    write(tmp_path, {".cargo/config.toml": '[source.there]\ndirectory = "elsewhere"\n[source.here]\ndirectory = "hidden"\n'})
    found = cargo_config.read(str(project), {"CARGO_HOME": str(project / "home")})
    assert provenance.vendored(found, str(project)) == {"here": str(project / "vendor")}
    shutil.rmtree(project / "vendor")
    assert text_of(project) != ""
