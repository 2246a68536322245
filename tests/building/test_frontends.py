"""Every way to build and install a project: the module imports, its data is there, and the profile is the one that was said."""

from __future__ import annotations

import json
import sys
import sysconfig
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Set, Tuple

import pytest

from ..crates import PYO3, manifest, pyproject
from ..support import Environments, Project, compiled, run

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")

# The module says itself what cargo made of it.
_SOURCE = """
use pyo3::prelude::*;

#[pymodule]
mod _core {
    use super::*;

    #[pyfunction]
    fn profile() -> &'static str {
        if cfg!(debug_assertions) {
            "dev"
        } else {
            "release"
        }
    }
}
"""
_PACKAGE = """
from pathlib import Path

from ._core import profile


def describe():
    return profile() + " " + (Path(__file__).parent / "data" / "words.txt").read_text().strip()
"""


@pytest.fixture
def fronted(project: Project) -> Project:
    """A src-layout project: a package with a module in Rust and a data file."""
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "fronted._core"\npath = "rust/Cargo.toml"\n'
    data = '[tool.setuptools.package-data]\nfronted = ["data/*.txt"]\n'
    project.write(
        {
            "pyproject.toml": pyproject("fronted", table, data),
            "rust/Cargo.toml": manifest("fronted", lib="_core"),
            "rust/src/lib.rs": _SOURCE,
            "src/fronted/__init__.py": _PACKAGE,
            "src/fronted/data/words.txt": "from a file",
        }
    )
    project.run("cargo", "generate-lockfile", "--manifest-path=rust/Cargo.toml")
    return project


class Way(NamedTuple):
    """How a project gets installed.

    Args:
        build: makes the commands, from the interpreter that is installed into.
        profile: cargo's, as it should be.
        says: whether what the build says is shown.
    """

    build: Callable[[Path], List[List[object]]]
    profile: str
    says: bool = True


def _pip(*options: str) -> Callable[[Path], List[List[object]]]:
    return lambda python: [[python, "-m", "pip", "install", "-v", *options]]


def _from_dist(*build: object) -> Callable[[Path], List[List[object]]]:
    """Commands that leave a wheel in ``dist``, and one that installs it."""

    def commands(python: Path) -> List[List[object]]:
        words = [python if word == "python" else word for word in build]
        return [words, [python, "-m", "pip", "install", "--no-index", "--no-deps", "--find-links=dist", "fronted"]]

    return commands


_SETUP = ("python", "-c", "import setuptools; setuptools.setup()")
WAYS: Dict[str, Way] = {
    "pip": Way(_pip("."), "release"),
    "pip without isolation": Way(_pip("--no-build-isolation", "."), "release"),
    "build": Way(_from_dist(sys.executable, "-m", "build"), "release"),
    "uv build": Way(_from_dist("uv", "build", "--python", "python"), "release"),
    "uv pip": Way(lambda python: [["uv", "pip", "install", "--python", python, "."]], "release", says=False),
    "uv pip editable": Way(lambda python: [["uv", "pip", "install", "--python", python, "-e", "."]], "dev", says=False),
    "bdist_wheel": Way(_from_dist(*_SETUP, "bdist_wheel"), "release"),
    "develop": Way(lambda python: [[python, *_SETUP[1:], "develop"]], "dev", says=False),
    "editable": Way(_pip("-e", "."), "dev"),
    "editable without isolation": Way(_pip("--no-build-isolation", "-e", "."), "dev"),
    "editable strict": Way(_pip("--no-build-isolation", "--config-settings=editable_mode=strict", "-e", "."), "dev"),
    "editable compat": Way(_pip("--no-build-isolation", "--config-settings=editable_mode=compat", "-e", "."), "dev"),
}


@pytest.mark.parametrize("name", list(WAYS))
def test_installed_with(name: str, fronted: Project, environments: Environments, tmp_path: Path) -> None:
    way = WAYS[name]
    interpreter = environments.make(fresh=True)
    output = "".join(fronted.run(*command).stdout for command in way.build(interpreter))
    said = run([interpreter, "-c", "import fronted; print(fronted.describe())"], cwd=tmp_path, env=fronted.env).stdout
    assert said.strip() == f"{way.profile} from a file"
    if way.says:
        # In the last line that is ours, where a reader of a benchmark looks for it.
        assert f"fronted._core: built with cargo's {way.profile} profile" in output
    assert not fronted.files("rust/target")


def test_built_in_place(fronted: Project) -> None:
    output = fronted.setup("build_ext", "--inplace").stdout
    assert "fronted._core: built with cargo's dev profile" in output
    assert fronted.files("src/fronted/*.so") == [f"src/fronted/_core{SUFFIX}"]
    assert fronted.evaluate("import fronted; print(fronted.describe())", cwd=fronted.folder / "src") == "dev from a file"
    # The asked-for way to an optimised module in place.
    output = fronted.setup("build_rust", "--inplace", "--release").stdout
    assert "fronted._core: built with cargo's release profile" in output
    assert fronted.evaluate("import fronted; print(fronted.describe())", cwd=fronted.folder / "src") == "release from a file"


def test_an_editable_install_can_be_told_another_profile(fronted: Project, environments: Environments, tmp_path: Path) -> None:
    interpreter = environments.make(fresh=True)
    fronted.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "release"
    output = fronted.run(interpreter, "-m", "pip", "install", "-v", "--no-build-isolation", "-e", ".").stdout
    assert "fronted._core: built with cargo's release profile" in output
    said = run([interpreter, "-c", "import fronted; print(fronted.describe())"], cwd=tmp_path, env=fronted.env).stdout
    assert said.strip() == "release from a file"


def test_isolated_builds_compile_nothing_twice(fronted: Project) -> None:
    # Each has a new environment at a new path, which PyO3's build script would take for another interpreter.
    command = ("uv", "build", "--wheel", "--python", fronted.python)
    assert "Finished" in fronted.run(*command).stdout
    again = fronted.run(*command).stdout
    assert "Finished" in again
    assert compiled(again) == []
    assert compiled(fronted.run(sys.executable, "-m", "build", "--wheel").stdout) == []


def test_editable_installs_follow_the_sources(fronted: Project, environments: Environments, tmp_path: Path) -> None:
    for mode in ("lenient", "strict", "compat"):
        fronted.write({"src/fronted/data/words.txt": "from a file", "rust/src/lib.rs": _SOURCE})
        interpreter = environments.make(fresh=True)
        fronted.run(
            interpreter, "-m", "pip", "install", "--no-build-isolation", f"--config-settings=editable_mode={mode}", "-e", "."
        )
        fronted.write({"src/fronted/data/words.txt": "and changed since", "rust/src/lib.rs": _SOURCE.replace('"dev"', '"changed"')})
        # The Rust part as well, once it is built again. A strict install links to what was in place when it was made.
        fronted.setup("build_ext", "--inplace")
        said = run([interpreter, "-c", "import fronted; print(fronted.describe())"], cwd=tmp_path, env=fronted.env).stdout
        assert said.strip().endswith("and changed since"), mode
        if mode != "strict":
            assert said.startswith("changed "), mode


def test_installed_by_setup_py_with_a_record(fronted: Project, tmp_path: Path) -> None:
    root, record = tmp_path / "root", tmp_path / "record.txt"
    fronted.setup("install", "--root", str(root), "--record", str(record), "--single-version-externally-managed")
    installed = {"/" + path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    # setuptools lists byte code even where Python was told to write none.
    listed = {line for line in record.read_text().splitlines() if not line.endswith(".pyc")}
    assert any(name.endswith(f"/fronted/_core{SUFFIX}") for name in installed)
    assert listed == installed


# -- what setuptools and others ask of build_ext

_WORKSPACE = """
[workspace]
members = ["core", "limited", "plain", "broken"]
resolver = "2"
"""
_SETUP_PY = """
import os

from setuptools import Extension, setup
from setuptools_pyo3 import Binding, RustBin, RustExtension

generated = {"facts": "told", "one.txt": "told.sub"}
rust = [
    RustExtension("told._core", "rust/core/Cargo.toml"),
    RustExtension("told.sub._limited", "rust/limited/Cargo.toml"),
    RustExtension("told._plain", "rust/plain/Cargo.toml", binding=Binding.NoBinding, generated_files=generated),
    RustExtension({"told-tool": "told.told-tool"}, "rust/plain/Cargo.toml", binding=Binding.Exec, script=True),
    RustExtension("told._broken", "rust/broken/Cargo.toml", optional=True),
    RustBin("told-tool", "rust/plain/Cargo.toml"),
]
setup(
    name="told",
    version="1.0",
    package_dir={"": "lib"},
    packages=["told", "told.sub"],
    ext_modules=[Extension("told._c", ["c/_c.c"]), *(ext for ext in rust if not isinstance(ext, RustBin))],
    rust_extensions=[ext for ext in rust if isinstance(ext, RustBin)],
)
"""
_BUILD_RS = """
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    std::fs::create_dir_all(out.join("facts/deep")).unwrap();
    std::fs::write(out.join("facts/deep/two.txt"), "two").unwrap();
    std::fs::write(out.join("one.txt"), "one").unwrap();
}
"""
_C = """
#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_c"};

PyMODINIT_FUNC PyInit__c(void)
{
    return PyModuleDef_Init(&module);
}
"""
# Asks build_ext before and after it runs, as others do: without having run it, and each time anew.
_ASK = """
import json
import sys

import setuptools.dist
from distutils import core

mode = sys.argv[1]
core._setup_stop_after = "commandline"
sys.argv = ["setup.py", "build"]
exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__", "__file__": "setup.py"})
command = core._setup_distribution.get_command_obj("build_ext")
command.inplace = mode == "inplace"
command.ensure_finalized()


def ask():
    return {
        "outputs": command.get_outputs(),
        "mapping": command.get_output_mapping(),
        "sources": command.get_source_files(),
        "lib": command.build_lib,
    }


before = ask()
command.run()
print("\\n" + json.dumps([before, ask()]))
"""


@pytest.fixture
def told(project: Project) -> Project:
    """A project with an extension of each kind."""
    limited = f'{{ version = "{PYO3}", features = ["abi3-py39"] }}'
    plain = '[package]\nname = "told-plain"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\ncrate-type = ["cdylib"]\n\n'
    project.write(
        {
            "setup.py": _SETUP_PY,
            "lib/told/__init__.py": "",
            "lib/told/sub/__init__.py": "",
            "c/_c.c": _C,
            "rust/Cargo.toml": _WORKSPACE,
            "rust/core/Cargo.toml": manifest("told-core", lib="told_core"),
            "rust/core/src/lib.rs": _SOURCE,
            "rust/limited/Cargo.toml": manifest("told-limited", lib="told_limited", dependency=limited),
            "rust/limited/src/lib.rs": _SOURCE.replace("mod _core", "mod _limited"),
            "rust/plain/Cargo.toml": f'{plain}[[bin]]\nname = "told-tool"\npath = "src/main.rs"\n',
            "rust/plain/build.rs": _BUILD_RS,
            "rust/plain/src/lib.rs": '#[no_mangle]\npub extern "C" fn told() -> i32 {\n    7\n}\n',
            "rust/plain/src/main.rs": 'fn main() {\n    println!("told");\n}\n',
            "rust/broken/Cargo.toml": manifest("told-broken", lib="_broken"),
            "rust/broken/src/lib.rs": 'compile_error!("told you");\n',
        }
    )
    project.run("cargo", "generate-lockfile", "--manifest-path=rust/Cargo.toml")
    return project


_SOURCES = {
    "c/_c.c",
    "rust/Cargo.lock",
    "rust/Cargo.toml",
    "rust/broken/Cargo.toml",
    "rust/broken/src/lib.rs",
    "rust/core/Cargo.toml",
    "rust/core/src/lib.rs",
    "rust/limited/Cargo.toml",
    "rust/limited/src/lib.rs",
    "rust/plain/Cargo.toml",
    "rust/plain/build.rs",
    "rust/plain/src/lib.rs",
    "rust/plain/src/main.rs",
}
_LIMITED = f"told/sub/_limited.abi3{Path(SUFFIX).suffix}"
_KNOWN = {
    f"told/_c{SUFFIX}",
    f"told/_core{SUFFIX}",
    f"told/_plain{Path(SUFFIX).suffix}",
    _LIMITED,
    "told/told-tool",
}
_MADE = {*_KNOWN, "told/_gen_told_tool.py", "told/facts/deep/two.txt", "told/sub/one.txt"}


def _asked(project: Project, mode: str) -> Tuple[Dict[str, object], Dict[str, object]]:
    script = project.folder.parent / "ask.py"
    script.write_text(_ASK)
    before, after = json.loads(project.run(project.python, script, mode).stdout.splitlines()[-1])
    return before, after


def _relative(paths: object, folder: object) -> Set[str]:
    assert isinstance(paths, (list, dict))
    return {Path(path).relative_to(str(folder)).as_posix() for path in paths}


def test_build_ext_tells_its_outputs_and_sources(told: Project) -> None:
    before, after = _asked(told, "away")
    assert set(before["sources"]) == _SOURCES  # type: ignore[call-overload]
    assert set(after["sources"]) == _SOURCES  # type: ignore[call-overload]
    assert before["mapping"] == after["mapping"] == {}
    made = {path.relative_to(told.folder / str(after["lib"])).as_posix() for path in _files(told.folder / str(after["lib"]))}
    assert made == _MADE
    assert _relative(after["outputs"], after["lib"]) == made
    # What only the build script knows can't be told before; and nobody knows yet that an optional extension will fail.
    assert _relative(before["outputs"], before["lib"]) - {f"told/_broken{SUFFIX}"} >= _KNOWN
    assert _relative(before["outputs"], before["lib"]) - {f"told/_broken{SUFFIX}"} <= made


def test_build_ext_tells_its_mapping_in_place(told: Project) -> None:
    existing = set(told.files("**/*"))
    before, after = _asked(told, "inplace")
    assert set(after["sources"]) == set(before["sources"]) == _SOURCES  # type: ignore[call-overload]
    new = {path.relative_to(told.folder / "lib").as_posix() for path in _files(told.folder / "lib")}
    new -= {name[len("lib/") :] for name in existing if name.startswith("lib/")}
    assert new == _MADE
    mapping = after["mapping"]
    assert isinstance(mapping, dict)
    assert _relative(list(mapping.values()), "lib") == new
    assert all(Path(key).relative_to(str(after["lib"])) == Path(value).relative_to("lib") for key, value in mapping.items())
    assert set(after["outputs"]) == set(mapping)  # type: ignore[call-overload]
    predicted = before["mapping"]
    assert isinstance(predicted, dict)
    predicted = {key: value for key, value in predicted.items() if "_broken" not in key}
    assert _relative(list(predicted.values()), "lib") >= _KNOWN
    assert predicted.items() <= mapping.items()


def test_strict_editable_install_links_all_kinds(told: Project, environments: Environments, tmp_path: Path) -> None:
    interpreter = environments.make(fresh=True)
    told.run(interpreter, "-m", "pip", "install", "--no-build-isolation", "--config-settings=editable_mode=strict", "-e", ".")
    code = """
        import ctypes, importlib.util, pathlib, told._c, told._core, told.sub._limited
        folder = pathlib.Path(told.__file__).parent
        library = ctypes.CDLL(importlib.util.find_spec("told._plain").origin)
        print(told._core.profile(), told.sub._limited.profile(), library.told(),
              (folder / "facts/deep/two.txt").read_text(), (folder / "sub/one.txt").read_text())
    """
    assert told.evaluate(code, python=interpreter, cwd=tmp_path) == "dev dev 7 two one"
    assert run([interpreter.parent / "told-tool"], cwd=tmp_path, env=told.env).stdout == "told\n"


def _files(folder: Path) -> List[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
