"""musl, Windows and macOS, for which the standard library is compiled too: built and read, and for musl imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable, Dict, List, Mapping

import pefile
import pytest
from elftools.elf.elffile import ELFFile
from macholib.MachO import MachO
from macholib.SymbolTable import SymbolTable

from ..crates import crate, pyproject
from ..support import Project, run

pytestmark = [pytest.mark.cross, pytest.mark.slow, pytest.mark.network]

MUSL = "x86_64-unknown-linux-musl"
WINDOWS = "x86_64-pc-windows-gnu"
TABLE = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "NAME"\n'

Build = Callable[..., Path]


@pytest.fixture
def build(plain: Project, build_std: Mapping[str, str], tmp_path: Path) -> Build:
    """Builds a wheel with one module for a target, and unpacks it."""

    def make(name: str, tag: str, file: str, variables: Mapping[str, str], *features: str) -> Path:
        dependency = f'{{ version = "0.30", features = {json.dumps(features)} }}'
        plain.write({"pyproject.toml": pyproject(name, TABLE.replace("NAME", name)), **crate(name, dependency=dependency)})
        plain.env.update({**build_std, **variables})
        wheel = plain.wheel()
        assert (wheel.tag, wheel.content) == (tag, [file])
        return wheel.unpack(tmp_path / "unpacked") / file

    return make


def test_musl_is_shared_and_imported(build: Build, zig: None, musl_python: Path) -> None:
    lib_dir = musl_python.parent.parent / "lib"
    variables = {"CARGO_BUILD_TARGET": MUSL, "SETUPTOOLS_PYO3_ZIG": "1", "PYO3_CROSS_LIB_DIR": str(lib_dir)}
    file = build("on_musl", "cp313-cp313-linux_x86_64", "on_musl.cpython-313-x86_64-linux-musl.so", variables)
    with open(file, "rb") as opened:
        needed = [tag.needed for tag in ELFFile(opened).get_section_by_name(".dynamic").iter_tags("DT_NEEDED")]
    assert needed == ["libc.so"]
    assert run([musl_python, "-c", "import on_musl; print(on_musl.answer())"], cwd=file.parent, env={}).stdout.strip() == "42"


def test_another_python_that_runs_on_musl_is_built_for(build: Build, zig: None, musl_python: Path) -> None:
    variables = {"PYO3_PYTHON": str(musl_python), "SETUPTOOLS_PYO3_ZIG": "1"}
    file = build("by_python", "cp39-abi3-linux_x86_64", "by_python.abi3.so", variables, "abi3-py39")
    assert run([musl_python, "-c", "import by_python; print(by_python.answer())"], cwd=file.parent, env={}).stdout.strip() == "42"


def windows(file: Path) -> "tuple[int, list[str], list[str]]":
    """The processor that a DLL is for, what it exports, and the DLLs it needs."""
    with pefile.PE(str(file)) as image:
        exported = [symbol.name.decode() for symbol in image.DIRECTORY_ENTRY_EXPORT.symbols]
        return image.FILE_HEADER.Machine, exported, [entry.dll.decode().lower() for entry in image.DIRECTORY_ENTRY_IMPORT]


def test_windows(build: Build, mingw: Path, plain: Project) -> None:
    variables = {"CARGO_BUILD_TARGET": WINDOWS, "PYO3_CROSS_PYTHON_VERSION": "3.13", "PATH": f"{mingw}:{plain.env['PATH']}"}
    file = build("on_windows", "cp313-cp313-win_amd64", "on_windows.cp313-win_amd64.pyd", variables)
    machine, exported, needed = windows(file)
    assert (machine, exported) == (0x8664, ["PyInit_on_windows"])
    assert "python313.dll" in needed


def test_windows_limited_api(build: Build, mingw: Path, plain: Project) -> None:
    variables = {"CARGO_BUILD_TARGET": WINDOWS, "PATH": f"{mingw}:{plain.env['PATH']}"}
    machine, exported, needed = windows(build("win_abi3", "cp39-abi3-win_amd64", "win_abi3.pyd", variables, "abi3-py39"))
    assert (machine, exported) == (0x8664, ["PyInit_win_abi3"])
    assert "python3.dll" in needed


def macos(file: Path) -> Dict[int, Dict[str, List[str]]]:
    """For each processor of a Mach-O file: exported symbols, libraries, the install name, and the oldest macOS it runs on."""
    image = MachO(str(file))
    found = {}
    for header in image.headers:
        symbols = [name.decode() for _, name in SymbolTable(image, header=header).extdefsyms or ()]
        commands = {load.get_cmd_name(): (command, data) for load, command, data in header.commands}
        # Before 10.14 it stood in another command.
        modern = commands.get("LC_BUILD_VERSION")
        version = modern[0].minos if modern else commands["LC_VERSION_MIN_MACOSX"][0].version
        found[header.header.cputype & 0xFFFFFFFF] = {
            "init": [name for name in symbols if "PyInit" in name],
            "needs": [name for _, _, name in header.walkRelocatables()],
            "name": [commands["LC_ID_DYLIB"][1].rstrip(b"\0").decode()],
            "minimum": [f"{version >> 16}.{version >> 8 & 0xFF}"],
        }
    return found


X86_64, ARM64 = 0x01000007, 0x0100000C


@pytest.mark.parametrize(
    ("triple", "deployment", "cpu", "platform"),
    [
        ("aarch64-apple-darwin", "", ARM64, "macosx_11_0_arm64"),
        ("x86_64-apple-darwin", "10.12", X86_64, "macosx_10_12_x86_64"),
    ],
    ids=["arm64", "x86_64"],
)
def test_macos(build: Build, zig: None, triple: str, deployment: str, cpu: int, platform: str) -> None:
    name = f"on_{platform}"
    variables = {"CARGO_BUILD_TARGET": triple, "SETUPTOOLS_PYO3_ZIG": "1", "PYO3_CROSS_PYTHON_VERSION": "3.13"}
    variables.update({"MACOSX_DEPLOYMENT_TARGET": deployment} if deployment else {})
    suffix = ".cpython-313-darwin.so"
    file = build(name, f"cp313-cp313-{platform}", f"{name}{suffix}", variables)
    (found,) = macos(file).items()
    assert found[0] == cpu
    assert found[1]["init"] == [f"_PyInit_{name}"]
    assert found[1]["name"] == [f"@rpath/{name}{suffix}"]
    assert found[1]["minimum"] == [deployment or "11.0"]
    assert not [library for library in found[1]["needs"] if "ython" in library]


def test_macos_universal2(build: Build, zig: None, llvm: Path, plain: Project) -> None:
    variables = {"PYO3_CROSS_PYTHON_VERSION": "3.13", "SETUPTOOLS_PYO3_ZIG": "1", "PATH": f"{llvm}:{plain.env['PATH']}"}
    variables["CARGO_BUILD_TARGET"] = "universal2-apple-darwin"
    file = build("on_both", "cp313-cp313-macosx_10_12_universal2", "on_both.cpython-313-darwin.so", variables)
    found = macos(file)
    assert sorted(found) == [X86_64, ARM64]
    assert all(half["init"] == ["_PyInit_on_both"] for half in found.values())
    assert [found[cpu]["minimum"] for cpu in (X86_64, ARM64)] == [["10.12"], ["11.0"]]
