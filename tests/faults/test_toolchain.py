"""Fault rows 1-7 and 62: cargo or rustc is missing, unfit, or another one than it seems."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Tuple

import pytest

from ..support import Environments, Project, compiled
from .ground import Before, answer_of, crate, message, module, path_with, program, project_of, pyproject, script

# What a build needs beside Rust.
_NEEDED = ("cc", "gcc", "ld", "as", "ar", "strip", "env", "sh")


def _rustup(*arguments: str) -> str:
    if shutil.which("rustup") is None:
        pytest.skip("needs rustup")
    return subprocess.run(["rustup", *arguments], check=True, capture_output=True, encoding="utf-8").stdout


def _real(name: str) -> Path:
    """The program of the default toolchain itself; rustup's stand-ins would find the other programs beside them."""
    if shutil.which("rustup") is None:
        found = shutil.which(name)
        assert found is not None
        return Path(found)
    return Path(_rustup("which", name).strip())


def _version(rustc: object, *arguments: str) -> str:
    said = subprocess.run([str(rustc), *arguments, "--version"], check=True, capture_output=True, encoding="utf-8").stdout
    return said.split()[1]


def _minor(version: str) -> Tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _newer_toolchain() -> Tuple[str, str, str]:
    """A toolchain that is newer than the default one, with its ``X.Y``, and the default one's version."""
    names = [line.split()[0] for line in _rustup("toolchain", "list").splitlines() if line.strip()]
    default = _version("rustc")
    newer = [(version, name) for name in names for version in [_minor(_version("rustc", f"+{name}"))] if version > _minor(default)]
    if not newer:
        pytest.skip("needs a second toolchain that is newer than the default one")
    (major, minor), name = max(newer)
    return name, f"{major}.{minor}", default


# -- rows 1 and 2: missing


def test_fault_1_cargo_is_missing(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-1")
    ground.env["PATH"] = path_with(tmp_path / "bin", *_NEEDED, rustc=_real("rustc"))
    before = Before(ground)
    for command in (("bdist_wheel",), ("build_ext", "--inplace"), ("build_rust", "--inplace"), ("pip",)):
        output = before.fails(*command, tells=["cargo was not found", "pkg._core", "next: install Rust"])
        assert "rustc was not found" not in output


def test_fault_1_cargo_is_named_as_the_environment_names_it(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-1-named")
    before = Before(ground)
    ground.env["CARGO"] = str(tmp_path / "no-such-cargo")
    before.fails("bdist_wheel", tells=[str(tmp_path / "no-such-cargo"), "pkg._core", "next: "])
    ground.env["CARGO"] = str(ground.folder / "setup.py")  # a file that can't be run
    before.fails("bdist_wheel", tells=[str(ground.folder / "setup.py"), "pkg._core", "next: "])


@pytest.mark.parametrize("rust_version", [None, ">=1.60"])
def test_fault_2_rustc_is_missing(ground: Project, tmp_path: Path, rust_version: object) -> None:
    project_of(ground, "fault-2", f"RustExtension('pkg._core', rust_version={rust_version!r})")
    ground.env["PATH"] = path_with(tmp_path / "bin", *_NEEDED, cargo=_real("cargo"))
    before = Before(ground)
    for command in (("bdist_wheel",), ("build_ext", "--inplace"), ("pip",)):
        output = before.fails(*command, tells=["rustc was not found", "pkg._core", "next: install Rust"])
        assert "cargo was not found" not in output
    # A hint, not an essay: what happened, why, what next.
    assert len(message(before.fails("bdist_wheel", tells=[])).strip().splitlines()) <= 4


def test_fault_2_everything_but_the_build_works_without_rust(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-2-none", "RustExtension('pkg._core', rust_version='>=1.60')", "RustBin('tool')")
    (ground.folder / "src" / "main.rs").write_text(program())
    ground.env["PATH"] = path_with(tmp_path / "bin", *_NEEDED)
    assert ground.setup("--version").stdout.strip().endswith("1.0")
    assert "demo" in ground.setup("--name").stdout
    ground.setup("egg_info")
    ground.setup("dist_info", "--output-dir", str(tmp_path))
    assert (tmp_path / "demo-1.0.dist-info" / "METADATA").exists()
    ground.setup("sdist", "--formats=gztar")
    with tarfile.open(ground.folder / "dist" / "demo-1.0.tar.gz") as archive:
        names = set(archive.getnames())
    assert {f"demo-1.0/{name}" for name in ("Cargo.toml", "Cargo.lock", "src/lib.rs", "src/main.rs")} <= names
    plan = ground.run(ground.python, "-m", "setuptools_pyo3", "plan").stdout
    assert "cargo build" in plan


# -- row 3: not installed


def test_fault_3_the_pinned_toolchain_is_not_installed(ground: Project) -> None:
    _rustup("--version")
    ground.env["RUSTUP_AUTO_INSTALL"] = "0"
    project_of(ground, "fault-3").write({"rust-toolchain.toml": '[toolchain]\nchannel = "1.41.0"\n'})
    before = Before(ground)
    before.fails("bdist_wheel", tells=["1.41.0", "rust-toolchain.toml", "pkg._core", "next: "])
    before.fails("pip", tells=["1.41.0", "rust-toolchain.toml", "pkg._core", "next: "])


def test_fault_3_found_out_while_rustc_is_asked_for_its_version(ground: Project) -> None:
    _rustup("--version")
    ground.env["RUSTUP_AUTO_INSTALL"] = "0"
    project_of(ground, "fault-3-probe", "RustExtension('pkg._core', rust_version='>=1.60')")
    ground.write({"rust-toolchain.toml": '[toolchain]\nchannel = "1.41.0"\n'})
    Before(ground).fails("bdist_wheel", tells=["1.41.0", "pkg._core", "next: "])


def test_fault_3_an_override_names_a_toolchain_that_is_not_installed(ground: Project) -> None:
    _rustup("--version")
    ground.env.update(RUSTUP_AUTO_INSTALL="0", RUSTUP_TOOLCHAIN="1.41.0")
    project_of(ground, "fault-3-override")
    output = Before(ground).fails("bdist_wheel", tells=["1.41.0", "pkg._core"])
    # rustup's own advice is as good as ours.
    assert "next: " in output or "rustup toolchain install" in output


# -- row 4: too old


def test_fault_4_rustc_is_older_than_the_crate_wants(ground: Project) -> None:
    project_of(ground, "fault-4", package='rust-version = "1.999"\n')
    Before(ground).fails("bdist_wheel", tells=["1.999", _version("rustc"), "pkg._core"])


def test_fault_4_rustc_is_older_than_the_extension_wants(ground: Project) -> None:
    project_of(ground, "fault-4-extension", "RustExtension('pkg._core', rust_version='>=1.999')")
    before = Before(ground)
    for command in (("bdist_wheel",), ("pip",)):
        output = before.fails(*command, tells=[">=1.999", _version("rustc"), "pkg._core", "next: "])
        assert not compiled(output)


def test_fault_4_a_rust_version_that_is_none(ground: Project) -> None:
    project_of(ground, "fault-4-nonsense", "RustExtension('pkg._core', rust_version='the newest')")
    Before(ground).fails("bdist_wheel", tells=["'the newest'", "pkg._core", "next: "])


# -- row 5: another one than it seems


def _chooses(way: str, toolchain: str, project: Project) -> None:
    if way == "variable":
        project.env["RUSTUP_TOOLCHAIN"] = toolchain
    elif way == "file":
        project.write({"rust-toolchain.toml": f'[toolchain]\nchannel = "{toolchain}"\n'})
    elif way == "rustc":
        project.env["RUSTC"] = _rustup("which", "rustc", "--toolchain", toolchain).strip()
    elif way == "configuration":
        rustc = _rustup("which", "rustc", "--toolchain", toolchain).strip()
        project.write({".cargo/config.toml": f"[build]\nrustc = '{rustc}'\n"})
    else:
        raise AssertionError(way)


@pytest.mark.cross
@pytest.mark.parametrize("way", ["variable", "file", "rustc", "configuration"])
def test_fault_5_the_version_is_that_of_the_rustc_which_cargo_uses(ground: Project, way: str) -> None:
    """The crate asks cargo for the same version as the extension asks us: both look at one rustc or one of them refuses."""
    toolchain, newer, default = _newer_toolchain()
    project_of(
        ground, f"fault-5-{way}", f"RustExtension('pkg._core', rust_version='>={newer}')", package=f'rust-version = "{newer}"\n'
    )
    Before(ground).fails("bdist_wheel", tells=[f">={newer}", default, "pkg._core"])
    _chooses(way, toolchain, ground)
    ground.setup("build_ext", "--inplace")
    assert answer_of(ground) == 42


@pytest.mark.cross
def test_fault_5_a_toolchains_own_cargo_uses_the_rustc_on_path(ground: Project) -> None:
    """CARGO may name the cargo of one toolchain, which then compiles with the rustc of another: the one that PATH leads to."""
    toolchain, newer, default = _newer_toolchain()
    ground.env["CARGO"] = _rustup("which", "cargo", "--toolchain", toolchain).strip()
    project_of(ground, "fault-5-cargo", f"RustExtension('pkg._core', rust_version='>={newer}')")
    Before(ground).fails("bdist_wheel", tells=[f">={newer}", default, "pkg._core"])


@pytest.mark.cross
def test_fault_5_a_change_of_toolchain_is_noticed(ground: Project) -> None:
    """What was found out about rustc in one build is not believed in the next, which may use another."""
    toolchain, newer, default = _newer_toolchain()
    project_of(ground, "fault-5-change", f"RustExtension('pkg._core', rust_version='>={newer}')")
    ground.env["RUSTUP_TOOLCHAIN"] = toolchain
    ground.setup("bdist_wheel")
    del ground.env["RUSTUP_TOOLCHAIN"]
    done = ground.setup("bdist_wheel", check=False)
    assert done.returncode != 0
    assert default in done.stdout
    assert f">={newer}" in done.stdout


# -- row 6: no std for the target


@pytest.mark.cross
def test_fault_6_the_targets_std_is_not_installed(ground: Project) -> None:
    triple = next(t for t in ("aarch64-unknown-linux-gnu", "riscv64gc-unknown-linux-gnu") if not _std_of(t).exists())
    project_of(ground, "fault-6")
    before = Before(ground)
    before.fails("build_rust", f"--target={triple}", tells=[f"rustup target add {triple}", "pkg._core"])
    before.fails("bdist_wheel", f"--target={triple}", tells=[f"rustup target add {triple}", "pkg._core"])


def _std_of(triple: str) -> Path:
    sysroot = subprocess.run(["rustc", "--print=sysroot"], check=True, capture_output=True, encoding="utf-8").stdout.strip()
    return Path(sysroot) / "lib" / "rustlib" / triple / "lib"


# -- row 7: the interpreter's scripts


_RUNS_A_SCRIPT = """\
fn main() {
    let done = std::process::Command::new("fault-7-script").output().expect("fault-7-script is not on PATH");
    println!("cargo:rustc-env=SAID={}", String::from_utf8(done.stdout).unwrap().trim());
}
"""


@pytest.mark.parametrize("command", ["bdist_wheel", "build_ext"])
def test_fault_7_build_scripts_find_the_interpreters_scripts(environments: Environments, tmp_path: Path, command: str) -> None:
    """As with an interpreter that is called by its path, without its environment being active."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder, environments.make(fresh=True), environments.env)
    project.env["CARGO_TARGET_DIR"] = str(tmp_path / "target")
    script(project.python.parent / "fault-7-script", "echo interpreter\n")
    # One of the same name that is found on PATH anyway must not win.
    decoy = script(tmp_path / "decoy" / "fault-7-script", "echo decoy\n")
    project.env["PATH"] = f"{decoy.parent}:{project.env['PATH']}"
    expression = 'match env!("SAID").as_bytes() { b"interpreter" => 7, _ => -1 }'
    project_of(project, "fault-7", source=module(answer=expression)).write({"build.rs": _RUNS_A_SCRIPT})
    project.setup(command, *(["--inplace"] if command == "build_ext" else []))
    where = folder if command == "build_ext" else project.built_wheel().unpack(tmp_path / "unpacked")
    assert answer_of(project, cwd=where) == 7


# -- row 62: the caller's programs


def test_fault_62_the_callers_programs_are_used_and_printed(ground: Project, tmp_path: Path) -> None:
    log = tmp_path / "log"
    names = {
        "CARGO": script(tmp_path / "own tools" / "my-cargo", f'echo CARGO >> "{log}"\nexec cargo "$@"\n'),
        "RUSTC": script(tmp_path / "own tools" / "my-rustc", f'echo RUSTC >> "{log}"\nexec rustc "$@"\n'),
        "RUSTC_WRAPPER": script(tmp_path / "own tools" / "my-wrapper", f'echo RUSTC_WRAPPER >> "{log}"\nexec "$@"\n'),
    }
    ground.env.update({name: str(path) for name, path in names.items()})
    project_of(ground, "fault-62", "RustExtension('pkg._core', rust_version='>=1.60')")
    output = ground.setup("build_ext", "--inplace").stdout
    assert answer_of(ground) == 42
    assert set(log.read_text().split()) == set(names)
    unsaid = [name for name, path in names.items() if str(path) not in output]
    assert not unsaid, f"{unsaid} not shown in:\n{output}"


def test_fault_62_the_echoed_command_can_be_pasted(ground: Project, tmp_path: Path) -> None:
    """Pasted into a shell of the same folder, it is the same command: nothing is compiled again."""
    cargo = script(tmp_path / "own tools" / "my cargo", 'exec cargo "$@"\n')
    ground.env["CARGO"] = str(cargo)
    project_of(ground, "fault-62-pasted", "RustExtension('pkg._core', env={'SPACED': 'a b', 'GONE': None})")
    ground.env["GONE"] = "1"
    echoed = [line for line in ground.setup("build_ext", "--inplace").stdout.splitlines() if "--message-format" in line]
    assert len(echoed) == 1
    again = ground.run("sh", "-c", echoed[0])
    assert '"fresh":true' in again.stdout.replace(" ", "")
    assert not compiled(again.stdout)
    assert re.search(r"(^|\s)env -u GONE ", echoed[0])


@pytest.mark.parametrize("missing", ["RUSTC", "RUSTC_WRAPPER"])
def test_fault_62_a_program_of_the_caller_that_is_missing(ground: Project, tmp_path: Path, missing: str) -> None:
    project_of(ground, "fault-62-missing")
    ground.env[missing] = str(tmp_path / "no-such-program")
    Before(ground).fails("bdist_wheel", tells=[str(tmp_path / "no-such-program"), "pkg._core"])


def test_tables_in_pyproject_find_the_toolchain_as_well(ground: Project, tmp_path: Path) -> None:
    """Rows 1 and 4 for a project without setup.py."""
    ground.write(
        {"pyproject.toml": pyproject('target = "pkg._core"\nrust-version = ">=1.999"'), "pkg/__init__.py": "", **crate("fault-1-4")}
    )
    before = Before(ground)
    before.fails("pip", tells=[">=1.999", _version("rustc"), "pkg._core", "next: "])
    ground.env["PATH"] = path_with(tmp_path / "bin", *_NEEDED)
    before.fails("pip", tells=["was not found", "pkg._core", "next: install Rust"])
