"""Judging what was built: is it what was declared, and for which Pythons?"""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

import pytest

from setuptools_pyo3.errors import ArtifactProblem
from setuptools_pyo3.mind.abi import ABI3, ABI3T, NONE, SPECIFIC, Abi
from setuptools_pyo3.mind.artifact import Binary, judge
from setuptools_pyo3.mind.interpreter import Interpreter
from setuptools_pyo3.mind.plan import EXECUTABLES, LIBRARY, Item
from setuptools_pyo3.mind.target import Target

from .values import linux, macos, pypy, windows

ON_39 = Abi(ABI3, (3, 9))


def verdict(
    symbols: Sequence[str] = ("PyInit_core",),
    *,
    place: str = "pkg.core",
    kind: str = LIBRARY,
    abi: Optional[Abi] = None,
    reported: Optional[Abi] = None,
    cfgs: Sequence[str] = (),
    binds: bool = True,
    needed: Sequence[str] = ("libc.so.6",),
    architectures: Sequence[str] = ("x86_64",),
    python: Optional[Interpreter] = None,
    platform: str = "",
) -> Abi:
    """What a file is found to be, with these symbols and the rest as it mostly is."""
    interpreter = python or linux()
    target = Target("", platform or interpreter.platform, interpreter.pointer_width)
    item = Item(f"module:{place}", place, kind, "/project/Cargo.toml", "demo", (("demo", place),), abi or Abi(SPECIFIC), False)
    binary = Binary(tuple(architectures), tuple(symbols), tuple(needed))
    return judge(binary, item, place, target, interpreter, binds=binds, cfgs=cfgs or cfgs_for(reported, interpreter))


def cfgs_for(reported: Optional[Abi], python: Interpreter) -> Sequence[str]:
    """What PyO3's build script reports for an ABI; nothing for None, where it didn't run."""
    if reported is None:
        return ()
    flags = {SPECIFIC: (), ABI3: ("Py_LIMITED_API",), ABI3T: ("Py_LIMITED_API", "Py_GIL_DISABLED")}[reported.kind]
    major, minor = reported.minimum or python.version
    return (f"Py_{major}_{minor}", *flags)


def refused(symbols: Sequence[str] = ("PyInit_core",), **values: object) -> str:
    """What the user is told about a file that can't do what it was declared for."""
    with pytest.raises(ArtifactProblem) as caught:
        verdict(symbols, **values)  # type: ignore[arg-type]  # the keywords of verdict
    return str(caught.value)


@pytest.mark.parametrize("symbols", [["PyInit_core"], ["PyModExport_core"], ["PyInit_core", "PyInit_other", "PyModExport_core"]])
def test_a_module_has_an_init_symbol_of_its_name(symbols: Sequence[str]) -> None:
    assert verdict(symbols) == Abi(SPECIFIC)


def test_fault_14_the_last_part_of_the_name_counts_not_the_librarys() -> None:
    assert verdict(["PyInit__native"], place="a.b._native") == Abi(SPECIFIC)


def test_fault_15_a_wrong_init_symbol_is_shown_with_the_name_it_would_fit() -> None:
    told = refused(["PyInit_other", "PyModExport_other"])
    assert told.startswith("pkg.core: the library has no init symbol PyInit_core")
    assert "PyInit_other, PyModExport_other" in told
    assert "name the target 'pkg.other'" in told
    assert "call the #[pymodule] 'core'" in told


def test_fault_15_a_module_at_the_top_level_is_advised_without_a_package() -> None:
    assert "name the target 'other'" in refused(["PyInit_other"], place="core")


def test_fault_15_no_init_symbol_at_all() -> None:
    told = refused([])
    assert "it has no init symbol at all" in told
    assert "NoBinding" in told


@pytest.mark.parametrize(("abi", "outcome"), [(Abi(NONE), Abi(NONE)), (ON_39, ON_39)])
def test_fault_15_a_library_without_bindings_needs_no_init_symbol(abi: Abi, outcome: Abi) -> None:
    assert verdict([], binds=False, abi=abi) == outcome


def test_a_library_without_bindings_may_be_a_module_all_the_same() -> None:
    assert verdict(["PyInit_core"], binds=False, abi=Abi(NONE)) == Abi(SPECIFIC)
    assert verdict(["PyInit_core"], binds=False, abi=ON_39) == ON_39
    assert "PyInit_core" in refused(["PyInit_other"], binds=False)


def test_a_library_without_bindings_that_calls_python_is_for_one_python() -> None:
    # Written with pyo3-ffi and loaded by ctypes.PyDLL: it has no init symbol, but it does depend on the version.
    assert verdict([], binds=False, abi=Abi(SPECIFIC), reported=Abi(SPECIFIC)) == Abi(SPECIFIC)


@pytest.mark.parametrize(
    "name",
    [
        "libpython3.11.so.1.0",
        "libpypy3.11-c.so",
        "@rpath/libpython3.11.dylib",
        "/Library/Frameworks/Python.framework/Versions/3.11/Python",
    ],
)
def test_a_module_is_never_linked_to_libpython(name: str) -> None:
    told = refused(needed=["libc.so.6", name])
    assert "the module is linked to " in told
    assert name.rpartition("/")[2].lower() in told
    assert "PYO3_BUILD_EXTENSION_MODULE" in told


def test_a_library_without_bindings_is_not_linked_to_libpython_either() -> None:
    assert "is linked to libpython3.11.so.1.0" in refused([], binds=False, needed=["libpython3.11.so.1.0"])


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("python311.dll", "win-amd64"),
        ("python3.dll", "win-amd64"),
        # Where PyO3 links every module, as C modules are linked there.
        ("libpython3.11.dll", "mingw_x86_64_ucrt"),
        ("libpython3.11.dll", "cygwin-3.5.3-x86_64"),
        ("libpython3.11.so", "android-24-x86_64"),
    ],
)
def test_where_modules_are_linked_to_libpython_by_rule_they_may_be(name: str, platform: str) -> None:
    assert verdict(needed=["KERNEL32.dll", name], platform=platform) == Abi(SPECIFIC)


def test_other_libraries_with_python_in_their_names_are_not_libpython() -> None:
    assert verdict(needed=["libboost_python311.so.1.83", "python-helper.so"]) == Abi(SPECIFIC)


@pytest.mark.parametrize(
    ("expected", "found", "python", "outcome"),
    [
        # PyO3's own word goes before what was expected,
        (Abi(SPECIFIC), ON_39, linux(), ON_39),
        (ON_39, Abi(SPECIFIC), linux(), Abi(SPECIFIC)),
        (ON_39, Abi(ABI3, (3, 11)), linux(), Abi(ABI3, (3, 11))),
        (ON_39, None, linux(), ON_39),
        # but it says "limited API" on PyPy too, where there is none,
        (Abi(SPECIFIC), ON_39, pypy(), Abi(SPECIFIC)),
        (Abi(SPECIFIC), ON_39, linux((3, 13), threaded=True), Abi(SPECIFIC)),
        # and a module knows Python, whatever was expected.
        (Abi(NONE), None, linux(), Abi(SPECIFIC)),
        (Abi(ABI3T, (3, 15)), Abi(ABI3T, (3, 15)), linux((3, 15)), Abi(ABI3T, (3, 15))),
        (Abi(ABI3T, (3, 15)), Abi(ABI3, (3, 15)), linux((3, 15)), Abi(ABI3, (3, 15))),
    ],
)
def test_fault_47_the_abi_of_a_module_is_what_pyo3_built_it_for(
    expected: Abi, found: Optional[Abi], python: Interpreter, outcome: Abi
) -> None:
    assert verdict(abi=expected, reported=found, python=python) == outcome


@pytest.mark.parametrize(("cfgs", "version"), [(["Py_3_11", "Py_3_12"], "3.12"), (["Py_3_9", "Py_3_10"], "3.10")])
def test_a_module_that_pyo3_was_compiled_for_another_python_for_is_refused(cfgs: Sequence[str], version: str) -> None:
    told = refused(cfgs=cfgs)
    assert f"PyO3 was compiled for Python {version}, and the wheel is for 3.11" in told
    assert "PYO3_CONFIG_FILE" in told


@pytest.mark.parametrize(
    ("architectures", "python", "platform"),
    [
        (["x86_64"], linux(), ""),
        (["aarch64"], macos(), ""),
        (["x86_64", "aarch64"], macos(), ""),
        (["x86_64", "aarch64"], macos(), "macosx-10.9-universal2"),
        # A universal2 Python loads what is built for the one it runs on; the tag names that one.
        (["aarch64"], macos(), "macosx-10.9-universal2"),
        (["x86_64"], windows(), ""),
        (["x86"], linux(pointer_width=32), ""),
        # What can't be told is no reason to refuse.
        ([], linux(), ""),
        (["x86_64"], linux(), "solaris-5.11-unheardof"),
    ],
)
def test_a_file_for_the_pythons_own_processor_is_right(architectures: Sequence[str], python: Interpreter, platform: str) -> None:
    assert verdict(architectures=architectures, python=python, platform=platform) == Abi(SPECIFIC)


@pytest.mark.parametrize(
    ("architectures", "python", "platform", "named"),
    [
        (["aarch64"], linux(), "", ("aarch64", "x86_64", "linux-x86_64")),
        (["x86_64"], macos(), "", ("x86_64", "aarch64", "macosx-11.0-arm64")),
        (["x86_64"], linux(pointer_width=32), "", ("x86_64", "x86")),
        (["x86"], windows(), "", ("x86", "win-amd64")),
    ],
)
@pytest.mark.parametrize("kind", [LIBRARY, EXECUTABLES])
def test_fault_46_a_file_for_another_processor_is_refused(
    architectures: Sequence[str], python: Interpreter, platform: str, named: Tuple[str, ...], kind: str
) -> None:
    told = refused(architectures=architectures, python=python, platform=platform, kind=kind)
    assert told.startswith("pkg.core: it was built for ")
    assert all(part in told for part in named)


@pytest.mark.parametrize(
    ("needed", "outcome"),
    [(["libc.so.6"], NONE), (["libc.so.6", "libpython3.11.so.1.0"], SPECIFIC), (["KERNEL32.dll", "python311.dll"], SPECIFIC)],
)
def test_an_executable_is_for_one_python_where_it_is_linked_to_it(needed: Sequence[str], outcome: str) -> None:
    assert verdict([], place="tool", kind=EXECUTABLES, abi=Abi(NONE), needed=needed) == Abi(outcome)
