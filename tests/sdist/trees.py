"""Trees of crates with a Python project somewhere in them, and what cargo makes of them before and after an sdist."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any, Dict, Mapping, Tuple

from ..crates import pyproject
from ..support import Project

LIBRARY = "pub fn value() -> i32 { 1 }\n"


def package(name: str, tables: str = "", *, version: str = 'version = "0.1.0"', extra: str = "") -> str:
    """A manifest.

    Args:
        name: the package's.
        tables: what follows ``[package]``.
        version: its line.
        extra: further lines of ``[package]``.
    """
    return f'[package]\nname = "{name}"\n{version}\nedition = "2021"\n{extra}\n{tables}\n'


class Tree:
    """A tree of files.

    Args:
        project: the Python project; its folder lies somewhere in the tree.
        top: the tree's folder.
    """

    def __init__(self, project: Project, top: Path) -> None:
        self.top = top
        self.project = Project(top, project.python, project.env)

    def write(self, files: Mapping[str, str], python: str, *paths: str) -> Tree:
        """Write the files; a crate without sources gets a library.

        Args:
            files: by their paths in the tree.
            python: the folder of the Python project.
            paths: of its extensions' manifests, relative to that.
        """
        all_of_it = dict(files)
        for name in files:
            if name.endswith("Cargo.toml") and "[package]" in files[name]:
                all_of_it.setdefault(f"{name[: -len('Cargo.toml')]}src/lib.rs", LIBRARY)
        tables = "".join(
            f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "m{index}"\npath = "{path}"\nbinding = "NoBinding"\n\n'
            for index, path in enumerate(paths)
        )
        all_of_it[f"{python}/pyproject.toml"] = pyproject(table=tables, extra="[tool.setuptools]\npackages = []\n")
        self.project.write(all_of_it)
        self.project.folder = self.top / python
        self.paths = paths
        return self

    def lock(self, folder: str = ".") -> Tree:
        """Make the lock of a workspace."""
        self.project.run("cargo", "generate-lockfile", f"--manifest-path={self.top / folder / 'Cargo.toml'}")
        return self

    def unpacked(self, target: Path, *options: str) -> Unpacked:
        """Its sdist, unpacked elsewhere; the tree is gone then."""
        before = [resolved(self.project, path) for path in self.paths]
        output = self.project.setup("sdist", *options).stdout
        (archive,) = (self.project.folder / "dist").glob("*.tar.gz")
        with tarfile.open(archive) as file:
            file.extractall(target, filter="data")
        shutil.rmtree(self.top)
        return Unpacked(Project(target / archive.name[: -len(".tar.gz")], self.project.python, self.project.env), before, output)


class Unpacked:
    """An unpacked sdist.

    Args:
        project: it.
        before: what cargo resolved for each extension in the tree.
        output: of the sdist command.
    """

    def __init__(self, project: Project, before: Any, output: str) -> None:
        self.project, self.before, self.output = project, before, output

    def holds_the_same(self, *paths: str) -> Unpacked:
        """Check that cargo, with the lock as it is, finds the packages and features that it found in the tree.

        Args:
            paths: of the extensions' manifests.
        """
        assert [resolved(self.project, path, "--locked", "--offline") for path in paths] == self.before
        return self

    def read(self, name: str) -> str:
        """The text of a file."""
        return (self.project.folder / name).read_text(encoding="utf-8")

    @property
    def crates(self) -> Tuple[str, ...]:
        """The folders of all crates in it."""
        found = self.project.folder.glob("**/Cargo.toml")
        return tuple(sorted(path.parent.relative_to(self.project.folder).as_posix() for path in found))


def resolved(project: Project, path: str, *options: str) -> Dict[str, Tuple[str, ...]]:
    """The packages that a crate is built from, with their features."""
    output = project.run("cargo", "metadata", "-q", "--format-version=1", f"--manifest-path={project.folder / path}", *options)
    metadata = json.loads(output.stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    manifest = str((project.folder / path).resolve())
    pending = [id for id, package in packages.items() if package["manifest_path"] == manifest]
    assert pending, f"{manifest} is not in the workspace"
    found: Dict[str, Tuple[str, ...]] = {}
    while pending:
        node = nodes[pending.pop()]
        package_ = packages[node["id"]]
        key = f"{package_['name']} {package_['version']} {package_['license']} {package_['source']}"
        if key not in found:
            found[key] = tuple(sorted(node["features"]))
            pending += [d["pkg"] for d in node["deps"] if any(kind["kind"] != "dev" for kind in d["dep_kinds"])]
    return found
