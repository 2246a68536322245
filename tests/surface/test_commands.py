"""The command lines that projects, their Makefiles and packagers' recipes use."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from ..crates import crate
from ..support import Project, cargo_calls, compiled
from . import plain
from .test_keywords import setup_py

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


@pytest.mark.parametrize(
    ("command", "debug"),
    [
        ("build_rust --inplace", True),
        ("build_rust -i", True),
        ("build_rust --inplace --debug", True),
        ("build_rust --inplace --release", False),
        ("build_rust --inplace --release --quiet", False),
        ("build_rust --inplace --qbuild", True),
        ("--quiet build_rust --inplace --profile=release", False),
        ("build_ext -i", True),
        ("build_ext --inplace", True),
        ("build_ext --inplace --quiet", True),
        ("build_rust -i -r", False),
        ("build_rust -i -d", True),
        ("build_rust --release build_ext --inplace", False),
    ],
)
def test_commands_in_place(project: Project, command: str, debug: bool) -> None:
    project.write(plain.library("command_inplace", answer=plain.DEBUG)).write({"src/pkg/__init__.py": ""})
    extension = 'RustExtension("pkg._lib", binding=Binding.NoBinding)'
    project.write(setup_py(extension, '    packages=["pkg"],\n    package_dir={"": "src"},\n'))
    output = project.setup(*command.split()).stdout
    assert plain.call(project, "src/pkg/_lib*") == int(debug)
    if "quiet" in command or "qbuild" in command:
        assert cargo_calls(output) == []
        assert compiled(output) == []
    assert not project.files("pkg")


def test_command_from_script_args(project: Project) -> None:
    """A helper script hands setup its command line."""
    project.write(plain.library("command_script", answer=plain.DEBUG))
    script = setup_py(
        'RustExtension("command_script", binding=Binding.NoBinding)',
        '    script_args=["build_rust", "--quiet", "--inplace", "--release"],\n',
    )["setup.py"]
    project.write({"tools/compile.py": script})
    output = project.run(project.python, "tools/compile.py").stdout
    assert cargo_calls(output) == []
    assert plain.call(project, "command_script.so") == 0


def test_clean_and_clean_rust(project: Project) -> None:
    """``clean`` is setuptools' own; ``clean_rust`` has cargo clean. Neither touches what was built in place."""
    project.write(plain.library("command_clean", folder="rust"))
    project.write(plain.binaries("command-clean-bin", ["command-clean-bin"], folder="tool"))
    extension = 'RustExtension("command_clean", "rust/Cargo.toml", binding=Binding.NoBinding)'
    project.write(setup_py(f'{extension}, RustBin("command-clean-bin", "tool/Cargo.toml")'))
    del project.env["CARGO_TARGET_DIR"]
    project.setup("build")
    project.setup("build_ext", "--inplace")
    project.setup("clean")
    assert plain.call(project, "command_clean.so") == 42
    project.setup("clean", "--all")
    assert not project.files("build/lib*")
    assert project.files("rust/target/release/*.so")
    output = project.setup("clean_rust").stdout
    assert "cargo clean" in output
    assert not project.files("rust/target/**/*.so")
    assert not project.files("tool/target/release/*")
    assert plain.call(project, "command_clean.so") == 42
    # Cleaning what is clean already, and building after it, are no trouble.
    project.setup("clean_rust")
    assert len(compiled(project.setup("build").stdout)) == 2


def test_install_into_a_root(project: Project, tmp_path: Path) -> None:
    """What distributions' recipes run: install below a folder, with scripts, and a record of the files."""
    project.write(crate("command_install", folder="rust", module_name="_core"))
    project.write(plain.binaries("command-install", ["command-install"], folder="tool"))
    project.write({"demo/__init__.py": "from ._core import answer\n"})
    extensions = 'RustExtension("demo._core", "rust/Cargo.toml"), RustBin("command-install", "tool/Cargo.toml")'
    project.write(setup_py(extensions, '    packages=["demo"],\n'))
    root = tmp_path / "root"
    project.setup("install", "--root", str(root), "--prefix", "/usr", "--record", str(tmp_path / "record"))
    found = {path.name: path for path in root.rglob("*") if path.is_file()}
    assert {"__init__.py", f"_core{SUFFIX}", "command-install"} <= set(found)
    assert not any(path.suffix in (".rs", ".toml", ".lock") for path in found.values())
    assert found["command-install"].parent == root / "usr" / "bin"
    assert project.run(found["command-install"]).stdout.startswith("command-install")
    site = found["__init__.py"].parent.parent
    assert project.evaluate("import demo; print(demo.answer())", cwd=site) == "42"
    record = (tmp_path / "record").read_text().splitlines()
    for name in ("__init__.py", f"_core{SUFFIX}", "command-install"):
        assert any(line.endswith(f"/{name}") for line in record), name


def test_help_and_queries_need_nothing(project: Project, tmp_path: Path) -> None:
    """What is asked of a project without building it works without a toolchain."""
    project.write(plain.library("command_help")).write(setup_py('RustExtension("command_help", binding=Binding.NoBinding)'))
    project.env["PATH"] = str(tmp_path)
    assert project.setup("--version").stdout.strip().endswith("1.0")
    assert "--inplace" in project.setup("build_rust", "--help").stdout
    assert "build_rust" in project.setup("--help-commands").stdout
    project.setup("egg_info")
