"""A wheel from the sdist, after the tree is gone, has the modules that were built in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..crates import PYO3, crate, pyproject
from ..support import Project, copy_tree
from .trees import Tree, package

WORKSPACE = f"""
[workspace]
members = ["bindings", "shared", "unused"]
resolver = "2"

[workspace.package]
version = "0.1.0"

[workspace.dependencies]
pyo3 = "{PYO3}"
"""
CORE = package("d1-core", "[dependencies]\npyo3.workspace = true\n", version="version.workspace = true")


@pytest.fixture
def tree(project: Project, tmp_path: Path) -> Tree:
    top = tmp_path / "tree"
    top.mkdir()
    return Tree(project, top)


def test_crates_that_are_found_in_a_workspace_above(tree: Tree, tmp_path: Path) -> None:
    """The shared crate depends on PyO3 and has a library too; it is no extension, neither here nor there."""
    files = crate("d1", folder="bindings", extra='d1-core = { path = "../shared" }\n')
    files["bindings/src/lib.rs"] = files["bindings/src/lib.rs"].replace("    42\n", "    d1_core::value()\n")
    shared = {"shared/Cargo.toml": CORE, "shared/src/lib.rs": "pub fn value() -> i64 { 42 }\n"}
    unused = {"unused/Cargo.toml": package("d1-unused"), "unused/src/lib.rs": ""}
    table = {"bindings/pyproject.toml": pyproject(table="[tool.setuptools-pyo3]\n")}
    tree.project.write({"Cargo.toml": WORKSPACE, **files, **shared, **unused, **table})
    _compare(tree, tmp_path, "bindings", "import d1; print(d1.answer())")


def test_a_crate_that_lies_beside_the_project(tree: Tree, tmp_path: Path) -> None:
    """Declared in setup.py, where no path can be rewritten."""
    files = crate("d2", folder="native/ext", lib="core", module_name="core", answer=43)
    setup = """
        from setuptools import setup
        from setuptools_pyo3 import RustExtension

        setup(name="demo", version="1.0", packages=["d2"], rust_extensions=[RustExtension("d2.core", "../native/ext/Cargo.toml")])
    """
    tree.project.write({**files, "python/setup.py": setup, "python/d2/__init__.py": ""})
    _compare(tree, tmp_path, "python", "from d2 import core; print(core.answer())")


def _compare(tree: Tree, tmp_path: Path, python: str, code: str) -> None:
    project = Project(tree.top / python, tree.project.python, tree.project.env)
    copy_tree(tree.top, tmp_path / "copy")
    in_place = Project(tmp_path / "copy" / python, project.python, project.env)
    in_place.setup("build_ext", "--inplace")
    expected = in_place.evaluate(code)
    tree.project, tree.paths = project, ()
    done = tree.unpacked(tmp_path / "out").project
    wheel = done.wheel()
    modules = [name for name in wheel.content if ".cpython" in name]
    assert [Path(name).name for name in modules] == [Path(name).name for name in in_place.files("**/*.so")]
    assert done.evaluate(code, cwd=wheel.unpack(tmp_path / "wheel")) == expected
