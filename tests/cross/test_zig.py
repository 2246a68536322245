"""zig as the linker: for an older glibc than this machine's, for machines without a C compiler, and for musl, macOS and Windows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Callable, List

import pytest
from elftools.elf.elffile import ELFFile

from ..crates import crate, pyproject
from ..support import Project, Wheel, compiled, planned, watched
from .toolchains import ARMV7, Cross, Machine

pytestmark = [pytest.mark.cross, pytest.mark.slow, pytest.mark.network]

TABLE = '{zig}[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "NAME"\n'
NATIVE = "x86_64-unknown-linux-gnu"


def write(project: Project, name: str, *, asks: bool = False) -> Project:
    """Write a project with one module, and with the setting if asked to."""
    table = TABLE.format(zig="[tool.setuptools-pyo3]\nzig = true\n" if asks else "").replace("NAME", name)
    return project.write({"pyproject.toml": pyproject(name, table), **crate(name)})


def newest_glibc(file: Path) -> "tuple[int, ...]":
    """The newest version of glibc that a library asks for."""
    with open(file, "rb") as opened:
        section = ELFFile(opened).get_section_by_name(".gnu.version_r")
        names: List[str] = [entry.name for _, entries in section.iter_versions() for entry in entries]
    return max(tuple(map(int, name[len("GLIBC_") :].split("."))) for name in names if name.startswith("GLIBC_"))


def module(wheel: Wheel, folder: Path) -> Path:
    return wheel.unpack(folder) / wheel.content[0]


def test_a_glibc_behind_the_triple_is_linked_for(plain: Project, zig: None, tmp_path: Path) -> None:
    write(plain, "old_glibc").setup("bdist_wheel", f"--target={NATIVE}.2.17")
    wheel = plain.built_wheel()
    assert wheel.tag == "cp311-cp311-linux_x86_64"
    file = module(wheel, tmp_path / "unpacked")
    assert newest_glibc(file) <= (2, 17)
    assert plain.evaluate("import old_glibc; print(old_glibc.answer())", cwd=file.parent) == "42"


def test_the_project_asks_for_it(plain: Project, zig: None, tmp_path: Path) -> None:
    write(plain, "asked_in_table", asks=True)
    output = plain.pip_wheel().stdout
    assert f"zig links for {NATIVE} and glibc 2.17" in output
    file = module(plain.built_wheel(), tmp_path / "unpacked")
    assert newest_glibc(file) <= (2, 17)
    assert compiled(plain.pip_wheel().stdout) == []


def test_a_build_in_which_nothing_changed_is_known_again(plain: Project, zig: None) -> None:
    write(plain, "known_with_zig", asks=True).write({"setup.py": "from setuptools import setup\nsetup()\n"})
    for _ in range(2):
        watched(plain, "build_ext", "--inplace")
    output = watched(plain, "build_ext", "--inplace")
    assert not planned(output)
    assert f"zig links for {NATIVE} and glibc 2.17" in output
    (file,) = plain.folder.glob("*.so")
    assert newest_glibc(file) <= (2, 17)
    # Without zig it is another build, and for this machine's own glibc.
    plain.env["SETUPTOOLS_PYO3_ZIG"] = "0"
    output = watched(plain, "build_ext", "--inplace")
    assert planned(output)
    assert "zig links" not in output
    assert newest_glibc(file) > (2, 17)


def test_isolated_builds_get_it_from_the_extra_and_compile_nothing_again(plain: Project, zig: None, tmp_path: Path) -> None:
    write(plain, "isolated_zig", asks=True)
    pyproject_toml = plain.folder / "pyproject.toml"
    text = pyproject_toml.read_text(encoding="utf-8")
    pyproject_toml.write_text(text.replace('"setuptools-pyo3"', '"setuptools-pyo3[audit,zig]"'), encoding="utf-8")
    # Nothing of the environment outside.
    uv, cargo = (shutil.which(name) or "" for name in ("uv", "cargo"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(uv)
    plain.env["PATH"] = f"{tmp_path / 'bin'}:{Path(cargo).parent}:/usr/bin:/bin"
    del plain.env["CARGO_ZIGBUILD_PYTHON_PATH"]
    plain.env["SETUPTOOLS_PYO3_PLATFORM_TAG"] = "manylinux_2_17"
    for settled in (False, True):
        output = plain.run("uv", "build", "--wheel", "--python", plain.python, "--out-dir", "dist").stdout
        assert not (settled and compiled(output))
    wheel = plain.built_wheel()
    assert wheel.tag == "cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64"
    assert newest_glibc(module(wheel, tmp_path / "unpacked")) <= (2, 17)


def test_flags_of_the_user_are_kept(plain: Project, zig: None, tmp_path: Path) -> None:
    plain.env.update(SETUPTOOLS_PYO3_ZIG="1", RUSTFLAGS="--cfg mine")
    write(plain, "with_flags")
    source = plain.folder / "src" / "lib.rs"
    text = source.read_text(encoding="utf-8").replace("    42", "    if cfg!(mine) { 43 } else { 42 }")
    source.write_text(text, encoding="utf-8")
    file = module(plain.wheel(), tmp_path / "unpacked")
    assert newest_glibc(file) <= (2, 17)
    assert plain.evaluate("import with_flags; print(with_flags.answer())", cwd=file.parent) == "43"


def test_build_scripts_compile_c_with_it(plain: Project, zig: None, tmp_path: Path) -> None:
    write(plain, "with_c", asks=True)
    manifest = plain.folder / "Cargo.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + '[build-dependencies]\ncc = "1"\n', encoding="utf-8")
    plain.write(
        {
            "build.rs": 'fn main() { cc::Build::new().file("src/forty.c").compile("forty"); }\n',
            "src/forty.c": "#include <features.h>\nint minor(void) { return __GLIBC_MINOR__; }\n",
        }
    )
    source = plain.folder / "src" / "lib.rs"
    text = source.read_text(encoding="utf-8").replace("    42", "    unsafe { minor() as i64 }")
    source.write_text('extern "C" { fn minor() -> i32; }\n' + text, encoding="utf-8")
    file = module(plain.wheel(), tmp_path / "unpacked")
    assert plain.evaluate("import with_c; print(with_c.answer())", cwd=file.parent) == "17"


def test_another_machine_without_a_c_compiler(plain: Project, zig: None, cross: Callable[[Machine], Cross], tmp_path: Path) -> None:
    to = cross(ARMV7)
    write(plain, "zig_cross").env.update(
        RUSTC=str(to.rustc), PYO3_CROSS_LIB_DIR=str(to.lib_dir), CARGO_BUILD_TARGET=f"{ARMV7.triple}.2.17"
    )
    wheel = plain.wheel()
    assert wheel.tag == f"cp311-cp311-{ARMV7.platform}"
    file = module(wheel, tmp_path / "unpacked")
    assert newest_glibc(file) <= (2, 17)
    assert to.evaluate("import zig_cross; print(zig_cross.answer())", file.parent) == "42"


def test_without_zig_the_way_to_it_is_shown(plain: Project) -> None:
    write(plain, "zig_missing", asks=True)
    # Not in the environment that builds.
    plain.env["PATH"] = f"{plain.python.parent}:/usr/bin:/bin"
    failed = plain.pip_wheel(check=False)
    assert failed.returncode != 0
    assert "setuptools-pyo3[zig]" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not plain.files("dist/*.whl")
