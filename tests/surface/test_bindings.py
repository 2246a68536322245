"""Bindings other than PyO3, and RustBin: libraries for ctypes, rust-cpython, executables in packages and as scripts."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from ..support import Environments, Project, cargo_calls, run
from . import plain
from .test_keywords import setup_py

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
VERSION = f"cp{sys.version_info[0]}{sys.version_info[1]}"


def test_target_with_slashes_for_a_ctypes_library(project: Project, environments: Environments, tmp_path: Path) -> None:
    """``pkg/lib/name`` is a place, not a module; its folder is no package."""
    code = """
        import ctypes, glob, os

        answer = ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(__file__), "lib", "bind_slashes*"))[0]).answer
    """
    project.write(plain.library("bind_slashes", folder="rust")).write({"src/pkg/__init__.py": code})
    project.write(
        setup_py(
            'RustExtension(target="pkg/lib/bind_slashes", path="rust/Cargo.toml", binding=Binding.NoBinding)',
            '    packages=["pkg"],\n    package_dir={"": "src"},\n',
        )
    )
    wheel = project.wheel()
    assert re.fullmatch(r"py3-none-(linux|macosx|win).*", wheel.tag)
    (library,) = (name for name in wheel.content if "bind_slashes" in name)
    assert library.startswith("pkg/lib/bind_slashes")
    assert project.evaluate("import pkg; print(pkg.answer())", cwd=wheel.unpack(tmp_path / "unpacked")) == "42"
    project.setup("build_ext", "--inplace")
    assert project.evaluate("import pkg; print(pkg.answer())", cwd=project.folder / "src") == "42"
    python = environments.make(fresh=True)
    project.run(python, "-m", "pip", "install", "--no-build-isolation", "--no-index", "-e", ".")
    assert project.evaluate("import pkg; print(pkg.answer())", python=python, cwd=tmp_path) == "42"


PYO3_FFI = """
use std::ffi::c_long;

use pyo3_ffi::*;

static mut METHODS: [PyMethodDef; 2] = [
    PyMethodDef {
        ml_name: c"answer".as_ptr(),
        ml_meth: PyMethodDefPointer { PyCFunction: answer },
        ml_flags: METH_NOARGS,
        ml_doc: c"".as_ptr(),
    },
    PyMethodDef::zeroed(),
];

unsafe extern "C" fn answer(_module: *mut PyObject, _arguments: *mut PyObject) -> *mut PyObject {
    unsafe { PyLong_FromLong(42 as c_long) }
}

static mut MODULE: PyModuleDef = PyModuleDef {
    m_base: PyModuleDef_HEAD_INIT,
    m_name: c"bind_ffi".as_ptr(),
    m_doc: std::ptr::null(),
    m_size: 0,
    m_methods: &raw mut METHODS as *mut PyMethodDef,
    m_slots: std::ptr::null_mut(),
    m_traverse: None,
    m_clear: None,
    m_free: None,
};

#[no_mangle]
pub unsafe extern "C" fn PyInit_bind_ffi() -> *mut PyObject {
    unsafe { PyModule_Create(&raw mut MODULE) }
}
"""


def test_hand_written_module_without_binding(project: Project, tmp_path: Path) -> None:
    """NoBinding with pyo3-ffi: a module for this Python only, and not linked to libpython."""
    project.write(plain.library("bind_ffi", extra='[dependencies]\npyo3-ffi = "0.30"\n'))
    project.write({"src/lib.rs": PYO3_FFI, **setup_py('RustExtension("bind_ffi", binding=Binding.NoBinding)')})
    wheel = project.wheel()
    assert wheel.tag.startswith(f"{VERSION}-{VERSION}-")
    assert wheel.content == [f"bind_ffi{SUFFIX}"]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert project.evaluate("import bind_ffi; print(bind_ffi.answer())", cwd=unpacked) == "42"
    if sys.platform == "linux":
        assert "libpython" not in project.run("readelf", "-d", unpacked / f"bind_ffi{SUFFIX}").stdout


def test_without_binding_and_a_limited_api_from_setup_cfg(project: Project, environments: Environments, tmp_path: Path) -> None:
    """One project's hand-written bindings use the limited API, and only setup.cfg says so."""
    ffi = PYO3_FFI.replace("bind_ffi", "bind_ffi3")
    project.write(plain.library("bind_ffi3", extra='[dependencies]\npyo3-ffi = { version = "0.30", features = ["abi3-py39"] }\n'))
    project.write({"src/lib.rs": ffi, "setup.cfg": "[bdist_wheel]\npy_limited_api = cp39\n"})
    project.write(setup_py('RustExtension("bind_ffi3", binding=Binding.NoBinding)'))
    wheel = project.wheel()
    assert wheel.tag.startswith("cp39-abi3-")
    assert wheel.content == ["bind_ffi3.abi3.so"]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    for version in ("3.9", "3.13"):
        if environments.interpreter(version):
            python = environments.make(python=version)
            assert project.evaluate("import bind_ffi3; print(bind_ffi3.answer())", python=python, cwd=unpacked) == "42"


def test_c_library_in_a_wheel_that_setup_cfg_calls_limited(project: Project) -> None:
    """The setting holds where nothing in the crate speaks against it."""
    project.write(plain.library("bind_c_limited")).write({"setup.cfg": "[bdist_wheel]\npy_limited_api = cp39\n"})
    project.write(setup_py('RustExtension("bind_c_limited", binding=Binding.NoBinding)'))
    wheel = project.wheel()
    assert wheel.tag.startswith("cp39-abi3-")
    assert len(wheel.content) == 1


def test_executables_in_a_package(project: Project, tmp_path: Path) -> None:
    """A table of executables, and a single one chosen by ``args=["--bin", NAME]``."""
    project.write(plain.binaries("bind-exec", ["bind-exec-a", "bind-exec-b", "bind-exec-c"]))
    project.write({"demo/__init__.py": "", "demo/bin/__init__.py": ""})
    project.write(
        setup_py(
            """
    RustExtension({"bind-exec-a": "demo.bin.alpha", "bind-exec-b": "demo.bin.bind-exec-b"}, binding=Binding.Exec),
    RustExtension("demo.bind-exec-c", binding=Binding.Exec, args=["--bin", "bind-exec-c"]),
    """,
            '    packages=["demo", "demo.bin"],\n',
        )
    )
    wheel = project.wheel()
    assert re.fullmatch(r"py3-none-(linux|macosx|win).*", wheel.tag)
    programs = {"demo/bin/alpha": "bind-exec-a", "demo/bin/bind-exec-b": "bind-exec-b", "demo/bind-exec-c": "bind-exec-c"}
    assert wheel.content == sorted(["demo/__init__.py", "demo/bin/__init__.py", *programs])
    with zipfile.ZipFile(wheel.path) as archive:
        assert all(archive.getinfo(name).external_attr >> 16 & 0o111 == 0o111 for name in programs)
    project.setup("build_ext", "--inplace")
    for name, words in programs.items():
        assert os.access(project.folder / name, os.X_OK)
        assert project.run(project.folder / name).stdout.split()[0] == words


def test_executable_with_a_console_script(project: Project, environments: Environments, tmp_path: Path) -> None:
    """``script=True`` puts a launcher beside the executable and an entry point beside the project's own ones."""
    project.write(plain.binaries("bind-script", ["bind-script"]))
    project.write({"demo/__init__.py": "def main():\n    print('own script')\n"})
    points = 'entry_points={"console_scripts": ["own-script=demo:main"]}'
    extension = 'RustExtension({"bind-script": "demo.bind-script"}, binding=Binding.Exec, script=True)'
    project.write(setup_py(extension, f'    packages=["demo"],\n    {points},\n'))
    python = environments.make(fresh=True)
    for options in ([], ["-e"]):
        project.run(python, "-m", "pip", "install", "--no-build-isolation", "--no-index", *options, ".")
        done = run([python.parent / "bind-script", "one", "--two"], cwd=tmp_path, env=project.env)
        assert done.stdout == 'bind-script  ["one", "--two"]\n'
        assert run([python.parent / "own-script"], cwd=tmp_path, env=project.env).stdout == "own script\n"
        project.run(python, "-m", "pip", "uninstall", "--yes", "demo")


def test_library_executable_and_script_together(project: Project, tmp_path: Path) -> None:
    """``RustBin`` as the incumbent's users write it: a name, args, a path, and a library of the same crate beside."""
    lib = plain.library("bind-both")
    lib["Cargo.toml"] += '[profile.release-lto]\ninherits = "release"\nlto = true\n\n'
    lib["Cargo.toml"] += '[[bin]]\nname = "bind-tool"\npath = "src/tool.rs"\n'
    project.write(lib).write({"src/tool.rs": 'fn main() {\n    println!("tool");\n}\n'})
    project.write(
        setup_py(
            """
    RustExtension("bind_both", binding=Binding.NoBinding),
    RustBin("bind-tool", path="Cargo.toml", args=["--profile", "release-lto"], strip=Strip.Debug, debug=False),
    """
        )
    )
    output = project.pip_wheel().stdout
    assert len(cargo_calls(output)) == 2
    wheel = project.built_wheel()
    assert wheel.content == ["bind_both.so", "demo-1.0.data/scripts/bind-tool"]
    tool = wheel.unpack(tmp_path / "unpacked") / "demo-1.0.data" / "scripts" / "bind-tool"
    tool.chmod(0o755)
    assert project.run(tool).stdout == "tool\n"


RUST_CPYTHON = """
use cpython::{py_fn, py_module_initializer, PyResult, Python};

py_module_initializer!(bind_cpython, |py, m| {
    m.add(py, "answer", py_fn!(py, answer()))?;
    Ok(())
});

fn answer(_py: Python) -> PyResult<i64> {
    Ok(42)
}
"""


@pytest.mark.cross
def test_rust_cpython(project: Project, environments: Environments, tmp_path: Path) -> None:
    """The crate's newest release knows Python up to 3.11."""
    version = next((v for v in ("3.11", "3.10", "3.9") if environments.interpreter(v)), None)
    assert version, "rust-cpython needs a Python of 3.11 or older"
    project.python = environments.make(python=version)
    project.write(plain.library("bind_cpython", extra='[dependencies]\ncpython = "0.7"\n'))
    project.write({"src/lib.rs": RUST_CPYTHON, **setup_py('RustExtension("bind_cpython", binding=Binding.RustCPython)')})
    wheel = project.wheel()
    tag = "cp" + version.replace(".", "")
    assert wheel.tag.startswith(f"{tag}-{tag}-")
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert project.evaluate("import bind_cpython; print(bind_cpython.answer())", cwd=unpacked) == "42"
    (file,) = wheel.content
    if sys.platform == "linux":
        assert "libpython" not in project.run("readelf", "-d", unpacked / file).stdout
    project.setup("build_ext", "--inplace")
    assert project.evaluate("import bind_cpython; print(bind_cpython.answer())") == "42"
