"""Fault rows 21-27 and 32: odd folder names, odd locales, odd bytes, and a source tree that can't be written to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from .. import crates
from ..support import Environments, Project, compiled
from .ground import EXT_SUFFIX, Before, answer_of, content, crate, leftovers, lock, manifest, module, project_of, refused, setup_py
from .stage import read_only

_C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
_LONG = "/".join(f"{letter * 100}" for letter in "abcdefgh")

_ODD = [
    pytest.param("with some  spaces", id="fault_21_spaces"),
    pytest.param("with\na newline", id="fault_22_newline"),
    pytest.param("grüße-日本語-🦀", id="fault_23_unicode"),
    pytest.param(_LONG, id="fault_27_long"),
    # No percent sign: the linker can't take that.
    pytest.param("quo'te\"s $HOME; {braces} [x] * ? = # & ~", id="shell"),
]


def _project_in(parent: Path, environments: Environments, name: str) -> Project:
    """A project with everything in one oddly named folder: cargo's output and our cache too."""
    folder = parent / name / "project"
    folder.mkdir(parents=True)
    project = Project(folder, environments.make(), environments.env)
    del project.env["CARGO_TARGET_DIR"]
    project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(parent / name / "cache")
    return project


def _builds_and_imports(project: Project, unpacked: Path) -> None:
    """A wheel, a module in place, a second time without compiling, and what they say when they are imported."""
    project.setup("bdist_wheel")
    assert not compiled(project.setup("bdist_wheel").stdout)
    assert answer_of(project, cwd=project.built_wheel().unpack(unpacked)) == 42
    project.setup("build_ext", "--inplace")
    assert answer_of(project) == 42
    assert project.files("pkg/*.so") == [f"pkg/_core{EXT_SUFFIX}"]
    assert not leftovers(project.folder)


@pytest.mark.parametrize("name", _ODD)
def test_faults_21_22_23_27_odd_folders(environments: Environments, tmp_path: Path, name: str) -> None:
    project = _project_in(tmp_path, environments, name)
    if name == _LONG:
        assert len(str(project.folder)) > 800
    project_of(project, "fault-21")
    _builds_and_imports(project, tmp_path / "unpacked")


@pytest.mark.parametrize("name", [odd for odd in _ODD if odd.id != "shell"])
def test_faults_21_22_23_27_odd_crate_folders(environments: Environments, tmp_path: Path, name: str) -> None:
    """The crate's folder inside an ordinary project: its name is declared, and stands in messages and commands."""
    project = _project_in(tmp_path, environments, "plain")
    declared = f"RustExtension('pkg._core', path={f'{name}/Cargo.toml'!r})"
    if "\n" in name:  # no value may hold one: see fault 60
        project.write({**crate("fault-21-crate", folder=name), "setup.py": setup_py(declared), "pkg/__init__.py": ""})
        Before(project).fails("bdist_wheel", tells=["a newline in", "pkg._core"])
        return
    project.write({**crate("fault-21-crate", folder=name), "setup.py": setup_py(declared), "pkg/__init__.py": ""})
    _builds_and_imports(project, tmp_path / "unpacked")


@pytest.mark.parametrize("name", ["with some  spaces", "grüße-日本語-🦀", pytest.param(_LONG, id="long")])
def test_faults_21_23_27_odd_folders_through_pip(environments: Environments, tmp_path: Path, name: str) -> None:
    project = _project_in(tmp_path, environments, name)
    project_of(project, "fault-21-pip")
    assert answer_of(project, cwd=project.wheel().unpack(tmp_path / "unpacked")) == 42


@pytest.mark.parametrize("name", ["grüße-日本語-🦀", "with\na newline and ü"])
def test_fault_24_unicode_in_the_c_locale(environments: Environments, tmp_path: Path, name: str) -> None:
    project = _project_in(tmp_path, environments, name)
    project_of(project, "fault-24")
    project.env.update(_C_LOCALE)
    _builds_and_imports(project, tmp_path / "unpacked")


def test_fault_24_a_failure_in_the_c_locale(environments: Environments, tmp_path: Path) -> None:
    """What the compiler says holds the path too, and quotes a line of Unicode; quiet, so that it goes through our hands."""
    project = _project_in(tmp_path, environments, "grüße-日本語-🦀")
    project_of(project, "fault-24-fails", "RustExtension('pkg._core', quiet=True)", source="// 🦀\nfn ü( {}\n")
    project.env.update(_C_LOCALE)
    Before(project).fails("bdist_wheel", tells=["src/lib.rs:2", "pkg._core"])


@pytest.mark.slow
def test_faults_21_23_24_pyo3_with_all_of_it(environments: Environments, tmp_path: Path) -> None:
    """PyO3's own build script reads the config file from the odd folder, and runs the interpreter that it names."""
    project = _project_in(tmp_path, environments, "a b ü 日本語")
    project.write(
        {
            **crates.crate("fault-21-pyo3", module_name="_core"),
            "setup.py": setup_py("RustExtension('pkg._core')"),
            "pkg/__init__.py": "",
        }
    )
    project.env.update(_C_LOCALE)
    project.setup("bdist_wheel")
    assert not compiled(project.setup("bdist_wheel").stdout)
    unpacked = project.built_wheel().unpack(tmp_path / "unpacked")
    assert project.evaluate("import pkg._core; print(pkg._core.answer())", cwd=unpacked) == "42"


@pytest.mark.slow
def test_fault_22_pyo3_in_a_folder_with_a_newline(environments: Environments, tmp_path: Path) -> None:
    """With the cache in an ordinary place: PyO3's build script can't tell cargo of a config file with a newline in its path."""
    project = _project_in(tmp_path, environments, "with\na newline")
    project.env.update({name: environments.env[name] for name in ("CARGO_TARGET_DIR", "SETUPTOOLS_PYO3_CACHE_DIR")})
    project.write(
        {
            **crates.crate("fault-22-pyo3", module_name="_core"),
            "setup.py": setup_py("RustExtension('pkg._core')"),
            "pkg/__init__.py": "",
        }
    )
    project.setup("bdist_wheel")
    assert not compiled(project.setup("bdist_wheel").stdout)
    unpacked = project.built_wheel().unpack(tmp_path / "unpacked")
    assert project.evaluate("import pkg._core; print(pkg._core.answer())", cwd=unpacked) == "42"


def test_fault_26_a_folder_that_is_not_utf_8(environments: Environments, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("the file system takes Unicode names only")
    project = _project_in(tmp_path, environments, os.fsdecode(b"caf\xe9"))
    project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(tmp_path / "cache")
    project_of(project, "fault-26")
    before = Before(project)
    done = project.setup("bdist_wheel", check=False)
    # rustc's own words, which name the folder.
    refused(done, tells=["not valid Unicode", "caf\\xE9", "pkg._core"])
    before.is_unharmed()


# -- row 25: bytes in cargo's output


_MACRO = """\
use proc_macro::TokenStream;
use std::io::Write;

#[proc_macro]
pub fn shout(_: TokenStream) -> TokenStream {
    let said: &[&[u8]] = &[
        b"caf\\xe9 \\xff\\xfe",
        b"{\\"reason\\":\\"compiler-artifact\\" \\xff",
        b"{\\"reason\\":\\"compiler-artifact\\",\\"target\\":null}",
        b"{\\"reason\\":\\"build-script-executed\\",\\"cfgs\\":3}",
        b"[]",
        b"",
    ];
    for line in said {
        std::io::stdout().write_all(&[*line, b"\\n"].concat()).unwrap();
    }
    std::io::stderr().write_all(b"caf\\xe9 \\xff\\xfe\\n").unwrap();
    if std::env::var_os("FAULT_25_FAILS").is_some() {
        panic!("the macro fails");
    }
    TokenStream::new()
}
"""


def _with_macro(project: Project, *extensions: str) -> None:
    dependency = '[dependencies]\nfault-25-macro = { path = "macro" }\n'
    project_of(project, "fault-25", *extensions, extra=dependency, source="fault_25_macro::shout!();\n" + module())
    macro = manifest("fault-25-macro", types='"lib"').replace('crate-type = ["lib"]', "proc-macro = true")
    project.write({"Cargo.lock": lock("fault-25", "fault-25-macro"), "macro/Cargo.toml": macro, "macro/src/lib.rs": _MACRO})


def test_fault_25_what_macros_print_is_passed_over(ground: Project, tmp_path: Path) -> None:
    """Procedural macros share cargo's standard output with its messages, and may print anything there."""
    _with_macro(ground)
    ground.setup("bdist_wheel")
    assert answer_of(ground, cwd=ground.built_wheel().unpack(tmp_path / "unpacked")) == 42


@pytest.mark.parametrize("quiet", [False, True])
def test_fault_25_it_is_shown_when_the_build_fails(ground: Project, quiet: bool) -> None:
    _with_macro(ground, f"RustExtension('pkg._core', quiet={quiet})")
    ground.write({"macro/src/lib.rs": _MACRO.replace("said {", "said.iter().take(1) {")})
    ground.env["FAULT_25_FAILS"] = "1"
    Before(ground).fails("bdist_wheel", tells=["caf", "the macro fails", "pkg._core"])


# -- row 32: a read-only source tree


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts as Linux does it")
@pytest.mark.parametrize("has_lock", [True, False])
def test_fault_32_a_read_only_source_tree(ground: Project, tmp_path: Path, has_lock: bool) -> None:
    project_of(ground, "fault-32")
    if not has_lock:
        (ground.folder / "Cargo.lock").unlink()
    before = content(ground.folder)
    elsewhere = [f"--build-base={tmp_path / 'build'}", "egg_info", f"--egg-base={tmp_path}"]
    with read_only(ground.folder):
        done = ground.setup(
            "build", *elsewhere, "bdist_wheel", f"--bdist-dir={tmp_path / 'bdist'}", f"--dist-dir={tmp_path / 'dist'}", check=False
        )
        if has_lock:
            assert done.returncode == 0, done.stdout
            (wheel,) = (tmp_path / "dist").glob("*.whl")
            ground.run(ground.python, "-m", "zipfile", "-e", wheel, tmp_path / "unpacked")
            assert answer_of(ground, cwd=tmp_path / "unpacked") == 42
        else:
            # cargo can't work without writing one; it must say so, and we must not add a traceback.
            refused(done, tells=["Cargo.lock", "pkg._core"])
    assert content(ground.folder) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts as Linux does it")
def test_fault_32_in_place_it_is_refused(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-32-inplace")
    before = Before(ground)
    with read_only(ground.folder):
        before.fails("build_ext", "--inplace", tells=["pkg/_core", "pkg._core", "next: "])
