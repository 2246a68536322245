"""The examples: each builds to the wheel its README promises, and what is in the wheel works."""

from __future__ import annotations

import stat
import sys
import sysconfig
from pathlib import Path
from typing import Callable, Iterable

import pytest

from setuptools_pyo3.hands import binary

from ..crates import pyproject
from ..support import EXAMPLES, Environments, Project, Wheel, cargo_calls, compiled, run

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
SPECIFIC = f"cp{sys.version_info[0]}{sys.version_info[1]}"

Example = Callable[[str], Project]


def platform_of(wheel: Wheel) -> str:
    """The wheel's platform tag, after a look that it is the running interpreter's own."""
    platform = wheel.tag.rpartition("-")[2]
    assert platform == sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return platform


def install(project: Project, environments: Environments, python: str = "") -> Path:
    """A new environment with the project's wheel in it; returns its interpreter."""
    interpreter = environments.make(fresh=True, python=python)
    project.run(interpreter, "-m", "pip", "install", "--no-deps", "--no-index", project.built_wheel().path)
    return interpreter


def links_python(file: Path) -> bool:
    """Whether a binary needs libpython."""
    return any("python" in name for name in binary.inspect(str(file)).needed)


def test_hello(example: Example, tmp_path: Path) -> None:
    hello = example("hello")
    wheel = hello.wheel()
    assert wheel.tag == f"{SPECIFIC}-{SPECIFIC}-{platform_of(wheel)}"
    assert wheel.content == [f"hello{SUFFIX}"]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert not links_python(unpacked / f"hello{SUFFIX}")
    assert hello.evaluate("import hello; print(hello.greet('you'))", cwd=unpacked) == "Hello, you, from Rust"


def test_mixed_has_data_a_c_extension_and_a_script_beside(example: Example, environments: Environments, tmp_path: Path) -> None:
    mixed = example("mixed")
    wheel = mixed.wheel()
    assert wheel.content == [
        "mixed/__init__.py",
        f"mixed/_c{SUFFIX}",
        f"mixed/_core{SUFFIX}",
        "mixed/data/template.txt",
    ]
    assert wheel.tag == f"{SPECIFIC}-{SPECIFIC}-{platform_of(wheel)}"
    interpreter = install(mixed, environments)
    said = run([interpreter.parent / "mixed", "6", "7"], cwd=tmp_path, env=mixed.env).stdout
    assert said.strip() == "the sum is 13, the product is 42"
    # The same from an editable install.
    mixed.run(interpreter, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "-e", ".")
    said = run([interpreter.parent / "mixed", "6", "7"], cwd=tmp_path, env=mixed.env).stdout
    assert said.strip() == "the sum is 13, the product is 42"


@pytest.mark.slow
def test_hyperjson_is_the_same_module_before_and_after_cargo_run(example: Example, tmp_path: Path) -> None:
    hyperjson = example("hyperjson")
    # A target folder of its own: what is compiled here must not depend on what other tests have left.
    hyperjson.env["CARGO_TARGET_DIR"] = str(tmp_path / "target")
    ours = hyperjson.python.parent / "setuptools-pyo3"
    profile = [ours, "cargo", "run", "--release", "-p", "profile"]

    def check_wheel(folder: Path) -> None:
        wheel = hyperjson.built_wheel()
        assert wheel.content == [f"hyperjson{SUFFIX}"]
        unpacked = wheel.unpack(folder)
        assert not links_python(unpacked / f"hyperjson{SUFFIX}")
        code = "import hyperjson; print(hyperjson.dumps({'a': [1, None, 'x\\ny']}))"
        assert hyperjson.evaluate(code, cwd=unpacked) == r'{"a":[1,null,"x\ny"]}'

    first = hyperjson.pip_wheel().stdout
    assert "hyperjson" in compiled(first)
    assert len(cargo_calls(first)) == 1
    check_wheel(tmp_path / "first")

    said = hyperjson.run(*profile).stdout
    assert "profile" in compiled(said)
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}: " in said
    assert links_python(tmp_path / "target" / "release" / "profile")
    again = hyperjson.run(*profile).stdout
    assert compiled(again) == []
    assert "Python " in again

    last = hyperjson.pip_wheel().stdout
    assert compiled(last) == []
    check_wheel(tmp_path / "last")
    # And once more to and fro: neither side undoes the other.
    assert compiled(hyperjson.run(*profile).stdout) == []
    assert compiled(hyperjson.pip_wheel().stdout) == []
    check_wheel(tmp_path / "very last")


def test_hyperjson_tests_run_in_cargo(example: Example) -> None:
    hyperjson = example("hyperjson")
    ours = hyperjson.python.parent / "setuptools-pyo3"
    hyperjson.setup("build_ext", "--inplace")
    said = hyperjson.run(ours, "cargo", "test").stdout
    assert "test tests::nested_values ... ok" in said
    # In development the module and the tests are both in cargo's dev profile, and leave each other alone.
    assert compiled(hyperjson.run(ours, "cargo", "test").stdout) == []
    assert compiled(hyperjson.setup("build_ext", "--inplace").stdout) == []
    assert hyperjson.evaluate("import hyperjson; print(hyperjson.dumps([True]))") == "[true]"


def test_hyperjson_with_its_feature_turned_on_by_the_project(example: Example, tmp_path: Path) -> None:
    hyperjson = example("hyperjson")
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "hyperjson"\nfeatures = ["extension-module"]\n'
    hyperjson.write({"pyproject.toml": pyproject("hyperjson", table)})
    wheel = hyperjson.wheel()
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert not links_python(unpacked / f"hyperjson{SUFFIX}")
    assert hyperjson.evaluate("import hyperjson; print(hyperjson.dumps({'b': 1.5}))", cwd=unpacked) == '{"b":1.5}'


def test_eight_modules_take_one_cargo_command(example: Example, tmp_path: Path) -> None:
    eight = example("eight")
    first = eight.pip_wheel().stdout
    assert len(cargo_calls(first)) == 1
    wheel = eight.built_wheel()
    assert wheel.content == ["eight/__init__.py", *(f"eight/e{number}{SUFFIX}" for number in range(1, 9))]
    assert eight.evaluate("import eight; print(eight.total())", cwd=wheel.unpack(tmp_path / "unpacked")) == "36"
    second = eight.pip_wheel().stdout
    assert len(cargo_calls(second)) == 1
    assert compiled(second) == []
    # One that changes is the one that is compiled.
    eight.write({"crates/e5/src/lib.rs": (eight.folder / "crates/e5/src/lib.rs").read_text().replace("5\n", "500\n")})
    third = eight.pip_wheel().stdout
    assert compiled(third) == ["e5"]
    assert eight.evaluate("import eight; print(eight.total())", cwd=eight.built_wheel().unpack(tmp_path / "third")) == "531"


def test_lib_and_bin_share_a_wheel(example: Example, environments: Environments, tmp_path: Path) -> None:
    project = example("lib_and_bin")
    output = project.pip_wheel().stdout
    assert len(cargo_calls(output)) == 2
    wheel = project.built_wheel()
    assert wheel.content == ["wordcount-0.1.0.data/scripts/wordcount", f"wordcount{SUFFIX}"]
    assert wheel.tag == f"{SPECIFIC}-{SPECIFIC}-{platform_of(wheel)}"
    interpreter = install(project, environments)
    assert project.evaluate("import wordcount; print(wordcount.count('one two'))", python=interpreter, cwd=tmp_path) == "2"
    program = interpreter.parent / "wordcount"
    assert not links_python(program)
    assert _count_words(project, program, "one two three") == "3"
    # Both variants of the library write to one file of cargo's; each build still finds its own, and compiles nothing.
    again = project.pip_wheel().stdout
    assert compiled(again) == []
    unpacked = project.built_wheel().unpack(tmp_path / "again")
    assert project.evaluate("import wordcount; print(wordcount.count('a b c'))", cwd=unpacked) == "3"


def test_a_wheel_of_only_the_program_is_for_every_python(example: Example, environments: Environments, tmp_path: Path) -> None:
    project = example("lib_and_bin")
    project.write({"pyproject.toml": pyproject("wordcount", '[[tool.setuptools-pyo3.bins]]\ntarget = "wordcount"\n')})
    wheel = project.wheel()
    assert wheel.tag == f"py3-none-{platform_of(wheel)}"
    assert wheel.content == ["wordcount-1.0.data/scripts/wordcount"]
    interpreter = install(project, environments)
    program = interpreter.parent / "wordcount"
    assert stat.S_IMODE(program.stat().st_mode) & 0o111
    assert _count_words(project, program, "one two") == "2"


def test_abi3_makes_one_wheel_for_all(example: Example, tmp_path: Path) -> None:
    project = example("abi3")
    wheel = project.wheel()
    assert wheel.tag == f"cp39-abi3-{platform_of(wheel)}"
    assert wheel.content == [f"stable.abi3{Path(SUFFIX).suffix}"]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert project.evaluate("import stable; print(stable.python())", cwd=unpacked) == f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.mark.cross
@pytest.mark.parametrize("name", ["abi3", "ctypes_library"])
def test_wheels_for_all_work_on_each_python(
    example: Example, environments: Environments, each_python: Iterable[str], name: str, tmp_path: Path
) -> None:
    project = example(name)
    unpacked = project.wheel().unpack(tmp_path / "unpacked")
    for version in each_python:
        interpreter = environments.interpreter(version)
        if name == "abi3":
            assert project.evaluate("import stable; print(stable.python())", python=interpreter, cwd=unpacked) == version
        else:
            code = "import checksum, zlib; print(checksum.adler32(b'Rust') == zlib.adler32(b'Rust'))"
            assert project.evaluate(code, python=interpreter, cwd=unpacked) == "True"


def test_ctypes_library_knows_no_python(example: Example, environments: Environments, tmp_path: Path) -> None:
    project = example("ctypes_library")
    wheel = project.wheel()
    assert wheel.tag == f"py3-none-{platform_of(wheel)}"
    assert wheel.content == ["checksum/__init__.py", f"checksum/_library{Path(SUFFIX).suffix}"]
    interpreter = install(project, environments)
    code = "import checksum, zlib; print(checksum.adler32(b'Rust' * 999) == zlib.adler32(b'Rust' * 999))"
    assert project.evaluate(code, python=interpreter, cwd=tmp_path) == "True"


def test_generated_files_are_installed_and_not_left_in_the_sources(example: Example, tmp_path: Path) -> None:
    project = example("generated")
    before = project.files("src/**/*")
    wheel = project.wheel()
    assert wheel.content == [
        "squares/__init__.py",
        f"squares/_core{SUFFIX}",
        "squares/limits.py",
        "squares/tables/squares.txt",
    ]
    code = "import squares; print(squares.lookup(12), squares.lookup(99), squares.table()[20], squares.describe())"
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert project.evaluate(code, cwd=unpacked) == "144 None 400 21 squares, up to that of 20"
    assert [name for name in project.files("src/**/*") if ".egg-info" not in name] == before
    # A second build takes them from where the build script left them.
    second = project.pip_wheel().stdout
    assert compiled(second) == []
    assert project.built_wheel().content == wheel.content
    # Editable, they stand beside the sources.
    project.setup("build_ext", "--inplace")
    assert project.evaluate(code, cwd=project.folder / "src") == "144 None 400 21 squares, up to that of 20"


def test_every_example_has_a_readme_and_a_lock() -> None:
    for folder in EXAMPLES.iterdir():
        if not folder.is_dir():
            continue
        readme = (folder / "README.md").read_text(encoding="utf-8")
        assert readme.startswith(f"# {folder.name}\n")
        assert "See it work" in readme
        assert list(folder.glob("Cargo.lock")) or list(folder.glob("*/Cargo.lock")), f"{folder.name} has no lock"


def _count_words(project: Project, program: Path, text: str) -> str:
    return project.run("sh", "-c", 'echo "$2" | "$1"', "sh", program, text).stdout.strip()
