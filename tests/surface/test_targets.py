"""Where the target comes from, and what follows for tag and suffix: asked of real projects, mostly without building anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project, compiled
from ..unit.real_pythons import REAL

ARMV7 = "armv7-unknown-linux-gnueabihf"
AARCH64 = "aarch64-unknown-linux-gnu"
TABLE = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "aimed"\n'
C_EXTENSION = 'from setuptools import Extension, setup\nsetup(ext_modules=[Extension("plain_c", ["plain.c"])])\n'


@pytest.fixture
def aimed(project: Project) -> Project:
    """A project with one module."""
    return project.write({"pyproject.toml": pyproject("aimed", TABLE), **crate("aimed")})


@pytest.fixture
def sysroot(tmp_path: Path) -> Callable[[str], str]:
    """Makes a sysroot that holds what a real Python of another machine says of itself; returns its library folder."""

    def make(name: str) -> str:
        folder = tmp_path / "sysroot" / "usr" / "lib" / "python3.11"
        folder.mkdir(parents=True)
        (folder / "_sysconfigdata__linux_.py").write_text(f"build_time_vars = {REAL[name].variables!r}\n", encoding="utf-8")
        return str(folder.parent)

    return make


def plan(project: Project, *options: str) -> Dict[str, Any]:
    """The plan as JSON, with the command of its one call as ``argv`` and what it builds as ``build``."""
    said = project.run(project.python, "-m", "setuptools_pyo3", "plan", "--json", *options).stdout
    shown: Dict[str, Any] = json.loads(said[said.index("{") :])
    (call,) = shown["calls"]
    (build,) = call["builds"]
    return {**shown, "said": said, "argv": call["arguments"], "environment": call["environment"], "build": build}


def refusal(project: Project, *command: str) -> str:
    done = (
        project.setup(*command, check=False)
        if command
        else project.run(project.python, "-m", "setuptools_pyo3", "plan", check=False)
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert not compiled(done.stdout)
    return done.stdout


def aims_at_armv7(shown: Dict[str, Any], *, told: bool) -> bool:
    """Whether all of it is the target's; ``told`` is whether cargo has to be told of it."""
    words = [word for word in shown["argv"] if "--target" in word]
    return (
        shown["target"] == {"triple": ARMV7, "platform_tag": "linux_armv7l"}
        and shown["build"]["tag"] == "cp311-cp311"
        and shown["build"]["suffix"] == ".cpython-311-arm-linux-gnueabihf.so"
        and words == ([f"--target={ARMV7}"] if told else [])
        and "_sysconfigdata__linux_.py describes it" in shown["said"]
    )


def test_a_variable_names_it(aimed: Project, sysroot: Callable[[str], str]) -> None:
    aimed.env.update(PYO3_CROSS_LIB_DIR=sysroot("Debian armhf"), CARGO_BUILD_TARGET=ARMV7)
    assert aims_at_armv7(plan(aimed), told=False)
    # The Python that build scripts run is the build's own.
    assert plan(aimed)["environment"]["PYO3_PYTHON"] == str(aimed.python)


@pytest.mark.parametrize("place", ["project", "above", "home", "old name"])
def test_cargos_configuration_names_it(aimed: Project, sysroot: Callable[[str], str], place: str, tmp_path: Path) -> None:
    home = tmp_path / "cargo-home"
    folder = {"above": tmp_path / ".cargo", "home": home}.get(place, aimed.folder / ".cargo")
    folder.mkdir()
    (folder / ("config" if place == "old name" else "config.toml")).write_text(f'[build]\ntarget = "{ARMV7}"\n', encoding="utf-8")
    aimed.env.update(PYO3_CROSS_LIB_DIR=sysroot("Debian armhf"), CARGO_HOME=str(home))
    shown = plan(aimed)
    assert aims_at_armv7(shown, told=False)
    assert str(folder) in shown["said"]


def test_a_file_that_cargos_configuration_includes_names_it(aimed: Project, sysroot: Callable[[str], str]) -> None:
    aimed.env["PYO3_CROSS_LIB_DIR"] = sysroot("Debian armhf")
    aimed.write({".cargo/config.toml": 'include = ["more.toml"]\n', ".cargo/more.toml": f'[build]\ntarget = "{ARMV7}"\n'})
    assert aims_at_armv7(plan(aimed), told=False)


def test_the_command_line_names_it_and_goes_before_the_environment(aimed: Project, sysroot: Callable[[str], str]) -> None:
    aimed.env.update(PYO3_CROSS_LIB_DIR=sysroot("Debian armhf"), CARGO_BUILD_TARGET=AARCH64)
    assert aims_at_armv7(plan(aimed, f"--target={ARMV7}"), told=True)


@pytest.mark.parametrize("command", ["build_ext", "bdist_wheel", "build_rust"])
def test_a_mistake_is_said_of_the_option_that_was_given(aimed: Project, command: str) -> None:
    assert f"{command} --target" in refusal(aimed, command, "--target=no-such-triple")


@pytest.mark.parametrize("command", ["build_ext", "bdist_wheel", "build_rust"])
def test_setup_cfg_names_it(aimed: Project, sysroot: Callable[[str], str], command: str) -> None:
    aimed.env["PYO3_CROSS_LIB_DIR"] = sysroot("Debian armhf")
    aimed.write({"setup.cfg": f"[{command}]\ntarget = {ARMV7}\n"})
    assert aims_at_armv7(plan(aimed), told=True)


@pytest.mark.parametrize("setting", [f'args = ["--target", "{ARMV7}"]', f'cargo-manifest-args = ["--target={ARMV7}"]'])
def test_an_extensions_own_arguments_name_it_once(aimed: Project, sysroot: Callable[[str], str], setting: str) -> None:
    aimed.env["PYO3_CROSS_LIB_DIR"] = sysroot("Debian armhf")
    aimed.write({"pyproject.toml": pyproject("aimed", TABLE + setting)})
    shown = plan(aimed)
    assert sum(word.startswith("--target") for word in shown["argv"]) == 1
    assert shown["target"]["triple"] == ARMV7


def test_two_targets_for_one_wheel_are_refused(aimed: Project) -> None:
    aimed.write({"pyproject.toml": pyproject("aimed", f'{TABLE}args = ["--target={ARMV7}"]\n')})
    message = refusal(aimed, "bdist_wheel", f"--target={AARCH64}")
    assert ARMV7 in message
    assert AARCH64 in message


def test_report_1_this_machines_own_triple_changes_neither_tag_nor_suffix(aimed: Project) -> None:
    native = plan(aimed)
    aimed.env["CARGO_BUILD_TARGET"] = "x86_64-unknown-linux-gnu"
    named = plan(aimed)
    assert native["build"]["suffix"] == named["build"]["suffix"]
    assert native["target"]["platform_tag"] == named["target"]["platform_tag"]
    assert (native["target"]["triple"], named["notices"]) == ("", [])
    assert native["argv"] == named["argv"]


def test_a_native_build_imports_nothing_of_all_this(aimed: Project) -> None:
    code = """
        import os, sys
        from setuptools_pyo3.commands import project
        project.load().get_command_obj("build_rust").plan()
        ours = sorted(name for name in sys.modules if name.startswith("setuptools_pyo3."))
        print([name for name in ours if "target_" in name or name.endswith((".triples", ".evidence", ".rustflags"))])
    """
    aimed.env.pop("PYO3_PYTHON", None)
    assert aimed.evaluate(code) == "[]"


def test_fault_46_a_platform_name_for_another_machine_fails_before_anything_is_built(aimed: Project) -> None:
    message = refusal(aimed, "bdist_wheel", "--plat-name=linux_armv7l")
    assert "--plat-name says arm" in message
    assert "says x86_64" in message
    assert not aimed.files("dist/*.whl")


def test_a_sysroot_without_a_target_fails_and_names_the_target(aimed: Project, sysroot: Callable[[str], str]) -> None:
    aimed.env["PYO3_CROSS_LIB_DIR"] = sysroot("Debian armhf")
    assert f"CARGO_BUILD_TARGET={ARMV7}" in refusal(aimed)


def test_an_unknown_triple_fails(aimed: Project) -> None:
    aimed.env["CARGO_BUILD_TARGET"] = "wasm32-unknown-unknown"
    message = refusal(aimed)
    assert "'wasm32-unknown-unknown'" in message
    assert "CARGO_BUILD_TARGET" in message


def test_c_extensions_of_the_running_python_do_not_get_into_another_ones_wheel(aimed: Project, environments: Environments) -> None:
    aimed.write({"setup.py": C_EXTENSION, "plain.c": "int plain;\n"})
    aimed.env["PYO3_PYTHON"] = str(environments.interpreter("3.13"))
    message = refusal(aimed, "bdist_wheel")
    assert "plain_c would be built for CPython 3.11" in message
    assert "CPython 3.13" in message
    assert not aimed.files("dist/*.whl")


def test_fault_46_c_extensions_of_this_machine_do_not_get_into_another_ones_wheel(aimed: Project) -> None:
    aimed.write({"setup.py": C_EXTENSION, "plain.c": "int plain;\n"})
    message = refusal(aimed, "bdist_wheel", f"--target={AARCH64}")
    assert "SETUPTOOLS_EXT_SUFFIX=.cpython-311-aarch64-linux-gnu.so" in message


def test_a_suffix_of_another_python_gets_into_no_wheel(aimed: Project) -> None:
    aimed.env["SETUPTOOLS_EXT_SUFFIX"] = ".cpython-31-x86_64-linux-gnu.so"
    message = refusal(aimed, "bdist_wheel")
    assert "SETUPTOOLS_EXT_SUFFIX" in message
    assert "another Python" in message
    assert not aimed.files("dist/*.whl")


def test_an_old_python_is_refused_before_anything_is_compiled(
    example: Callable[[str], Project], environments: Environments
) -> None:
    hello = example("hello")
    hello.env["PYO3_PYTHON"] = str(environments.interpreter("3.8"))
    message = refusal(hello, "bdist_wheel")
    assert "hello: PyO3 0.30" in message
    assert "doesn't support CPython 3.8" in message
    assert "Python 3.9 or newer" in message


LINKS = "zig links for x86_64-unknown-linux-gnu and glibc 2.17"
ASKS = "\n[tool.setuptools-pyo3]\nzig = true\n"


def asks_for_zig(project: Project) -> Project:
    file = project.folder / "pyproject.toml"
    file.write_text(file.read_text(encoding="utf-8") + ASKS, encoding="utf-8")
    return project


@pytest.mark.skipif("sys.platform != 'linux' or platform.machine() != 'x86_64'", reason="names this machine")
def test_zig_is_asked_for_by_option_variable_or_project(aimed: Project) -> None:
    assert LINKS not in plan(aimed)["said"]
    assert LINKS in plan(aimed, "--zig")["said"]
    assert LINKS.replace("2.17", "2.28") in plan(aimed, "--target=x86_64-unknown-linux-gnu.2.28")["said"]
    aimed.env["SETUPTOOLS_PYO3_ZIG"] = "1"
    assert LINKS in plan(aimed)["said"]
    aimed.env["SETUPTOOLS_PYO3_ZIG"] = "0"
    assert LINKS not in plan(asks_for_zig(aimed))["said"]
    assert LINKS in plan(aimed, "--zig")["said"]
    del aimed.env["SETUPTOOLS_PYO3_ZIG"]
    assert LINKS in plan(aimed)["said"]
    aimed.write({"setup.cfg": "[build_ext]\nzig = no\n"})
    assert LINKS not in plan(aimed)["said"]


def test_where_zig_does_not_link_the_project_is_built_without_it(aimed: Project) -> None:
    aimed.env.update(CARGO_BUILD_TARGET="x86_64-pc-windows-gnu", PYO3_CROSS_PYTHON_VERSION="3.13")
    said = plan(asks_for_zig(aimed))["said"]
    assert "tool.setuptools-pyo3.zig is left aside: zig doesn't link for x86_64-pc-windows-gnu" in said
    aimed.env["SETUPTOOLS_PYO3_ZIG"] = "1"
    refused = refusal(aimed)
    assert "zig is asked for, which doesn't link for x86_64-pc-windows-gnu" in refused
    assert "SETUPTOOLS_PYO3_ZIG" in refused
    aimed.env["SETUPTOOLS_PYO3_ZIG"] = "perhaps"
    assert "SETUPTOOLS_PYO3_ZIG" in refusal(aimed)
