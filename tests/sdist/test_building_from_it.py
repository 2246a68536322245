"""Wheels from source distributions, made and built the ways people do it: the same modules as in place, and no Rust in them."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Callable

import pytest

from ..crates import crate, pyproject
from ..support import Project, Wheel, run
from .archives import Sdist, made, sdist

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


def wheel_of(archive: Sdist, project: Project, folder: Path) -> Wheel:
    """The wheel that pip builds from a source distribution."""
    project.run(project.python, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w", folder, archive.path)
    (wheel,) = folder.glob("*.whl")
    return Wheel(wheel)


@pytest.mark.parametrize("way", ["setup.py", "build", "uv"])
def test_every_frontend_makes_one_that_builds(way: str, example: Callable[[str], Project], tmp_path: Path) -> None:
    hello = example("hello")
    if way == "setup.py":
        hello.setup("sdist")
    elif way == "build":
        hello.run(sys.executable, "-m", "build", "--sdist")
    else:
        hello.run("uv", "build", "--sdist", "--python", hello.python)
    archive = made(hello)
    assert archive.names == ["Cargo.lock", "Cargo.toml", "README.md", "pyproject.toml", "src/lib.rs"]
    wheel = wheel_of(archive, hello, tmp_path)
    assert wheel.content == [f"hello{SUFFIX}"]
    assert hello.evaluate("import hello; print(hello.greet('you'))", cwd=wheel.unpack(tmp_path / "x")) == "Hello, you, from Rust"


@pytest.mark.parametrize("folder", ["", "demo/rust"])
def test_what_a_crate_needs_is_no_package_data(folder: str, project: Project, tmp_path: Path) -> None:
    """In the crate's folder or beside, in the tree or from the archive: the wheel has what setuptools alone would put into it."""
    prefix = f"{folder}/" if folder else ""
    table = f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo._core"\npath = "{prefix}Cargo.toml"\n'
    extra = '[tool.setuptools]\npackages = ["demo"]\ninclude-package-data = true\n'
    project.write({"pyproject.toml": pyproject("demo", table, extra), "MANIFEST.in": "recursive-include demo *.txt\n"})
    project.write(crate(f"data-{len(folder)}", folder=folder, lib="_core"))
    answer = 'i64::from(include_bytes!("../data/answer.bin")[0])'
    source = (project.folder / folder / "src" / "lib.rs").read_text().replace("    42\n", f"    {answer}\n")
    assert answer in source
    project.write({f"{prefix}src/lib.rs": source, f"{prefix}data/answer.bin": "*", f"{prefix}notes.txt": ""})
    project.write({"demo/__init__.py": "", "demo/asked.txt": "", "demo/not_asked.json": ""})
    content = ["demo/__init__.py", f"demo/_core{SUFFIX}", "demo/asked.txt"]
    archive = sdist(project)
    assert {f"{prefix}data/answer.bin", f"{prefix}Cargo.toml", f"{prefix}notes.txt"} <= set(archive.names)
    wheel = wheel_of(archive, project, tmp_path / "wheels")
    assert wheel.content == content
    assert project.evaluate("import demo._core as m; print(m.answer())", cwd=wheel.unpack(tmp_path / "x")) == str(ord("*"))
    # One process that makes both, the archive first.
    project.setup("sdist", "bdist_wheel")
    assert project.built_wheel().content == content


FIND = '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'
LISTED = '[tool.setuptools]\npackages = ["demo"]\npackage-dir = {"" = "lib"}\n'


@pytest.mark.parametrize("packages", [FIND, LISTED])
def test_a_template_that_takes_everything_takes_no_rust_outputs_or_keys_into_a_package(packages: str, project: Project) -> None:
    """With ``find``, every folder of the crate is a namespace package."""
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo._core"\npath = "lib/demo/rust/Cargo.toml"\n'
    asked = '[tool.setuptools.package-data]\ndemo = ["templates/*.rs", "*.pem"]\n'
    project.write({"pyproject.toml": pyproject("demo", table, packages + asked)})
    project.write({"MANIFEST.in": "graft lib\ninclude lib/demo/b.key\n", "lib/demo/__init__.py": ""})
    project.write(crate("listed-data", folder="lib/demo/rust", lib="_core"))
    project.write({"lib/demo/rust/data/table.csv": "", "lib/demo/rust/target/out.txt": "", "lib/demo/cargo-out/CACHEDIR.TAG": ""})
    project.write({"lib/demo/stray.rs": "", "lib/demo/templates/asked.rs": "", "lib/demo/asked.txt": ""})
    project.write(dict.fromkeys([f"lib/demo/{name}" for name in ("a.key", "b.key", "asked.pem")], "-----BEGIN PRIVATE KEY-----"))
    output = project.setup("build_py", "--build-lib=built")
    assert project.files("built/**/*.*") == [
        f"built/demo/{name}" for name in ("__init__.py", "asked.pem", "asked.txt", "b.key", "templates/asked.rs")
    ]
    assert "lib/demo/a.key is left out of the wheel" in output.stdout
    # setuptools' warning of packages that were forgotten.
    assert "'demo.rust" not in output.stdout


@pytest.mark.parametrize(
    ("crate_folder", "where", "python"),
    [("", ".", "demo/data/code.py"), ("python", "python", "demo/data/code.py"), ("demo", ".", "demo/__init__.py")],
)
def test_data_of_a_package_in_a_crate_is_data(crate_folder: str, where: str, python: str, project: Project) -> None:
    """The crate at the project's root, in the folder of the packages, or a package itself."""
    table = f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo._core"\npath = "{crate_folder or "."}/Cargo.toml"\n'
    packages = f'[tool.setuptools.packages.find]\nwhere = ["{where}"]\ninclude = ["demo*"]\n'
    project.write({"pyproject.toml": pyproject("demo", table, packages), "MANIFEST.in": "global-include *.json\n"})
    project.write(crate("holds-packages", folder=crate_folder, lib="_core"))
    project.write({f"{where}/{python}": "", f"{where}/demo/data/x.json": ""})
    project.setup("build_py", "--build-lib=built")
    assert project.files("built/**/*.*") == sorted([f"built/{python}", "built/demo/data/x.json"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["abi3", "ctypes_library", "eight", "generated", "hello", "hyperjson", "lib_and_bin", "mixed"]
)
def test_every_example_passes_the_checks_of_those_who_publish(name: str, example: Callable[[str], Project], tmp_path: Path) -> None:
    project = example(name)
    archive = sdist(project)
    assert {"pyproject.toml", "README.md"} <= set(archive.names)
    assert [name for name in archive.names if name.endswith("Cargo.lock")]
    wheel = wheel_of(archive, project, tmp_path)
    for check in (("twine", "check", "--strict", archive.path, wheel.path), ("check_wheel_contents", wheel.path)):
        run([sys.executable, "-m", *check], cwd=tmp_path, env=project.env)
    assert not [name for name in wheel.content if name.endswith((".rs", ".toml", ".lock"))]
