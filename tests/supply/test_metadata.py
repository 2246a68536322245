"""Metadata from Cargo.toml: what pyproject.toml calls dynamic is the crate's, and every value has one owner."""

from __future__ import annotations

import re
import tarfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Dict

import pytest

from .. import crates
from ..support import Environments, Project

_PACKAGE = """\
[package]
name = "of-cargo"
version = "1.2.0-rc.1"
edition = "2021"
description = \"\"\"
Says two
lines\"\"\"
license = "MIT/Apache-2.0"
authors = ["Ann Author <ann@example.org>", "A. Crew", "Dr. Who <who@example.org>"]
homepage = "https://example.org"
repository = "https://example.org/git"
keywords = ["one", "two"]
"""
_LIBRARY = '\n[lib]\ncrate-type = ["cdylib"]\n[dependencies]\npyo3 = "0.30"\n'

_NAMED = 'metadata-from = "Cargo.toml"'
_ALL = '["version", "description", "readme", "license", "authors", "urls", "keywords"]'


def _pyproject(dynamic: str, table: str = "", project: str = "") -> str:
    return (
        '[build-system]\nrequires = ["setuptools", "setuptools-pyo3"]\nbuild-backend = "setuptools.build_meta"\n\n'
        f'[project]\nname = "of-cargo"\ndynamic = {dynamic}\n{project}\n[tool.setuptools-pyo3]\n{table}\n'
    )


def _files(pyproject: str, package: str = _PACKAGE, folder: str = "") -> Dict[str, str]:
    return {"pyproject.toml": pyproject, f"{folder}Cargo.toml": package + _LIBRARY, f"{folder}src/lib.rs": ""}


def _metadata(project: Project) -> Message:
    """What egg_info writes, which sdist, wheel and editable installation take over."""
    project.setup("egg_info", "--egg-base=.")
    return Parser().parsestr((project.folder / "of_cargo.egg-info" / "PKG-INFO").read_text(encoding="utf-8"))


def _failure(project: Project) -> str:
    failed = project.setup("egg_info", "--egg-base=.", check=False)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stdout
    return failed.stdout


def test_all_that_is_dynamic_comes_from_the_crate(project: Project) -> None:
    project.write({**_files(_pyproject(_ALL)), "README.md": "# Read me, é"})
    found = _metadata(project)
    assert (found["Version"], found["Summary"], found["License-Expression"]) == ("1.2.0rc1", "Says two lines", "MIT OR Apache-2.0")
    assert (found["Author"], found["Author-email"]) == ("A. Crew", 'Ann Author <ann@example.org>, "Dr. Who" <who@example.org>')
    assert found.get_all("Project-URL") == ["Homepage, https://example.org", "Repository, https://example.org/git"]
    assert (found["Keywords"], found["Description-Content-Type"]) == ("one,two", "text/markdown")
    assert str(found.get_payload()).strip() == "# Read me, é"


def test_an_author_whose_name_has_a_comma_stays_one_person(project: Project) -> None:
    written = '["Smith, Zoë <z@example.org>", "<only@example.org>", "bare@example.org", "The @crew"]'
    package = re.sub("authors = .*", f"authors = {written}", _PACKAGE)
    found = _metadata(project.write(_files(_pyproject('["version", "authors"]'), package)))
    assert found["Author"] == "The @crew"
    assert found["Author-email"] == '"Smith, Zoë" <z@example.org>, only@example.org, bare@example.org'


def test_what_is_inherited_comes_from_the_workspace(project: Project) -> None:
    package = _PACKAGE.replace('version = "1.2.0-rc.1"', "version.workspace = true").replace(
        "description", "readme.workspace = true\ndescription"
    )
    workspace = '[workspace]\nmembers = ["native"]\n[workspace.package]\nversion = "3.0.0"\nreadme = "docs/long.rst"\n'
    files = _files(_pyproject('["version", "readme"]'), package, "native/")
    project.write({**files, "Cargo.toml": workspace, "docs/long.rst": "Long"})
    found = _metadata(project)
    assert (found["Version"], found["Description-Content-Type"]) == ("3.0.0", "text/x-rst")


def test_a_crate_with_a_version_of_its_own_beside_a_python_version_is_usual(project: Project) -> None:
    pyproject = _pyproject('["description"]', project='version = "7.0"')
    assert _metadata(project.write(_files(pyproject)))["Version"] == "7.0"


def test_a_version_that_somebody_else_gives_stays_theirs(project: Project) -> None:
    table = '[tool.setuptools.dynamic]\nversion = { file = "VERSION" }'
    project.write({**_files(_pyproject('["version"]', table)), "VERSION": "8.1"})
    assert _metadata(project)["Version"] == "8.1"
    project.write({"pyproject.toml": _pyproject('["version"]'), "setup.py": "from setuptools import setup\nsetup(version='9.0')\n"})
    assert _metadata(project)["Version"] == "9.0"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"setup.py": "from setuptools import setup\nsetup(version='9.0')\n"},
            "Cargo.toml says '1.2.0rc1', setup.py or another plugin '9.0'",
        ),
        ({"setup.cfg": "[metadata]\nversion = 9.0\n"}, "setup.cfg gives it, too"),
        (
            {"pyproject.toml": _pyproject('["version"]', f'{_NAMED}\n[tool.setuptools.dynamic]\nversion = {{ file = "V" }}')},
            "tool.setuptools.dynamic gives it, too",
        ),
    ],
)
def test_two_owners_are_refused_where_the_project_names_one(project: Project, files: Dict[str, str], told: str) -> None:
    project.write({**_files(_pyproject('["version"]', _NAMED)), **files})
    output = _failure(project)
    assert "the version has two owners" in output
    assert told in output


def test_a_version_of_another_plugin_is_held_against_the_crate(project: Project) -> None:
    plugin = (
        "from setuptools import Distribution, setup\n"
        "class Own(Distribution):\n"
        "    def finalize_options(self):\n        super().finalize_options()\n        self.metadata.version = '9.0'\n"
        "setup(distclass=Own)\n"
    )
    project.write({**_files(_pyproject('["version"]', _NAMED)), "setup.py": plugin})
    assert "another plugin '9.0'" in _failure(project)


@pytest.mark.parametrize(
    ("dynamic", "package", "told"),
    [
        (
            '["keywords"]',
            'version = "1.0.0"\n',
            "pyproject.toml calls the keywords dynamic, and nobody gives it",
        ),
        (
            '["version"]',
            'version = "1.0.0-nightly"\n',
            "the version 1.0.0-nightly has no counterpart in Python",
        ),
        ('["license"]', 'license = "see below"\n', "'see below' is no SPDX expression"),
        ('["license"]', 'license-file = "L"\n', "license-files = "),
        ('["readme"]', 'readme = "none.md"\n', "the readme can't be read"),
    ],
)
def test_what_the_crate_cannot_give_is_told(project: Project, dynamic: str, package: str, told: str) -> None:
    pyproject = _pyproject(dynamic, project="" if "version" in dynamic else 'version = "1"')
    project.write(_files(pyproject, f"[package]\nname = 'x'\n{package}\n"))
    assert told in _failure(project)


def test_of_several_crates_one_has_to_be_named(project: Project) -> None:
    table = "".join(f"[[tool.setuptools-pyo3.ext-modules]]\ntarget = '{name}'\npath = '{name}/Cargo.toml'\n" for name in ("p", "q"))
    pyproject = _pyproject('["version"]').replace("[tool.setuptools-pyo3]\n", table)
    project.write({**_files(pyproject, folder="p/"), **_files(pyproject, folder="q/")})
    output = _failure(project)
    assert "p/Cargo.toml, q/Cargo.toml" in output
    assert 'metadata-from = "p/Cargo.toml"' in output
    project.write({"pyproject.toml": f'{pyproject}\n[tool.setuptools-pyo3]\nmetadata-from = "q/Cargo.toml"\n'})
    assert _metadata(project)["Version"] == "1.2.0rc1"


def test_a_source_distribution_has_the_same_metadata(project: Project, tmp_path: Path) -> None:
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "m"\npath = "../native/Cargo.toml"\n'
    pyproject = _pyproject('["version", "description"]', 'metadata-from = "../native/Cargo.toml"') + table
    project.write({**_files(pyproject, folder="native/"), "python/pyproject.toml": pyproject})
    root = Project(project.folder / "python", project.python, project.env)
    root.setup("sdist")
    (archive,) = root.folder.glob("dist/*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path)
    (unpacked,) = tmp_path.glob("of_cargo-*")
    found = _metadata(Project(unpacked, project.python, project.env))
    assert (found["Version"], found["Summary"]) == ("1.2.0rc1", "Says two lines")


def test_a_crate_can_be_told_the_projects_version(project: Project) -> None:
    table = '[tool.setuptools-pyo3]\nversion-variable = "TOLD_VERSION"'
    files = {"pyproject.toml": crates.pyproject("told", table), **crates.crate("told-version")}
    files["src/lib.rs"] = files["src/lib.rs"].replace("-> i64", "-> &'static str").replace("42", 'env!("TOLD_VERSION")')
    project.write(files)
    project.setup("build_ext", "--inplace")
    assert project.evaluate("import told_version; print(told_version.answer())") == "1.0"
    project.write({"pyproject.toml": files["pyproject.toml"].replace('version = "1.0"', 'version = "2.0"')})
    project.setup("build_ext", "--inplace")
    assert project.evaluate("import told_version; print(told_version.answer())") == "2.0"
    assert Path(project.folder / "Cargo.toml").read_text() == files["Cargo.toml"]


def test_the_oldest_setuptools_takes_them_too(project: Project, environments: Environments) -> None:
    project.python = environments.make("setuptools==69.0.2", "wheel")
    project.write({**_files(_pyproject(_ALL)), "README.md": "# Read me"})
    found = _metadata(project)
    assert (found["Version"], found["Summary"], found["License"]) == ("1.2.0rc1", "Says two lines", "MIT OR Apache-2.0")
    assert (found["Author"], found["Keywords"], found["Description-Content-Type"]) == ("A. Crew", "one,two", "text/markdown")
