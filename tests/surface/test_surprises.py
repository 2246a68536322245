"""What one would not expect of projects that build today, and what therefore has to keep working."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from ..crates import crate, manifest, module, pyproject
from ..support import Project, cargo_calls
from . import plain
from .test_keywords import setup_py

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


def test_library_named_otherwise_than_its_module(project: Project, tmp_path: Path) -> None:
    """Only the init symbol has to fit; a program beside the library is not shipped."""
    text = manifest("surprise-name", lib="some_other_name", extra='\n[[bin]]\nname = "surprise-bin"\npath = "src/main.rs"\n')
    project.write({"Cargo.toml": text, "src/lib.rs": module("_core"), "src/main.rs": "fn main() {}\n", "demo/__init__.py": ""})
    project.write(setup_py('RustExtension("demo._core")', '    packages=["demo"],\n'))
    wheel = project.wheel()
    assert wheel.content == ["demo/__init__.py", f"demo/_core{SUFFIX}"]
    check = "from demo import _core; print(_core.answer())"
    assert project.evaluate(check, cwd=wheel.unpack(tmp_path / "unpacked")) == "42"


def test_cargo_runs_in_the_root_of_the_project(project: Project, tmp_path: Path) -> None:
    """The root's cargo configuration counts for a crate in a folder below, its paths relative to the root; the crate's doesn't."""
    outer = 'std::path::Path::new(env!("SURPRISE_DATA")).ends_with("project/data") as i32'
    inner = 'option_env!("SURPRISE_INNER").is_some() as i32'
    project.write(plain.library("surprise_root", folder="src/native", answer=f"{outer} + 2 * {inner}"))
    project.write(
        {
            ".cargo/config.toml": '[env]\nSURPRISE_DATA = { value = "data", relative = true }\n',
            "src/native/.cargo/config.toml": '[env]\nSURPRISE_INNER = "1"\n',
        }
    )
    project.write(setup_py('RustExtension("surprise_root", "src/native/Cargo.toml", binding=Binding.NoBinding)'))
    unpacked = project.wheel().unpack(tmp_path / "unpacked")
    assert project.evaluate("import ctypes; print(ctypes.CDLL('./surprise_root.so').answer())", cwd=unpacked) == "1"
    project.setup("build_ext", "--inplace")
    assert plain.call(project, "surprise_root.so") == 1


PLACES = {
    # where the crate lies, where its lock does, and what its Cargo.toml has besides
    "below_src": ("src/_native", "src/_native"),
    "inside_the_package": ("src/demo/native", "src/demo/native"),
    "workspace": ("native/crates/core", "native"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("locked", [True, False])
def test_crates_and_locks_in_odd_places(project: Project, tmp_path: Path, place: str, locked: bool) -> None:
    """Wheels from the tree and from an sdist have no Rust in them, and the lock is used where there is one."""
    folder, lock = PLACES[place]
    name = f"surprise_{place}"
    project.write(plain.library(name, folder=folder))
    project.write({"src/demo/__init__.py": "", "src/demo/data.txt": "data", "MANIFEST.in": "graft src\ngraft native\n"})
    if place == "workspace":
        project.write({"native/Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["crates/*"]\n'})
    extension = f'RustExtension("demo._lib", "{folder}/Cargo.toml", binding=Binding.NoBinding)'
    layout = '    packages=["demo"],\n    package_dir={"": "src"},\n    include_package_data=True,\n'
    project.write(setup_py(extension, layout))
    if locked:
        project.run("cargo", "generate-lockfile", f"--manifest-path={folder}/Cargo.toml")
    expected = ["demo/__init__.py", "demo/_lib.so", "demo/data.txt"]
    output = project.pip_wheel().stdout
    assert ("--locked" in cargo_calls(output)[0].split()) == locked
    assert project.built_wheel().content == expected
    assert (project.folder / lock / "Cargo.lock").exists() == locked
    project.setup("build_ext", "--inplace")
    assert project.wheel().content == expected
    # A complete sdist, and a wheel from it.
    project.setup("sdist")
    (archive,) = project.files("dist/*.tar.gz")
    listed = project.run("tar", "-tzf", archive).stdout.splitlines()
    assert {f"demo-1.0/{folder}/Cargo.toml", f"demo-1.0/{folder}/src/lib.rs"} <= set(listed)
    assert (f"demo-1.0/{lock}/Cargo.lock" in listed) or not locked
    project.run("tar", "-xzf", archive, "-C", tmp_path)
    unpacked = Project(tmp_path / "demo-1.0", project.python, project.env)
    assert unpacked.wheel().content == expected


def test_optional_extension_of_a_pure_project(project: Project, tmp_path: Path) -> None:
    """The Python half works without the Rust half, and without any toolchain."""
    code = """
        try:
            from demo._core import answer
        except ImportError:
            def answer():
                return 41
    """
    project.write(crate("surprise_optional", folder="rust", module_name="_core")).write({"demo/__init__.py": code})
    project.write(setup_py('RustExtension("demo._core", "rust/Cargo.toml", optional=True)', '    packages=["demo"],\n'))
    project.env["PATH"] = str(project.python.parent)
    project.env.update(CARGO="no-such-cargo", RUSTC="no-such-rustc")
    output = project.pip_wheel().stdout
    assert "no-such-cargo" in output
    wheel = project.built_wheel()
    assert wheel.tag == "py3-none-any"
    project.run(project.python, "-m", "pip", "install", "--no-index", "--target", tmp_path / "site", wheel.path)
    assert project.evaluate("import demo; print(demo.answer())", cwd=tmp_path / "site") == "41"


def test_table_and_keyword_and_ext_modules_together(project: Project) -> None:
    """Declarations add up, wherever they stand."""
    for name in ("one", "two", "three"):
        project.write(plain.library(f"surprise-{name}", folder=name))
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "_one"\npath = "one/Cargo.toml"\nbinding = "NoBinding"\n'
    project.write({"pyproject.toml": pyproject("demo", table)})
    project.write(
        {
            "setup.py": "from setuptools import setup\nfrom setuptools_pyo3 import Binding, RustExtension\nsetup(\n"
            '    ext_modules=[RustExtension("_two", "two/Cargo.toml", binding=Binding.NoBinding)],\n'
            '    rust_extensions=[RustExtension("_three", "three/Cargo.toml", binding=Binding.NoBinding)],\n)\n'
        }
    )
    assert project.wheel().content == ["_one.so", "_three.so", "_two.so"]
