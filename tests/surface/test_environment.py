"""What a build reads from the environment, and what crates' own build scripts find in it."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project, cargo_calls, compiled
from . import plain
from .test_keywords import HEAD, setup_py

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")

# It has cffi write C text with the interpreter it is told of, as projects that wrap a C library do.
CFFI_BUILD_RS = """
use std::{env, fs, path::Path, process::Command};

const SCRIPT: &str = "import cffi, sys; ffi = cffi.FFI(); ffi.cdef('int answer(void);'); \\
    ffi.set_source('_made', 'int answer(void) { return 42; }'); ffi.emit_c_code(sys.argv[1])";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let python = env::var("PYO3_PYTHON").expect("PYO3_PYTHON is not set");
    assert_eq!(env::var("PYTHON_SYS_EXECUTABLE").as_ref(), Ok(&python));
    let out = Path::new(&env::var("OUT_DIR").unwrap()).join("made.c");
    let status = Command::new(&python).arg("-c").arg(SCRIPT).arg(&out).status().unwrap();
    assert!(status.success(), "{python} can't import cffi");
    let text = fs::read_to_string(out).unwrap();
    assert!(text.contains("answer"));
    println!("cargo:rustc-env=ENV_LENGTH={}", text.len());
}
"""


def test_interpreter_that_build_scripts_are_told_of(project: Project, environments: Environments, tmp_path: Path) -> None:
    """In an isolated build it is one that imports the project's build requirements, with every frontend."""
    project.python = environments.make("build")
    name = "env_cffi"
    project.write(crate(name, folder="rust", answer=0)).write({"rust/build.rs": CFFI_BUILD_RS})
    lib = project.folder / "rust" / "src" / "lib.rs"
    lib.write_text(lib.read_text().replace("    0\n", '    env!("ENV_LENGTH").parse().unwrap()\n'))
    table = f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\npath = "rust/Cargo.toml"\n'
    text = pyproject("demo", table).replace('"setuptools-pyo3"]', '"setuptools-pyo3", "cffi"]')
    project.write({"pyproject.toml": text})
    for argv in (
        [project.python, "-m", "pip", "wheel", "--no-deps", "-w", "dist", "."],
        [project.python, "-m", "build", "--wheel"],
        ["uv", "build", "--wheel", "--python", project.python],
    ):
        # Told of it by nobody but us: the environment that pip itself runs in has no cffi.
        project.run(*argv)
        wheel = project.built_wheel()
        unpacked = wheel.unpack(tmp_path / f"unpacked-{argv[0]}-{argv[2]}".replace("/", "-"))
        assert int(project.evaluate(f"import {name}; print({name}.answer())", cwd=unpacked)) > 100
        wheel.path.unlink()


def test_scripts_of_the_build_environment_are_on_path(project: Project) -> None:
    """A build script may call a tool that a build requirement installed."""
    build_rs = """
        fn main() {
            let output = std::process::Command::new("cython").arg("--version").output().expect("cython is not on PATH");
            assert!(output.status.success());
        }
    """
    project.write(plain.library("env_tools")).write({"build.rs": build_rs})
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "env_tools"\nbinding = "NoBinding"\n'
    project.write({"pyproject.toml": pyproject("demo", table).replace('"setuptools-pyo3"]', '"setuptools-pyo3", "cython"]')})
    # The tests' own environment has a cython too; out of the way with it.
    own = str(Path(sys.executable).parent)
    project.env["PATH"] = ":".join(part for part in project.env["PATH"].split(":") if part != own)
    project.run(project.python, "-m", "pip", "wheel", "--no-deps", "-w", "dist", ".")
    assert project.built_wheel().content == ["env_tools.so"]


def test_target_folder_of_ones_own(project: Project, tmp_path: Path) -> None:
    """CARGO_TARGET_DIR holds cargo's output, whatever is built, and nothing else appears in the tree."""
    project.env["CARGO_TARGET_DIR"] = str(tmp_path / "elsewhere")
    project.write(plain.library("env_target", folder="rust"))
    project.write(setup_py('RustExtension("env_target", "rust/Cargo.toml", binding=Binding.NoBinding)'))
    project.wheel()
    project.setup("build_ext", "--inplace")
    assert (tmp_path / "elsewhere" / "release" / "libenv_target.so").exists()
    assert (tmp_path / "elsewhere" / "debug" / "libenv_target.so").exists()
    assert not project.files("**/target")
    assert compiled(project.pip_wheel().stdout) == []


def host(project: Project) -> str:
    """The triple that rustc compiles for by itself."""
    said = project.run("rustc", "-vV").stdout.splitlines()
    return next(line.partition(": ")[2] for line in said if line.startswith("host: "))


def test_build_target_that_is_the_host(project: Project, tmp_path: Path) -> None:
    """CARGO_BUILD_TARGET for this machine: everything as without it, for libraries, executables and generated files."""
    project.env["CARGO_BUILD_TARGET"] = host(project)
    build_rs = 'fn main() {\n    std::fs::write(format!("{}/made.txt", std::env::var("OUT_DIR").unwrap()), "made").unwrap();\n}\n'
    project.write(plain.library("env_host", folder="rust")).write({"rust/build.rs": build_rs, "demo/__init__.py": ""})
    project.write(plain.binaries("env-host-tool", ["env-host-tool"], folder="tool"))
    project.write(
        setup_py(
            """
    RustExtension("demo._lib", "rust/Cargo.toml", binding=Binding.NoBinding, generated_files={"made.txt": "demo"}),
    RustExtension({"env-host-tool": "demo.tool"}, "tool/Cargo.toml", binding=Binding.Exec),
    RustBin("env-host-tool", "tool/Cargo.toml"),
    """,
            '    packages=["demo"],\n',
        )
    )
    expected = ["demo-1.0.data/scripts/env-host-tool", "demo/__init__.py", "demo/_lib.so", "demo/made.txt", "demo/tool"]
    assert project.wheel().content == expected
    for command in (["build_ext", "--inplace"], ["build_rust", "--inplace", f"--target={host(project)}"]):
        project.setup(*command)
        assert plain.call(project, "demo/_lib.so") == 42


def test_profile_settings_from_the_environment(project: Project, tmp_path: Path) -> None:
    """CARGO_PROFILE_RELEASE_* are cargo's; a link-time optimisation asked for there works for a crate with two types."""
    files = plain.library("env_profile", answer=plain.DEBUG)
    files["Cargo.toml"] = files["Cargo.toml"].replace('["cdylib"]', '["cdylib", "rlib"]')
    project.write(files).write(setup_py('RustExtension("env_profile", binding=Binding.NoBinding)'))
    code = "import ctypes; print(ctypes.CDLL('./env_profile.so').answer())"
    for count, (settings, expected) in enumerate(
        (
            ({}, "0"),
            ({"CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS": "true"}, "1"),
            ({"CARGO_PROFILE_RELEASE_LTO": "fat", "CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS": "false"}, "0"),
            ({}, "0"),
            ({"CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS": "true"}, "1"),
        )
    ):
        for name in [name for name in project.env if name.startswith("CARGO_PROFILE_")]:
            del project.env[name]
        project.env.update(settings)
        unpacked = project.wheel().unpack(tmp_path / str(count))
        assert project.evaluate(code, cwd=unpacked) == expected, settings


SETS_ENVIRONMENT = """
os.environ["ENV_EARLY"] = "1"
extensions = [RustExtension("env_setup", binding=Binding.NoBinding)]
os.environ["ENV_LATE"] = "1"
os.environ["RUSTFLAGS"] = "--cfg env_flag"
setup(name="demo", version="1.0", rust_extensions=extensions)
"""


def test_environment_set_in_setup_py(project: Project, tmp_path: Path) -> None:
    """os.environ as setup.py has left it is what cargo gets, also what it sets after it has declared its extensions."""
    answer = '(option_env!("ENV_EARLY") == Some("1")) as i32 + 2 * (option_env!("ENV_LATE") == Some("1")) as i32'
    project.write(plain.library("env_setup", answer=f"{answer} + 4 * cfg!(env_flag) as i32"))
    project.write({"setup.py": HEAD + SETS_ENVIRONMENT})
    unpacked = project.wheel().unpack(tmp_path / "unpacked")
    assert project.evaluate("import ctypes; print(ctypes.CDLL('./env_setup.so').answer())", cwd=unpacked) == "7"
    project.setup("build_rust", "--inplace")
    assert plain.call(project, "env_setup.so") == 7


@pytest.mark.skipif(sys.platform == "darwin", reason="there they mean something")
def test_variables_of_macos_elsewhere(project: Project) -> None:
    """Recipes for several platforms set them everywhere; off macOS they change nothing."""
    project.write(plain.library("env_mac"))
    project.write(setup_py('RustExtension("env_mac", binding=Binding.NoBinding)'))
    before = project.wheel().tag
    project.env.update(ARCHFLAGS="-arch arm64 -arch x86_64", MACOSX_DEPLOYMENT_TARGET="11.0")
    output = project.pip_wheel().stdout
    assert compiled(output) == []
    assert not any("--target" in call for call in cargo_calls(output))
    assert project.built_wheel().tag == before
