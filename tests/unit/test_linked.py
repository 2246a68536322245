"""Which packages are linked: from messages, lock and manifests as values, and what is read of each."""

from __future__ import annotations

from typing import Dict, List, Optional

import pytest

from setuptools_pyo3.mind import cfg_expression, linked, locked, manifest, messages, package
from setuptools_pyo3.mind.linked import Graph, Platform
from setuptools_pyo3.mind.messages import Artifact, Package
from setuptools_pyo3.mind.target import Target

from .values import toml

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"
LINUX = cfg_expression.facts(Target("", "linux-x86_64", 64), "gnu")
WINDOWS = cfg_expression.facts(Target("x86_64-pc-windows-msvc", "win-amd64", 64), "")


def _artifact(name: str, version: str, kind: str = "lib", features: tuple[str, ...] = (), source: str = CRATES_IO) -> Artifact:
    return Artifact(f"/{name}-{version}/Cargo.toml", f"{source}#{name}@{version}", (kind,), name, (), "", True, features)


def _linked(
    manifest_text: str,
    artifacts: List[Artifact],
    lock: str = "",
    features: tuple[str, ...] = (),
    known: Optional[Dict[str, str]] = None,
) -> List[str]:
    """What is linked directly into a crate called ``own``."""
    own = _artifact("own", "0.1.0", "cdylib", features, "path+file:///project")
    graph = Graph(linked.nodes([own, *artifacts]), locked.read(toml(lock)), Platform(known or LINUX, ""))
    text = f'[package]\nname = "own"\nversion = "0.1.0"\n{manifest_text}'
    read = manifest.parse(toml(text), "/project", has_lib_rs=True)
    return [id.rpartition("#")[2] for id in graph.dependencies(graph.nodes[own.package_id], read)]


def test_what_serves_the_build_only_is_not_linked() -> None:
    text = '[dependencies]\na = "1"\nm = "1"\n[build-dependencies]\nb = "1"\n[dev-dependencies]\nd = "1"'
    artifacts = [_artifact("a", "1.0.0"), _artifact("b", "1.0.0"), _artifact("d", "1.0.0"), _artifact("m", "1.0.0", "proc-macro")]
    assert _linked(text, artifacts) == ["a@1.0.0"]


def test_optional_dependencies_are_linked_where_a_feature_turns_them_on() -> None:
    text = (
        '[dependencies]\na = { version = "1", optional = true }\nb = { version = "1", optional = true }\n'
        'c = { version = "1", optional = true }\n[features]\nwith-a = ["dep:a"]\nmore = ["b/x", "c?/y"]'
    )
    artifacts = [_artifact(name, "1.0.0") for name in "abc"]
    assert _linked(text, artifacts) == []
    assert _linked(text, artifacts, features=("with-a",)) == ["a@1.0.0"]
    assert _linked(text, artifacts, features=("more",)) == ["b@1.0.0"]
    assert _linked(text, artifacts, features=("c",)) == ["c@1.0.0"]


def test_dependencies_of_other_platforms_are_not_linked_even_if_they_were_compiled() -> None:
    text = '[target."cfg(windows)".dependencies]\nw = "1"\n[target."cfg(unix)".dependencies]\nu = "1"'
    artifacts = [_artifact("w", "1.0.0"), _artifact("u", "1.0.0")]
    assert _linked(text, artifacts) == ["u@1.0.0"]
    assert _linked(text, artifacts, known=WINDOWS) == ["w@1.0.0"]


def test_of_two_versions_the_lock_and_the_requirement_tell_which() -> None:
    text = '[dependencies]\na = "0.2"\nold = { package = "a", version = "0.1", optional = true }'
    artifacts = [_artifact("a", "0.1.9"), _artifact("a", "0.2.3")]
    assert _linked(text, artifacts) == ["a@0.2.3"]
    lock = (
        '[[package]]\nname = "own"\nversion = "0.1.0"\ndependencies = ["a 0.1.9"]\n'
        f'[[package]]\nname = "a"\nversion = "0.1.9"\nsource = "{CRATES_IO}"\n'
        f'[[package]]\nname = "a"\nversion = "0.2.3"\nsource = "{CRATES_IO}"\n'
    )
    assert _linked('[dependencies]\na = "*"', artifacts, lock) == ["a@0.1.9"]


@pytest.mark.parametrize(
    ("package_id", "taken_apart"),
    [
        (f"{CRATES_IO}#serde@1.0.2", Package("serde", "1.0.2", CRATES_IO)),
        ("path+file:///p/own#0.1.0", Package("own", "0.1.0", "")),
        ("path+file:///p/x#own@0.1.0", Package("own", "0.1.0", "")),
        ("git+https://e.org/x.git?rev=1#own@0.1.0", Package("own", "0.1.0", "git+https://e.org/x.git?rev=1")),
        (f"serde 1.0.2 ({CRATES_IO})", Package("serde", "1.0.2", CRATES_IO)),
        ("own 0.1.0 (git+https://e.org/x?rev=1#0a1b)", Package("own", "0.1.0", "git+https://e.org/x?rev=1")),
        ("own 0.1.0 (path+file:///p/own)", Package("own", "0.1.0", "")),
    ],
)
def test_package_ids(package_id: str, taken_apart: Package) -> None:
    assert messages.package(package_id) == taken_apart


def test_locks_of_all_versions() -> None:
    newer = f'[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "{CRATES_IO}"\nchecksum = "ab"\n'
    older = f'[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "{CRATES_IO}"\n'
    older += f'[metadata]\n"checksum a 1.0.0 ({CRATES_IO})" = "ab"\n'
    assert locked.read(toml(newer)) == locked.read(toml(older)) == (locked.Locked("a", "1.0.0", CRATES_IO, "ab", ()),)


@pytest.mark.parametrize(
    ("expression", "on_linux", "on_windows"),
    [
        ("cfg(unix)", True, False),
        ("cfg(windows)", False, True),
        ('cfg(target_os = "linux")', True, False),
        ('cfg(not(target_arch = "x86_64"))', False, False),
        ('cfg(all(unix, target_env = "gnu"))', True, False),
        ('cfg(any(windows, target_os = "macos"))', False, True),
        ('cfg(all(unix, target_feature = "sse2"))', None, False),
        ('cfg(any(unix, target_feature = "sse2"))', True, None),
        ('cfg(not(any(target_os = "ios", windows,)))', True, False),
        ("cfg(all())", True, True),
        ("cfg(any())", False, False),
        ("cfg(miri)", None, None),
        ("cfg(", None, None),
        ("x86_64-pc-windows-msvc", None, None),
    ],
)
def test_cfg_expressions(expression: str, on_linux: Optional[bool], on_windows: Optional[bool]) -> None:
    assert cfg_expression.holds(expression, LINUX) is on_linux
    assert cfg_expression.holds(expression, WINDOWS) is on_windows


def test_triples_as_expressions() -> None:
    assert cfg_expression.holds("x86_64-pc-windows-msvc", WINDOWS, "x86_64-pc-windows-msvc") is True
    assert cfg_expression.holds("x86_64-pc-windows-gnu", WINDOWS, "x86_64-pc-windows-msvc") is False


@pytest.mark.parametrize(
    ("license", "expression"),
    [
        ("MIT", "MIT"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT or Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", "(MIT OR Apache-2.0) AND Unicode-3.0"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("GPL-2.0+", "GPL-2.0+"),
        ("see LICENSE", ""),
        ("(MIT", ""),
        ("MIT OR", ""),
        ("MIT)", ""),
        ("", ""),
    ],
)
def test_licences_as_expressions(license: str, expression: str) -> None:
    assert package.spdx(license) == expression


def test_what_a_crate_inherits_lies_in_its_workspace() -> None:
    content = toml(
        '[package]\nname = "x"\nversion.workspace = true\nreadme.workspace = true\nlicense-file = "LICENSE"\n'
        "authors.workspace = true\nlicense.workspace = true\n"
    )
    shared = toml('version = "2.0.0"\nreadme = "docs/README.md"\nauthors = ["A <a@example.org>"]')
    found = package.describe(content, "/w/crates/x", shared, "/w")
    assert found.version == "2.0.0"
    assert (found.readme, found.license_file) == ("/w/docs/README.md", "/w/crates/x/LICENSE")
    assert (found.authors, found.license) == (("A <a@example.org>",), "")
