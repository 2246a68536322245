"""Real projects move to us by renaming: their sdists from PyPI, renamed mechanically, build, install and work."""

from __future__ import annotations

import re
import sys
import sysconfig
import tarfile
from pathlib import Path
from typing import Callable, Dict

import pytest

from ..support import Environments, Project, Wheel, copy_tree, run

pytestmark = [pytest.mark.network, pytest.mark.slow]

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
VERSION = f"cp{sys.version_info[0]}{sys.version_info[1]}"

Sdist = Callable[[str], Path]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory, environments: Environments) -> Sdist:
    """Downloads and unpacks an sdist from PyPI, each once; returns its folder."""
    folder = tmp_path_factory.mktemp("sdists")
    found: Dict[str, Path] = {}

    def get(requirement: str) -> Path:
        if requirement not in found:
            options = ["--no-deps", "--no-binary=:all:", "-d", folder]
            run([environments.make(), "-m", "pip", "download", *options, requirement], cwd=folder, env=environments.env)
            name, _, version = requirement.partition("==")
            (archive,) = folder.glob(f"{name.replace('-', '_')}-{version}.tar.gz")
            with tarfile.open(archive) as tar:
                tar.extractall(folder)
            found[requirement] = archive.with_name(archive.name.replace(".tar.gz", ""))
        return found[requirement]

    return get


_REQUIREMENT = re.compile(r"setuptools-pyo3\s*(?:[<>=!~]=?[^\"',;\]]*,?)+")


def rename(folder: Path) -> None:
    """What moving means: the incumbent's two names become ours, and its version numbers say nothing about us."""
    for name in ("setup.py", "setup.cfg", "pyproject.toml"):
        path = folder / name
        if path.exists():
            text = path.read_text(encoding="utf-8")
            text = text.replace("setuptools_rust", "setuptools_pyo3").replace("setuptools-rust", "setuptools-pyo3")
            path.write_text(_REQUIREMENT.sub("setuptools-pyo3", text), encoding="utf-8")


@pytest.fixture
def moved(project: Project, sdist: Sdist, environments: Environments) -> Callable[..., Wheel]:
    """Renames a copy of a project, builds its wheel with pip in isolation, and installs it into a fresh environment."""

    def build(requirement: str, *, inside: str = ".", tools: tuple[str, ...] = ()) -> Wheel:
        copy_tree(sdist(requirement) / inside, project.folder)
        rename(project.folder)
        project.run(project.python, "-m", "pip", "wheel", "-v", "--no-deps", "-w", "dist", ".")
        wheel = project.built_wheel()
        project.python = environments.make(fresh=True)
        project.run(project.python, "-m", "pip", "install", "--quiet", wheel.path, *tools)
        return wheel

    return build


def module_of(wheel: Wheel) -> str:
    (module,) = (name for name in wheel.content if name.endswith(".so"))
    return module


# -- two projects of others


def test_bcrypt(moved: Callable[..., Wheel], project: Project, tmp_path: Path) -> None:
    wheel = moved("bcrypt==5.0.0", tools=("pytest",))
    # Its features say abi3 without a minimum, so it is that of the Python it is built with.
    assert wheel.tag.startswith(f"{VERSION}-abi3-")
    assert module_of(wheel) == "bcrypt/_bcrypt.abi3.so"
    assert not any(name.endswith((".rs", ".toml", ".lock")) for name in wheel.content)
    code = """
        import bcrypt
        hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4))
        print(bcrypt.checkpw(b"secret", hashed), bcrypt.checkpw(b"guess", hashed))
    """
    assert project.evaluate(code, cwd=tmp_path) == "True False"
    own_tests(project, tmp_path)


def test_fastbencode(moved: Callable[..., Wheel], project: Project, tmp_path: Path) -> None:
    wheel = moved("fastbencode==0.3.12")
    assert wheel.tag.startswith(f"{VERSION}-{VERSION}-")
    assert module_of(wheel) == f"fastbencode/_bencode_rs{SUFFIX}"
    code = """
        import fastbencode
        from fastbencode import _bencode_rs
        value = {b"list": [1, 2, b"three"], b"nested": {b"a": -1}}
        encoded = fastbencode.bencode(value)
        assert fastbencode.bdecode(encoded) == value
        assert _bencode_rs.bencode(value) == encoded
        assert fastbencode.bencode is _bencode_rs.bencode  # not the Python it falls back to
        print(encoded.decode())
    """
    assert project.evaluate(code, cwd=tmp_path) == "d4:listli1ei2e5:threee6:nestedd1:ai-1eee"
    # They run each test with both implementations, by a protocol that pytest doesn't know.
    own_tests(project, tmp_path, "unittest", "tests.test_bencode")


# -- the incumbent's own examples

INCUMBENT = "setuptools-rust==1.13.0"


def test_example_hello_world(moved: Callable[..., Wheel], project: Project, tmp_path: Path) -> None:
    """A module, an executable with a profile of its own, and entry points in Python and Rust."""
    wheel = moved(INCUMBENT, inside="examples/hello-world", tools=("pytest",))
    assert wheel.tag.startswith(f"{VERSION}-{VERSION}-")
    assert "hello_world-1.0.data/scripts/print-hello" in wheel.content
    assert project.evaluate("import hello_world; print(hello_world.sum_as_string(5, 20))", cwd=tmp_path) == "25"
    scripts = project.python.parent
    assert "Hello" in project.run(scripts / "print-hello").stdout
    assert project.run(scripts / "sum-cli", "3", "4").stdout.strip() == "3 + 4 = 7"
    assert "sum(3, 4) = 7" in project.run(scripts / "rust-demo", "3", "4").stdout
    own_tests(project, tmp_path)


def test_example_hello_world_script(moved: Callable[..., Wheel], project: Project) -> None:
    wheel = moved(INCUMBENT, inside="examples/hello-world-script")
    assert wheel.tag.startswith("py3-none-")
    assert "Hello" in project.run(project.python.parent / "hello-world-script").stdout


def test_example_hello_world_setuppy(moved: Callable[..., Wheel], project: Project, tmp_path: Path) -> None:
    wheel = moved(INCUMBENT, inside="examples/hello-world-setuppy")
    assert module_of(wheel) == f"hello_world/_lib{SUFFIX}"
    assert project.evaluate("from hello_world import _lib; print(_lib.sum_as_string(5, 20))", cwd=tmp_path) == "25"


def test_example_generated_files(moved: Callable[..., Wheel], project: Project, tmp_path: Path) -> None:
    wheel = moved(INCUMBENT, inside="examples/generated-files", tools=("pytest",))
    assert {f"generated_files/{name}" for name in ("my_file.txt", "_data/dir/a.txt", "_data/dir/b.txt")} <= set(wheel.content)
    own_tests(project, tmp_path)


def test_example_namespace_package(moved: Callable[..., Wheel], project: Project, tmp_path: Path) -> None:
    moved(INCUMBENT, inside="examples/namespace_package", tools=("pytest",))
    own_tests(project, tmp_path)


def test_example_html_py_ever(moved: Callable[..., Wheel], project: Project) -> None:
    """Its tests are benchmarks against another library; what they need of it here is that it parses and selects."""
    moved(INCUMBENT, inside="examples/html-py-ever")
    code = """
        import html_py_ever
        document = html_py_ever.parse_file("tests/python.html")
        print(len(document.select("a[href]")))
    """
    assert int(project.evaluate(code)) > 100


def test_example_rust_with_cffi(moved: Callable[..., Wheel], project: Project, tmp_path: Path) -> None:
    """cffi's setup keyword and ours in one project."""
    wheel = moved(INCUMBENT, inside="examples/rust_with_cffi", tools=("pytest",))
    assert len([name for name in wheel.content if name.endswith(".so")]) == 2
    own_tests(project, tmp_path)


def own_tests(project: Project, tmp_path: Path, *runner: str) -> None:
    """Run the project's own tests against what is installed, away from its sources."""
    copy_tree(project.folder / "tests", tmp_path / "away" / "tests")
    words = runner or ("pytest", "-q", "-p", "no:cacheprovider", "tests")
    run([project.python, "-m", *words], cwd=tmp_path / "away", env=project.env)
