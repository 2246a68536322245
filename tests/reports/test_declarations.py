"""Reports 8 and 14 to 16: ways of declaring extensions that people were refused, or that gave them the wrong wheel."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project, cargo_calls
from ..surface import plain

VERSION = f"cp{sys.version_info[0]}{sys.version_info[1]}"

# -- report 8

ITERABLES = {
    "generator": """
def late():
    from setuptools_pyo3 import Binding, RustExtension

    yield RustExtension("report8_generator", binding=Binding.NoBinding)

extensions = late()
""",
    # A class whose objects may be asked for their content once only; the import is late here too.
    "read_once": """
class Late:
    read = False

    def __iter__(self):
        from setuptools_pyo3 import Binding, RustExtension

        if self.read:
            raise SystemExit("read twice")
        self.read = True
        return iter([RustExtension("report8_read_once", binding=Binding.NoBinding)])

extensions = Late()
""",
    "tuple": """
from setuptools_pyo3 import Binding, RustExtension

extensions = (RustExtension("report8_tuple", binding=Binding.NoBinding),)
""",
}


@pytest.mark.parametrize("kind", ITERABLES)
def test_report_8_any_iterable_of_extensions(project: Project, kind: str) -> None:
    project.write(plain.library(f"report8_{kind}"))
    arguments = 'name="demo", version="1.0", py_modules=["mod"], rust_extensions=extensions'
    project.write({"setup.py": f"from setuptools import setup\n{ITERABLES[kind]}\nsetup({arguments})\n", "mod.py": ""})
    output = project.pip_wheel().stdout
    assert len(cargo_calls(output)) == 1
    assert project.built_wheel().content == ["mod.py", f"report8_{kind}.so"]
    # Several commands in one run look at the extensions again and again.
    output = project.setup("egg_info", "build", "sdist", "bdist_wheel").stdout
    assert "read twice" not in output
    assert project.built_wheel().content == ["mod.py", f"report8_{kind}.so"]


# -- report 14


@pytest.mark.parametrize("packages", ["find", "unsaid"])
def test_report_14_setup_cfg_and_a_table(project: Project, tmp_path: Path, packages: str) -> None:
    """Metadata in setup.cfg, extensions in pyproject.toml, neither setup.py nor ``[project]``."""
    name = f"report14_{packages}"
    project.write(crate(name, folder="rust", module_name="_core"))
    options = "[options]\npackage_dir =\n    = lib\npackages = find:\n[options.packages.find]\nwhere = lib\n"
    project.write({"setup.cfg": "[metadata]\nname = demo\nversion = 1.0\n" + (options if packages == "find" else "")})
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo._core"\npath = "rust/Cargo.toml"\n'
    system = pyproject("demo").partition("[project]")[0]
    folder = "lib/demo" if packages == "find" else "demo"
    project.write({"pyproject.toml": system + table, f"{folder}/__init__.py": "from ._core import answer\n"})
    wheel = project.wheel()
    assert wheel.path.name.startswith("demo-1.0-")
    assert wheel.tag.startswith(f"{VERSION}-{VERSION}-")
    assert len(wheel.content) == 2
    assert project.evaluate("import demo; print(demo.answer())", cwd=wheel.unpack(tmp_path / "unpacked")) == "42"
    project.setup("build_ext", "--inplace")
    assert project.evaluate("import demo; print(demo.answer())", cwd=(project.folder / folder).parent) == "42"


# -- report 15


@pytest.mark.parametrize("declared", ["table", "setup.py"])
def test_report_15_wheel_of_a_c_library_is_for_every_python(
    project: Project, environments: Environments, tmp_path: Path, declared: str
) -> None:
    name = f"report15_{declared.replace('.', '_')}"
    project.write(plain.library(name, folder="rust"))
    project.write({"pkg/__init__.py": REPORT_15})
    if declared == "table":
        table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "pkg._native"\npath = "rust/Cargo.toml"\nbinding = "NoBinding"\n'
        project.write({"pyproject.toml": pyproject("pkg", table)})
    else:
        extension = 'RustExtension("pkg._native", "rust/Cargo.toml", binding=Binding.NoBinding)'
        words = f'name="pkg", version="1.0", packages=["pkg"], ext_modules=[{extension}]'
        project.write({"setup.py": f"from setuptools import setup\nfrom setuptools_pyo3 import *\nsetup({words})\n"})
    wheel = project.wheel()
    assert re.fullmatch(r"py3-none-(linux|macosx|win).*", wheel.tag)
    assert f"Tag: {wheel.tag}\n" in wheel.read("WHEEL")
    assert "Root-Is-Purelib: false" in wheel.read("WHEEL")
    others = [version for version in ("3.9", "3.12", "3.13") if environments.interpreter(version)]
    assert others, "no other Python to try the wheel with"
    for version in ("", *others):
        python = environments.make(python=version, fresh=True) if version else project.python
        if version:
            project.run(python, "-m", "pip", "install", "--quiet", "--no-index", wheel.path)
        cwd = tmp_path if version else wheel.unpack(tmp_path / "unpacked")
        assert project.evaluate("import pkg; print(pkg.answer())", python=python, cwd=cwd) == "42"


REPORT_15 = """
import ctypes
from importlib.util import find_spec

answer = ctypes.CDLL(find_spec("pkg._native").origin).answer
"""


# -- report 16

REPORT_16 = {
    "table": pyproject("demo", '[[tool.setuptools-pyo3.bins]]\ntarget = { report16-a = "report16-a", report16-b = "other-b" }\n'),
    "setup.py": """
from setuptools import setup
from setuptools_pyo3 import RustBin

setup(name="demo", version="1.0", rust_extensions=[RustBin({"report16-a": "report16-a", "report16-b": "other-b"})])
""",
}


@pytest.mark.parametrize("declared", REPORT_16)
def test_report_16_several_executables_of_one_crate(project: Project, environments: Environments, declared: str) -> None:
    project.write(plain.binaries("report16", ["report16-a", "report16-b", "report16-c"]))
    project.write({"pyproject.toml" if declared == "table" else declared: REPORT_16[declared]})
    output = project.pip_wheel().stdout
    assert len(cargo_calls(output)) == 1
    wheel = project.built_wheel()
    assert re.fullmatch(r"py3-none-(linux|macosx|win).*", wheel.tag)
    scripts = [name for name in wheel.names if ".data/scripts/" in name]
    assert scripts == ["demo-1.0.data/scripts/other-b", "demo-1.0.data/scripts/report16-a"]
    assert not any("report16-c" in name for name in wheel.names)
    with zipfile.ZipFile(wheel.path) as archive:
        assert all(archive.getinfo(name).external_attr >> 16 & 0o111 == 0o111 for name in scripts)
    python = environments.make(fresh=True)
    project.run(python, "-m", "pip", "install", "--no-index", wheel.path)
    for program, name in (("report16-a", "report16-a"), ("other-b", "report16-b")):
        assert project.run(python.parent / program, "one", "two").stdout == f'{name}  ["one", "two"]\n'
    assert not (python.parent / "report16-c").exists()
