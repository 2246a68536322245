"""Reports 7 and 9: a build writes outputs only, and what is built can be packaged without a toolchain."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Dict

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project, run
from ..surface import plain

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
IGNORED = "build/\ndist/\ntarget/\n*.egg-info/\n*.so\n__pycache__/\n"


def commit(project: Project) -> None:
    """Put the project as it is under version control, outputs left out."""
    project.write({".gitignore": IGNORED})
    if not (project.folder / ".git").exists():
        project.run("git", "init", "--quiet")
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid")
    project.run("git", "add", "--all")
    project.run("git", *identity, "commit", "--quiet", "--message", "state")


def changes(project: Project) -> str:
    """What git sees as changed or new."""
    return project.run("git", "status", "--porcelain").stdout


def sdist(project: Project) -> None:
    project.run(project.python, "-m", "build", "--sdist", "--no-isolation")


# -- report 7

MODULE = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\npath = "{path}"\n'


@pytest.mark.parametrize("lock", ["committed", "absent"])
def test_report_7_tree_stays_clean(project: Project, environments: Environments, lock: str) -> None:
    """Wheel, sdist, in place and editable, for a crate in a folder of its own with a dependency from the registry."""
    project.python = environments.make("build", fresh=True)
    name = f"report7_{lock}"
    project.write(crate(name, folder="rust", extra='itoa = "1"\n'))
    project.write({"pyproject.toml": pyproject(name, MODULE.format(name=name, path="rust/Cargo.toml"))})
    if lock == "committed":
        project.run("cargo", "generate-lockfile", "--manifest-path=rust/Cargo.toml")
    commit(project)
    project.pip_wheel()
    assert changes(project) == ""
    sdist(project)
    assert changes(project) == ""
    project.setup("bdist_wheel", "sdist")
    assert changes(project) == ""
    if lock == "committed":  # without a lock, development makes one, as cargo does
        project.setup("build_ext", "--inplace")
        project.run(project.python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "-e", ".")
        assert changes(project) == ""


def test_report_7_stale_lock_stays_and_is_named(project: Project) -> None:
    project.write(plain.library("report7-stale", folder="rust"))
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "_lib"\npath = "rust/Cargo.toml"\nbinding = "NoBinding"\n'
    project.write({"pyproject.toml": pyproject("demo", table)})
    project.run("cargo", "generate-lockfile", "--manifest-path=rust/Cargo.toml")
    manifest = project.folder / "rust" / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("0.1.0", "0.2.0"))
    commit(project)
    lock = (project.folder / "rust" / "Cargo.lock").read_bytes()
    failed = project.pip_wheel(check=False)
    assert failed.returncode
    assert "rust/Cargo.lock" in failed.stdout
    assert "report7-stale" in failed.stdout
    assert "Traceback" not in failed.stdout.partition("cargo build")[2].partition("error: subprocess-exited")[0]
    assert (project.folder / "rust" / "Cargo.lock").read_bytes() == lock
    assert changes(project) == ""
    # The other commands that make something for release refuse or succeed, but never touch it.
    for command in (["bdist_wheel"], ["sdist"], ["install", "--root", "elsewhere"]):
        project.setup(*command, check=False)
        assert (project.folder / "rust" / "Cargo.lock").read_bytes() == lock
    # The advice that was given is the right one.
    advice = next(line for line in failed.stdout.splitlines() if "cargo update" in line)
    project.run(*advice.partition("`")[2].partition("`")[0].split())
    project.pip_wheel()


def test_report_7_version_from_git_stays_that_of_the_release(project: Project, environments: Environments) -> None:
    """setuptools-scm reads a changed file as a development version; two builds in one tree have the tag's."""
    project.python = environments.make("setuptools-scm")
    project.write(plain.library("report7-scm"))
    table = '[tool.setuptools_scm]\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "_lib"\nbinding = "NoBinding"\n'
    project.write({"pyproject.toml": pyproject("demo", table).replace('version = "1.0"', 'dynamic = ["version"]')})
    project.run("cargo", "generate-lockfile")
    commit(project)
    project.run("git", "tag", "v1.2.3")
    for _ in range(2):
        project.pip_wheel()
        assert project.built_wheel().path.name.startswith("demo-1.2.3-")
        project.setup("sdist")
    assert project.files("dist/*.tar.gz") == ["dist/demo-1.2.3.tar.gz"]


def test_report_7_old_lock_format_stays(project: Project) -> None:
    """A lock of an older format that says what is needed is left in that format, in place too."""
    project.write(plain.library("report7-v3"))
    # Where its text is otherwise what cargo would write, cargo keeps the format of a lock.
    project.run("cargo", "generate-lockfile")
    lock = (project.folder / "Cargo.lock").read_text().replace("version = 4", "version = 3")
    assert "version = 3" in lock
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "_lib"\nbinding = "NoBinding"\n'
    project.write({"Cargo.lock": lock, "pyproject.toml": pyproject("demo", table)})
    for command in ("bdist_wheel", "build_ext --inplace", "sdist", "build_rust --inplace --release"):
        project.setup(*command.split())
        assert (project.folder / "Cargo.lock").read_text() == lock


# -- report 9


def without_rust(environ: Dict[str, str], folder: Path) -> Dict[str, str]:
    """The environment of a machine without a toolchain: what is needed of PATH, and cargo and rustc that can't be."""
    folder.mkdir()
    for tool in ("sh", "strip", "git"):
        found = shutil.which(tool)
        if found:
            (folder / tool).symlink_to(found)
    bare = {**environ, "PATH": str(folder)}
    bare.update(CARGO=str(folder / "no-cargo"), RUSTC=str(folder / "no-rustc"))
    del bare["CARGO_TARGET_DIR"]
    return bare


REPORT_9 = """
from setuptools import setup
from setuptools_pyo3 import Binding, RustBin, RustExtension

setup(
    name="demo",
    version="1.0",
    packages=["demo"],
    rust_extensions=[
        RustExtension("demo._core", "core/Cargo.toml"{core}),
        RustExtension("demo._plain", "plain/Cargo.toml", binding=Binding.NoBinding),
        RustExtension({{"report9-inner": "demo.inner-tool"}}, "tools/Cargo.toml", binding=Binding.Exec),
        RustBin("report9-outer", "tools/Cargo.toml"),
    ],
)
"""


@pytest.mark.parametrize("limited", [False, True])
def test_report_9_packaging_stage_needs_no_rust(project: Project, tmp_path: Path, limited: bool) -> None:
    suffix = ".abi3.so" if limited else SUFFIX
    name = f"report9_{'limited' if limited else 'specific'}"
    dependency = '{ version = "0.30", features = ["abi3-py39"] }' if limited else ""
    project.write({"setup.py": REPORT_9.format(core=""), "demo/__init__.py": ""})
    project.write(crate(name, folder="core", module_name="_core", dependency=dependency))
    project.write(plain.library("report9-plain", folder="plain"))
    project.write(plain.binaries("report9-tools", ["report9-inner", "report9-outer"], folder="tools"))
    project.setup("build")
    project.env = without_rust(project.env, tmp_path / "bin")
    # Nothing of the toolchain is there, and nobody asks for it.
    root = tmp_path / "root"
    for command in (["bdist_wheel", "--skip-build"], ["install", "--skip-build", "--root", str(root)]):
        output = project.setup(*command).stdout
        assert "no-cargo" not in output
        assert "no-rustc" not in output
    wheel = project.built_wheel()
    version = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    assert wheel.tag.startswith("cp39-abi3-" if limited else f"{version}-{version}-")
    inside = {"demo/__init__.py", f"demo/_core{suffix}", "demo/_plain.so", "demo/inner-tool"}
    assert inside <= set(wheel.content)
    assert "demo-1.0.data/scripts/report9-outer" in wheel.content
    installed = {path.name: path for path in root.rglob("*") if path.is_file()}
    assert {os.path.basename(path) for path in inside} <= set(installed)
    for tool, words in (("inner-tool", "report9-inner"), ("report9-outer", "report9-outer")):
        assert run([installed[tool], "x"], cwd=tmp_path, env=project.env).stdout.split()[0] == words
    site = installed["__init__.py"].parent.parent
    assert project.evaluate("from demo import _core; print(_core.answer())", cwd=site) == "42"
