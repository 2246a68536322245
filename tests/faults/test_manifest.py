"""Fault rows 8-16: what can be wrong with a lock, a manifest, or the library that comes out of it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Callable, List

import pytest

from ..support import Project, compiled
from .ground import (
    CORE,
    EXT_SUFFIX,
    Before,
    answer_of,
    crate,
    function,
    lock,
    manifest,
    module,
    program,
    project_of,
    pyproject,
    setup_py,
)


class NearRegistry:
    """A registry in a folder that stands in for the public one, and a cargo home of its own: nothing comes from anywhere else."""

    def __init__(self, folder: Path, project: Project) -> None:
        self.folder = folder / "registry"
        (self.folder / "index").mkdir(parents=True)
        home = folder / "cargo-home"
        home.mkdir()
        source = f"[source.crates-io]\nreplace-with = 'near'\n\n[source.near]\nlocal-registry = '{self.folder}'\n"
        (home / "config.toml").write_text(source)
        project.env["CARGO_HOME"] = str(home)

    def publish(self, name: str, version: str = "1.0.0", *, there: bool = True) -> None:
        """Put a crate with one function into the index, and, unless it is to be missing, its archive beside."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for path, text in {
                "Cargo.toml": manifest(name, types='"lib"', version=version),
                "src/lib.rs": "pub const HERE: i64 = 1;\n",
            }.items():
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        checksum = hashlib.sha256(packed.getvalue()).hexdigest()
        if there:
            (self.folder / f"{name}-{version}.crate").write_bytes(packed.getvalue())
        entry = self.folder / "index" / name[:2] / name[2:4] / name
        entry.parent.mkdir(parents=True, exist_ok=True)
        line = {"name": name, "vers": version, "deps": [], "cksum": checksum, "features": {}, "yanked": False}
        with entry.open("a") as index:
            index.write(json.dumps(line) + "\n")


# -- row 8


@pytest.mark.parametrize("text", [b"this is no lock\n", b'version = 3\n[[package]]\nname = "fault-8"\n', b"\xff\xfe\x00\n", b""])
def test_fault_8_corrupt_lock(ground: Project, text: bytes) -> None:
    project_of(ground, "fault-8")
    (ground.folder / "Cargo.lock").write_bytes(text)
    before = Before(ground)
    if not text:  # cargo takes an empty lock for one that lacks everything
        before.fails("bdist_wheel", tells=["Cargo.lock", "fault-8 0.1.0", "pkg._core", "next: "])
        return
    output = before.fails("bdist_wheel", tells=["Cargo.lock", "pkg._core"])
    assert output.count("failed to parse lock file") + output.count("failed to read") == 1
    # It is not too old, so advice about that would mislead.
    assert "out of date" not in output


# -- row 9


def _bumped(project: Project) -> str:
    (project.folder / "Cargo.toml").write_text(manifest("fault-9", version="0.2.0"))
    return "fault-9 0.2.0"


def _with_new_local_crate(project: Project) -> str:
    project.write({"Cargo.toml": manifest("fault-9", extra='[dependencies]\nfault-9-local = { path = "local" }\n')})
    project.write({"local/Cargo.toml": manifest("fault-9-local", types='"lib"'), "local/src/lib.rs": ""})
    return "fault-9-local"


def _with_new_dependency(project: Project) -> str:
    project.write({"Cargo.toml": manifest("fault-9", extra='[dependencies]\nfault-9-near = "1"\n')})
    return "fault-9-near"


@pytest.mark.parametrize("change", [_bumped, _with_new_local_crate, _with_new_dependency])
@pytest.mark.parametrize("command", ["bdist_wheel", "pip"])
def test_fault_9_stale_lock(ground: Project, tmp_path: Path, change: Callable[[Project], str], command: str) -> None:
    NearRegistry(tmp_path, ground).publish("fault-9-near")
    project_of(ground, "fault-9")
    lacking = change(ground)
    Before(ground).fails(command, tells=["Cargo.lock", lacking, "pkg._core", "next: "])


@pytest.mark.parametrize(
    "extension", ["RustExtension('pkg._core', locked=True)", "RustExtension('pkg._core', cargo_manifest_args=['--locked'])"]
)
def test_fault_9_stale_lock_in_place_under_locked(ground: Project, extension: str) -> None:
    project_of(ground, "fault-9", extension)
    lacking = _bumped(ground)
    Before(ground).fails("build_ext", "--inplace", tells=["Cargo.lock", lacking, "pkg._core", "next: "])


def test_fault_9_a_member_that_no_extension_is_built_from(ground: Project) -> None:
    project_of(ground, "fault-9", extra='[workspace]\nmembers = ["other"]\n')
    ground.write({"other/Cargo.toml": manifest("fault-9-other", types='"lib"'), "other/src/lib.rs": ""})
    ground.run("cargo", "generate-lockfile", "--offline")
    ground.write({"other/Cargo.toml": manifest("fault-9-other", types='"lib"').replace("0.1.0", "0.2.0")})
    Before(ground).fails("bdist_wheel", tells=["Cargo.lock", "fault-9-other 0.2.0", "cargo update --workspace", "pkg._core"])


def test_fault_9_a_lock_that_asks_for_another_version(ground: Project, tmp_path: Path) -> None:
    registry = NearRegistry(tmp_path, ground)
    registry.publish("fault-9-near")
    registry.publish("fault-9-near", "2.0.0")
    project_of(ground, "fault-9")
    _with_new_dependency(ground)
    ground.run("cargo", "generate-lockfile")
    ground.write({"Cargo.toml": manifest("fault-9", extra='[dependencies]\nfault-9-near = "2"\n')})
    Before(ground).fails("bdist_wheel", tells=["Cargo.lock", "--locked", "pkg._core"])


def test_fault_9_a_lock_that_is_missing(ground: Project) -> None:
    """A lock is asked for and isn't there; none appears either."""
    project_of(ground, "fault-9", "RustExtension('pkg._core', locked=True)")
    (ground.folder / "Cargo.lock").unlink()
    Before(ground).fails("bdist_wheel", tells=["Cargo.lock", "--locked", "pkg._core"])


# -- row 10


def test_fault_10_offline_and_a_crate_is_missing(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-10", "RustExtension('pkg._core', cargo_manifest_args=['--offline'])")
    ground.write({"Cargo.toml": manifest("fault-10", extra='[dependencies]\nitoa = "1"\n')})
    (ground.folder / "Cargo.lock").unlink()
    ground.env["CARGO_HOME"] = str(tmp_path / "cargo-home")
    before = Before(ground)
    before.fails("bdist_wheel", tells=["itoa", "--offline", "pkg._core"])
    before.fails("pip", tells=["itoa", "--offline", "pkg._core"])


def _for_two_platforms(project: Project, registry: NearRegistry, *, missing: str) -> None:
    extra = '[dependencies]\nfault-10-here = "1"\n\n[target."cfg(windows)".dependencies]\nfault-10-elsewhere = "1"\n'
    project_of(project, "fault-10", "RustExtension('pkg._core', cargo_manifest_args=['--offline'])", extra=extra)
    project.write({"src/lib.rs": module(answer="41 + fault_10_here::HERE")})
    for name in ("fault-10-here", "fault-10-elsewhere"):
        registry.publish(name, there=name != missing)
    (project.folder / "Cargo.lock").unlink()
    project.run("cargo", "generate-lockfile")


def test_fault_10_other_platforms_crates_are_not_asked_for(ground: Project, tmp_path: Path) -> None:
    _for_two_platforms(ground, NearRegistry(tmp_path, ground), missing="fault-10-elsewhere")
    ground.setup("bdist_wheel")
    ground.setup("build_ext", "--inplace")
    assert answer_of(ground) == 42


def test_fault_10_a_crate_of_the_lock_is_missing(ground: Project, tmp_path: Path) -> None:
    _for_two_platforms(ground, NearRegistry(tmp_path, ground), missing="fault-10-here")
    Before(ground).fails("bdist_wheel", tells=["fault-10-here", "pkg._core"])


# -- rows 11 to 14: manifests


def test_fault_11_virtual_manifest(ground: Project) -> None:
    project_of(ground, "fault-11").write({"Cargo.toml": '[workspace]\nmembers = ["first", "crates/*"]\nresolver = "2"\n'})
    for folder in ("first", "crates/second", "crates/third"):
        ground.write(crate(f"fault-11-{folder[-2:]}", folder=folder))
    before = Before(ground)
    for command in ("bdist_wheel", "pip"):
        before.fails(command, tells=["virtual manifest", "first", "crates/second", "crates/third", "pkg._core", "next: set path"])


@pytest.mark.parametrize("declared", ["setup.py", "pyproject.toml"])
def test_fault_12_no_library(ground: Project, declared: str) -> None:
    files = {
        "Cargo.toml": manifest("fault-12", types=""),
        "Cargo.lock": lock("fault-12"),
        "src/main.rs": program(),
        "pkg/__init__.py": "",
    }
    files[declared] = setup_py(CORE) if declared == "setup.py" else pyproject('target = "pkg._core"')
    before = Before(ground.write(files))
    for command in ("bdist_wheel", "pip"):
        output = before.fails(command, tells=["no library target", "fault-12", "RustBin", "next: "])
        assert not compiled(output)
    assert "pkg._core" in output or f"{declared}: tool.setuptools-pyo3.ext-modules[0]" in output


@pytest.mark.parametrize("types", ['"rlib"', '"lib"', '"staticlib", "rlib"', ""])
def test_fault_13_a_crate_without_cdylib(ground: Project, tmp_path: Path, types: str) -> None:
    project_of(ground, "fault-13", types=types)
    ground.setup("bdist_wheel")
    ground.setup("build_ext", "--inplace")
    assert answer_of(ground) == 42
    assert answer_of(ground, cwd=ground.built_wheel().unpack(tmp_path / "unpacked")) == 42
    assert not compiled(ground.setup("bdist_wheel").stdout)


@pytest.mark.parametrize("types", ['"cdylib"', '"cdylib", "rlib"', '"rlib"'])
def test_fault_14_a_library_with_a_name_of_its_own(ground: Project, types: str) -> None:
    project_of(ground, "fault-14", types=types)
    text = (ground.folder / "Cargo.toml").read_text()
    ground.write({"Cargo.toml": text.replace("[lib]", '[lib]\nname = "quite_another"')})
    ground.setup("build_ext", "--inplace")
    assert ground.files("**/*.so") == [f"pkg/_core{EXT_SUFFIX}"]
    assert answer_of(ground) == 42


# -- row 15: the init symbol


_TWO_OTHERS = f"mod one {{\n{module('_one')}}}\nmod two {{\n{module('_two')}}}\n"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (module("_other"), ["PyInit__other", "'pkg._other'"]),
        (_TWO_OTHERS, ["PyInit__one", "PyInit__two"]),
        (function(), ["no init symbol at all", "NoBinding"]),
    ],
    ids=["another", "two others", "none"],
)
def test_fault_15_init_symbol_is_missing(ground: Project, source: str, shown: List[str]) -> None:
    project_of(ground, "fault-15", source=source)
    before = Before(ground)
    for command in (("bdist_wheel",), ("build_ext", "--inplace"), ("build_rust", "--inplace"), ("pip",)):
        output = before.fails(*command, tells=["PyInit__core", "pkg._core", "next: ", *shown])
        assert "creating 'dist" not in output


def test_fault_15_a_second_attempt_fails_as_well(ground: Project) -> None:
    """What cargo calls fresh has been refused before, and is no better for it."""
    project_of(ground, "fault-15-again", source=module("_other"))
    before = Before(ground)
    before.fails("bdist_wheel", tells=["PyInit__core"])
    assert not compiled(before.fails("bdist_wheel", tells=["PyInit__core"]))


def test_fault_15_a_library_for_ctypes_needs_none(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-15-ctypes", "RustExtension('pkg._core', binding=Binding.NoBinding)", source=function(7))
    ground.setup("bdist_wheel")
    wheel = ground.built_wheel()
    assert wheel.tag.startswith("py3-none-")
    library = next((wheel.unpack(tmp_path / "unpacked") / "pkg").glob("*.so"))
    assert ground.evaluate(f"import ctypes; print(ctypes.CDLL({str(library)!r}).answer())") == "7"


# -- row 16: one target twice


_C_MODULE = "Extension('pkg._core', ['core.c'])"


@pytest.mark.parametrize("command", ["bdist_wheel", "pip"])
def test_fault_16_one_target_twice(ground: Project, command: str) -> None:
    project_of(ground, "fault-16", CORE, "RustExtension('pkg._core', path='second/Cargo.toml')")
    ground.write(crate("fault-16-second", folder="second"))
    output = Before(ground).fails(
        command, tells=["'pkg._core' is declared twice", "crate Cargo.toml", "crate second/Cargo.toml", "next: "]
    )
    assert not compiled(output)


def test_fault_16_once_in_setup_py_and_once_in_pyproject(ground: Project) -> None:
    project_of(ground, "fault-16-both").write({"pyproject.toml": pyproject('target = "pkg._core"')})
    for command in ("bdist_wheel", "pip"):
        Before(ground).fails(
            command, tells=["'pkg._core' is declared twice", "setup.py", "pyproject.toml: tool.setuptools-pyo3.ext-modules[0]"]
        )


def test_fault_16_two_executables_of_one_name(ground: Project) -> None:
    project_of(ground, "fault-16-bins", "RustBin('tool')", "RustBin({'other': 'tool'})", types="")
    ground.write({"src/bin/tool.rs": program(), "src/bin/other.rs": program(7)})
    Before(ground).fails("bdist_wheel", tells=["'tool' is declared twice", "next: "])


def test_fault_16_a_c_extension_has_the_same_target(ground: Project) -> None:
    project_of(ground, "fault-16-c").write(
        {
            "setup.py": setup_py(CORE, before="from setuptools import Extension\n", more=f"ext_modules=[{_C_MODULE}],"),
            "core.c": "#include <Python.h>\n"
            'static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_core", NULL, -1, NULL};\n'
            "PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&definition); }\n",
        }
    )
    Before(ground).fails("bdist_wheel", tells=["pkg._core", "twice", "next: "])
