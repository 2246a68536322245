"""Fault rows 17-19: several extensions of one crate, and declarations with mistakes in them."""

from __future__ import annotations

import shutil
from typing import Callable, List

import pytest

from .. import crates
from ..support import TARGET, Project, cargo_calls, compiled
from .ground import Before, answer_of, crate, module, project_of, pyproject, setup_py

# -- row 17: one crate, two extensions, different features

_ONE = "RustExtension('pkg.one._core', features=['one'])"
_TWO = "RustExtension('pkg.two._core', features=['two'])"
_FEATURES = "[features]\none = []\ntwo = []\n"


def _two_of_one(project: Project, *extensions: str) -> None:
    packages = "packages=['pkg', 'pkg.one', 'pkg.two'],"
    project.write(
        {
            "setup.py": setup_py(*extensions).replace("packages=['pkg'],", packages),
            "pkg/__init__.py": "",
            "pkg/one/__init__.py": "",
            "pkg/two/__init__.py": "",
        }
    )


# 1 and 2 for the one feature and the other; 3 would be both of them.
_BY_FEATURE = 'cfg!(feature = "one") as i64 + 2 * cfg!(feature = "two") as i64'


def _bare(project: Project) -> None:
    project.write(crate("fault-17", extra=_FEATURES, source=module(answer=_BY_FEATURE)))


def _with_pyo3(project: Project) -> None:
    project.env["CARGO_TARGET_DIR"] = str(TARGET)
    source = crates.module("_core").replace("    42\n", f"    {_BY_FEATURE}\n")
    source = source.replace("    Ok(())", '    m.add("ANSWER", answer())?;\n    Ok(())')
    project.write({"Cargo.toml": crates.manifest("fault-17-pyo3", extra=_FEATURES), "src/lib.rs": source})


_KINDS = pytest.mark.parametrize("kind", [_bare, pytest.param(_with_pyo3, marks=pytest.mark.slow)])


def _assert_wheel(project: Project, number: int) -> None:
    unpacked = project.built_wheel().unpack(project.folder.parent / f"unpacked-{number}")
    assert [answer_of(project, f"pkg.{name}._core", cwd=unpacked) for name in ("one", "two")] == [1, 2]


@_KINDS
def test_fault_17_both_are_right_in_every_order(ground: Project, kind: Callable[[Project], None]) -> None:
    kind(ground)
    for number, order in enumerate(((_ONE, _TWO), (_TWO, _ONE), (_ONE, _TWO))):
        _two_of_one(ground, *order)
        # cargo can't build one crate in two ways at once.
        assert len(cargo_calls(ground.setup("bdist_wheel").stdout)) == 2
        _assert_wheel(ground, 10 * number)
        ground.setup("bdist_wheel")
        _assert_wheel(ground, 10 * number + 1)
        shutil.rmtree(ground.folder / "build")
        ground.setup("bdist_wheel")
        _assert_wheel(ground, 10 * number + 2)


@_KINDS
def test_fault_17_nothing_is_compiled_when_nothing_has_changed(ground: Project, kind: Callable[[Project], None]) -> None:
    kind(ground)
    _two_of_one(ground, _ONE, _TWO)
    ground.setup("bdist_wheel")
    assert not compiled(ground.setup("bdist_wheel").stdout)
    _two_of_one(ground, _TWO, _ONE)
    assert not compiled(ground.setup("bdist_wheel").stdout)
    shutil.rmtree(ground.folder / "build")
    assert not compiled(ground.setup("bdist_wheel").stdout)
    _assert_wheel(ground, 1)


def test_fault_17_in_place_and_one_at_a_time(ground: Project) -> None:
    """Each of the two alone, then both, then each again: cargo's one file for them never goes to the wrong place."""
    _bare(ground)
    for extensions in ((_ONE,), (_TWO,), (_ONE, _TWO), (_TWO,), (_ONE,), (_TWO, _ONE)):
        _two_of_one(ground, *extensions)
        ground.setup("build_ext", "--inplace")
        for name, extension, answer in (("one", _ONE, 1), ("two", _TWO, 2)):
            if extension in extensions:
                assert answer_of(ground, f"pkg.{name}._core") == answer


def _edit(project: Project) -> None:
    source = project.folder / "src" / "lib.rs"
    source.write_text(source.read_text().replace('"one") as i64', '"one") as i64 * 11').replace("2 *", "22 *"))


def test_fault_17_an_edit_reaches_both(ground: Project) -> None:
    _bare(ground)
    _two_of_one(ground, _ONE, _TWO)
    ground.setup("build_ext", "--inplace")
    _edit(ground)
    assert len(compiled(ground.setup("build_ext", "--inplace").stdout)) == 2
    assert [answer_of(ground, f"pkg.{name}._core") for name in ("one", "two")] == [11, 22]


@_KINDS
def test_fault_17_an_edit_between_the_two(ground: Project, kind: Callable[[Project], None]) -> None:
    """One is built, the crate is edited, the other is built: the first one must not come from its earlier copy."""
    kind(ground)
    _two_of_one(ground, _ONE)
    ground.setup("build_ext", "--inplace")
    _edit(ground)
    _two_of_one(ground, _TWO)
    ground.setup("build_ext", "--inplace")
    _two_of_one(ground, _ONE)
    ground.setup("build_ext", "--inplace")
    assert [answer_of(ground, f"pkg.{name}._core") for name in ("one", "two")] == [11, 22]


# -- rows 18 and 19: misspelt keys and wrong types

_MISSPELT = [
    ("RustExtension('pkg._core', featurs=['x'])", ["'featurs'", "'features'"]),
    ("RustExtension('pkg._core', no_default_feature=True)", ["'no_default_feature'", "'no_default_features'"]),
    ("RustBin('tool', pth='Cargo.toml')", ["'pth'", "'path'"]),
    ("RustExtension('pkg._core', entirely_unknown=1)", ["'entirely_unknown'", "known are", "rustc_flags"]),
    ("RustBin('tool', rustc_flags=['-g'])", ["'rustc_flags'"]),
]
_WRONG = [
    ("RustExtension('pkg._core', features='x')", [".features", "a list of strings", "'x'"]),
    ("RustExtension('pkg._core', features=['x', 1])", [".features[1]", "int 1"]),
    ("RustExtension('pkg._core', quiet='yes')", [".quiet", "true or false", "'yes'"]),
    ("RustExtension('pkg._core', binding='PyO4')", [".binding", "'PyO4'", "NoBinding"]),
    ("RustExtension('pkg._core', strip='Everything')", [".strip", "'Everything'", "Debug"]),
    ("RustExtension('pkg._core', env={'A': 1})", [".env.A", "int 1"]),
    ("RustExtension('pkg._core', path=None)", [".path", "a string"]),
    ("RustExtension('pkg._core', py_limited_api='cp39')", [".py_limited_api", "'cp39'"]),
    ("RustExtension(3)", [".target", "int 3"]),
    ("'pkg._core'", ["rust_extensions[0]", "'pkg._core'"]),
]


@pytest.mark.parametrize("command", ["bdist_wheel", "pip"])
def test_fault_18_19_mistakes_in_setup_py_are_told_together(ground: Project, command: str) -> None:
    extensions = [extension for extension, _ in [*_MISSPELT, *_WRONG[:-1]]]
    project_of(ground, "fault-18", *extensions)
    told = [text for _, texts in [*_MISSPELT, *_WRONG[:-1]] for text in texts]
    output = Before(ground).fails(command, tells=["RustExtension('pkg._core')", "RustBin('tool')", *told])
    assert "cargo" not in output.replace("cargo_manifest_args", "")


@pytest.mark.parametrize(("extension", "told"), [_MISSPELT[0], _WRONG[0], _WRONG[-1]])
def test_fault_18_19_a_single_mistake_in_setup_py(ground: Project, extension: str, told: List[str]) -> None:
    project_of(ground, "fault-18-single", extension)
    Before(ground).fails("bdist_wheel", tells=told)


def test_fault_18_19_ext_modules_are_looked_at_as_well(ground: Project) -> None:
    project_of(ground, "fault-18-modules")
    ground.write({"setup.py": setup_py(more="ext_modules=[RustExtension('pkg._core', featurs=['x'])],")})
    Before(ground).fails("bdist_wheel", tells=["'featurs'", "did you mean 'features'?"])


_TABLES = """\
[[tool.setuptools-pyo3.ext-modules]]
target = "pkg._core"
featurs = ["x"]

[[tool.setuptools-pyo3.ext-modules]]
target = "pkg._other"
rust-versoin = ">=1.60"
features = "x"
quiet = 1
env = { A = "b", C = 3 }

[[tool.setuptools-pyo3.ext-modules]]
path = "Cargo.toml"

[[tool.setuptools-pyo3.bin]]
target = "tool"

[[tool.setuptools-pyo3.bins]]
target = "tool"
strip = ["All"]
"""
_IN_TABLES = [
    "pyproject.toml: tool.setuptools-pyo3.ext-modules[0]: unknown key 'featurs'",
    "did you mean 'features'?",
    "pyproject.toml: tool.setuptools-pyo3.ext-modules[1]: unknown key 'rust-versoin'",
    "did you mean 'rust-version'?",
    "pyproject.toml: tool.setuptools-pyo3.ext-modules[1].features: expected a list of strings, found str 'x'",
    "pyproject.toml: tool.setuptools-pyo3.ext-modules[1].quiet: expected true or false, found int 1",
    "pyproject.toml: tool.setuptools-pyo3.ext-modules[1].env.C: expected",
    "pyproject.toml: tool.setuptools-pyo3.ext-modules[2]: the key 'target' is missing",
    "pyproject.toml: tool.setuptools-pyo3: unknown key 'bin'",
    "did you mean 'bins'?",
    "pyproject.toml: tool.setuptools-pyo3.bins[0].strip: expected",
]


@pytest.mark.parametrize("command", ["bdist_wheel", "pip", "egg_info"])
def test_fault_18_19_mistakes_in_pyproject_are_told_together(ground: Project, command: str) -> None:
    ground.write({"pyproject.toml": pyproject() + _TABLES, "pkg/__init__.py": "", **crate("fault-18-tables")})
    Before(ground).fails(command, tells=_IN_TABLES)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("tool.setuptools-pyo3 = 3\n", ["pyproject.toml: tool.setuptools-pyo3", "expected a table", "int 3"]),
        (
            "[tool.setuptools-pyo3]\next-modules = 'pkg._core'\n",
            ["pyproject.toml: tool.setuptools-pyo3.ext-modules", "array of tables"],
        ),
        ("[tool.setuptools-pyo3.ext-modules]\ntarget = 'pkg._core'\n", ["[[tool.setuptools-pyo3.ext-modules]]"]),
        ("[tool.setuptools-pyo3]\next-modules = ['pkg._core']\n", ["tool.setuptools-pyo3.ext-modules[0]", "expected a table"]),
        ("[tool.setuptools-pyo3]\nquiet = true\n", ["pyproject.toml: tool.setuptools-pyo3", "unknown key 'quiet'"]),
    ],
)
@pytest.mark.parametrize("command", ["bdist_wheel", "pip"])
def test_fault_19_the_table_itself_is_of_the_wrong_type(ground: Project, table: str, told: List[str], command: str) -> None:
    text = table + pyproject() if table.startswith("tool") else pyproject() + table
    ground.write({"pyproject.toml": text, "pkg/__init__.py": "", **crate("fault-19-table")})
    Before(ground).fails(command, tells=told)


def test_fault_19_a_manifest_that_is_no_toml(ground: Project) -> None:
    project_of(ground, "fault-19-toml").write({"Cargo.toml": "[package\n"})
    before = Before(ground)
    for command in ("bdist_wheel", "pip"):
        before.fails(command, tells=["Cargo.toml", "not valid TOML"])


def test_fault_19_a_manifest_that_is_not_there(ground: Project) -> None:
    project_of(ground, "fault-19-nowhere", "RustExtension('pkg._core', path='rust/Cargo.toml')")
    before = Before(ground)
    for command in ("bdist_wheel", "pip"):
        before.fails(command, tells=["there is no manifest", "rust/Cargo.toml", "pkg._core", "next: set path"])


def test_fault_19_a_manifest_of_unexpected_shape(ground: Project) -> None:
    """Valid TOML that is no manifest: cargo says what is wrong, and we don't stumble over it."""
    project_of(ground, "fault-19-shape")
    before_text = (ground.folder / "Cargo.toml").read_text()
    for change in (
        "dependencies = 3\n",
        "lib = 'x'\n",
        "workspace = []\n",
        "features = ['x']\n",
        "profile = 1\n",
        "package = 'x'\n",
    ):
        text = before_text.partition("[lib]")[0] if change.startswith("lib") else before_text
        text = "" if change.startswith("package") else text
        ground.write({"Cargo.toml": change + text})
        Before(ground).fails("bdist_wheel", tells=["Cargo.toml"])
