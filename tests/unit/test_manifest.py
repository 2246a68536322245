"""Reading a ``Cargo.toml`` into what a build tool has to know of it."""

from __future__ import annotations

from typing import Optional

import pytest

from setuptools_pyo3.mind.manifest import Dependency, Library

from .values import ROOT, local, package, parsed

WORKSPACE = """
[workspace]
members = ["a", "crates/*"]
exclude = ["old"]
default-members = ["a"]
resolver = "2"
[workspace.package]
version = "1.2.3"
edition = "2024"
[workspace.dependencies]
pyo3 = { version = "0.30", features = ["abi3-py39"] }
quiet = { version = "1", default-features = false }
plain = "2"
common = { path = "common" }
py = { package = "pyo3-ffi", version = "0.30" }
"""


def dependency(line: str) -> Dependency:
    """The one dependency that a line of ``[dependencies]`` declares."""
    (found,) = parsed(package(tables=f"[dependencies]\n{line}\n"), "rust").dependencies
    return found


def inherited(line: str) -> Dependency:
    """The one dependency of a member ``a`` of the workspace above."""
    member = local({"": WORKSPACE, "a": package("a", tables=f"[dependencies]\n{line}\n")})[f"{ROOT}/a"]
    (found,) = member.dependencies
    return found


def test_a_package_and_its_file() -> None:
    manifest = parsed(package("my-crate", tables='[package.metadata.setuptools-pyo3]\nmodule = "pkg._core"'), "rust")
    assert (manifest.name, manifest.version, manifest.edition, manifest.module) == ("my-crate", "0.1.0", "2021", "pkg._core")
    assert (manifest.folder, manifest.path) == (f"{ROOT}/rust", f"{ROOT}/rust/Cargo.toml")


@pytest.mark.parametrize(
    ("lib", "has_file", "library"),
    [
        ("", True, Library("my_crate", ("lib",))),
        ("", False, None),
        ("[lib]", False, Library("my_crate", ("lib",))),
        ('[lib]\npath = "lib.rs"\ncrate-type = ["cdylib", "rlib"]', False, Library("my_crate", ("cdylib", "rlib"))),
        ('[lib]\nname = "other"\ncrate_type = ["cdylib"]', True, Library("other", ("cdylib",))),
    ],
)
def test_the_library_target(lib: str, has_file: bool, library: Optional[Library]) -> None:
    assert parsed(f'[package]\nname = "my-crate"\n{lib}', library=has_file).library == library


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('pyo3 = "0.30"', Dependency("pyo3", "pyo3", "0.30", "", False, True, ())),
        (
            'pyo3 = { version = "0.30", optional = true, default-features = false, features = ["abi3"] }',
            Dependency("pyo3", "pyo3", "0.30", "", True, False, ("abi3",)),
        ),
        ('pyo3 = { version = "1", default_features = false }', Dependency("pyo3", "pyo3", "1", "", False, False, ())),
        ('py = { version = "0.30", package = "pyo3" }', Dependency("py", "pyo3", "0.30", "", False, True, ())),
        ('common = { path = "../common" }', Dependency("common", "common", "", f"{ROOT}/common", False, True, ())),
        ('pyo3 = { git = "https://example.org/pyo3" }', Dependency("pyo3", "pyo3", "", "", False, True, ())),
    ],
)
def test_a_dependency(line: str, expected: Dependency) -> None:
    assert dependency(line) == expected


def test_dependencies_of_a_platform_count_but_not_those_of_builds_and_tests() -> None:
    manifest = parsed(
        package(
            tables="""
            [target.'cfg(unix)'.dependencies]
            pyo3 = "0.30"
            [target.x86_64-pc-windows-msvc.dependencies]
            winapi = "0.3"
            [build-dependencies]
            cc = "1"
            [dev-dependencies]
            rand = "0.9"
            """
        )
    )
    assert {d.package for d in manifest.dependencies} == {"pyo3", "winapi"}
    assert manifest.dependency("pyo3") is not None
    assert manifest.dependency("cc") is None


def test_a_renamed_dependency_is_found_by_its_real_name() -> None:
    found = parsed(package(tables='[dependencies]\npy = { package = "pyo3", version = "0.30" }')).dependency("pyo3")
    assert found is not None
    assert found.key == "py"


def test_features_and_profiles() -> None:
    manifest = parsed(package(tables='[features]\ndefault = ["fast"]\nfast = ["dep:x", "y/z"]\n[profile.release]\nlto = true\n'))
    assert manifest.features == {"default": ("fast",), "fast": ("dep:x", "y/z")}
    assert manifest.profiles == {"release": {"lto": True}}


def test_a_workspace_says_what_it_holds() -> None:
    workspace = parsed(WORKSPACE).workspace
    assert workspace is not None
    assert (workspace.members, workspace.exclude, workspace.default_members) == (("a", "crates/*"), ("old",), ("a",))
    assert (workspace.folder, workspace.resolver) == (ROOT, "2")


def test_a_virtual_manifest_has_no_package_and_no_library() -> None:
    virtual = parsed(WORKSPACE)
    assert (virtual.name, virtual.library) == ("", None)


def test_a_member_inherits_version_and_edition() -> None:
    text = '[package]\nname = "a"\nversion.workspace = true\nedition = { workspace = true }'
    member = local({"": WORKSPACE, "a": text})[f"{ROOT}/a"]
    assert (member.version, member.edition) == ("1.2.3", "2024")


def test_a_root_package_inherits_from_itself() -> None:
    root = parsed(f'[package]\nname = "root"\nversion.workspace = true\n{WORKSPACE}')
    assert (root.name, root.version) == ("root", "1.2.3")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pyo3.workspace = true", Dependency("pyo3", "pyo3", "0.30", "", False, True, ("abi3-py39",))),
        (
            'pyo3 = { workspace = true, features = ["macros"], optional = true }',
            Dependency("pyo3", "pyo3", "0.30", "", True, True, ("abi3-py39", "macros")),
        ),
        ("plain = { workspace = true }", Dependency("plain", "plain", "2", "", False, True, ())),
        ("py = { workspace = true }", Dependency("py", "pyo3-ffi", "0.30", "", False, True, ())),
        # The path is relative to the workspace, not to the member.
        ("common = { workspace = true }", Dependency("common", "common", "", f"{ROOT}/common", False, True, ())),
        ("quiet = { workspace = true }", Dependency("quiet", "quiet", "1", "", False, False, ())),
    ],
)
def test_a_member_inherits_dependencies(line: str, expected: Dependency) -> None:
    assert inherited(line) == expected


@pytest.mark.parametrize(
    ("line", "on"),
    [
        # A member can turn on what the workspace turned off, but not the other way round; cargo warns and ignores that.
        ("quiet = { workspace = true, default-features = true }", True),
        ("plain = { workspace = true, default-features = false }", True),
        ("quiet = { workspace = true, default-features = false }", False),
    ],
)
def test_a_members_default_features_go_with_the_workspaces(line: str, on: bool) -> None:
    assert inherited(line).default_features is on


@pytest.mark.parametrize(
    "text",
    [
        "",
        "package = 3",
        "[package]\nname = 'x'\nedition.workspace = true",
        "dependencies = []",
        "[package]\nname='x'\n[lib]\ncrate-type=1",
    ],
)
def test_odd_shapes_are_left_for_cargo_to_complain_about(text: str) -> None:
    assert parsed(text).dependencies == ()
