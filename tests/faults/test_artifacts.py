"""Fault rows 42, 44 and 45: what other builds have left in a target folder or a package is never taken for this one's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

import pytest

from .. import crates
from ..support import TARGET, Environments, Project, Wheel
from .ground import BROKEN, CORE, EXT_SUFFIX, answer_of, crate, function, lock, manifest, module, program, project_of, setup_py

_LONG_AGO = 1_000_000_000.0


class Folders:
    """Projects side by side that share one target folder; all their sources are old, as in a checkout that keeps times."""

    def __init__(self, tmp_path: Path, environments: Environments, target: Path) -> None:
        self.tmp_path = tmp_path
        self.environments = environments
        self.target = target

    def make(self, name: str, files: Dict[str, str]) -> Project:
        """A project in a folder of this name."""
        folder = self.tmp_path / name
        folder.mkdir()
        project = Project(folder, self.environments.make(), self.environments.env)
        project.env["CARGO_TARGET_DIR"] = str(self.target)
        project.write({"pkg/__init__.py": "", **files})
        for path in folder.rglob("*"):
            os.utime(path, (_LONG_AGO, _LONG_AGO))
        return project


@pytest.fixture
def folders(tmp_path: Path, environments: Environments) -> Folders:
    """Projects with an own target folder in common."""
    return Folders(tmp_path, environments, tmp_path / "target")


# -- row 42: the same crate, or the same library, in two folders


class Kind:
    """A way of making a project whose answer can be asked for.

    Args:
        files: of a project with a crate of this name and this answer.
        answer: asks the project, after a build in place.
    """

    def __init__(
        self, files: Callable[[str, int], Dict[str, str]], answer: Callable[[Project], int], target: Optional[Path] = None
    ) -> None:
        self.files = files
        self.answer = answer
        self.target = target


def _bare_files(name: str, answer: int) -> Dict[str, str]:
    return {"setup.py": setup_py(CORE), **crate(name, source=module(answer=answer))}


def _pyo3_files(name: str, answer: int) -> Dict[str, str]:
    return {"setup.py": setup_py(CORE), **crates.crate(name, module_name="_core", answer=answer)}


def _exec_files(name: str, answer: int) -> Dict[str, str]:
    declared = "RustExtension({'fault-42-tool': 'pkg.tool'}, binding=Binding.Exec)"
    tables = '[[bin]]\nname = "fault-42-tool"\npath = "src/main.rs"\n'
    return {
        "setup.py": setup_py(declared),
        "Cargo.toml": manifest(name, types="", extra=tables),
        "Cargo.lock": lock(name),
        "src/main.rs": program(answer),
    }


def _pyo3_answer(project: Project) -> int:
    return int(project.evaluate("import pkg._core; print(pkg._core.answer())"))


def _exec_answer(project: Project) -> int:
    return int(project.run(project.folder / "pkg" / "tool").stdout)


_KINDS = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(Kind(_bare_files, answer_of), id="bare"),
        pytest.param(Kind(_exec_files, _exec_answer), id="executable"),
        pytest.param(Kind(_pyo3_files, _pyo3_answer, TARGET), id="pyo3", marks=pytest.mark.slow),
    ],
)


def _built(kind: Kind, project: Project) -> int:
    project.setup("build_ext", "--inplace")
    return kind.answer(project)


@_KINDS
def test_fault_42_same_name_and_version_in_two_folders(folders: Folders, kind: Kind) -> None:
    folders.target = kind.target or folders.target
    one = folders.make("one", kind.files("fault-42", 1))
    two = folders.make("two", kind.files("fault-42", 2))
    assert [_built(kind, one), _built(kind, two), _built(kind, one), _built(kind, two)] == [1, 2, 1, 2]


@_KINDS
def test_fault_42_an_edit_before_the_other_folders_build(folders: Folders, kind: Kind) -> None:
    """Edited before the other one was built, the source looks older than what cargo made last; it is new all the same."""
    folders.target = kind.target or folders.target
    one = folders.make("one", kind.files("fault-42-edit", 1))
    two = folders.make("two", kind.files("fault-42-edit", 2))
    assert _built(kind, one) == 1
    one.write(kind.files("fault-42-edit", 11))
    assert [_built(kind, two), _built(kind, one)] == [2, 11]


@_KINDS
def test_fault_42_wheels_of_two_folders(folders: Folders, kind: Kind) -> None:
    """The same for wheels, whose build folders hold what was built before."""
    folders.target = kind.target or folders.target
    projects = [folders.make(name, kind.files("fault-42-wheel", number)) for name, number in (("one", 1), ("two", 2))]
    for attempt in range(2):
        for number, project in enumerate(projects, start=1):
            project.setup("bdist_wheel")
            unpacked = project.built_wheel().unpack(project.folder / f"unpacked-{attempt}")
            for path in unpacked.glob("pkg/tool"):
                path.chmod(0o755)
            assert kind.answer(Project(unpacked, project.python, project.env)) == number


def _with_library(files: Dict[str, str], library: str) -> Dict[str, str]:
    return {**files, "Cargo.toml": files["Cargo.toml"].replace("[lib]\n", f'[lib]\nname = "{library}"\n')}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(Kind(_bare_files, answer_of), id="bare"),
        pytest.param(Kind(_pyo3_files, _pyo3_answer, TARGET), id="pyo3", marks=pytest.mark.slow),
    ],
)
def test_fault_42_two_packages_with_one_library_name(folders: Folders, kind: Kind) -> None:
    """Half of all projects call their library ``_core``; cargo writes all of them to one file."""
    folders.target = kind.target or folders.target
    one = folders.make("one", _with_library(kind.files("fault-42-this", 1), "fault_42_core"))
    two = folders.make("two", _with_library(kind.files("fault-42-that", 2), "fault_42_core"))
    assert [_built(kind, one), _built(kind, two), _built(kind, one), _built(kind, two)] == [1, 2, 1, 2]


# How each kind of source spells its answer.
_SPELLINGS = (" 42;", ", 42)", "    42\n")


def _with_helper(kind: Kind, leaf: str, answer: int) -> Dict[str, str]:
    """A project whose answer comes from a second local crate."""
    files = kind.files(leaf, 42)
    files.pop("Cargo.lock", None)
    source = "src/main.rs" if "src/main.rs" in files else "src/lib.rs"
    for spelling in _SPELLINGS:
        files[source] = files[source].replace(spelling, spelling.replace("42", "fault_42_helper::ANSWER"))
    assert "fault_42_helper" in files[source]
    table, dependency = "[dependencies]\n", 'fault-42-helper = { path = "helper" }\n'
    text = files["Cargo.toml"] if table in files["Cargo.toml"] else f"{files['Cargo.toml']}\n{table}"
    return {
        **files,
        "Cargo.toml": text.replace(table, table + dependency),
        "helper/Cargo.toml": manifest("fault-42-helper", types='"lib"'),
        "helper/src/lib.rs": f"pub const ANSWER: i64 = {answer};\n",
    }


@pytest.mark.parametrize(
    "leaves", [("fault-42-leaf", "fault-42-leaf"), ("fault-42-left", "fault-42-right")], ids=["same leaf", "other leaf"]
)
@_KINDS
def test_fault_42_a_local_dependency_of_one_name_in_two_folders(folders: Folders, kind: Kind, leaves: Tuple[str, str]) -> None:
    """Two checkouts of one project: all their local crates have the same names, and differ."""
    folders.target = kind.target or folders.target
    one = folders.make("one", _with_helper(kind, leaves[0], 1))
    two = folders.make("two", _with_helper(kind, leaves[1], 2))
    assert [_built(kind, one), _built(kind, two), _built(kind, one), _built(kind, two)] == [1, 2, 1, 2]


# -- row 44: shadows

_LIMITED = "RustExtension('pkg._core', binding=Binding.NoBinding, py_limited_api=True)"
_OTHERS = [
    "_core.cpython-38-x86_64-linux-gnu.so",
    "_core.pypy39-pp73-x86_64-linux-gnu.so",
    "_core.cp312-win_amd64.pyd",
    "_core.cpython-312-darwin.so",
]


def test_fault_44_a_stale_module_that_would_shadow_the_fresh_one(ground: Project) -> None:
    project_of(ground, "fault-44", source=module(answer=1))
    ground.setup("build_ext", "--inplace")
    assert answer_of(ground) == 1
    ground.write({f"pkg/{name}": "another Python's" for name in _OTHERS})
    ground.write({"setup.py": setup_py(_LIMITED), "src/lib.rs": module(answer=2)})
    output = ground.setup("build_ext", "--inplace").stdout
    assert answer_of(ground) == 2
    assert f"pkg/_core{EXT_SUFFIX}" in output
    # Other Pythons can't import the new one by mistake; theirs is theirs.
    assert ground.files("pkg/_core*") == sorted(["pkg/_core.abi3.so", *(f"pkg/{name}" for name in _OTHERS)])


def test_fault_44_a_stale_one_stays_where_the_build_fails(ground: Project) -> None:
    project_of(ground, "fault-44-fails", source=module(answer=1))
    ground.setup("build_ext", "--inplace")
    ground.write({"setup.py": setup_py(_LIMITED), "src/lib.rs": BROKEN})
    assert ground.setup("build_ext", "--inplace", check=False).returncode != 0
    assert answer_of(ground) == 1


def test_fault_44_a_library_for_ctypes_is_found_before_stale_modules(ground: Project) -> None:
    """Such libraries are found with ``find_spec``, which would find the module of an earlier build first."""
    project_of(ground, "fault-44-ctypes", source=module())
    ground.setup("build_ext", "--inplace")
    ground.write({"setup.py": setup_py("RustExtension('pkg._core', binding=Binding.NoBinding)"), "src/lib.rs": function(7)})
    output = ground.setup("build_ext", "--inplace").stdout
    assert f"pkg/_core{EXT_SUFFIX}" in output
    code = "import ctypes, importlib.util; print(ctypes.CDLL(importlib.util.find_spec('pkg._core').origin).answer())"
    assert ground.evaluate(code) == "7"


def test_fault_44_a_wheel_after_one_of_another_abi(ground: Project, tmp_path: Path) -> None:
    """The build folder keeps the earlier wheel's module, under the other suffix."""
    project_of(ground, "fault-44-wheel", source=module(answer=1))
    suffixes = [EXT_SUFFIX, ".abi3.so", EXT_SUFFIX]
    for number, (declared, suffix) in enumerate(zip([CORE, _LIMITED, CORE], suffixes)):
        ground.write({"setup.py": setup_py(declared), "src/lib.rs": module(answer=number)})
        ground.setup("bdist_wheel")
        wheel = ground.built_wheel()
        assert wheel.content == ["pkg/__init__.py", f"pkg/_core{suffix}"]
        assert answer_of(ground, cwd=wheel.unpack(tmp_path / str(number))) == number


@pytest.mark.slow
def test_fault_44_with_the_features_of_pyo3(shared: Project) -> None:
    shared.write(
        {"setup.py": setup_py(CORE), "pkg/__init__.py": "", **crates.crate("fault-44-pyo3", module_name="_core", answer=1)}
    )
    shared.setup("build_ext", "--inplace")
    assert _pyo3_answer(shared) == 1
    limited = '{ version = "' + crates.PYO3 + '", features = ["abi3-py39"] }'
    shared.write(crates.crate("fault-44-pyo3", module_name="_core", answer=2, dependency=limited))
    output = shared.setup("build_ext", "--inplace").stdout
    assert _pyo3_answer(shared) == 2
    assert f"pkg/_core{EXT_SUFFIX}" in output
    assert shared.files("pkg/*.so") == ["pkg/_core.abi3.so"]


# -- row 45: other builds' files in the package


def _package_data(more: str, *, manifest_in: bool) -> Callable[[Project], None]:
    def fill(project: Project) -> None:
        project.write({"setup.py": setup_py(CORE, more=more)})
        if manifest_in:
            project.write({"MANIFEST.in": "recursive-include pkg *\n"})

    return fill


@pytest.mark.parametrize(
    "ways",
    [
        pytest.param(_package_data("package_data={'pkg': ['*', 'sub/*']},", manifest_in=False), id="package_data"),
        pytest.param(_package_data("include_package_data=True,", manifest_in=True), id="include_package_data"),
        pytest.param(_package_data("package_data={'': ['*.so', '*.pyd', '*.txt']},", manifest_in=False), id="for all packages"),
    ],
)
@pytest.mark.parametrize("command", ["bdist_wheel", "pip"])
def test_fault_45_other_interpreters_modules_stay_out_of_the_wheel(
    ground: Project, tmp_path: Path, ways: Callable[[Project], None], command: str
) -> None:
    project_of(ground, "fault-45")
    ground.setup("build_ext", "--inplace")
    ways(ground)
    others: List[str] = [*_OTHERS, "_core.abi3.so", "_core.so", "_core.pyd"]
    ground.write({f"pkg/{name}": "another build's" for name in others})
    ground.write(
        {"pkg/data.txt": "data", "pkg/libvendored.so": "a library of the project's own", "pkg/_coreutils.so": "another one"}
    )
    ground.setup("bdist_wheel") if command == "bdist_wheel" else ground.pip_wheel()
    wheel = ground.built_wheel()
    modules = [name for name in wheel.content if name.startswith("pkg/_core.")]
    assert modules == [f"pkg/_core{EXT_SUFFIX}"]
    assert {"pkg/data.txt", "pkg/libvendored.so", "pkg/_coreutils.so"} <= set(wheel.content)
    assert answer_of(ground, cwd=wheel.unpack(tmp_path / "unpacked")) == 42
    # They are other builds' to remove.
    assert set(ground.files("pkg/_core.*")) == {f"pkg/{name}" for name in [*others, f"_core{EXT_SUFFIX}"]}


def test_fault_45_the_wheel_does_not_take_the_module_in_place(ground: Project, tmp_path: Path) -> None:
    """A module that was built in place before an edit must not stand in for the wheel's own."""
    project_of(ground, "fault-45-inplace").write({"setup.py": setup_py(CORE, more="package_data={'pkg': ['*.so']},")})
    ground.setup("build_ext", "--inplace")
    ground.write({"src/lib.rs": module(answer=43)})
    ground.setup("bdist_wheel")
    assert answer_of(ground, cwd=ground.built_wheel().unpack(tmp_path / "unpacked")) == 43
    assert answer_of(ground) == 42


@pytest.mark.cross
def test_fault_45_two_interpreters_build_in_one_tree(ground: Project, environments: Environments, tmp_path: Path) -> None:
    """The second one finds the first one's module in the package, and the first one's build folder."""
    if environments.interpreter("3.9") is None:
        pytest.skip("needs Python 3.9")
    project_of(ground, "fault-45-two").write({"setup.py": setup_py(CORE, more="package_data={'pkg': ['*.so']},")})
    other = Project(ground.folder, environments.make(python="3.9"), ground.env)
    for project in (ground, other, ground, other):
        project.setup("build_ext", "--inplace")
        project.setup("bdist_wheel", f"--dist-dir={tmp_path / 'dist'}")
    found = {Wheel(path).tag.split("-")[0]: Wheel(path) for path in (tmp_path / "dist").glob("*.whl")}
    assert len(found) == 2
    for python, project in ((next(tag for tag in found if tag != "cp39"), ground), ("cp39", other)):
        assert len([name for name in found[python].content if name.endswith(".so")]) == 1
        assert answer_of(project, cwd=found[python].unpack(tmp_path / python)) == 42
