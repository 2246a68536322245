"""What is built for, decided from what all sources say: the tags and suffixes of real Pythons, and contradictions."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Tuple

import pytest
from packaging import tags

from setuptools_pyo3.errors import Problem
from setuptools_pyo3.mind import abi, build_details, evidence, platform_tags
from setuptools_pyo3.mind.abi import ABI3, ABI3T, NONE, SPECIFIC, Abi
from setuptools_pyo3.mind.description import Description
from setuptools_pyo3.mind.evidence import Evidence
from setuptools_pyo3.mind.interpreter import Interpreter
from setuptools_pyo3.mind.target import TargetFacts
from setuptools_pyo3.mind.target_choice import choose_target
from setuptools_pyo3.mind.target_sources import Said

from .real_pythons import BUILD_DETAILS, PYPY, REAL, Real, variables
from .values import graalpy, linux, macos, pypy, windows

LINUX = linux(libc="gnu")
HOST = Evidence("this machine", "linux", "x86_64", "gnu", 64)
MAC = Evidence("this machine", "macos", "aarch64")
PC = Evidence("this machine", "windows", "x86_64")
ARMV7 = "armv7-unknown-linux-gnueabihf"


def choose(
    named: str = "", *, running: Interpreter = LINUX, live: Optional[Interpreter] = None, host: Evidence = HOST, **said: Any
) -> TargetFacts:
    """What is chosen; ``files`` are descriptions, or sysconfigdata's variables."""
    files = [
        one if isinstance(one, Description) else Description("/sysroot/_sysconfigdata_.py", one) for one in said.pop("files", ())
    ]
    values: Dict[str, Any] = {
        "environ": {},
        "named": (named, "CARGO_BUILD_TARGET") if named else None,
        "live_is_asked": live is not None,
        "files": tuple(files),
        **said,
    }
    return choose_target(Said(live=live or running, running=running, host=host, **values)).facts


def failure(*arguments: Any, **said: Any) -> str:
    with pytest.raises(Problem) as raised:
        choose(*arguments, **said)
    return str(raised.value)


def described(python: Real) -> List[Dict[str, Any]]:
    return [python.variables] if python.variables is not None else []


# -- real Pythons


@pytest.mark.parametrize("name", [name for name, python in REAL.items() if python.variables is not None])
def test_a_real_pythons_own_file_gives_its_tag_and_suffix(name: str) -> None:
    python = REAL[name]
    facts = choose(python.triple, files=described(python))
    assert facts.interpreter.ext_suffix == python.suffix
    assert "-".join(abi.tag(Abi(SPECIFIC), facts.interpreter)) == python.tag
    assert (facts.target.platform, platform_tags.tag(facts.target.platform)) == (python.platform, python.platform_tag)
    assert facts.interpreter.pointer_width == facts.target.pointer_width == python.width
    assert facts.interpreter.free_threaded is python.free_threaded
    assert facts.target.triple == python.triple
    assert facts.target.crossed or name == "Debian amd64"


@pytest.mark.parametrize("name", [name for name in REAL if name != "FreeBSD"])
def test_a_version_alone_gives_a_real_pythons_tag_and_suffix(name: str) -> None:
    python = REAL[name]
    version = f"{python.version[0]}.{python.version[1]}{'t' if python.free_threaded else ''}"
    release = (python.variables or {}).get("MACOSX_DEPLOYMENT_TARGET") or ""
    level = str((python.variables or {}).get("ANDROID_API_LEVEL") or "")
    environ = {"PYO3_CROSS_PYTHON_VERSION": version, "MACOSX_DEPLOYMENT_TARGET": release, "ANDROID_API_LEVEL": level}
    facts = choose(python.triple, environ=environ, running=linux((3, 12), libc="gnu"))
    assert facts.interpreter.ext_suffix == python.suffix
    assert "-".join(abi.tag(Abi(SPECIFIC), facts.interpreter)) == python.tag
    assert platform_tags.tag(facts.target.platform) == python.platform_tag
    assert facts.interpreter.executable == ""


def platforms_that_installers_know(name: str, python: Real) -> List[str]:
    machine = python.platform.rpartition("-")[2]
    if python.platform.startswith("macosx"):
        return list(tags.mac_platforms((15, 0), machine))
    if python.platform.startswith("ios"):
        return list(tags.ios_platforms((18, 0), python.platform.split("-", 2)[2]))
    if python.platform.startswith("android"):
        return list(tags.android_platforms(35, machine))
    return [python.platform.lower().replace("-", "_").replace(".", "_")]


@pytest.mark.parametrize("name", REAL)
def test_installers_on_that_platform_take_the_wheel(name: str) -> None:
    python = REAL[name]
    facts = choose(python.triple, files=described(python), environ=environ_of(python))
    interpreter, kind = abi.tag(Abi(SPECIFIC), facts.interpreter)
    platforms = platforms_that_installers_know(name, python)
    known = tags.cpython_tags(python.version, [kind], platforms)
    assert tags.Tag(interpreter, kind, platform_tags.tag(facts.target.platform)) in set(known)


def environ_of(python: Real) -> Dict[str, str]:
    thread = "t" if python.free_threaded else ""
    return {} if python.variables else {"PYO3_CROSS_PYTHON_VERSION": f"{python.version[0]}.{python.version[1]}{thread}"}


@pytest.mark.parametrize(
    ("triple", "kind", "tag", "suffix"),
    [
        (ARMV7, Abi(ABI3, (3, 9)), "cp39-abi3", ".abi3.so"),
        ("x86_64-pc-windows-msvc", Abi(ABI3, (3, 9)), "cp39-abi3", ".pyd"),
        ("aarch64-apple-darwin", Abi(ABI3, (3, 9)), "cp39-abi3", ".abi3.so"),
        ("aarch64-linux-android", Abi(ABI3, (3, 13)), "cp313-abi3", ".abi3.so"),
        ("x86_64-pc-cygwin", Abi(ABI3, (3, 9)), "cp39-abi3", ".dll"),
        (ARMV7, Abi(ABI3T, (3, 15)), "cp315-abi3.abi3t", ".abi3t.so"),
        (ARMV7, Abi(NONE), "py3-none", ".so"),
        ("x86_64-pc-windows-msvc", Abi(NONE), "py3-none", ".pyd"),
    ],
)
def test_the_stable_abis_of_a_target(triple: str, kind: Abi, tag: str, suffix: str) -> None:
    facts = choose(
        triple,
        environ={"PYO3_CROSS_PYTHON_VERSION": "3.15", "_PYTHON_HOST_PLATFORM": "cygwin-3.5.4-x86_64"} if "cyg" in triple else {},
    )
    assert "-".join(abi.tag(kind, facts.interpreter)) == tag
    assert abi.suffix(kind, facts.interpreter) == suffix


# -- the armv7 example


def test_report_armv7_from_a_sysroot_is_tagged_by_the_triple_not_by_what_the_compiler_was_made_for() -> None:
    facts = choose(ARMV7, files=[REAL["Debian armhf"].variables])
    assert facts.target.platform == "linux-armv7l"
    assert facts.interpreter.ext_suffix == ".cpython-311-arm-linux-gnueabihf.so"
    assert (facts.target.asked, facts.target.crossed, facts.build_python) == ("", True, LINUX.executable)
    (notice,) = facts.notices
    assert f"building for {ARMV7} (named by CARGO_BUILD_TARGET) and CPython 3.11 (linux-armv7l)" in notice
    assert "/sysroot/_sysconfigdata_.py" in notice


def test_a_target_of_the_command_line_is_handed_to_cargo_and_one_of_cargos_own_is_not() -> None:
    assert choose(ARMV7, named_is_asked=True).target.asked == ARMV7
    assert choose(ARMV7, named_is_asked=False).target.asked == ""
    # A target specification is known by its name, and cargo has to be told where it is.
    facts = choose("targets/armv7-my-linux-gnueabihf.json", named_is_asked=True)
    assert (facts.target.triple, facts.target.asked) == ("armv7-my-linux-gnueabihf", "targets/armv7-my-linux-gnueabihf.json")


def test_with_no_python_of_the_target_the_version_is_the_running_ones_and_the_log_says_so() -> None:
    facts = choose("aarch64-unknown-linux-gnu")
    assert facts.interpreter.ext_suffix == ".cpython-311-aarch64-linux-gnu.so"
    assert "no target's Python was found" in facts.notices[0]
    assert "3.11" in facts.notices[0]


def test_a_build_details_file_is_as_good() -> None:
    details = build_details.parse(json.dumps(BUILD_DETAILS), "build-details.json")
    facts = choose("x86_64-unknown-linux-gnu", files=[Description("/sysroot/build-details.json", {}, details)])
    assert facts.interpreter.ext_suffix == ".cpython-315-x86_64-linux-gnu.so"
    assert facts.interpreter.version == (3, 15)
    assert abi.suffix(Abi(ABI3T, (3, 15)), facts.interpreter) in facts.interpreter.extension_suffixes


def test_a_sysconfigdata_goes_before_a_build_details_file_of_the_same_python() -> None:
    details = build_details.parse(json.dumps(BUILD_DETAILS), "build-details.json")
    own = variables(".cpython-315-x86_64-linux-gnu.so", version="3.15", MULTIARCH="x86_64-linux-gnu", LDVERSION="3.15")
    facts = choose("x86_64-unknown-linux-gnu", files=[Description("/sysroot/build-details.json", {}, details), own])
    assert "_sysconfigdata_" in facts.notices[0]


def test_pypys_file_gives_its_number() -> None:
    facts = choose("x86_64-unknown-linux-gnu", files=[PYPY])
    assert facts.interpreter.implementation == "pypy"
    assert "-".join(abi.tag(Abi(SPECIFIC), facts.interpreter)) == "pp311-pypy311_pp80"
    assert facts.interpreter.ext_suffix == ".pypy311-pp80-x86_64-linux-gnu.so"


@pytest.mark.parametrize(
    ("running", "triple", "suffix"),
    [
        (pypy(), "aarch64-unknown-linux-gnu", ".pypy311-pp80-aarch64-linux-gnu.so"),
        (pypy(), "aarch64-apple-darwin", ".pypy311-pp80-darwin.so"),
        (pypy(), "x86_64-pc-windows-msvc", ".pypy311-pp80-win_amd64.pyd"),
        (graalpy(), "aarch64-unknown-linux-gnu", ".graalpy250-312-native-aarch64-linux.so"),
        (graalpy(), "aarch64-apple-darwin", ".graalpy250-312-native-aarch64-darwin.so"),
    ],
)
def test_pypy_and_graalpy_name_modules_by_a_number_that_the_running_one_tells(
    running: Interpreter, triple: str, suffix: str
) -> None:
    assert choose(triple, running=running).interpreter.ext_suffix == suffix


def test_the_number_of_another_release_of_pypy_is_not_guessed() -> None:
    said = failure("aarch64-unknown-linux-gnu", environ={"PYO3_CROSS_PYTHON_IMPLEMENTATION": "PyPy"})
    assert "pypy 3.11" in said
    assert "PYO3_CROSS_LIB_DIR" in said


# -- native builds


def test_a_native_triple_changes_nothing_for_the_running_python() -> None:
    facts = choose("x86_64-unknown-linux-gnu")
    assert facts.interpreter == LINUX
    assert (facts.target.crossed, facts.target.asked, facts.notices) == (False, "", ())


def test_cargos_name_for_this_machine_is_no_cross_build() -> None:
    assert choose("host-tuple").target.triple == ""


def test_a_live_python_of_the_target_is_asked_before_its_files() -> None:
    own = variables(".cpython-311-x86_64-linux-gnu.so", MULTIARCH="x86_64-linux-gnu")
    assert choose("x86_64-unknown-linux-gnu", files=[own]).interpreter.executable == LINUX.executable


def test_musl_is_another_target_than_glibc_though_the_platform_is_the_same() -> None:
    facts = choose("x86_64-unknown-linux-musl")
    assert facts.target.crossed
    assert facts.interpreter.ext_suffix == ".cpython-311-x86_64-linux-musl.so"
    assert facts.interpreter.libc == "musl"
    assert facts.target.platform == "linux-x86_64"


def test_a_32_bit_python_on_a_64_bit_kernel_fits_its_own_triple() -> None:
    suffix = ".cpython-311-i386-linux-gnu.so"
    narrow = linux(pointer_width=32, libc="gnu", suffixes=[suffix], config={"EXT_SUFFIX": suffix, "SOABI": suffix[1:-3]})
    facts = choose("i686-unknown-linux-gnu", running=narrow, host=HOST._replace(architecture="x86", pointer_width=32))
    assert facts.interpreter.executable == narrow.executable
    assert facts.target.platform == "linux-i686"


# -- another Python by PYO3_PYTHON


def test_another_python_of_this_machine_needs_no_target() -> None:
    other = linux((3, 13), libc="gnu")
    facts = choose(live=other)
    assert (facts.interpreter, facts.target.triple, facts.build_python) == (other, "", other.executable)


def test_another_python_with_another_c_library_names_the_target() -> None:
    suffix = ".cpython-313-x86_64-linux-musl.so"
    other = linux((3, 13), libc="musl", suffixes=[suffix], config={"EXT_SUFFIX": suffix, "SOABI": suffix[1:-3]})
    facts = choose(live=other)
    assert facts.target.triple == facts.target.asked == "x86_64-unknown-linux-musl"
    assert facts.interpreter.ext_suffix == suffix


def test_the_python_of_the_build_named_beside_a_target_is_for_build_scripts_only() -> None:
    facts = choose(ARMV7, live=linux((3, 12), libc="gnu"), files=[REAL["Debian armhf"].variables])
    assert facts.interpreter.version == (3, 11)
    assert facts.interpreter.executable == ""


def test_a_python_of_the_target_that_its_files_contradict_is_an_error() -> None:
    own = variables(".cpython-312-x86_64-linux-gnu.so", version="3.12", MULTIARCH="x86_64-linux-gnu")
    said = failure("x86_64-unknown-linux-gnu", live=linux((3, 11), libc="gnu"), files=[own])
    assert "PYO3_PYTHON says 3.11" in said
    assert "_sysconfigdata_.py says 3.12" in said


# -- contradictions


@pytest.mark.parametrize(
    ("said", "values"),
    [
        (
            {"environ": {"PYO3_CROSS_PYTHON_VERSION": "3.12"}},
            ("PYO3_CROSS_PYTHON_VERSION says 3.12", "_sysconfigdata_.py says 3.11"),
        ),
        ({"environ": {"PYO3_CROSS_PYTHON_VERSION": "3.11t"}}, ("PYO3_CROSS_PYTHON_VERSION says yes", "_sysconfigdata_.py says no")),
        ({"environ": {"PYO3_CROSS_PYTHON_IMPLEMENTATION": "PyPy"}}, ("says pypy", "_sysconfigdata_.py says cpython")),
        (
            {"environ": {"_PYTHON_HOST_PLATFORM": "linux-x86_64"}},
            ("CARGO_BUILD_TARGET says arm", "_PYTHON_HOST_PLATFORM says x86_64"),
        ),
        (
            {"platforms": (("manylinux_2_28_aarch64", "bdist_wheel --plat-name"),)},
            ("says arm", "bdist_wheel --plat-name says aarch64"),
        ),
        ({"platforms": (("win_amd64", "bdist_wheel --plat-name"),)}, ("says linux", "bdist_wheel --plat-name says windows")),
        ({"files": [REAL["Debian arm64"].variables]}, ("CARGO_BUILD_TARGET says arm", "_sysconfigdata_.py says aarch64")),
    ],
)
def test_contradictions_show_both_values_and_where_they_come_from(said: Mapping[str, Any], values: Tuple[str, str]) -> None:
    message = failure(ARMV7, **{"files": [REAL["Debian armhf"].variables], **said})
    assert all(value in message for value in values), message


def test_a_python_of_32_bits_contradicts_a_triple_of_64() -> None:
    narrow = variables(".cpython-311.so", width=32, MULTIARCH="")
    assert "32" in failure("x86_64-unknown-freebsd", files=[narrow])


def test_fault_46_code_for_armv7_is_not_for_armv6() -> None:
    older, newer = (((f"linux_{name}", "bdist_wheel --plat-name"),) for name in ("armv6l", "armv7l"))
    message = failure(ARMV7, platforms=older)
    assert "bdist_wheel --plat-name says linux_armv6l" in message
    assert ARMV7 in message
    # An ARMv7 runs what is built for an ARMv6.
    assert choose("arm-unknown-linux-gnueabihf", platforms=newer).target.platform == "linux-armv7l"


def test_fault_46_a_platform_name_that_the_build_is_not_for_is_refused_before_the_build() -> None:
    message = failure(platforms=(("linux_armv7l", "bdist_wheel --plat-name"),))
    assert "this machine says x86_64" in message
    assert "--plat-name says arm" in message


def test_a_python_for_another_machine_without_a_target_fails_and_names_the_target() -> None:
    message = failure(files=[REAL["Debian armhf"].variables])
    assert f"CARGO_BUILD_TARGET={ARMV7}" in message
    assert "arm-linux-gnueabihf" in message


def test_several_pythons_in_one_folder_are_listed() -> None:
    found = [variables(f".cpython-3{n}-arm-linux-gnueabihf.so", width=32, version=f"3.{n}") for n in (11, 13)]
    files = [Description(f"/sysroot/python3.{n}/_sysconfigdata_.py", one) for n, one in zip((11, 13), found)]
    message = failure(ARMV7, files=files)
    assert "cpython 3.11 (/sysroot/python3.11/" in message
    assert "cpython 3.13 (/sysroot/python3.13/" in message
    assert "PYO3_CROSS_PYTHON_VERSION" in message
    chosen = choose(ARMV7, files=files, environ={"PYO3_CROSS_PYTHON_VERSION": "3.13"})
    assert chosen.interpreter.ext_suffix == ".cpython-313-arm-linux-gnueabihf.so"


def test_of_several_files_the_one_for_the_target_is_read() -> None:
    files = [Description("/usr/lib/python3.11/amd64.py", REAL["Debian amd64"].variables or {})]
    files.append(Description("/usr/lib/python3.11/armhf.py", REAL["Debian armhf"].variables or {}))
    assert "armhf.py" in choose(ARMV7, files=files).notices[0]


def test_a_file_that_is_named_is_read() -> None:
    files = [Description(f"/sysroot/{name}.py", REAL["Debian armhf"].variables or {}) for name in ("one", "other")]
    files.append(Description("/sysroot/third.py", {**(REAL["Debian armhf"].variables or {}), "VERSION": "3.12"}))
    chosen = choose(ARMV7, files=files, environ={"_PYTHON_SYSCONFIGDATA_NAME": "other"})
    assert "/sysroot/other.py" in chosen.notices[0]


def test_a_folder_without_a_python_is_no_source() -> None:
    message = failure(ARMV7, lib_dir="/sysroot/usr/lib")
    assert "PYO3_CROSS_LIB_DIR=/sysroot/usr/lib" in message
    assert choose(ARMV7, lib_dir="/sysroot/usr/lib", environ={"PYO3_CROSS_PYTHON_VERSION": "3.13"}).interpreter.version == (3, 13)
    # Windows has no such files; the folder is for the import library.
    assert choose("x86_64-pc-windows-msvc", lib_dir="/libs").interpreter.ext_suffix == ".cp311-win_amd64.pyd"


@pytest.mark.parametrize("text", ["3", "three", "3.x", "3.13tt"])
def test_a_version_that_is_none_is_refused(text: str) -> None:
    assert text in failure(ARMV7, environ={"PYO3_CROSS_PYTHON_VERSION": text})


def test_an_unknown_implementation_is_refused() -> None:
    assert "'Jython'" in failure(ARMV7, environ={"PYO3_CROSS_PYTHON_IMPLEMENTATION": "Jython"})


def test_a_system_whose_release_nothing_tells_is_refused_and_the_way_out_is_named() -> None:
    message = failure("x86_64-unknown-freebsd")
    assert "_PYTHON_HOST_PLATFORM" in message
    facts = choose("x86_64-unknown-freebsd", environ={"_PYTHON_HOST_PLATFORM": "freebsd-14.1-RELEASE-p5-amd64"})
    assert platform_tags.tag(facts.target.platform) == "freebsd_14_1_release_p5_amd64"
    facts = choose("x86_64-unknown-freebsd", platforms=(("freebsd_14_1_release_amd64", "bdist_wheel --plat-name"),))
    assert facts.target.platform == "freebsd_14_1_release_amd64"


# -- crossenv, conda-build and cibuildwheel


def patched(python: Real, **changes: Any) -> Interpreter:
    """A Python that says of itself what another one would, as crossenv has it."""
    own = python.variables or {}
    suffixes = [python.suffix, ".abi3.so", ".so"]
    given = {"platform": python.platform, "suffixes": suffixes, "pointer_width": python.width, **changes}
    return linux(python.version, config=own, **given)


def test_crossenv_names_no_triple_and_one_is_found_for_cargo() -> None:
    # crossenv takes the platform from HOST_GNU_TYPE, which nobody's wheel is tagged by.
    running = patched(REAL["Debian armhf"], platform="linux-armv8l")
    facts = choose(running=running, patched=True, host=Evidence("this machine"))
    assert facts.target.triple == facts.target.asked == ARMV7
    assert facts.target.platform == "linux-armv7l"
    assert facts.interpreter.executable == running.executable


def test_cibuildwheel_for_android_names_the_triple_and_the_api_level_is_the_patched_pythons() -> None:
    running = patched(REAL["Android"], platform="android-24-arm64_v8a")
    facts = choose(
        "aarch64-linux-android", running=running, patched=True, host=Evidence("this machine"), files=[REAL["Android"].variables]
    )
    assert platform_tags.tag(facts.target.platform) == "android_24_arm64_v8a"
    assert facts.interpreter.ext_suffix == ".cpython-313-aarch64-linux-android.so"
    assert not facts.target.asked


@pytest.mark.parametrize("name", ["iOS", "iOS' simulator"])
def test_cibuildwheel_for_ios_patches_the_python_and_names_no_triple(name: str) -> None:
    facts = choose(running=patched(REAL[name]), patched=True, host=Evidence("this machine"))
    assert facts.target.triple == facts.target.asked == REAL[name].triple
    assert platform_tags.tag(facts.target.platform) == REAL[name].platform_tag


def test_pyodide_build_names_platform_and_triple_and_the_files_are_the_emscriptens() -> None:
    own = variables(".cpython-313-wasm32-emscripten.so", width=32, version="3.13", MULTIARCH="wasm32-emscripten")
    environ = {"_PYTHON_HOST_PLATFORM": "emscripten_4_0_9_wasm32", "PYO3_CROSS_PYTHON_VERSION": "3.13"}
    facts = choose("wasm32-unknown-emscripten", running=linux((3, 13), libc="gnu"), environ=environ, files=[own])
    assert facts.interpreter.ext_suffix == ".cpython-313-wasm32-emscripten.so"
    assert platform_tags.tag(facts.target.platform) == "emscripten_4_0_9_wasm32"
    assert facts.interpreter.pointer_width == 32


def test_a_host_platform_alone_names_the_target_too() -> None:
    facts = choose(environ={"_PYTHON_HOST_PLATFORM": "linux-aarch64"}, running=linux(libc="gnu", platform="linux-aarch64"))
    assert facts.target.triple == facts.target.asked == "aarch64-unknown-linux-gnu"
    assert facts.interpreter.ext_suffix == ".cpython-311-aarch64-linux-gnu.so"


def test_a_host_platform_of_this_machine_is_no_cross_build() -> None:
    facts = choose(environ={"_PYTHON_HOST_PLATFORM": "linux-x86_64"})
    assert (facts.target.triple, facts.target.crossed) == ("", False)


def test_a_description_of_this_machines_own_python_is_no_cross_build() -> None:
    own = variables(".cpython-311-x86_64-linux-gnu.so", MULTIARCH="x86_64-linux-gnu")
    facts = choose(environ={"_PYTHON_SYSCONFIGDATA_NAME": "_sysconfigdata_"}, files=[own], patched=True)
    assert (facts.target.triple, facts.target.asked, facts.target.crossed) == ("", "", False)


# -- macOS


@pytest.mark.parametrize(
    ("flags", "platform", "triple", "slices"),
    [
        ("-arch arm64", "macosx-11.0-arm64", "", ()),
        ("-arch x86_64", "macosx-10.12-x86_64", "x86_64-apple-darwin", ()),
        ("-arch x86_64 -arch arm64", "macosx-10.12-universal2", None, ("aarch64-apple-darwin", "x86_64-apple-darwin")),
        ("-arch arm64 -arch x86_64 -arch arm64", "macosx-10.12-universal2", None, ("aarch64-apple-darwin", "x86_64-apple-darwin")),
    ],
)
def test_archflags_name_the_processors(flags: str, platform: str, triple: Optional[str], slices: Tuple[str, ...]) -> None:
    environ = {"ARCHFLAGS": flags, "MACOSX_DEPLOYMENT_TARGET": "10.12"}
    facts = choose(running=macos(), host=MAC, environ=environ)
    assert facts.target.platform == platform
    assert facts.target.slices == slices
    if triple is not None:
        assert facts.target.triple == facts.target.asked == triple
    assert facts.interpreter.ext_suffix == ".cpython-311-darwin.so"
    assert facts.interpreter.executable == macos().executable


def test_archflags_with_a_processor_that_nobody_builds_for_are_refused() -> None:
    message = failure(running=macos(), host=MAC, environ={"ARCHFLAGS": "-arch i386 -arch x86_64"})
    assert "ARCHFLAGS" in message
    assert "'i386-apple-darwin'" in message
    assert "ARCHFLAGS says x86" in failure(running=macos(), host=MAC, environ={"ARCHFLAGS": "-arch i386"})


def test_both_processors_can_be_named_on_any_system() -> None:
    said = (("macosx_11_0_universal2", "bdist_wheel --plat-name"),)
    facts = choose("universal2-apple-darwin", environ={"PYO3_CROSS_PYTHON_VERSION": "3.13"}, named_is_asked=True, platforms=said)
    assert facts.target.slices == ("aarch64-apple-darwin", "x86_64-apple-darwin")
    assert facts.target.asked == ""
    assert platform_tags.tag(facts.target.platform) == "macosx_11_0_universal2"
    assert facts.interpreter.ext_suffix == ".cpython-313-darwin.so"


def test_archflags_mean_nothing_elsewhere() -> None:
    assert not choose(environ={"ARCHFLAGS": "-arch arm64"}).target.crossed


def test_archflags_that_contradict_the_triple_are_an_error() -> None:
    message = failure("aarch64-apple-darwin", running=macos(), host=MAC, environ={"ARCHFLAGS": "-arch x86_64"})
    assert "CARGO_BUILD_TARGET says aarch64" in message
    assert "ARCHFLAGS says x86_64" in message


@pytest.mark.parametrize(
    ("triple", "said", "tag"),
    [
        ("aarch64-apple-darwin", "", "macosx_11_0_arm64"),
        ("aarch64-apple-darwin", "10.9", "macosx_11_0_arm64"),
        ("aarch64-apple-darwin", "12.3", "macosx_12_0_arm64"),
        ("x86_64-apple-darwin", "", "macosx_10_12_x86_64"),
        ("x86_64-apple-darwin", "10.9", "macosx_10_12_x86_64"),
        ("x86_64-apple-darwin", "10.15", "macosx_10_15_x86_64"),
        ("x86_64-apple-darwin", "11", "macosx_11_0_x86_64"),
    ],
)
def test_the_deployment_target_is_in_the_tag_and_never_below_what_rustc_builds_for(triple: str, said: str, tag: str) -> None:
    facts = choose(triple, environ={"MACOSX_DEPLOYMENT_TARGET": said})
    assert platform_tags.tag(facts.target.platform) == tag


def test_under_rosetta_cargo_is_told_the_pythons_own_processor() -> None:
    translated = macos()._replace(platform="macosx-10.13-x86_64")
    facts = choose(running=translated, host=MAC)
    assert facts.target.triple == facts.target.asked == "x86_64-apple-darwin"
    assert facts.target.platform == "macosx-10.13-x86_64"
    assert facts.interpreter == translated


def test_a_universal2_python_is_built_for_with_no_target_of_ours() -> None:
    universal = macos()._replace(platform="macosx-10.13-universal2")
    facts = choose(running=universal, host=MAC)
    assert (facts.target.triple, facts.target.crossed) == ("", False)


# -- Windows


@pytest.mark.parametrize(
    ("arch", "suffix", "triple"),
    [
        ("x64", ".cp311-win_amd64.pyd", ""),
        ("x86", ".cp311-win32.pyd", "i686-pc-windows-msvc"),
        ("arm64", ".cp311-win_arm64.pyd", "aarch64-pc-windows-msvc"),
    ],
)
def test_visual_studios_environment_names_the_target(arch: str, suffix: str, triple: str) -> None:
    facts = choose(running=windows(), host=PC, environ={"VSCMD_ARG_TGT_ARCH": arch})
    assert facts.interpreter.ext_suffix == suffix
    assert facts.target.triple == facts.target.asked == triple


def test_cibuildwheel_for_windows_on_arm_names_all_of_it() -> None:
    environ = {"VSCMD_ARG_TGT_ARCH": "arm64", "CARGO_BUILD_TARGET": "aarch64-pc-windows-msvc"}
    said = (("win-arm64", "bdist_wheel --plat-name"),)
    facts = choose("aarch64-pc-windows-msvc", running=windows((3, 12)), host=PC, environ=environ, platforms=said)
    assert facts.interpreter.ext_suffix == ".cp312-win_arm64.pyd"
    assert platform_tags.tag(facts.target.platform) == "win_arm64"


@pytest.mark.parametrize(
    ("toolchain", "triple"), [("", "i686-pc-windows-msvc"), ("stable-x86_64-pc-windows-gnu", "i686-pc-windows-gnu")]
)
def test_a_32_bit_python_on_64_bit_windows_names_the_target_of_the_toolchain(toolchain: str, triple: str) -> None:
    suffix = ".cp311-win32.pyd"
    narrow = windows(platform="win32", pointer_width=32, suffixes=[suffix, ".pyd"], config={"EXT_SUFFIX": suffix})
    facts = choose(running=narrow, host=PC, environ={"RUSTUP_TOOLCHAIN": toolchain})
    assert facts.target.triple == facts.target.asked == triple
    assert facts.interpreter.ext_suffix == suffix


@pytest.mark.parametrize(
    ("python", "suffix", "fits"),
    [
        (windows(), ".cp311-win_amd64.pyd", True),
        (windows(), ".pyd", True),
        (windows(), ".cp312-win_amd64.pyd", False),
        (windows(), ".cp311-win_arm64.pyd", False),
        (LINUX, ".cpython-311-x86_64-linux-musl.so", True),
        (LINUX, ".cpython-311-aarch64-linux-gnu.so", False),
        (LINUX, ".abi3.so", True),
        (LINUX, ".of-the-projects-own", True),
        (linux((3, 14), threaded=True), ".cpython-314-x86_64-linux-gnu.so", False),
        (pypy(), LINUX.ext_suffix, False),
    ],
)
def test_a_suffix_that_somebody_names_is_that_of_the_python(python: Interpreter, suffix: str, fits: bool) -> None:
    if fits:
        evidence.check_suffix(suffix, "SETUPTOOLS_EXT_SUFFIX", python)
        return
    with pytest.raises(Problem, match="another Python") as caught:
        evidence.check_suffix(suffix, "SETUPTOOLS_EXT_SUFFIX", python)
    assert python.ext_suffix in str(caught.value)
