"""Reading native files: what a compiler put in is found, and what is damaged or something else does no harm."""

from __future__ import annotations

import random
import re
import shutil
import zipfile
from pathlib import Path
from typing import Sequence

import pytest
import setuptools

from setuptools_pyo3.errors import ArtifactProblem
from setuptools_pyo3.hands import native_files, wheel_file
from setuptools_pyo3.mind import wheel_truth
from setuptools_pyo3.mind.finding import ERROR
from setuptools_pyo3.mind.native_file import ELF, GLIBC, NativeFile

from ..support import run
from .wheels import assemble


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what is compiled."""
    return tmp_path_factory.mktemp("native")


def compiled(folder: Path, source: str, *options: str, name: str = "_core.so") -> Path:
    (folder / "a.c").write_text(source)
    path = folder / name
    run(["cc", "-shared", "-fPIC", "-o", path, folder / "a.c", *options], cwd=folder, env={"PATH": "/usr/bin:/bin"})
    return path


SOURCE = """
#include <string.h>
extern void *PyLong_FromLong(long);
extern int PyLate(void) __attribute__((weak));
void *PyInit__core(void) { return PyLong_FromLong(PyLate ? strlen("a") : 0); }
"""


@pytest.fixture(scope="module")
def module(folder: Path) -> Path:
    """A module that takes a symbol from Python, and another one where there is one."""
    return compiled(folder, SOURCE, "-O0", "-fno-builtin", "-Wl,-rpath,$ORIGIN/../demo.libs:/usr/lib:${ORIGIN}")


def read(path: Path, name: str = "pkg/_core.so") -> NativeFile:
    found = native_files.read(str(path), name)
    assert found is not None
    return found


def test_symbols_and_versions(module: Path) -> None:
    found = read(module)
    assert (found.format, found.libc, found.init_symbols) == (ELF, GLIBC, ("PyInit__core",))
    by_name = {one.name: one for one in found.imports}
    assert (by_name["PyLong_FromLong"].version, by_name["PyLong_FromLong"].weak) == ("", False)
    assert by_name["PyLate"].weak
    assert by_name["strlen"].library == "libc.so.6"
    assert by_name["strlen"].version.startswith("GLIBC_2.")
    assert [one.name for one in found.takes_from_python] == ["PyLate", "PyLong_FromLong"]


def test_run_paths_are_folders_of_the_wheel(module: Path) -> None:
    assert read(module).search == ("demo.libs", "pkg")
    assert read(module, "_core.so").search == ("", "../demo.libs")


def test_objects_and_archives_are_nothing_that_is_loaded(folder: Path) -> None:
    run(["cc", "-c", "-o", folder / "a.o", "-x", "c", "/dev/null"], cwd=folder, env={"PATH": "/usr/bin:/bin"})
    assert native_files.read(str(folder / "a.o"), "a.o") is None


@pytest.mark.parametrize(
    "start", [b"", b"MZ", b"\x7fEL", b"MZ is how this text begins", b"\xca\xfe\xba\xbe\x00\x00\x00\x34 a class of Java" + b" " * 64]
)
def test_other_files_that_begin_like_native_ones(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(start)
    assert native_files.read(str(path), "file") is None


def test_a_text_that_begins_like_a_program_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"MZ" + b" is how this long text begins" * 9)
    assert native_files.read(str(path), "file") is None


def test_a_file_without_section_headers_says_so(module: Path, tmp_path: Path) -> None:
    """They name the versions; without them there would be nothing to find, and everything would look fine."""
    image = bytearray(module.read_bytes())
    image[0x28:0x30] = bytes(8)  # e_shoff
    image[0x3C:0x40] = bytes(4)  # e_shnum, e_shstrndx
    path = tmp_path / "stripped.so"
    path.write_bytes(image)
    assert "section headers" in read(path).fault


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_told_or_passed_over(module: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    image = bytearray(module.read_bytes())
    del image[chance.randrange(1, len(image)) :]
    for _ in range(chance.choice([0, 5])):
        image[chance.randrange(min(len(image), 4096))] = chance.randrange(256)
    path = tmp_path / "damaged.so"
    path.write_bytes(image)
    found = native_files.read(str(path), "damaged.so")
    assert found is None or found.name == "damaged.so"


def test_a_wheel_and_its_tree_hold_the_same(module: Path, tmp_path: Path) -> None:
    library = tmp_path / "libother.so.1"
    shutil.copyfile(module, library)
    names: Sequence[str] = ("pkg/_core.so", "demo-1.0.data/scripts/tool", "pkg/sub/libother.so.1")
    text = tmp_path / "text"
    text.write_text("no binary")
    files = {**dict.fromkeys(names, module), "pkg/__init__.py": text}
    path = assemble(tmp_path / "dist", "cp311-cp311-linux_x86_64", files, written="cp311-cp311.abi3-linux_x86_64")
    wheel = wheel_file.wheel(str(path))
    assert [file.name for file in wheel.files] == sorted(names)
    assert wheel.written == ("cp311-abi3-linux_x86_64", "cp311-cp311-linux_x86_64")
    for name, source in files.items():
        target = tmp_path / "tree" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    assert wheel_file.in_folder(str(tmp_path / "tree")) == wheel.files


@pytest.mark.parametrize("content", [b"", b"no binary", b"MZ is how this text begins"])
def test_what_is_named_like_a_module_and_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    text = tmp_path / "text"
    text.write_bytes(content)
    named = "pkg/_core.abi3.so"
    path = assemble(tmp_path / "dist", "cp39-abi3-manylinux_2_17_x86_64", {named: text, "pkg/libm.so": text, "pkg/a.txt": text})
    (file,) = wheel_file.wheel(str(path)).files
    assert (file.name, file.format, bool(file.fault)) == (named, "", True)
    (finding,) = wheel_truth.findings(wheel_file.wheel(str(path)))
    assert (finding.rule, finding.level) == ("unreadable", ERROR)
    # Pyodide's modules are of another kind, which no audit here judges.
    other = assemble(tmp_path / "dist", "cp313-cp313-pyodide_2025_0_wasm32", {"_core.cpython-313-wasm32-emscripten.so": text})
    assert wheel_truth.findings(wheel_file.wheel(str(other))) == ()


def test_a_wheel_without_a_wheel_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo-1.0.dist-info/METADATA", "Name: demo")
    with pytest.raises(ArtifactProblem, match="no WHEEL file"):
        wheel_file.wheel(str(path))


def test_a_damaged_archive_is_told_without_a_traceback(module: Path, tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-cp311-cp311-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("demo-1.0.dist-info/WHEEL", "Tag: cp311-cp311-linux_x86_64")
        archive.write(module, "_core.so")
    whole = path.read_bytes()
    start = whole.index(b"_core.so") + len("_core.so")
    path.write_bytes(whole[:start] + b"\xff" * 50 + whole[start + 50 :])
    with pytest.raises(ArtifactProblem, match="can't be read"):
        wheel_file.wheel(str(path))
    # The flag that says so stands in the archive's list.
    encrypted = bytearray(whole)
    for match in re.finditer(b"PK\x01\x02", whole):
        encrypted[match.start() + 8] |= 1
    path.write_bytes(encrypted)
    with pytest.raises(ArtifactProblem, match="encrypted"):
        wheel_file.wheel(str(path))


def test_a_truncated_module_of_windows(tmp_path: Path) -> None:
    """The launchers of setuptools are programs of Windows that are at hand everywhere."""
    whole = (Path(setuptools.__file__).parent / "cli-64.exe").read_bytes()
    path = tmp_path / "_core.pyd"
    path.write_bytes(whole)
    assert not read(path).fault
    path.write_bytes(whole[: len(whole) // 2])
    assert "ends before its sections do" in read(path).fault
