"""The keywords of RustExtension and RustBin, as projects that come from the incumbent write them."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Any, Dict, List, Set

import pytest
from elftools.elf.elffile import ELFFile

from ..crates import crate, module
from ..support import Project, cargo_calls
from . import plain

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")

HEAD = "import os\nfrom setuptools import setup\nfrom setuptools_pyo3 import Binding, RustBin, RustExtension, Strip\n"


def setup_py(extensions: str, more: str = "") -> Dict[str, str]:
    """A setup.py that declares these extensions, written as the items of a list."""
    return {"setup.py": f'{HEAD}\nsetup(\n    name="demo",\n    version="1.0",\n    rust_extensions=[{extensions}],\n{more})\n'}


def probe(name: str, expression: str, *, folder: str = "", extra: str = "") -> Dict[str, str]:
    """A PyO3 crate whose ``answer()`` returns a Rust expression of type i64."""
    files = crate(name, folder=folder, extra=extra)
    path = f"{folder}/src/lib.rs" if folder else "src/lib.rs"
    files[path] = module(name, 0).replace("    0\n", f"    {expression}\n")
    return files


def answer(project: Project, name: str, cwd: Path) -> str:
    return project.evaluate(f"import {name}; print({name}.answer())", cwd=cwd)


def test_path_positional_by_keyword_and_absolute(project: Project, tmp_path: Path) -> None:
    for number, name in enumerate(("kw_first", "kw_second", "kw_third")):
        project.write(crate(name, folder=f"rust/{name}", answer=number))
    project.write(
        setup_py(
            """
    RustExtension("demo.kw_first", "rust/kw_first/Cargo.toml"),
    RustExtension(target="demo.kw_second", path="rust/kw_second/Cargo.toml", binding=Binding.PyO3),
    RustExtension("demo.kw_third", os.path.join(os.path.abspath(os.path.dirname(__file__)), "rust", "kw_third", "Cargo.toml")),
    """,
            '    packages=["demo"],\n',
        )
    ).write({"demo/__init__.py": ""})
    wheel = project.wheel()
    names = ("kw_first", "kw_second", "kw_third")
    assert wheel.content == ["demo/__init__.py", *(f"demo/{name}{SUFFIX}" for name in names)]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    for number, name in enumerate(names):
        assert answer(project, f"demo.{name}", unpacked) == str(number)


def test_debug_none_true_and_false(project: Project, tmp_path: Path) -> None:
    """Unset, the kind of build decides; set, it decides for every kind; the command line decides over both."""
    for name in ("kw_unset", "kw_debug", "kw_release"):
        project.write(plain.library(name, folder=name, answer=plain.DEBUG))
    project.write(
        setup_py(
            """
    RustExtension("kw_unset", "kw_unset/Cargo.toml", binding=Binding.NoBinding, debug=None),
    RustExtension("kw_debug", "kw_debug/Cargo.toml", binding=Binding.NoBinding, debug=True),
    RustExtension("kw_release", "kw_release/Cargo.toml", binding=Binding.NoBinding, debug=False),
    """
        )
    )

    def debug_builds(folder: Path) -> Set[str]:
        code = "import ctypes; print(ctypes.CDLL('./{}.so').answer())"
        return {name for name in ("unset", "debug", "release") if project.evaluate(code.format(f"kw_{name}"), cwd=folder) == "1"}

    assert debug_builds(project.wheel().unpack(tmp_path / "unpacked")) == {"debug"}
    for command, expected in (
        (["build_ext", "--inplace"], {"unset", "debug"}),
        (["build_rust", "--inplace"], {"unset", "debug"}),
        (["build_rust", "--inplace", "--release"], set()),
        (["build_rust", "--inplace", "--debug"], {"unset", "debug", "release"}),
        (["build_ext", "--inplace", "--debug"], {"unset", "debug", "release"}),
    ):
        project.setup(*command)
        assert debug_builds(project.folder) == expected, command


def test_features_of_the_crate_and_of_a_dependency(project: Project, tmp_path: Path) -> None:
    """``pyo3/extension-module`` too, which is how older projects say that libpython isn't linked."""
    features = "\n[features]\ndefault = []\none = []\ntwo = []\nthree = []\n"
    expression = 'cfg!(feature = "one") as i64 + 2 * cfg!(feature = "two") as i64 + 4 * cfg!(feature = "three") as i64'
    for name in ("kw_features", "kw_foreign"):
        project.write(probe(name, expression, folder=name, extra=features))
    project.write(
        setup_py(
            """
    RustExtension("kw_features", "kw_features/Cargo.toml", features=["one", "two"]),
    RustExtension("kw_foreign", "kw_foreign/Cargo.toml", features=("pyo3/extension-module", "three")),
    """
        )
    )
    output = project.pip_wheel().stdout
    assert any("pyo3/extension-module" in call for call in cargo_calls(output))
    unpacked = project.built_wheel().unpack(tmp_path / "unpacked")
    assert answer(project, "kw_features", unpacked) == "3"
    assert answer(project, "kw_foreign", unpacked) == "4"


def test_args(project: Project, tmp_path: Path) -> None:
    """Separate words and words with ``=``; None counts as none."""
    features = '\n[features]\ndefault = ["one"]\none = []\ntwo = []\n'
    expression = 'if cfg!(feature = "one") { 1 } else { 0 } + if cfg!(feature = "two") { 2 } else { 0 }'
    for name in ("kw_none", "kw_words", "kw_equal"):
        project.write(plain.library(name, folder=name, answer=f"({expression})", extra=features))
    project.write(
        setup_py(
            """
    RustExtension("kw_none", "kw_none/Cargo.toml", args=None, features=None, binding=Binding.NoBinding),
    RustExtension(
        "kw_words", "kw_words/Cargo.toml", args=["--no-default-features", "--features", "two"], binding=Binding.NoBinding
    ),
    RustExtension("kw_equal", "kw_equal/Cargo.toml", args=["--features=two", "-v"], binding=Binding.NoBinding),
    """
        )
    )
    unpacked = project.wheel().unpack(tmp_path / "unpacked")
    code = "import ctypes; print(ctypes.CDLL('./{}.so').answer())"
    assert [project.evaluate(code.format(name), cwd=unpacked) for name in ("kw_none", "kw_words", "kw_equal")] == ["1", "2", "3"]


def test_optional_swallows_every_failure(project: Project, tmp_path: Path) -> None:
    """No Cargo.toml, a dependency that can't be had, a wrong compiler version and an error of the compiler."""
    project.write(crate("kw_good", folder="good"))
    project.write(crate("kw_broken", folder="broken")).write({"broken/src/lib.rs": "this is not Rust\n"})
    project.write(plain.library("kw_unresolved", folder="unresolved", extra='[dependencies]\nkw-nowhere = { path = "nowhere" }\n'))
    project.write(plain.library("kw_demanding", folder="demanding"))
    project.write({"demo/__init__.py": ""})
    project.write(
        setup_py(
            """
    RustExtension("demo.kw_missing", "missing/Cargo.toml", optional=True),
    RustExtension("demo.kw_unresolved", "unresolved/Cargo.toml", optional=True, binding=Binding.NoBinding),
    RustExtension("demo.kw_demanding", "demanding/Cargo.toml", optional=True, binding=Binding.NoBinding, rust_version=">=999"),
    RustExtension("demo.kw_broken", "broken/Cargo.toml", optional=True),
    RustExtension("demo.kw_good", "good/Cargo.toml", optional=True),
    """,
            '    packages=["demo"],\n',
        )
    )
    output = project.pip_wheel().stdout
    for name in ("kw_missing", "kw_unresolved", "kw_demanding", "kw_broken"):
        assert any("WARNING" in line and f"demo.{name} " in line for line in output.splitlines()), name
    wheel = project.built_wheel()
    assert wheel.content == ["demo/__init__.py", f"demo/kw_good{SUFFIX}"]
    assert answer(project, "demo.kw_good", wheel.unpack(tmp_path / "unpacked")) == "42"


def test_optional_and_nothing_left(project: Project) -> None:
    """Where all fail, the wheel is a pure one."""
    project.write(setup_py('RustExtension("demo._a", "nowhere/Cargo.toml", optional=True)', '    packages=["demo"],\n'))
    project.write({"demo/__init__.py": ""})
    wheel = project.wheel()
    assert wheel.tag == "py3-none-any"
    assert wheel.content == ["demo/__init__.py"]


def test_py_limited_api(project: Project, tmp_path: Path) -> None:
    """True where the crate's features turn it on gives an abi3 file; False and "auto" leave another crate's as it is."""
    abi3 = '{ version = "0.30", features = ["abi3-py39"] }'
    project.write(crate("kw_limited", folder="limited", dependency=abi3))
    project.write(crate("kw_auto", folder="auto", dependency=abi3))
    limited = 'RustExtension("kw_limited", "limited/Cargo.toml", py_limited_api=True)'
    project.write(setup_py(f'{limited}, RustExtension("kw_auto", "auto/Cargo.toml", py_limited_api="auto")'))
    wheel = project.wheel()
    assert wheel.content == ["kw_auto.abi3.so", "kw_limited.abi3.so"]
    assert wheel.tag.startswith("cp39-abi3-")
    project.write(crate("kw_unlimited", folder="unlimited"))
    project.write(setup_py(f'{limited}, RustExtension("kw_unlimited", "unlimited/Cargo.toml", py_limited_api=False)'))
    wheel = project.wheel()
    assert wheel.content == ["kw_limited.abi3.so", f"kw_unlimited{SUFFIX}"]
    version = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    assert wheel.tag.startswith(f"{version}-{version}-")
    for name in ("kw_limited", "kw_unlimited"):
        assert answer(project, name, wheel.unpack(tmp_path / "unpacked")) == "42"


def test_env_adds_copies_and_removes(project: Project, tmp_path: Path) -> None:
    """An ``env`` of one variable leaves PATH and the rest alone; a copy of os.environ is no trouble; None removes."""
    has_home = 'option_env!("HOME").is_some() as i64 * 100'
    value = 'match option_env!("KW_VALUE") { Some(text) => text.len() as i64, None => -1 }'
    for name in ("kw_added", "kw_copied", "kw_removed", "kw_untouched"):
        project.write(probe(name, f"{has_home} + {value}", folder=name))
    project.env["KW_VALUE"] = "outer"
    project.write(
        setup_py(
            """
    RustExtension("kw_added", "kw_added/Cargo.toml", env={"KW_VALUE": "added!"}),
    RustExtension("kw_copied", "kw_copied/Cargo.toml", env={**os.environ, "KW_VALUE": "copy and change"}),
    RustExtension("kw_removed", "kw_removed/Cargo.toml", env={"KW_VALUE": None}),
    RustExtension("kw_untouched", "kw_untouched/Cargo.toml", env=dict(os.environ)),
    """
        )
    )
    unpacked = project.wheel().unpack(tmp_path / "unpacked")
    found = {name: int(answer(project, f"kw_{name}", unpacked)) for name in ("added", "copied", "removed", "untouched")}
    assert found == {"added": 106, "copied": 115, "removed": 99, "untouched": 105}


def sections(path: Path) -> Set[str]:
    with path.open("rb") as file:
        return {section.name for section in ELFFile(file).iter_sections()}


def local_symbols(path: Path) -> List[str]:
    with path.open("rb") as file:
        table: Any = ELFFile(file).get_section_by_name(".symtab")
        local = [symbol for symbol in (table.iter_symbols() if table else ()) if symbol["st_info"]["bind"] == "STB_LOCAL"]
        return [symbol.name for symbol in local if symbol["st_info"]["type"] in ("STT_FUNC", "STT_OBJECT")]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into ELF files")
def test_strip(project: Project, tmp_path: Path) -> None:
    kinds = ("No", "Debug", "All")
    extra = "[profile.release]\ndebug = true\nstrip = false\n"
    for kind in kinds:
        project.write(plain.library(f"kw_strip_{kind.lower()}", folder=kind, extra=extra))
    extension = 'RustExtension("kw_strip_{}", "{}/Cargo.toml", binding=Binding.NoBinding, strip=Strip.{})'
    project.write(setup_py(", ".join(extension.format(kind.lower(), kind, kind) for kind in kinds)))
    unpacked = project.wheel().unpack(tmp_path / "unpacked")
    files = {kind: unpacked / f"kw_strip_{kind.lower()}.so" for kind in kinds}
    assert {kind for kind in kinds if ".debug_info" in sections(files[kind])} == {"No"}
    assert {kind for kind in kinds if local_symbols(files[kind])} == {"No", "Debug"}
    code = "import ctypes; print(ctypes.CDLL('./{}').answer())"
    assert all(project.evaluate(code.format(file.name), cwd=unpacked) == "42" for file in files.values())
    # A dev build is never stripped.
    project.setup("build_ext", "--inplace")
    assert ".debug_info" in sections(project.folder / "kw_strip_all.so")


def test_rust_version(project: Project) -> None:
    project.write(plain.library("kw_version"))
    declaration = 'RustExtension("kw_version", binding=Binding.NoBinding, rust_version="{}")'
    for fitting in (">=1.56", ">=1.56,<99", ">=1.64.0"):
        project.write(setup_py(declaration.format(fitting)))
        assert project.wheel().content == ["kw_version.so"]
    project.write(setup_py(declaration.format(">=99.1")))
    failed = project.pip_wheel(check=False)
    assert failed.returncode
    current = project.run("rustc", "--version").stdout.split()[1]
    assert current in failed.stdout
    assert ">=99.1" in failed.stdout


def test_cargo_manifest_args(project: Project) -> None:
    """``--locked`` and ``--offline``, each also beside what we would add ourselves."""
    project.write(plain.library("kw_manifest"))
    project.run("cargo", "generate-lockfile")
    for args, expected in ((["--locked"], "--locked"), (["--offline"], "--offline"), (["--frozen"], "--frozen")):
        project.write(setup_py(f'RustExtension("kw_manifest", binding=Binding.NoBinding, cargo_manifest_args={args})'))
        (command,) = cargo_calls(project.pip_wheel().stdout)
        assert command.split().count(expected) == 1
    (project.folder / "Cargo.lock").unlink()
    project.write(setup_py('RustExtension("kw_manifest", binding=Binding.NoBinding, cargo_manifest_args=["--locked"])'))
    assert project.pip_wheel(check=False).returncode


def test_rustc_flags_native_and_quiet(project: Project, tmp_path: Path) -> None:
    answer_code = "if cfg!(kw_flag) { 1 } else { 0 }"
    project.write(plain.library("kw_flags", folder="flags", answer=answer_code))
    project.write(plain.library("kw_native", folder="native"))
    project.write(plain.library("kw_quiet", folder="quiet"))
    project.write(
        setup_py(
            """
    RustExtension("kw_flags", "flags/Cargo.toml", binding=Binding.NoBinding, rustc_flags=["--cfg", "kw_flag"]),
    RustExtension("kw_native", "native/Cargo.toml", binding=Binding.NoBinding, native=True),
    RustExtension("kw_quiet", "quiet/Cargo.toml", binding=Binding.NoBinding, quiet=True),
    """
        )
    )
    output = project.pip_wheel().stdout
    unpacked = project.built_wheel().unpack(tmp_path / "unpacked")
    code = "import ctypes; print(ctypes.CDLL('./{}.so').answer())"
    assert [project.evaluate(code.format(f"kw_{name}"), cwd=unpacked) for name in ("flags", "native", "quiet")] == ["1", "42", "42"]
    assert any("target-cpu=native" in call for call in cargo_calls(output))
    assert "Compiling kw_quiet" not in output
    assert "Compiling kw_flags" in output


BUILD_RS = """
use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR").unwrap();
    let out = Path::new(&out);
    fs::create_dir_all(out.join("tree/deeper")).unwrap();
    for name in ["file.txt", "tree/a.txt", "tree/deeper/b.txt", "unwanted.txt"] {
        fs::write(out.join(name), name).unwrap();
    }
}
"""


def test_generated_files_a_file_and_a_folder(project: Project) -> None:
    project.write(crate("kw_generated", folder="rust", module_name="_core"))
    project.write({"rust/build.rs": BUILD_RS, "src/demo/__init__.py": ""})
    generated = '{"file.txt": "demo", "tree": "demo.data"}'
    project.write(
        setup_py(
            f'RustExtension("demo._core", "rust/Cargo.toml", generated_files={generated})',
            '    packages=["demo"],\n    package_dir={"": "src"},\n',
        )
    )
    data = {"demo/file.txt": "file.txt", "demo/data/tree/a.txt": "tree/a.txt", "demo/data/tree/deeper/b.txt": "tree/deeper/b.txt"}
    for _ in range(2):  # the second build compiles nothing, and has the files all the same
        wheel = project.wheel()
        assert wheel.content == sorted(["demo/__init__.py", f"demo/_core{SUFFIX}", *data])
        assert {name: wheel.read(name) for name in data} == data
    project.setup("build_ext", "--inplace")
    assert {name: (project.folder / "src" / name).read_text() for name in data} == data
    assert answer(project, "demo._core", project.folder / "src") == "42"
