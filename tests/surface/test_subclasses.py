"""Command and distribution classes of projects' own, as they subclass, replace and drive ours."""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

import pytest

from ..crates import PYO3, crate
from ..support import Environments, Project, cargo_calls
from . import plain

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
VERSION = f"cp{sys.version_info[0]}{sys.version_info[1]}"

C_SOURCE = """
#include <Python.h>

static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(7); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_c", NULL, -1, methods};
PyMODINIT_FUNC PyInit__c(void) { return PyModule_Create(&module); }
"""

# -- build_rust

BUILD_RUST = """
import os

from setuptools import setup
from setuptools_pyo3 import Binding, RustExtension
from {module} import build_rust


class build_rust_with_version(build_rust):
    def run(self):
        os.environ["SUB_VERSION"] = self.distribution.get_version()
        super().run()


setup(
    name="demo",
    version="{version}",
    rust_extensions=[RustExtension("{name}", binding=Binding.NoBinding)],
    cmdclass={{"build_rust": build_rust_with_version}},
)
"""


@pytest.mark.parametrize("module", ["setuptools_pyo3", "setuptools_pyo3.build"])
def test_build_rust_that_sets_the_environment_for_cargo(project: Project, tmp_path: Path, module: str) -> None:
    """The distribution's version reaches the crate, whichever command builds, and a new version is compiled anew."""
    name = "sub_" + module.replace(".", "_")
    project.write(plain.library(name, answer='env!("SUB_VERSION").parse().unwrap()'))
    for version in ("15", "16"):
        project.write({"setup.py": BUILD_RUST.format(module=module, version=version, name=name)})
        unpacked = project.wheel().unpack(tmp_path / version)
        assert project.evaluate(f"import ctypes; print(ctypes.CDLL('./{name}.so').answer())", cwd=unpacked) == version
        for command in ("build_rust", "build_ext"):
            output = project.setup(command, "--inplace").stdout
            assert len(cargo_calls(output)) == 1
            assert plain.call(project, f"{name}.so") == int(version)


# -- build_ext

BUILD_EXT = """
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools_pyo3 import RustExtension


class BuildExt(build_ext):
    def run(self):
        print("OWN run")
        super().run()

    def build_extensions(self):
        for ext in self.extensions:
            print("OWN sees", ext.name, ext.sources[0])
            ext.extra_compile_args = ["-DOWN"]
        super().build_extensions()

    def build_extension(self, ext):
        print("OWN builds", ext.name)
        super().build_extension(ext)


c = Extension("demo._c", ["src/module.c"])
rust = RustExtension("demo._core", "rust/Cargo.toml")
setup(name="demo", version="1.0", packages=["demo"], cmdclass={{"build_ext": BuildExt}}, {declared})
"""


@pytest.mark.parametrize("declared", ["ext_modules=[c, rust]", "ext_modules=[c], rust_extensions=[rust]"])
def test_build_ext_that_loops_over_all_extensions(project: Project, tmp_path: Path, declared: str) -> None:
    """It looks at each extension's C sources, which Rust ones don't have; so it sees the C ones."""
    project.write(crate("sub_build_ext", folder="rust", module_name="_core"))
    project.write({"src/module.c": C_SOURCE, "demo/__init__.py": "", "setup.py": BUILD_EXT.format(declared=declared)})
    output = project.pip_wheel().stdout
    assert "OWN run" in output
    assert "OWN sees demo._c src/module.c" in output
    assert "OWN builds demo._c" in output
    assert len(cargo_calls(output)) == 1
    wheel = project.built_wheel()
    assert wheel.content == ["demo/__init__.py", f"demo/_c{SUFFIX}", f"demo/_core{SUFFIX}"]
    check = "from demo import _c, _core; print(_c.answer(), _core.answer())"
    assert project.evaluate(check, cwd=wheel.unpack(tmp_path / "unpacked")) == "7 42"
    project.setup("build_ext", "--inplace")
    assert project.evaluate(check) == "7 42"


CYTHON = """
from Cython.Distutils import build_ext as cython_build_ext
from setuptools import Extension, setup
from setuptools_pyo3 import RustExtension

setup(
    name="demo",
    version="1.0",
    packages=["demo"],
    ext_modules=[Extension("demo._cy", ["demo/_cy.pyx"])],
    rust_extensions=[RustExtension("demo._core", "rust/Cargo.toml")],
    cmdclass={"build_ext": cython_build_ext},
)
"""


def test_build_ext_of_cython(project: Project, environments: Environments, tmp_path: Path) -> None:
    project.python = environments.make("cython")
    project.write(crate("sub_cython", folder="rust", module_name="_core"))
    project.write({"demo/__init__.py": "", "demo/_cy.pyx": "def answer():\n    return 8\n", "setup.py": CYTHON})
    wheel = project.wheel()
    assert {f"demo/_cy{SUFFIX}", f"demo/_core{SUFFIX}"} <= set(wheel.content)
    assert not any(name.endswith(".rs") or "Cargo" in name for name in wheel.content)
    check = "from demo import _cy, _core; print(_cy.answer(), _core.answer())"
    assert project.evaluate(check, cwd=wheel.unpack(tmp_path / "unpacked")) == "8 42"
    project.setup("build_ext", "--inplace")
    assert project.evaluate(check) == "8 42"


# -- build_scripts

BUILD_SCRIPTS = """
import os
import shutil

from setuptools import setup  # before distutils, which it provides
from distutils.command.build_scripts import build_scripts
from setuptools_pyo3 import Binding, RustExtension


class BuildScripts(build_scripts):
    def run(self):
        self.run_command("build_ext")
        build_ext = self.get_finalized_command("build_ext")
        os.makedirs(self.build_dir, exist_ok=True)
        for ext in self.distribution.rust_extensions:
            source = os.path.join(build_ext.build_lib, ext.name)
            shutil.move(source, os.path.join(self.build_dir, ext.name))


setup(
    name="demo",
    version="1.0",
    scripts=["tool-placeholder"],
    rust_extensions=[RustExtension("sub-tool", binding=Binding.Exec, args=["--bin", "sub-tool"])],
    cmdclass={"build_scripts": BuildScripts},
)
"""


def test_build_scripts_that_moves_executables(project: Project, tmp_path: Path) -> None:
    """It runs build_ext itself, and takes each executable from the build folder by the extension's name."""
    project.write(plain.binaries("sub-tool", ["sub-tool", "sub-other"])).write({"setup.py": BUILD_SCRIPTS, "tool-placeholder": ""})
    for _ in range(2):  # the second time build_ext has to put the executable there again
        output = project.pip_wheel().stdout
        assert len(cargo_calls(output)) == 1
        wheel = project.built_wheel()
        assert wheel.content == ["demo-1.0.data/scripts/sub-tool"]
        assert re.fullmatch(r"py3-none-(linux|macosx|win).*", wheel.tag)
    tool = wheel.unpack(tmp_path / "unpacked") / "demo-1.0.data" / "scripts" / "sub-tool"
    tool.chmod(0o755)
    assert project.run(tool).stdout.startswith("sub-tool")


# -- Distribution

DISTRIBUTION = """
import os

from setuptools import Distribution, setup
from setuptools.command.build_ext import build_ext
from setuptools_pyo3 import Binding, RustExtension, build_rust


class RustDistribution(Distribution):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The keyword's hook has run by now, so nothing of it takes part.
        self.rust_extensions = [RustExtension("demo.{name}", "rust/Cargo.toml"{keywords})]

    def has_ext_modules(self):
        return True


class BuildExt(build_ext):
    def run(self):
        command = build_rust(self.distribution)
        command.initialize_options()
        command.finalize_options()
        command.inplace = self.inplace
        original = command.build_extension

        def build_extension(ext, *args, **kwargs):
            print("WRAPPED", ext.name, isinstance(ext, RustExtension))
            result = original(ext, *args, **kwargs)
            print("RESULT", [os.path.exists(module.path) for module in result[0]])
            return result

        command.build_extension = build_extension
        command.run()
        folder = "." if self.inplace else self.build_lib
        print("FOUND", sorted(name for name in os.listdir(os.path.join(folder, "demo")) if name.startswith("{name}")))
        super().run()


setup(name="demo", version="1.0", packages=["demo"], distclass=RustDistribution, cmdclass={{"build_ext": BuildExt}})
"""


@pytest.mark.parametrize("binding", ["PyO3", "NoBinding"])
def test_distribution_that_drives_build_rust_by_hand(project: Project, tmp_path: Path, binding: str) -> None:
    """Extensions are set after the hooks have run, and build_rust is driven by hand; nothing is built twice."""
    name = f"sub_hand_{binding.lower()}"
    files = crate(name, folder="rust") if binding == "PyO3" else plain.library(name, folder="rust")
    keywords = "" if binding == "PyO3" else ", binding=Binding.NoBinding"
    suffix = SUFFIX if binding == "PyO3" else ".so"
    project.write(files).write({"setup.py": DISTRIBUTION.format(name=name, keywords=keywords), "demo/__init__.py": ""})
    for output in (project.pip_wheel().stdout, project.setup("build_ext", "--inplace").stdout):
        assert len(cargo_calls(output)) == 1
        assert output.count(f"WRAPPED demo.{name} True") == 1
        assert "RESULT [True]" in output
        assert f"FOUND ['{name}{suffix}']" in output
    assert project.built_wheel().content == ["demo/__init__.py", f"demo/{name}{suffix}"]
    if binding == "PyO3":
        assert project.evaluate(f"from demo import {name}; print({name}.answer())") == "42"
        assert project.built_wheel().tag.startswith(f"{VERSION}-{VERSION}-")


# -- bdist_wheel

GET_TAG = {
    "any_python": """
        def get_tag(self):
            python, abi, platform = super().get_tag()
            return "py2.py3", "none", platform
    """,
    "limited": """
        def get_tag(self):
            python, abi, platform = super().get_tag()
            if python.startswith("cp"):
                return "cp39", "abi3", platform
            return python, abi, platform
    """,
    "platform": """
        def finalize_options(self):
            super().finalize_options()
            self.root_is_pure = False

        def get_tag(self):
            python, abi, platform = super().get_tag()
            return python, abi, "manylinux_2_99_x86_64"
    """,
}
EXPECTED = {
    "any_python": "py2.py3-none-linux",
    "limited": "cp39-abi3-linux",
    "platform": f"{VERSION}-{VERSION}-manylinux_2_99_x86_64",
}

BDIST_WHEEL = """
from setuptools import setup
from {module} import bdist_wheel
from setuptools_pyo3 import Binding, RustExtension


class BdistWheel(bdist_wheel):
{methods}

setup(
    name="demo",
    version="1.0",
    rust_extensions=[RustExtension("{name}"{keywords})],
    cmdclass={{"bdist_wheel": BdistWheel}},
)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="spells Linux tags")
@pytest.mark.parametrize("module", ["setuptools.command.bdist_wheel", "wheel.bdist_wheel"])
@pytest.mark.parametrize("kind", GET_TAG)
def test_bdist_wheel_with_its_own_tag(project: Project, environments: Environments, module: str, kind: str) -> None:
    """What a project says about its wheel's tag is the last word, as long as it is true."""
    # The wheel package gave its command to setuptools, and newer ones have it no more.
    project.python = environments.make("wheel==0.45.1") if module.startswith("wheel") else environments.make()
    name = f"sub_tag_{kind}"
    limited = f'{{ version = "{PYO3}", features = ["abi3-py39"] }}' if kind == "limited" else ""
    project.write(plain.library(name) if kind == "any_python" else crate(name, dependency=limited))
    keywords = ", binding=Binding.NoBinding" if kind == "any_python" else ""
    project.write({"setup.py": BDIST_WHEEL.format(module=module, methods=GET_TAG[kind], name=name, keywords=keywords)})
    wheel = project.wheel() if kind != "platform" else None
    if wheel is None:  # pip refuses a wheel that it could not install
        project.setup("bdist_wheel")
        wheel = project.built_wheel()
    assert wheel.tag.startswith(EXPECTED[kind])
    assert f"Tag: {wheel.tag.split('-')[0].split('.')[-1]}-" in wheel.read("WHEEL")


# -- what is read from outside

READ = """
import os

from setuptools import Command, setup
from setuptools_pyo3 import Binding, RustBin, RustExtension


class show(Command):
    user_options = []

    def initialize_options(self):
        pass

    def finalize_options(self):
        pass

    def run(self):
        build_ext = self.get_finalized_command("build_ext")
        build_rust = self.get_finalized_command("build_rust")
        for ext in self.distribution.rust_extensions:
            assert isinstance(ext, RustExtension)
            print("EXT", ext.name, ext.path, repr(ext.binding), ext.features, ext.target, ext.optional, ext.debug, ext.args)
        path = build_ext.get_ext_fullpath("demo._core")
        print("PLACE", os.path.relpath(path, build_ext.build_lib), build_ext.inplace, bool(build_rust.inplace))
        build_ext.inplace = True
        print("INPLACE", os.path.relpath(build_ext.get_ext_fullpath("demo._core")))
        print("SAME", build_rust.extensions == self.distribution.rust_extensions)


setup(
    name="demo",
    version="1.0",
    packages=["demo"],
    rust_extensions=[
        RustExtension("demo._core", path=os.path.abspath("rust/Cargo.toml"), features=["one"], args=["-v"]),
        RustExtension({"a": "demo.a", "b": "demo.b"}, binding=Binding.Exec, optional=True),
        RustBin("tool", debug=True),
    ],
    cmdclass={"show": show},
)
"""


def test_attributes_read_from_outside(project: Project) -> None:
    project.write(crate("sub_read", folder="rust", module_name="_core", extra="\n[features]\none = []\n"))
    project.write(plain.binaries("sub-read", ["a", "b", "tool"])).write({"setup.py": READ, "demo/__init__.py": ""})
    output = project.setup("show").stdout.splitlines()
    assert f"EXT demo._core {Path('rust') / 'Cargo.toml'} Binding.PyO3 ('one',) {{'': 'demo._core'}} False None ('-v',)" in output
    assert "EXT a=demo.a; b=demo.b Cargo.toml Binding.Exec () {'a': 'demo.a', 'b': 'demo.b'} True None ()" in output
    assert "EXT tool Cargo.toml Binding.Exec () {'': 'tool'} False True ()" in output
    place = str(Path("demo") / f"_core{SUFFIX}")
    assert f"PLACE {place} False False" in output or f"PLACE {place} 0 False" in output
    assert f"INPLACE {place}" in output
    assert "SAME True" in output
