"""Taking the file names of extension modules apart, with the suffixes that real interpreters import by."""

from __future__ import annotations

import pytest

from setuptools_pyo3.mind.module_name import ModuleName, is_imported, parse


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a/_b.cpython-311-x86_64-linux-gnu.so", ("a/_b", "cpython-311", "", "x86_64-linux-gnu")),
        ("_b.cpython-313t-darwin.so", ("_b", "cpython-313t", "", "darwin")),
        ("a/_b.cpython-311-arm-linux-gnueabihf.so", ("a/_b", "cpython-311", "", "arm-linux-gnueabihf")),
        ("a/_b.cp313t-win_amd64.pyd", ("a/_b", "cpython-313t", "", "win_amd64")),
        ("a/_b.abi3.so", ("a/_b", "", "abi3", "")),
        # Both are tried by 3.15 (and, by Debian's 3.14, the first): from `_imp.extension_suffixes()`.
        ("a/_b.abi3-x86_64-linux-gnu.so", ("a/_b", "", "abi3", "x86_64-linux-gnu")),
        ("a/_b.abi3t-x86_64-linux-gnu.so", ("a/_b", "", "abi3t", "x86_64-linux-gnu")),
        ("a/_b.pypy311-pp80-x86_64-linux-gnu.so", ("a/_b", "pypy311-pp80", "", "x86_64-linux-gnu")),
        ("a/_b.graalpy250-312-native-x86_64-linux.so", ("a/_b", "graalpy250-312-native", "", "x86_64-linux")),
        ("a/_b.so", ("a/_b", "", "", "")),
        ("a/_b.pyd", ("a/_b", "", "", "")),
    ],
)
def test_names_of_modules(path: str, found: "tuple[str, ...]") -> None:
    name = parse(path)
    assert name is not None
    assert (name.module, name.soabi, name.limited, name.triplet) == found
    assert name.module + name.suffix == path


@pytest.mark.parametrize("path", ["a/_b.py", "a.libs/libgcc_s-0cd532bd.so.1", "a/_b.dll", "a/_b.cpython.so", "a/_b.x.so", ".so"])
def test_names_of_other_files(path: str) -> None:
    assert parse(path) is None


def name(suffix: str) -> ModuleName:
    found = parse(f"_b{suffix}")
    assert found is not None
    return found


LINUX = "-x86_64-linux-gnu.so"


@pytest.mark.parametrize(
    ("suffix", "yes", "no"),
    [
        (f".cpython-311{LINUX}", ["cp311-cp311", "cp311-none"], ["cp312-cp312", "cp39-abi3", "cp311-cp311d", "pp311-pypy311_pp80"]),
        (f".cpython-313t{LINUX}", ["cp313-cp313t"], ["cp313-cp313", "cp313-abi3", "cp314-cp314t"]),
        (f".cpython-37m{LINUX}", ["cp37-cp37m"], ["cp37-abi3"]),
        (".abi3.so", ["cp39-abi3", "cp311-cp311", "cp32-abi3"], ["cp313-cp313t", "cp315-abi3t", "cp315-cp315t"]),
        (".abi3t.so", ["cp315-abi3t", "cp315-abi3", "cp315-cp315t", "cp316-cp316"], ["cp39-abi3", "cp314-cp314", "cp314-cp314t"]),
        (f".pypy311-pp80{LINUX}", ["pp311-pypy311_pp80"], ["pp310-pypy310_pp73", "cp311-cp311", "py3-none"]),
        (".graalpy250-312-native-x86_64-linux.so", ["graalpy312-graalpy250_312_native"], ["cp312-cp312"]),
        (".cp313-win_amd64.pyd", ["cp313-cp313"], ["cp313-cp313t", "cp39-abi3"]),
        (".so", ["cp311-cp311", "cp39-abi3", "py3-none", "pp311-pypy311_pp80"], []),
    ],
)
def test_which_pythons_import_a_suffix(suffix: str, yes: "list[str]", no: "list[str]") -> None:
    found = {tag: is_imported(name(suffix), *tag.split("-")) for tag in (*yes, *no)}
    assert found == {**dict.fromkeys(yes, True), **dict.fromkeys(no, False)}
