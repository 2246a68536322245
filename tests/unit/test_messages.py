"""Reading cargo's JSON messages among whatever else stands on its standard output."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest

from setuptools_pyo3.mind import messages
from setuptools_pyo3.mind.messages import Artifact, ScriptRun


def artifact(**changes: Any) -> Dict[str, Any]:
    """cargo's message about a finished library, with some of it changed."""
    message = {
        "reason": "compiler-artifact",
        "package_id": "path+file:///project#demo@0.1.0",
        "manifest_path": "/project/Cargo.toml",
        "target": {"kind": ["cdylib"], "crate_types": ["cdylib"], "name": "demo", "src_path": "/project/src/lib.rs"},
        "profile": {"opt_level": "3", "test": False},
        "features": [],
        "filenames": ["/target/release/libdemo.so"],
        "executable": None,
        "fresh": True,
    }
    return {**message, **changes}


def line(message: object) -> bytes:
    """A message as cargo writes it."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


@pytest.mark.parametrize(
    ("package_id", "name"),
    [
        ("demo 0.1.0 (path+file:///project/rust)", "demo"),
        ("pyo3-ffi 0.20.3 (registry+https://github.com/rust-lang/crates.io-index)", "pyo3-ffi"),
        ("demo 0.1.0 (path+file:///with space (1)/x)", "demo"),
        ("path+file:///project/demo#0.1.0", "demo"),
        ("path+file:///project/rust#demo@0.1.0", "demo"),
        ("path+file:///C:/project/rust#demo@0.1.0", "demo"),
        ("path+file:///a@b/demo#0.1.0", "demo"),
        ("path+file:///project/rust#demo@0.1.0-rc.1+build.5", "demo"),
        ("registry+https://github.com/rust-lang/crates.io-index#pyo3-ffi@0.30.1", "pyo3-ffi"),
        ("git+https://example.org/PyO3/pyo3?branch=main#pyo3-ffi@0.30.1", "pyo3-ffi"),
        ("git+https://example.org/PyO3/pyo3?branch=main#0.30.1", "pyo3"),
        ("", ""),
    ],
)
def test_both_forms_of_package_ids_hold_the_name(package_id: str, name: str) -> None:
    assert messages.package_name(package_id) == name


def test_a_library_is_finished() -> None:
    assert messages.read(line(artifact())) == Artifact(
        manifest_path="/project/Cargo.toml",
        package_id="path+file:///project#demo@0.1.0",
        kinds=("cdylib",),
        name="demo",
        filenames=("/target/release/libdemo.so",),
        executable="",
        fresh=True,
    )


def test_an_executable_is_finished() -> None:
    found = messages.read(line(artifact(executable="/target/release/tool", fresh=False, target={"kind": ["bin"], "name": "tool"})))
    assert isinstance(found, Artifact)
    assert (found.kinds, found.name, found.executable, found.fresh) == (("bin",), "tool", "/target/release/tool", False)


def test_a_build_script_ran() -> None:
    message = {
        "reason": "build-script-executed",
        "package_id": "registry+https://github.com/rust-lang/crates.io-index#pyo3-ffi@0.30.1",
        "linked_libs": [],
        "cfgs": ["Py_3_9", "Py_LIMITED_API"],
        "env": [],
        "out_dir": "/target/release/build/pyo3-ffi-1/out",
    }
    found = messages.read(line(message))
    assert found == ScriptRun(str(message["package_id"]), ("Py_3_9", "Py_LIMITED_API"), "/target/release/build/pyo3-ffi-1/out")
    assert isinstance(found, ScriptRun)
    assert found.package == "pyo3-ffi"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"note from a procedural macro\n",
        b'a macro says "compiler-artifact"\n',
        b'{"reason":"compiler-message","message":{"rendered":"compiler-artifact"}}\n',
        b'{"reason":"build-finished","success":true}\n',
        b'{ "compiler-artifact" }\n',
        b'{"reason":"compiler-artifact"\n',
        b'{"reason":["compiler-artifact"]}\n',
        b'["compiler-artifact"]\n',
        b"\xff\xfe\x00junk\n",
        b'{"\xff":"compiler-artifact"}\n',
    ],
)
def test_what_procedural_macros_print_is_passed_over(text: bytes) -> None:
    assert messages.read(text) is None


@pytest.mark.parametrize("changes", [{"target": None}, {"target": "demo"}, {"filenames": None}, {"target": {"kind": None}}])
def test_a_line_that_only_looks_like_cargos_does_no_harm(changes: Dict[str, Any]) -> None:
    assert isinstance(messages.read(line(artifact(**changes))), (Artifact, type(None)))


def test_fault_25_bytes_that_are_not_utf_8_are_replaced() -> None:
    text = line(artifact(filenames=["/target/caf@/libdemo.so"])).replace(b"@/lib", b"\xe9/lib")
    found = messages.read(text)
    assert isinstance(found, Artifact)
    assert found.filenames == ("/target/caf\ufffd/libdemo.so",)


@pytest.mark.parametrize(
    ("filenames", "file"),
    [
        (["/t/libdemo.rlib", "/t/libdemo.so"], "/t/libdemo.so"),
        (["/t/libdemo.dylib"], "/t/libdemo.dylib"),
        (["C:\\t\\demo.dll", "C:\\t\\demo.dll.lib", "C:\\t\\demo.pdb"], "C:\\t\\demo.dll"),
        (["/t/demo.wasm"], "/t/demo.wasm"),
        (["/t/libdemo.rlib", "/t/libdemo.rmeta"], ""),
    ],
)
def test_the_shared_library_among_an_artifacts_files(filenames: "list[str]", file: str) -> None:
    found = messages.read(line(artifact(filenames=filenames)))
    assert isinstance(found, Artifact)
    assert messages.library_file(found) == file
