"""The forms of pyproject.toml, setup.cfg and setup.py in which the plugin is asked for and extensions are declared."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Dict

import pytest

from ..crates import pyproject
from ..support import Environments, Project, cargo_calls
from . import plain
from .test_keywords import probe

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
VERSION = f"cp{sys.version_info[0]}{sys.version_info[1]}"


def isolated_wheel(project: Project, *options: str) -> None:
    """Build with pip in an isolated environment, as a user does."""
    project.run(project.python, "-m", "pip", "wheel", "-v", "--no-deps", "-w", "dist", *options, ".")


TABLES = """
[[tool.setuptools-pyo3.ext-modules]]
target = "demo._core"
path = "rust/Cargo.toml"
binding = "PyO3"
py-limited-api = "auto"
rust-version = ">=1.60"
features = ["one", "two"]
strip = "Debug"
debug = false
quiet = false
optional = false
args = ["-v"]
cargo-manifest-args = ["--offline"]
rustc-flags = ["--cfg", "form_flag"]
native = false
env = { FORM_VALUE = "from the table" }
[tool.setuptools-pyo3.ext-modules.generated-files]
"made.txt" = "demo"

[[tool.setuptools-pyo3.ext-modules]]
target = "demo._plain"
path = "plain/Cargo.toml"
binding = "NoBinding"
py-limited-api = false
strip = "All"

[[tool.setuptools-pyo3.ext-modules]]
target = { form-tool = "demo.inner-tool" }
path = "tool/Cargo.toml"
binding = "Exec"

[[tool.setuptools-pyo3.bins]]
target = "form-tool"
path = "tool/Cargo.toml"
args = ["--profile", "release"]
strip = "Debug"
"""

ONE_OF_EACH = 'cfg!(feature = "one") as i64 + 2 * cfg!(feature = "two") as i64 + 4 * cfg!(form_flag) as i64'
MADE = 'fn main() {\n    std::fs::write(format!("{}/made.txt", std::env::var("OUT_DIR").unwrap()), "made").unwrap();\n}\n'


def test_every_key_of_the_tables(project: Project, tmp_path: Path) -> None:
    value = '8 * (option_env!("FORM_VALUE") == Some("from the table")) as i64'
    features = "\n[features]\none = []\ntwo = []\n"
    project.write(probe("form_keys", f"{ONE_OF_EACH} + {value}", folder="rust", extra=features)).write({"rust/build.rs": MADE})
    project.write({"rust/src/lib.rs": (project.folder / "rust/src/lib.rs").read_text().replace("fn form_keys", "fn _core")})
    project.write(plain.library("form_plain", folder="plain"))
    project.write(plain.binaries("form-tool", ["form-tool"], folder="tool"))
    project.write({"demo/__init__.py": "", "pyproject.toml": pyproject("demo", TABLES)})
    project.run("cargo", "fetch", "--manifest-path=rust/Cargo.toml")
    wheel = project.wheel()
    files = ["demo/__init__.py", f"demo/_core{SUFFIX}", "demo/_plain.so", "demo/inner-tool", "demo/made.txt"]
    assert wheel.content == sorted([*files, "demo-1.0.data/scripts/form-tool"])
    assert wheel.tag.startswith(f"{VERSION}-{VERSION}-")
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert project.evaluate("from demo import _core; print(_core.answer())", cwd=unpacked) == "15"


def test_setup_py_with_nothing_but_cmdclass_beside_the_table(project: Project) -> None:
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "form_cmdclass"\nbinding = "NoBinding"\n'
    project.write(plain.library("form_cmdclass")).write({"pyproject.toml": pyproject("demo", table)})
    project.write({"setup.py": CMDCLASS, "mod.py": ""})
    output = project.pip_wheel().stdout
    assert "own build_rust" in output
    assert "own build_py" in output
    assert len(cargo_calls(output)) == 1
    assert project.built_wheel().content == ["form_cmdclass.so", "mod.py"]


CMDCLASS = """
from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools_pyo3 import build_rust


class BuildPy(build_py):
    def run(self):
        print("own build_py")
        super().run()


class BuildRust(build_rust):
    def run(self):
        print("own build_rust")
        super().run()


setup(cmdclass={"build_rust": BuildRust, "build_py": BuildPy})
"""


# -- who asks for the plugin

GUARDED = """
from setuptools import setup

try:
    from setuptools_pyo3 import Binding, RustExtension
except ImportError:
    extensions = []
else:
    extensions = [RustExtension("form_requires", binding=Binding.NoBinding)]

setup(name="demo", version="1.0", setup_requires=["setuptools-pyo3"], rust_extensions=extensions)
"""

LATE = """
from setuptools import setup

def extensions():
    from setuptools_pyo3 import Binding, RustExtension

    yield RustExtension("form_requires", binding=Binding.NoBinding)

setup(name="demo", version="1.0", setup_requires=["setuptools-pyo3"], rust_extensions=extensions())
"""


@pytest.mark.parametrize("text", [GUARDED, LATE], ids=["guarded", "late"])
@pytest.mark.parametrize("system", ["absent", "without_backend"])
def test_setup_requires(project: Project, text: str, system: str) -> None:
    """The plugin comes from setup_requires into an isolated build, with no pyproject.toml or one that names no backend."""
    project.write(plain.library("form_requires")).write({"setup.py": text})
    if system == "without_backend":
        project.write({"pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n'})
    isolated_wheel(project, "--use-pep517")
    assert project.built_wheel().content == ["form_requires.so"]


@pytest.mark.parametrize("system", ["absent", "without_backend"])
def test_no_build_backend(project: Project, system: str) -> None:
    """Projects that never named a backend; their setup.py imports the plugin, and modules of the project's own folder."""
    project.write(plain.library("form_legacy"))
    extension = 'RustExtension("form_legacy", binding=Binding.NoBinding)'
    project.write({"version_of_demo.py": "VERSION = '1.5'\n"})
    project.write(
        {
            "setup.py": "from setuptools import setup\nfrom setuptools_pyo3 import Binding, RustExtension\n"
            "from version_of_demo import VERSION\n"
            f"setup(name='demo', version=VERSION, packages=[], rust_extensions=[{extension}])\n"
        }
    )
    if system == "absent":
        project.pip_wheel("--use-pep517")
    else:
        project.write({"pyproject.toml": '[build-system]\nrequires = ["setuptools", "wheel", "setuptools-pyo3"]\n'})
        isolated_wheel(project)
    assert project.built_wheel().content == ["form_legacy.so"]
    assert project.built_wheel().path.name.startswith("demo-1.5-")


BACKEND = """
import os

from setuptools import build_meta
from setuptools.build_meta import *


def _ours(requirements):
    return [*requirements, *([] if os.environ.get("FORM_PURE") else ["setuptools-pyo3"])]


def get_requires_for_build_wheel(config_settings=None):
    return _ours(build_meta.get_requires_for_build_wheel(config_settings))


def get_requires_for_build_sdist(config_settings=None):
    return _ours(build_meta.get_requires_for_build_sdist(config_settings))


def get_requires_for_build_editable(config_settings=None):
    return _ours(build_meta.get_requires_for_build_editable(config_settings))
"""


def in_tree_backend(name: str) -> Dict[str, str]:
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo._core"\npath = "rust/Cargo.toml"\nbinding = "NoBinding"\n'
    rest = pyproject("demo", table).partition("[project]")[2]
    system = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "backend"\nbackend-path = ["build_backend"]\n\n'
    packages = '\n[tool.setuptools]\npackages = ["demo"]\n'
    return {
        **plain.library(name, folder="rust"),
        "pyproject.toml": f"{system}[project]{rest}{packages}",
        "build_backend/backend.py": BACKEND,
        "MANIFEST.in": "graft build_backend\n",
        "demo/__init__.py": "",
    }


def test_in_tree_backend_asks_for_the_plugin(project: Project, environments: Environments) -> None:
    project.python = environments.make("build")
    project.write(in_tree_backend("form_backend"))
    isolated_wheel(project)
    assert project.built_wheel().content == ["demo/__init__.py", "demo/_core.so"]
    project.run(project.python, "-m", "build")
    assert project.built_wheel().content == ["demo/__init__.py", "demo/_core.so"]


def test_table_is_inert_without_the_plugin(project: Project) -> None:
    """The same project without the plugin in its build environment is a pure Python one."""
    project.write(in_tree_backend("form_inert"))
    project.env["FORM_PURE"] = "1"
    isolated_wheel(project)
    wheel = project.built_wheel()
    assert wheel.tag == "py3-none-any"
    assert wheel.content == ["demo/__init__.py"]


# -- what setup.py does around the extensions


def test_extensions_left_out_for_egg_info(project: Project) -> None:
    """One project declares no extension where only metadata is asked for."""
    project.write(plain.library("form_egg_info"))
    extension = 'RustExtension("form_egg_info", binding=Binding.NoBinding)'
    project.write(
        {
            "setup.py": "import sys\nfrom setuptools import setup\nfrom setuptools_pyo3 import Binding, RustExtension\n"
            f'extensions = [] if "egg_info" in sys.argv else [{extension}]\n'
            'setup(name="demo", version="1.0", py_modules=["mod"], rust_extensions=extensions)\n',
            "mod.py": "",
        }
    )
    project.setup("egg_info")
    assert project.wheel().content == ["form_egg_info.so", "mod.py"]
    isolated = project.setup("egg_info", "--egg-base", ".")
    assert cargo_calls(isolated.stdout) == []


TWICE = """
from setuptools import setup
from setuptools_pyo3 import Binding, RustExtension

extensions = [RustExtension("form_twice", binding=Binding.NoBinding)]
for name in ("one", "two"):
    setup(name=name, version="1.0", {keyword}=extensions, script_args={command})
print("COUNT", len(extensions))
"""


@pytest.mark.parametrize("keyword", ["rust_extensions", "ext_modules"])
def test_one_list_of_extensions_built_twice(project: Project, keyword: str) -> None:
    """A setup.py calls ``setup`` twice with the same list, which stays as it is; a command line names two commands that build."""
    project.write(plain.library("form_twice"))
    for command in (["build_rust", "--inplace"], ["build_ext", "--inplace"], ["build"]):
        project.write({"setup.py": TWICE.format(keyword=keyword, command=command)})
        output = project.run(project.python, "setup.py").stdout
        assert "COUNT 1" in output
        assert len(cargo_calls(output)) == 2
        assert output.count("Compiling form_twice") <= 1
    assert project.files("**/form_twice*.so") == [*project.files("build/lib*/form_twice.so"), "form_twice.so"]
    both = TWICE.format(keyword=keyword, command=["build_rust", "--inplace", "build_ext", "--inplace", "bdist_wheel"])
    output = project.write({"setup.py": both.replace('("one", "two")', '("one",)')}).run(project.python, "setup.py").stdout
    assert output.count("Compiling form_twice") == 0
    assert project.built_wheel().content == ["form_twice.so"]


def test_names_that_projects_import(project: Project) -> None:
    imports = """
        import setuptools_pyo3
        from setuptools_pyo3 import Binding, RustBin, RustExtension, Strip, build_rust, clean_rust
        from setuptools_pyo3.build import build_rust as command

        assert command is build_rust
        assert issubclass(RustBin, RustExtension)
        assert {"RustExtension", "RustBin", "Binding", "Strip", "build_rust", "clean_rust"} <= set(setuptools_pyo3.__all__)
        assert setuptools_pyo3.__version__
        print([b.name for b in Binding], [s.name for s in Strip], repr(Binding.PyO3))
    """
    assert project.evaluate(imports) == "['PyO3', 'RustCPython', 'NoBinding', 'Exec'] ['No', 'Debug', 'All'] Binding.PyO3"
