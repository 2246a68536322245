"""The plan of a cross build: what cargo, PyO3 and the linker are told of the target."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from setuptools_pyo3.declaration.extension import Binding, RustBin, RustExtension
from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.hands import target_tools
from setuptools_pyo3.mind import plan_text, triples, zig
from setuptools_pyo3.mind.cargo_config import Configuration
from setuptools_pyo3.mind.interpreter import Interpreter
from setuptools_pyo3.mind.plan import Call, each_triple
from setuptools_pyo3.mind.target import Target

from .values import crate, linux, locked, macos, only_call, package, planned, toml, windows, with_pyo3

ARMV7 = "armv7-unknown-linux-gnueabihf"
FLAG = "-Ctarget-feature=-crt-static"


def armv7() -> Interpreter:
    suffix = ".cpython-311-arm-linux-gnueabihf.so"
    return linux(
        executable="",
        platform="linux-armv7l",
        pointer_width=32,
        suffixes=[suffix, ".abi3.so", ".so"],
        config={"EXT_SUFFIX": suffix, "SOABI": suffix[1:-3]},
    )


def musl() -> Interpreter:
    suffix = ".cpython-311-x86_64-linux-musl.so"
    return linux(libc="musl", suffixes=[suffix, ".abi3.so", ".so"], config={"EXT_SUFFIX": suffix, "SOABI": suffix[1:-3]})


def cross(python: Interpreter, triple: str, extension: Optional[RustExtension] = None, text: str = "", **said: Any) -> Call:
    """The call of a cross build; ``said`` are fields of the target and of the situation."""
    fields = {name: said.pop(name) for name in ("asked", "slices") if name in said}
    target = Target(triple, python.platform, python.pointer_width, crossed=True, **fields)
    build = (extension or RustExtension("demo"), text or with_pyo3())
    return only_call(build, interpreter=python, target=target, build_python="/venv/bin/python", **said)


def changes(call: Call) -> Dict[str, Optional[str]]:
    return dict(call.changes)


def test_pyo3_gets_the_targets_facts_and_build_scripts_a_python_that_runs() -> None:
    call = cross(armv7(), ARMV7)
    assert call.config == "implementation=CPython\nversion=3.11\nshared=true\npointer_width=32\n"
    assert changes(call)["PYO3_PYTHON"] == "/venv/bin/python"
    assert call.bin_folder == "/venv/bin"
    assert call.items[0].abi.kind == "version-specific"


@pytest.mark.parametrize(
    ("asked", "words"), [(ARMV7, [f"--target={ARMV7}"]), ("my/spec.json", ["--target=my/spec.json"]), ("", [])]
)
def test_cargo_is_told_the_target_unless_it_knows_it_itself(asked: str, words: List[str]) -> None:
    call = cross(armv7(), ARMV7, asked=asked)
    assert [word for word in call.arguments if "--target" in word] == words
    # The folder that cargo writes to differs either way.
    assert call.triple == ARMV7


def test_the_plan_shows_target_tag_and_suffix() -> None:
    python = armv7()
    plan = planned(
        (RustExtension("demo"), with_pyo3()),
        interpreter=python,
        target=Target(ARMV7, python.platform, 32, crossed=True),
        notices=("building for it",),
    )
    shown = plan_text.as_json(plan)
    assert shown["target"] == {"triple": ARMV7, "platform_tag": "linux_armv7l"}
    assert shown["notices"] == ["building for it"]
    assert shown["calls"][0]["builds"][0]["suffix"] == ".cpython-311-arm-linux-gnueabihf.so"
    assert ARMV7 in plan_text.as_text(plan).splitlines()[0]


def test_a_targets_tools_are_set_unless_the_user_has_set_them() -> None:
    linker = "CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER"
    tools = ((linker, "arm-linux-gnueabihf-gcc"),)
    assert changes(cross(armv7(), ARMV7, tools=tools))[linker] == "arm-linux-gnueabihf-gcc"
    own = cross(armv7(), ARMV7, tools=tools, environ={"PATH": "/usr/bin", linker: "my-ld"})
    assert linker not in changes(own)


def test_a_pyo3_that_knows_no_config_file_is_told_by_variables() -> None:
    told = changes(cross(armv7()._replace(lib_dir="/sysroot/usr/lib"), ARMV7, text=with_pyo3("0.13")))
    assert (told["PYO3_CROSS_PYTHON_VERSION"], told["PYO3_CROSS_LIB_DIR"]) == ("3.11", "/sysroot/usr/lib")
    own = {"PATH": "/usr/bin", "PYO3_CROSS_LIB_DIR": "/mine"}
    assert "PYO3_CROSS_LIB_DIR" not in changes(cross(armv7(), ARMV7, text=with_pyo3("0.13"), environ=own))
    assert not any(name.startswith("PYO3_CROSS") for name in changes(cross(armv7(), ARMV7)))


# -- musl


def test_musl_has_its_library_shared_for_modules_and_programs_that_embed_python() -> None:
    for extension in (RustExtension("demo"), RustBin("demo")):
        call = cross(musl(), "x86_64-unknown-linux-musl", extension)
        assert any(FLAG in word for word in call.arguments if word.startswith("--config="))


def test_on_musl_a_program_without_python_may_be_static() -> None:
    call = cross(musl(), "x86_64-unknown-linux-musl", RustBin("demo"), package())
    assert not any(FLAG in word for word in call.arguments)


def test_on_musl_a_library_without_python_is_shared_too() -> None:
    call = cross(musl(), "", RustExtension("demo", binding=Binding.NoBinding), package())
    assert any(FLAG in word for word in call.arguments)


def test_on_musl_flags_that_an_extension_asks_for_are_added_to() -> None:
    call = cross(musl(), "", RustExtension("demo", env={"RUSTFLAGS": "-g"}), environ={"PATH": "/usr/bin", "RUSTFLAGS": "-O"})
    assert changes(call)["RUSTFLAGS"] == f"-g {FLAG}"


def test_on_musl_flags_of_the_configuration_are_added_to() -> None:
    files = (Configuration("/project/.cargo/config.toml", toml('[build]\nrustflags = ["-g"]')),)
    call = cross(musl(), "", cargo_files=files)
    assert f'--config=build.rustflags=["{FLAG}"]' in call.arguments


def test_elsewhere_rustflags_are_left_alone() -> None:
    assert not any("rustflags" in word for word in cross(armv7(), ARMV7).arguments)


# -- macOS


def mac(platform: str) -> Interpreter:
    return macos()._replace(platform=platform)


@pytest.mark.parametrize(
    ("platform", "release"), [("macosx-10.12-x86_64", "10.12"), ("macosx-11.0-arm64", "11.0"), ("macosx-10.13-universal2", "10.13")]
)
def test_the_linker_gets_the_deployment_target_of_the_tag(platform: str, release: str) -> None:
    assert changes(cross(mac(platform), "x86_64-apple-darwin"))["MACOSX_DEPLOYMENT_TARGET"] == release
    environ = {"PATH": "/usr/bin", "MACOSX_DEPLOYMENT_TARGET": "10.14"}
    assert "MACOSX_DEPLOYMENT_TARGET" not in changes(cross(mac(platform), "x86_64-apple-darwin", environ=environ))


def test_a_native_build_on_macos_sets_no_deployment_target() -> None:
    assert "MACOSX_DEPLOYMENT_TARGET" not in changes(only_call((RustExtension("demo"), with_pyo3()), interpreter=macos()))


def test_a_universal2_build_is_one_for_each_processor() -> None:
    both = ("aarch64-apple-darwin", "x86_64-apple-darwin")
    call = cross(mac("macosx-10.13-universal2"), both[0], slices=both)
    one, other = each_triple(call)
    assert [word for word in one.arguments if "--target" in word] == ["--target=aarch64-apple-darwin"]
    assert [word for word in other.arguments if "--target" in word] == ["--target=x86_64-apple-darwin"]
    assert one.arguments.index("--target=aarch64-apple-darwin") < one.arguments.index("--")
    assert (one.triple, other.triple, one.slices) == (*both, ())
    assert one.leaves == other.leaves


def test_any_other_build_is_one() -> None:
    call = cross(armv7(), ARMV7)
    assert each_triple(call) == (call,)


def test_a_plan_shows_both_commands_of_a_universal2_build() -> None:
    both = ("aarch64-apple-darwin", "x86_64-apple-darwin")
    python = mac("macosx-10.13-universal2")
    target = Target(both[0], python.platform, 64, slices=both, crossed=True)
    plan = planned((RustExtension("demo"), with_pyo3()), interpreter=python, target=target)
    assert len(plan_text.as_json(plan)["calls"]) == 2
    assert all(f"--target={triple}" in plan_text.as_text(plan) for triple in both)


# -- Windows


def test_a_module_for_windows_needs_no_import_library_since_pyo3_0_29() -> None:
    call = for_windows("0.29")
    assert not any("import-lib" in word for word in call.arguments)
    assert "lib_dir" not in call.config


def for_windows(version: str, *features: str, lib_dir: str = "", lock: Optional[str] = None, **said: Any) -> Call:
    """The call for a module that is built with this PyO3, which links to an import library."""
    build = (RustExtension("demo"), crate(with_pyo3(version, *features), lock=lock))
    python = windows(lib_dir=lib_dir)
    target = Target("x86_64-pc-windows-gnu", python.platform, 64, crossed=True)
    return only_call(build, interpreter=python, **{"target": target, **said})


def test_before_pyo3_makes_the_import_library_where_none_is_at_hand() -> None:
    asked = "--features=pyo3/generate-import-lib"
    assert asked in for_windows("0.28").arguments
    assert asked in for_windows("0.28", lock=locked("pyo3 0.28.3", "python3-dll-a 0.2.14")).arguments
    assert asked in for_windows("0.28", lock=locked("pyo3 0.28.3"), inplace=True).arguments
    given = for_windows("0.28", lib_dir="/libs")
    assert asked not in given.arguments
    assert "lib_dir=/libs" in given.config
    assert asked not in for_windows("0.28", target=Target("", "win-amd64", 64)).arguments


def test_a_lock_that_must_not_change_and_lacks_what_the_feature_needs_is_told() -> None:
    with pytest.raises(DeclarationProblem) as raised:
        for_windows("0.28", lock=locked("pyo3 0.28.3"))
    assert "generate-import-lib" in str(raised.value)
    assert "Cargo.lock" in str(raised.value)


def test_a_crate_that_asks_for_it_itself_is_not_asked_twice() -> None:
    call = for_windows("0.28", "generate-import-lib")
    assert not any(word.startswith("--features") for word in call.arguments)


def test_without_a_pyo3_that_can_the_import_library_is_asked_for() -> None:
    with pytest.raises(DeclarationProblem) as raised:
        for_windows("0.15")
    assert "PyO3 0.15" in str(raised.value)
    assert "PYO3_CROSS_LIB_DIR" in str(raised.value)


# -- the target's tools on PATH


@pytest.fixture
def tools(tmp_path: Path) -> Dict[str, str]:
    """An environment whose PATH has a cross compiler under its usual name."""
    for name in ("arm-linux-gnueabihf-gcc", "arm-linux-gnueabihf-strip", "i686-linux-gnu-gcc"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    return {"PATH": str(tmp_path)}


LINKER = "CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER"


def test_a_cross_compiler_with_the_usual_name_links_for_the_target(tools: Dict[str, str]) -> None:
    assert target_tools.find(ARMV7, tools, ()) == ((LINKER, "arm-linux-gnueabihf-gcc"), ("STRIP", "arm-linux-gnueabihf-strip"))
    assert target_tools.find("i686-unknown-linux-gnu", tools, ()) == (
        ("CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER", "i686-linux-gnu-gcc"),
    )
    assert target_tools.find("aarch64-unknown-linux-gnu", tools, ()) == ()
    assert target_tools.find("aarch64-apple-darwin", tools, ()) == ()


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({LINKER: "ld"}, ""),
        ({"RUSTFLAGS": "-Clinker=ld"}, ""),
        ({}, f'[target.{ARMV7}]\nlinker = "ld"'),
        ({}, '[target.\'cfg(target_arch = "arm")\']\nlinker = "ld"'),
    ],
)
def test_a_linker_that_somebody_names_is_theirs(tools: Dict[str, str], environ: Dict[str, str], text: str) -> None:
    files = [Configuration("/project/.cargo/config.toml", toml(text))]
    assert LINKER not in dict(target_tools.find(ARMV7, {**tools, **environ}, files))


def test_another_targets_linker_is_no_linker_of_this_one(tools: Dict[str, str]) -> None:
    files = [Configuration("/project/.cargo/config.toml", toml('[target.aarch64-unknown-linux-gnu]\nlinker = "ld"'))]
    assert LINKER in dict(target_tools.find(ARMV7, tools, files))


NATIVE = "x86_64-unknown-linux-gnu"


def zigs(*names: str) -> Tuple[zig.Zig, ...]:
    return tuple(zig.make(triples.parse(name), "", "11.0", "--zig", "/cache/zig", batch=False) for name in names)


def test_zig_links_for_another_machine() -> None:
    (arm,) = zigs(ARMV7)
    call = cross(armv7(), ARMV7, zig=(arm,), environ={"CXX_armv7_unknown_linux_gnueabihf": "mine"})
    found = changes(call)
    assert found["CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER"] == found["CC_armv7_unknown_linux_gnueabihf"] == arm.cc.path
    assert "CXX_armv7_unknown_linux_gnueabihf" not in found
    assert not any("rustflags" in word for word in call.arguments)


def test_zig_links_both_halves_for_the_mac() -> None:
    both = ("aarch64-apple-darwin", "x86_64-apple-darwin")
    found = changes(cross(macos(), both[0], slices=both, zig=zigs(*both)))
    assert {"CARGO_TARGET_AARCH64_APPLE_DARWIN_LINKER", "CARGO_TARGET_X86_64_APPLE_DARWIN_LINKER"} <= found.keys()


def native(**said: Any) -> Call:
    python = linux()
    target = Target(NATIVE, python.platform, python.pointer_width, asked=NATIVE)
    return only_call((RustExtension("demo"), with_pyo3()), interpreter=python, target=target, zig=zigs(NATIVE), **said)


def test_zig_links_for_this_machine_by_a_flag_which_build_scripts_do_not_get() -> None:
    (own,) = zigs(NATIVE)
    call = native()
    assert f"--target={NATIVE}" in call.arguments
    assert [word for word in call.arguments if "rustflags" in word] == [
        f"--config=target.'cfg(not(any()))'.rustflags=[\"-Clinker={own.cc.path}\"]"
    ]
    assert not any(name.endswith("_LINKER") for name in changes(call))
    assert changes(native(environ={"RUSTFLAGS": "-g"}))["RUSTFLAGS"] == f"-g -Clinker={own.cc.path}"


def test_a_linker_that_the_user_names_goes_before_zig() -> None:
    call = native(environ={"CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER": "mine"})
    assert not any("rustflags" in word for word in call.arguments)
    assert "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER" not in changes(call)


def test_where_zig_lies_is_no_part_of_what_is_built() -> None:
    here, there = (native(tools=(("SETUPTOOLS_PYO3_CARGO_ZIGBUILD", place),)) for place in ("/env1/zig", "/env2/zig"))
    assert changes(here) != changes(there)
    assert here.leaves == there.leaves
