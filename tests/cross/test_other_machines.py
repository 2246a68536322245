"""Wheels for other machines with Linux: right tag, right suffix, and imported by those machines' own Python."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Dict

import pytest
from elftools.elf.elffile import ELFFile

from ..crates import crate, pyproject
from ..support import Project, Wheel, compiled
from .toolchains import AARCH64, ARMV7, MACHINES, Cross, Machine

pytestmark = [pytest.mark.cross, pytest.mark.slow, pytest.mark.network]

For = Callable[[Machine], Cross]
TABLE = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "NAME"\n'

OLD_MODULE = """\
use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

#[pyfunction]
fn answer() -> i64 {
    42
}

#[pymodule]
fn old_pyo3(_py: Python, m: &PyModule) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(answer, m)?)?;
    Ok(())
}
"""


def tools(project: Project, to: Cross) -> Dict[str, str]:
    return {"RUSTC": str(to.rustc), "PATH": f"{to.tools}:{project.env['PATH']}"}


def prepare(project: Project, name: str, to: Cross, *, dependency: str = "", lib_dir: bool = True) -> Project:
    """Write a project with one module, and give it the machine's compilers and Python, but not the target itself."""
    project.write({"pyproject.toml": pyproject(name, TABLE.replace("NAME", name)), **crate(name, dependency=dependency)})
    project.env.update(tools(project, to))
    if lib_dir:
        project.env["PYO3_CROSS_LIB_DIR"] = str(to.lib_dir)
    return project


def check(wheel: Wheel, name: str, to: Cross, folder: Path) -> None:
    """Hold a version-specific wheel against what the machine's Python is like, and import it there."""
    assert wheel.tag == f"{to.abi}-{to.abi}-{to.machine.platform}"
    assert wheel.content == [f"{name}{to.suffix}"]
    wheel.unpack(folder)
    assert to.evaluate(f"import {name}; print({name}.answer())", folder) == "42"


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.debian)
def test_a_sysroot_and_a_target_are_enough(plain: Project, cross: For, machine: Machine, tmp_path: Path) -> None:
    to, name = cross(machine), f"plain_{machine.debian}"
    prepare(plain, name, to).env["CARGO_BUILD_TARGET"] = machine.triple
    wheel = plain.wheel()
    check(wheel, name, to, tmp_path / "unpacked")
    with open(tmp_path / "unpacked" / wheel.content[0], "rb") as file:
        needed = [tag.needed for tag in ELFFile(file).get_section_by_name(".dynamic").iter_tags("DT_NEEDED")]
    assert not [library for library in needed if "python" in library]


def test_the_target_stands_in_cargos_configuration(plain: Project, cross: For, tmp_path: Path) -> None:
    to = cross(ARMV7)
    prepare(plain, "configured", to).write({".cargo/config.toml": f'[build]\ntarget = "{ARMV7.triple}"\n'})
    check(plain.wheel(), "configured", to, tmp_path / "unpacked")


@pytest.mark.parametrize("command", ["bdist_wheel", "build_ext"])
def test_the_target_is_an_option(plain: Project, cross: For, command: str, tmp_path: Path) -> None:
    to, name = cross(ARMV7), f"option_{command}"
    words = [command, f"--target={ARMV7.triple}", *(["bdist_wheel"] if command == "build_ext" else [])]
    prepare(plain, name, to).setup(*words)
    check(plain.built_wheel(), name, to, tmp_path / "unpacked")


def test_the_target_is_an_option_of_pip(plain: Project, cross: For, tmp_path: Path) -> None:
    to = cross(AARCH64)
    prepare(plain, "config_setting", to).pip_wheel(f"--config-settings=--build-option=--target={AARCH64.triple}")
    check(plain.built_wheel(), "config_setting", to, tmp_path / "unpacked")


def test_the_folder_of_the_include_files_may_be_named_too(plain: Project, cross: For, tmp_path: Path) -> None:
    to = cross(ARMV7)
    prepare(plain, "with_include", to).env.update(CARGO_BUILD_TARGET=ARMV7.triple, PYO3_CROSS_INCLUDE_DIR=str(to.include_dir))
    check(plain.wheel(), "with_include", to, tmp_path / "unpacked")


def test_pyo3_from_when_that_folder_was_needed(plain: Project, older_cross: For, tmp_path: Path) -> None:
    to = older_cross(ARMV7)
    prepare(plain, "old_pyo3", to, dependency='"0.13"').write({"src/lib.rs": OLD_MODULE})
    plain.env.update(CARGO_BUILD_TARGET=ARMV7.triple, PYO3_CROSS_INCLUDE_DIR=str(to.include_dir))
    check(plain.wheel(), "old_pyo3", to, tmp_path / "unpacked")


def test_the_limited_api_needs_no_python_of_the_target(plain: Project, cross: For, tmp_path: Path) -> None:
    to = cross(AARCH64)
    prepare(plain, "limited", to, dependency='{ version = "0.30", features = ["abi3-py39"] }', lib_dir=False)
    plain.env["CARGO_BUILD_TARGET"] = AARCH64.triple
    wheel = plain.wheel()
    assert wheel.tag == "cp39-abi3-linux_aarch64"
    assert wheel.content == ["limited.abi3.so"]
    assert to.evaluate("import limited; print(limited.answer())", wheel.unpack(tmp_path / "unpacked")) == "42"


def test_without_a_python_of_the_target_the_running_one_names_the_version(plain: Project, cross: For, tmp_path: Path) -> None:
    to = cross(AARCH64)
    prepare(plain, "without_sysroot", to, lib_dir=False)
    plain.env.update(CARGO_BUILD_TARGET=AARCH64.triple, PYO3_CROSS_PYTHON_VERSION="3.11")
    check(plain.wheel(), "without_sysroot", to, tmp_path / "unpacked")


def test_a_sysroot_of_another_machine_is_refused(plain: Project, cross: For) -> None:
    to, other = cross(AARCH64), cross(ARMV7)
    prepare(plain, "contradicted", to)
    plain.env.update(CARGO_BUILD_TARGET=AARCH64.triple, PYO3_CROSS_LIB_DIR=str(other.lib_dir))
    failed = plain.pip_wheel(check=False)
    assert failed.returncode != 0
    assert "CARGO_BUILD_TARGET says aarch64" in failed.stdout
    assert "_sysconfigdata__arm-linux-gnueabihf.py says arm" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not plain.files("dist/*.whl")


def test_native_and_cross_builds_take_turns_in_one_tree(plain: Project, cross: For, tmp_path: Path) -> None:
    to = cross(ARMV7)
    native = dict(plain.env)
    prepare(plain, "by_turns", to)
    foreign = {**plain.env, "CARGO_BUILD_TARGET": ARMV7.triple}
    # What an earlier run of this test left in a kept target folder is cleaned in the first round.
    for settled in (False, False, True):
        for env, platform in ((native, "linux_x86_64"), (foreign, ARMV7.platform)):
            plain.env = env
            output = plain.pip_wheel().stdout
            assert plain.built_wheel().tag.endswith(platform)
            assert not (settled and compiled(output))
    check(plain.built_wheel(), "by_turns", to, tmp_path / "unpacked")


def test_an_executable_is_for_the_machine_alone(plain: Project, cross: For, tmp_path: Path) -> None:
    to = cross(ARMV7)
    table = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.bins]]\ntarget = "foreign-tool"\n'
    plain.write(
        {
            "pyproject.toml": pyproject("foreign_tool", table),
            "Cargo.toml": '[package]\nname = "foreign-tool"\nversion = "0.1.0"\nedition = "2021"\n',
            "src/main.rs": 'fn main() { println!("{}", std::env::consts::ARCH); }\n',
        }
    )
    plain.env.update({**tools(plain, to), "CARGO_BUILD_TARGET": ARMV7.triple})
    wheel = plain.wheel()
    assert wheel.tag == "py3-none-linux_armv7l"
    wheel.unpack(tmp_path / "unpacked")
    (program,) = (tmp_path / "unpacked").glob("*.data/scripts/foreign-tool")
    program.chmod(0o755)
    assert plain.run(to.qemu, "-L", to.sysroot, program).stdout.strip() == "arm"
