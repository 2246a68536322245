"""Wheels whose name, tag and files don't say the same."""

from __future__ import annotations

import pytest

from setuptools_pyo3.mind.finding import ERROR, NOTE
from setuptools_pyo3.mind.native_file import NativeFile
from setuptools_pyo3.mind.wheel_truth import findings

from .natives import PUBLISHED, VENDORED, imports, module, wheel

CP311 = "pkg/_core.cpython-311-x86_64-linux-gnu.so"


def rules(*arguments: object, level: str = ERROR, **options: object) -> "list[str]":
    return [finding.rule for finding in findings(wheel(*arguments, **options)) if finding.level == level]  # type: ignore[arg-type]


@pytest.mark.parametrize("platform", PUBLISHED)
def test_published_wheels_tell_the_truth(platform: str) -> None:
    tag = f"cp39-abi3-{platform}"
    files = [PUBLISHED[platform], *([VENDORED] if "musl" in platform else [])]
    assert findings(wheel(tag, *files, written=(tag,))) == ()


@pytest.mark.parametrize("found", PUBLISHED)
@pytest.mark.parametrize("said", [*PUBLISHED, "linux_i686", "manylinux2014_x86_64", "macosx_11_0_arm64"])
def test_fault_46_a_tag_for_another_platform(found: str, said: str) -> None:
    """Each published module under each other's tag; a universal2 file serves one of its processors too."""
    true = found == said or (found, said) == ("macosx_10_12_universal2", "macosx_11_0_arm64")
    files = [PUBLISHED[found], *([VENDORED] if "musl" in found else [])]
    assert bool(rules(f"cp39-abi3-{said}", *files)) == (not true)


def test_fault_46_names_both_processors() -> None:
    (finding,) = findings(wheel("cp311-cp311-linux_aarch64", module("pkg/_core.abi3.so")))
    assert finding.what == "it is built for x86_64, but linux_aarch64 promises aarch64"
    assert "--plat-name" in finding.hint


def test_universal2_wants_both_processors() -> None:
    half = PUBLISHED["macosx_10_12_universal2"]._replace(architectures=("aarch64",))
    assert rules("cp39-abi3-macosx_10_12_universal2", half) == ["architecture"]


def test_several_processors_in_one_wheel() -> None:
    other = module("pkg/_other.abi3.so", architectures=("aarch64",), machine="aarch64")
    found = findings(wheel("cp39-abi3-linux_x86_64", module("pkg/_core.abi3.so"), other))
    assert [(finding.rule, finding.where) for finding in found] == [("architecture", "pkg/_other.abi3.so")]


@pytest.mark.parametrize(
    "data", [NativeFile("pkg/tool-arm", "ELF", ("aarch64",)), NativeFile("pkg/launch.exe", "PE", ("x86_64",)), VENDORED]
)
def test_tools_for_other_systems_are_data(data: NativeFile) -> None:
    """setuptools itself has launchers for Windows in every wheel."""
    assert rules("py3-none-any", data, purelib=True) == []
    assert rules("py3-none-any", data, level=NOTE) == ["platform"]


def test_what_was_built_for_the_wheel_is_no_data() -> None:
    program = NativeFile("demo-1.0.data/scripts/tool", "ELF", ("x86_64",))
    for tag, rule in (("py3-none-any", "platform"), ("py3-none-linux_aarch64", "architecture"), ("py3-none-win_amd64", "format")):
        assert rules(tag, program) == []
        (finding,) = findings(wheel(tag, program)._replace(built=(program.name,)))
        assert (finding.rule, finding.level) == (rule, ERROR)


# -- Python and ABI


@pytest.mark.parametrize(
    ("tag", "file", "wrong"),
    [
        ("cp311-cp311-linux_x86_64", CP311, False),
        ("cp312-cp312-linux_x86_64", CP311, True),
        ("cp39-abi3-linux_x86_64", CP311, True),
        ("py3-none-linux_x86_64", CP311, True),
        ("py3-none-linux_x86_64", "pkg/_core.so", True),
        ("cp311-cp311-linux_x86_64", "pkg/_core.so", False),
        ("cp313-cp313-linux_x86_64", "pkg/_core.cpython-313t-x86_64-linux-gnu.so", True),
        ("cp313-cp313t-linux_x86_64", "pkg/_core.cpython-313-x86_64-linux-gnu.so", True),
        ("cp313-cp313t-linux_x86_64", "pkg/_core.abi3.so", True),
        ("cp315-abi3.abi3t-linux_x86_64", "pkg/_core.abi3t.so", False),
        ("cp315-abi3.abi3t-linux_x86_64", "pkg/_core.abi3.so", True),
        ("pp311-pypy311_pp80-linux_x86_64", "pkg/_core.pypy311-pp80-x86_64-linux-gnu.so", False),
        ("pp310-pypy310_pp73-linux_x86_64", "pkg/_core.pypy311-pp80-x86_64-linux-gnu.so", True),
    ],
)
def test_fault_47_a_tag_that_no_file_keeps(tag: str, file: str, wrong: bool) -> None:
    assert ("python" in rules(tag, module(file))) == wrong


def test_fault_45_modules_of_other_pythons_are_named() -> None:
    other = module("pkg/_core.cpython-312-x86_64-linux-gnu.so")
    (finding,) = findings(wheel("cp311-cp311-linux_x86_64", module(CP311), other))
    assert (finding.where, finding.level) == (other.name, NOTE)
    assert "only cpython-312 imports it" in finding.what
    # Without a file that is imported, there is nothing to be had from it.
    assert rules("cp311-cp311-linux_x86_64", other) == ["python"]


def test_a_wheel_for_two_pythons_has_files_for_both() -> None:
    both = module(CP311), module("pkg/_core.cpython-312-x86_64-linux-gnu.so")
    assert rules("cp311.cp312-cp311.cp312-linux_x86_64", *both) == []
    (finding,) = findings(wheel("cp311-cp311.abi3-linux_x86_64", module(CP311)))
    assert "cp311-abi3" in finding.what


@pytest.mark.parametrize(
    ("platform", "file", "fits"),
    [
        ("linux_x86_64", "_a.cpython-311-x86_64-linux-gnu.so", True),
        ("linux_x86_64", "_a.cpython-311-i386-linux-gnu.so", False),
        ("linux_x86_64", "_a.cpython-311-darwin.so", False),
        ("musllinux_1_2_x86_64", "_a.cpython-311-x86_64-linux-musl.so", True),
        ("linux_armv7l", "_a.cpython-311-arm-linux-gnueabihf.so", True),
        ("linux_armv7l", "_a.cpython-311-aarch64-linux-gnu.so", False),
        ("linux_ppc64le", "_a.cpython-311-powerpc64le-linux-gnu.so", True),
    ],
)
def test_the_platform_in_a_modules_name(platform: str, file: str, fits: bool) -> None:
    machine = module(file, architectures=(), needed=(), imports=())
    assert ("suffix" in rules(f"cp311-cp311-{platform}", machine)) != fits


@pytest.mark.parametrize(("platform", "fits"), [("win_amd64", True), ("win_arm64", False), ("win32", False)])
def test_the_platform_in_a_modules_name_on_windows(platform: str, fits: bool) -> None:
    file = PUBLISHED["win_amd64"]._replace(name="_bcrypt.cp311-win_amd64.pyd", architectures=(), imports=())
    assert rules(f"cp311-cp311-{platform}", file) == ([] if fits else ["suffix"])


def test_a_renamed_module() -> None:
    (finding,) = findings(wheel("cp39-abi3-linux_x86_64", module("pkg/_renamed.abi3.so", init_symbols=("PyInit__core",))))
    assert finding.rule == "init-symbol"
    assert "PyInit__core" in finding.why


def test_a_module_with_the_init_symbol_of_3_15() -> None:
    file = module("pkg/_core.abi3t.so", init_symbols=("PyModExport__core",))
    assert rules("cp315-abi3.abi3t-linux_x86_64", file) == []


def test_plain_libraries_are_no_modules() -> None:
    """A library for ctypes is called ``lib.so`` too, and has no init symbol."""
    assert rules("py3-none-linux_x86_64", module("pkg/lib.so", init_symbols=(), imports=())) == []


@pytest.mark.parametrize("tag", ["py3-none", "cp312-cp312", "cp39-abi3"])
def test_libraries_for_ctypes_that_are_named_like_modules(tag: str) -> None:
    """So setuptools names what an Extension is compiled to, whatever is in it."""
    library = module(CP311, init_symbols=())
    assert rules(f"{tag}-linux_x86_64", library) == []
    assert rules(f"{tag}-linux_x86_64", library, level=NOTE) == ["init-symbol"]
    assert rules(f"{tag}-linux_aarch64", library) == ["architecture"]


def test_what_no_library_could_read_is_what_its_name_says() -> None:
    unread = NativeFile(CP311, "ELF")
    assert findings(wheel("cp311-cp311-linux_x86_64", unread)) == ()
    assert rules("cp312-cp312-linux_x86_64", unread) == ["python"]


# -- what else is promised


def test_a_module_linked_to_libpython() -> None:
    linked = module(CP311, needed=("libc.so.6", "libpython3.11.so.1.0"))
    assert rules("cp311-cp311-linux_x86_64", linked) == ["libpython"]
    # Android's modules must be (https://docs.python.org/3/whatsnew/3.8.html#changes-in-the-c-api).
    android = module("_a.so", needed=("libpython3.13.so",), architectures=("aarch64",))
    assert rules("cp313-cp313-android_21_arm64_v8a", android) == []


def test_a_module_for_one_python_linked_to_anothers_dll() -> None:
    file = PUBLISHED["win_amd64"]._replace(name="_bcrypt.cp312-win_amd64.pyd", imports=imports("PyList_Append@python311.dll"))
    (finding,) = findings(wheel("cp312-cp312-win_amd64", file))
    assert finding.what == "it is linked to python311.dll, but the tag is for python312.dll"
    threaded = file._replace(name="_bcrypt.cp313t-win_amd64.pyd", imports=imports("PyList_Append@python313t.dll"))
    assert rules("cp313-cp313t-win_amd64", threaded) == []


def test_pypys_modules_for_windows_are_linked_to_its_dll() -> None:
    """As pydantic-core 2.50.5's, which CPython of the same version doesn't load."""
    linked = {"needed": ("libpypy3.11-c.dll", "KERNEL32.dll"), "imports": imports("PyPyList_Append@libpypy3.11-c.dll")}
    file = PUBLISHED["win_amd64"]._replace(name="_bcrypt.pypy311-pp73-win_amd64.pyd", **linked)
    assert findings(wheel("pp311-pypy311_pp73-win_amd64", file)) == ()
    (finding,) = findings(wheel("cp311-cp311-win_amd64", file._replace(name="_bcrypt.cp311-win_amd64.pyd")))
    assert finding.what == "it is linked to libpypy3.11-c.dll, but the tag is for python311.dll"


def test_a_dll_that_only_begins_like_pythons() -> None:
    """As pywin32's modules have it."""
    symbols = imports("PyList_Append@python312.dll", "PyCom_BuildPyException@pythoncom312.dll")
    file = PUBLISHED["win_amd64"]._replace(name="_bcrypt.cp312-win_amd64.pyd", imports=symbols)
    assert findings(wheel("cp312-cp312-win_amd64", file)) == ()


def test_mingws_python_has_a_dll_of_another_name() -> None:
    linked = {"needed": ("libpython3.12.dll",), "imports": imports("PyList_Append@libpython3.12.dll")}
    file = PUBLISHED["win_amd64"]._replace(name="_bcrypt.cp312-win_amd64.pyd", **linked)
    assert rules("cp312-cp312-win_amd64", file) == ["python"]
    own = file._replace(name="_bcrypt.cpython-312-x86_64-mingw_ucrt_gnu.pyd")
    assert rules("cp312-cp312-mingw_x86_64_ucrt_gnu", own) == []


@pytest.mark.parametrize(
    ("tag", "minimum", "says"),
    [
        # cryptography 44.0.0's wheel for Intel and Apple processors, as it was published.
        ("macosx_10_9_universal2", (("aarch64", (11, 0)), ("x86_64", (10, 13))), "its x86_64 code needs macOS 10.13"),
        ("macosx_10_12_universal2", (("aarch64", (11, 0)), ("x86_64", (10, 12))), ""),
        ("macosx_11_0_arm64", (("aarch64", (15, 0)),), "its aarch64 code needs macOS 15.0"),
        ("macosx_15_0_arm64", (("aarch64", (11, 0)),), ""),
        # Only the half that the tag promises counts.
        ("macosx_11_0_arm64", (("aarch64", (11, 0)), ("x86_64", (12, 0))), ""),
    ],
)
def test_a_deployment_target_older_than_the_code(tag: str, minimum: "tuple[tuple[str, tuple[int, int]], ...]", says: str) -> None:
    file = PUBLISHED["macosx_10_12_universal2"]._replace(minimum_os=minimum)
    found = findings(wheel(f"cp39-abi3-{tag}", file))
    assert [finding.rule for finding in found] == (["macos-version"] if says else [])
    assert all(says in finding.what for finding in found)


def test_the_minor_release_that_no_tag_can_say() -> None:
    """What MACOSX_DEPLOYMENT_TARGET=13.3 gives, for the sake of C++'s standard library: code for 13.3, and setuptools' tag."""
    file = PUBLISHED["macosx_10_12_universal2"]._replace(minimum_os=(("aarch64", (13, 3)),))
    assert rules("cp39-abi3-macosx_13_0_arm64", file) == []
    assert rules("cp39-abi3-macosx_13_0_arm64", file, level=NOTE) == ["macos-version"]
    assert rules("cp39-abi3-macosx_12_0_arm64", file) == ["macos-version"]
    assert rules("cp39-abi3-macosx_11_0_arm64", file) == ["macos-version"]



def test_libraries_that_other_macs_do_not_have() -> None:
    own = PUBLISHED["macosx_10_12_universal2"]
    file = own._replace(needed=(*own.needed, "/opt/homebrew/lib/libssl.3.dylib", "@rpath/libx.dylib"))
    (finding,) = findings(wheel("cp39-abi3-macosx_10_12_universal2", file))
    assert "/opt/homebrew/lib/libssl.3.dylib" in finding.what
    assert "@rpath" not in finding.what


def test_a_renamed_wheel() -> None:
    tag, written = "cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-linux_x86_64"
    (finding,) = findings(wheel(tag, module(CP311), written=(written,)))
    assert finding.rule == "name"
    assert tag in finding.what
    assert written in finding.what


def test_modules_in_a_pure_wheel() -> None:
    assert "purelib" in rules("cp311-cp311-linux_x86_64", module(CP311), purelib=True)


@pytest.mark.parametrize(("name", "level"), [("a.so", ERROR), ("tests/data/damaged.elf", NOTE)])
def test_a_damaged_file(name: str, level: str) -> None:
    (finding,) = findings(wheel("cp311-cp311-linux_x86_64", NativeFile(name, "ELF", fault="Magic number does not match")))
    assert (finding.rule, finding.level) == ("unreadable", level)
