"""Living inside setuptools: every kind of project keeps what a project with C extensions has, and nothing else changes."""

from __future__ import annotations

import os
import sys
import sysconfig
import tarfile
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple

import pytest

from ..crates import PYO3, crate, module, pyproject
from ..support import Environments, Project, Wheel, cargo_calls

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
PLAIN = Path(SUFFIX).suffix
SPECIFIC = f"cp{sys.version_info[0]}{sys.version_info[1]}"

BUILD_SYSTEM = '[build-system]\nrequires = ["setuptools", "setuptools-pyo3"]\nbuild-backend = "setuptools.build_meta"\n'
C_SOURCE = """
#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_c"};

PyMODINIT_FUNC PyInit__c(void)
{
    return PyModuleDef_Init(&module);
}
"""
NO_BINDING = 'binding = "NoBinding"'
# A library for ctypes: it is compiled in a moment, for tests that are not about PyO3.
LIBRARY = '#[no_mangle]\npub extern "C" fn answer() -> i32 {\n    42\n}\n'


def setup_py(arguments: str, before: str = "") -> str:
    """A setup.py of the project ``living``."""
    imports = "from setuptools import Extension, find_namespace_packages, find_packages, setup\n"
    imports += "from setuptools_pyo3 import Binding, RustBin, RustExtension\n"
    return f'{imports}\n{before}\nsetup(name="living", version="1.0", {arguments})\n'


def library(name: str, folder: str) -> Dict[str, str]:
    """The files of a crate with a library for ctypes."""
    prefix = f"{folder}/" if folder else ""
    head = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\nname = "_core"\ncrate-type = ["cdylib"]\n'
    return {f"{prefix}Cargo.toml": head, f"{prefix}src/lib.rs": LIBRARY}


def declared(target: str, path: str = "Cargo.toml", *lines: str) -> str:
    """The table in pyproject.toml that declares a module."""
    return "\n".join(("[[tool.setuptools-pyo3.ext-modules]]", f'target = "{target}"', f'path = "{path}"', *lines, ""))


def bdist_wheel(project: Project, *options: str) -> Wheel:
    """The project's wheel, built without a frontend."""
    project.setup("bdist_wheel", *options)
    return project.built_wheel()


# -- layouts


class Layout(NamedTuple):
    """One way to lay a project out.

    Args:
        files: its Python files.
        module: the Rust module's full name.
        setup: the arguments of ``setup()``.
        cfg: the lines of ``[options]`` and what follows in setup.cfg; "" where it can't be said there.
        toml: the tables in pyproject.toml; "" likewise.
        in_place: the module's place among the sources, without suffix.
        content: what is in the wheel beside the module.
    """

    files: List[str]
    module: str
    setup: str
    cfg: str
    toml: str
    in_place: str
    content: List[str]


LAYOUTS: Dict[str, Layout] = {
    "src": Layout(
        files=["src/living/__init__.py", "src/living/sub/__init__.py"],
        module="living.sub._core",
        setup='packages=find_packages("src"), package_dir={"": "src"}',
        cfg="[options]\npackages = find:\npackage_dir =\n    = src\n[options.packages.find]\nwhere = src\n",
        toml='[tool.setuptools.packages.find]\nwhere = ["src"]\n',
        in_place="src/living/sub/_core",
        content=["living/__init__.py", "living/sub/__init__.py"],
    ),
    "flat": Layout(
        files=["living/__init__.py"],
        module="living._core",
        setup='packages=["living"]',
        cfg="[options]\npackages = living\n",
        toml='[tool.setuptools]\npackages = ["living"]\n',
        in_place="living/_core",
        content=["living/__init__.py"],
    ),
    "namespace": Layout(
        files=["src/acme/fast/__init__.py"],
        module="acme.fast._core",
        setup='packages=find_namespace_packages("src"), package_dir={"": "src"}',
        cfg="[options]\npackages = find_namespace:\npackage_dir =\n    = src\n[options.packages.find]\nwhere = src\n",
        toml='[tool.setuptools.packages.find]\nwhere = ["src"]\nnamespaces = true\n',
        in_place="src/acme/fast/_core",
        content=["acme/fast/__init__.py"],
    ),
    "package_dir": Layout(
        files=["lib/python/__init__.py"],
        module="living._core",
        setup='packages=["living"], package_dir={"living": "lib/python"}',
        cfg="[options]\npackages = living\npackage_dir =\n    living = lib/python\n",
        toml='[tool.setuptools]\npackages = ["living"]\npackage-dir = {living = "lib/python"}\n',
        in_place="lib/python/_core",
        content=["living/__init__.py"],
    ),
    "py_modules": Layout(
        files=["single.py"],
        module="_core",
        setup='py_modules=["single"]',
        cfg="[options]\npy_modules = single\n",
        toml='[tool.setuptools]\npy-modules = ["single"]\n',
        in_place="_core",
        content=["single.py"],
    ),
    "py_modules in src": Layout(
        files=["src/single.py"],
        module="_core",
        setup='py_modules=["single"], package_dir={"": "src"}',
        cfg="[options]\npy_modules = single\npackage_dir =\n    = src\n",
        toml='[tool.setuptools]\npy-modules = ["single"]\npackage-dir = {"" = "src"}\n',
        in_place="src/_core",
        content=["single.py"],
    ),
    "ext_package": Layout(
        files=["living/__init__.py"],
        module="_core",
        setup='packages=["living"], ext_package="living"',
        cfg="",
        toml="",
        in_place="living/_core",
        content=["living/__init__.py"],
    ),
}
# "setup.cfg" has its metadata there, the extension in pyproject.toml, and neither setup.py nor a [project] table (report 14).
KINDS = ("ext_modules", "rust_extensions", "setup.cfg", "pyproject")


def configuration(kind: str, layout: Layout) -> Dict[str, str]:
    """The configuration files of a project of this kind."""
    table = declared(layout.module, "rust/Cargo.toml")
    if kind == "pyproject":
        return {"pyproject.toml": pyproject("living", table, layout.toml)}
    if kind == "setup.cfg":
        return {
            "setup.cfg": f"[metadata]\nname = living\nversion = 1.0\n{layout.cfg}",
            "pyproject.toml": BUILD_SYSTEM + table,
        }
    return {"setup.py": setup_py(f'{layout.setup}, {kind}=[RustExtension("{layout.module}", "rust/Cargo.toml")]')}


_CASES = [
    pytest.param(kind, name, id=f"{name}-{kind}")
    for name, layout in LAYOUTS.items()
    for kind in KINDS
    if layout.cfg or kind in ("ext_modules", "rust_extensions")
]


@pytest.mark.parametrize(("kind", "name"), _CASES)
def test_layout(kind: str, name: str, project: Project, tmp_path: Path) -> None:
    layout = LAYOUTS[name]
    project.write(dict.fromkeys(layout.files, ""))
    project.write({**configuration(kind, layout), **crate("living", folder="rust", lib="_core")})
    wheel = bdist_wheel(project)
    full = layout.content[0].replace("/__init__.py", "").replace("/", ".") + "._core" if name == "ext_package" else layout.module
    assert wheel.content == sorted([*layout.content, full.replace(".", "/") + SUFFIX])
    assert wheel.tag.startswith(f"{SPECIFIC}-{SPECIFIC}-")
    code = f"import {full} as module; print(module.answer())"
    assert project.evaluate(code, cwd=wheel.unpack(tmp_path / "unpacked")) == "42"
    # In place, in development: beside its package, and nowhere else.
    project.setup("build_ext", "--inplace")
    assert [path for path in project.files(f"**/*{PLAIN}") if not path.startswith("build/")] == [layout.in_place + SUFFIX]


@pytest.mark.parametrize("name", ["namespace", "package_dir"])
def test_reports_10_11_layouts_are_importable_from_editable_installs(
    name: str, project: Project, environments: Environments, tmp_path: Path
) -> None:
    layout = LAYOUTS[name]
    project.write(dict.fromkeys(layout.files, ""))
    project.write({**configuration("pyproject", layout), **crate("living", folder="rust", lib="_core")})
    interpreter = environments.make(fresh=True)
    project.run(interpreter, "-m", "pip", "install", "--no-build-isolation", "-e", ".")
    if name == "namespace":
        # Another project owns another part of the namespace.
        site_packages = Path(project.evaluate("import sysconfig; print(sysconfig.get_path('purelib'))", python=interpreter))
        (site_packages / "acme" / "other").mkdir(parents=True)
        (site_packages / "acme" / "other" / "__init__.py").write_text("")
        code = "import acme, acme.other; print(getattr(acme, '__file__', None))"
        assert project.evaluate(code, python=interpreter, cwd=tmp_path) == "None"
    code = f"import {layout.module} as module; print(module.answer())"
    assert project.evaluate(code, python=interpreter, cwd=tmp_path) == "42"


# -- discovery knows what a crate is

_DISCOVERING: Dict[str, Dict[str, str]] = {
    "pyproject": {
        "pyproject.toml": pyproject("living", declared("pkg._core", "{path}", NO_BINDING)),
    },
    "setup.cfg": {
        "setup.cfg": "[metadata]\nname = living\nversion = 1.0\n",
        "pyproject.toml": BUILD_SYSTEM + declared("pkg._core", "{path}", NO_BINDING),
    },
    "setup.py": {"setup.py": setup_py('rust_extensions=[RustExtension("pkg._core", "{path}", binding=Binding.NoBinding)]')},
    "setup.py beside a project table": {
        "setup.py": "from setuptools import setup\nfrom setuptools_pyo3 import Binding, RustExtension\n"
        'setup(ext_modules=[RustExtension("pkg._core", "{path}", binding=Binding.NoBinding)])\n',
        "pyproject.toml": pyproject("living"),
    },
}


_FOLDERS = {"": "report_12_crate_in_src", "rust": "report_13_rust_beside", "crates/core": "crates_beside"}


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        pytest.param(kind, folder, id=f"{name}-{kind}")
        for folder, name in _FOLDERS.items()
        for kind in _DISCOVERING
        if folder != "crates/core" or kind == "pyproject"
    ],
)
def test_reports_12_13_discovery_finds_the_package_beside_a_crate(kind: str, folder: str, project: Project) -> None:
    path = f"{folder}/Cargo.toml" if folder else "Cargo.toml"
    project.write({name: text.replace("{path}", path) for name, text in _DISCOVERING[kind].items()})
    project.write({**library("living-discovered", folder), "pkg/__init__.py": "", "pkg/sub/__init__.py": ""})
    # cargo's own target folder, in the crate or the root, holds what looks like sources.
    del project.env["CARGO_TARGET_DIR"]
    for build in (project.wheel, lambda: bdist_wheel(project)):
        wheel = build()
        assert wheel.content == ["pkg/__init__.py", f"pkg/_core{PLAIN}", "pkg/sub/__init__.py"]
        assert wheel.tag.startswith("py3-none-")
    assert project.files(f"{folder or '.'}/target/CACHEDIR.TAG")


def test_discovery_finds_a_single_module_beside_a_crate(project: Project) -> None:
    table = declared("_core", "Cargo.toml", NO_BINDING)
    project.write({"pyproject.toml": pyproject("living", table), "single.py": "", **library("living-single", "")})
    assert bdist_wheel(project).content == [f"_core{PLAIN}", "single.py"]


def test_discovery_finds_a_src_layout_that_is_shared_with_a_crate(project: Project) -> None:
    # One src/ for both languages is unusual, but somebody has it.
    table = declared("pkg._core", "Cargo.toml", NO_BINDING)
    project.write({"pyproject.toml": pyproject("living", table), "src/pkg/__init__.py": "", **library("living-shared", "")})
    assert bdist_wheel(project).content == ["pkg/__init__.py", f"pkg/_core{PLAIN}"]


# -- data, and what is in an sdist

_INCLUDING: Dict[str, Dict[str, str]] = {
    "setup.py": {
        "setup.py": setup_py(
            'packages=find_packages("src"), package_dir={"": "src"}, include_package_data=True, '
            'ext_modules=[RustExtension("living._core", "src/living/rust/Cargo.toml")]'
        ),
        "pyproject.toml": BUILD_SYSTEM,
    },
    "setup.cfg": {
        "setup.cfg": "[metadata]\nname = living\nversion = 1.0\n"
        + LAYOUTS["src"].cfg.replace("[options]\n", "[options]\ninclude_package_data = True\n"),
        "pyproject.toml": BUILD_SYSTEM + declared("living._core", "src/living/rust/Cargo.toml"),
    },
    "pyproject": {
        "pyproject.toml": pyproject("living", declared("living._core", "src/living/rust/Cargo.toml")),
    },
}
_CRATE_FILES = {
    "src/living/rust/Cargo.lock",
    "src/living/rust/Cargo.toml",
    "src/living/rust/build.rs",
    "src/living/rust/src/lib.rs",
}


@pytest.mark.parametrize("kind", list(_INCLUDING))
def test_include_package_data_ships_data_and_no_rust(kind: str, project: Project, tmp_path: Path) -> None:
    project.write(_INCLUDING[kind])
    project.write(crate("living-included", folder="src/living/rust", lib="_core"))
    project.write(
        {
            "MANIFEST.in": "graft src\nglobal-exclude *.so\n",
            "src/living/__init__.py": "",
            "src/living/data/words.txt": "words",
            # Rust stays out, whoever lists it, unless a pattern in package_data asks for it.
            "src/living/data/template.rs": "fn template() {}",
            "src/living/rust/build.rs": 'fn main() {\n    println!("cargo:rerun-if-changed=build.rs");\n}\n',
        }
    )
    project.run("cargo", "generate-lockfile", "--manifest-path=src/living/rust/Cargo.toml")
    expected = [
        "living/__init__.py",
        f"living/_core{SUFFIX}",
        "living/data/words.txt",
    ]
    # An in-place build before changes nothing of it.
    project.setup("build_ext", "--inplace")
    assert bdist_wheel(project).content == expected
    project.setup("sdist")
    (sdist,) = (project.folder / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(tmp_path / "sdist", filter="data")
    assert names >= {*_CRATE_FILES, "src/living/data/words.txt"}
    wheel = bdist_wheel(Project(tmp_path / "sdist" / "living-1.0", project.python, project.env))
    assert wheel.content == expected
    assert project.evaluate("import living._core as m; print(m.answer())", cwd=wheel.unpack(tmp_path / "unpacked")) == "42"


def test_an_sdist_is_complete_without_a_manifest_and_package_data_is_the_projects_own(project: Project, tmp_path: Path) -> None:
    table = declared("living._core", "living/rust/Cargo.toml", NO_BINDING)
    data = '[tool.setuptools]\npackages = ["living"]\n[tool.setuptools.package-data]\nliving = ["rust/src/*.rs"]\n'
    project.write({"pyproject.toml": pyproject("living", table, data), "living/__init__.py": ""})
    project.write(library("living-sdist", "living/rust"))
    project.run("cargo", "generate-lockfile", "--manifest-path=living/rust/Cargo.toml")
    project.setup("sdist")
    (sdist,) = (project.folder / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(tmp_path / "sdist", filter="data")
    assert names >= {"living/rust/Cargo.lock", "living/rust/Cargo.toml", "living/rust/src/lib.rs", "pyproject.toml"}
    wheel = bdist_wheel(Project(tmp_path / "sdist" / "living-1.0", project.python, project.env))
    # The project asked for its sources as data in so many words.
    assert wheel.content == ["living/__init__.py", f"living/_core{PLAIN}", "living/rust/src/lib.rs"]


@pytest.mark.parametrize("kind", ["setup.py", "pyproject"])
def test_setuptools_scm_gives_the_version_and_its_files_leak_no_rust(
    kind: str, project: Project, environments: Environments
) -> None:
    project.python = environments.make("setuptools-scm")
    if kind == "setup.py":
        modules = 'rust_extensions=[RustExtension("living._core", "living/rust/Cargo.toml")]'
        text = setup_py(f"use_scm_version=True, packages=['living'], include_package_data=True, {modules}")
        build_system = BUILD_SYSTEM.replace('"setuptools",', '"setuptools", "setuptools-scm",')
        project.write({"setup.py": text.replace('version="1.0", ', ""), "pyproject.toml": build_system})
    else:
        table = declared("living._core", "living/rust/Cargo.toml") + "[tool.setuptools_scm]\n"
        text = pyproject("living", table, '[tool.setuptools]\npackages = ["living"]\n')
        project.write({"pyproject.toml": text.replace('version = "1.0"', 'dynamic = ["version"]')})
    project.write({"living/__init__.py": "", "living/words.txt": "words", **crate("living-scm", folder="living/rust", lib="_core")})
    project.write({".gitignore": "*.egg-info/\nbuild/\ndist/\n"})
    project.run("cargo", "generate-lockfile", "--manifest-path=living/rust/Cargo.toml")
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first"), ("tag", "v4.5.6")):
        project.run("git", *identity, *command)
    wheel = project.wheel()
    assert wheel.path.name.startswith("living-4.5.6-")
    assert wheel.content == ["living/__init__.py", f"living/_core{SUFFIX}", "living/words.txt"]
    assert project.run("git", "status", "--porcelain").stdout == ""


# -- other builders and other classes


@pytest.mark.parametrize("how", ["cythonize", "old build_ext", "new build_ext"])
def test_cython_extensions_beside(how: str, project: Project, environments: Environments, tmp_path: Path) -> None:
    project.python = environments.make("cython")
    # What Cython writes takes a C compiler long to optimise.
    project.env["CFLAGS"] = "-O0"
    before = {
        "cythonize": 'from Cython.Build import cythonize\nothers = cythonize(["living/_slow.pyx"])',
        "old build_ext": "from Cython.Distutils import build_ext\ncmdclass = {'build_ext': build_ext}\n"
        'others = [Extension("living._slow", ["living/_slow.pyx"])]',
        "new build_ext": "from Cython.Distutils.build_ext import new_build_ext\ncmdclass = {'build_ext': new_build_ext}\n"
        'others = [Extension("living._slow", ["living/_slow.pyx"])]',
    }[how]
    modules = "ext_modules=[*others, RustExtension('living._core', 'rust/Cargo.toml')]"
    arguments = f"packages=['living'], cmdclass=globals().get('cmdclass', {{}}), {modules}"
    project.write({"setup.py": setup_py(arguments, before), "living/_slow.pyx": "def double(int n):\n    return 2 * n\n"})
    project.write({"living/__init__.py": "", **crate("living", folder="rust", lib="_core")})
    wheel = bdist_wheel(project)
    assert {name for name in wheel.content if name.endswith(PLAIN)} == {f"living/_core{SUFFIX}", f"living/_slow{SUFFIX}"}
    code = "import living._core, living._slow; print(living._slow.double(living._core.answer()))"
    assert project.evaluate(code, cwd=wheel.unpack(tmp_path / "unpacked")) == "84"
    project.setup("build_ext", "--inplace")
    assert project.evaluate(code) == "84"


# A class such as many projects have: it looks at every extension as at one of C.
_OWN_BUILD_EXT = """
from setuptools.command.build_ext import build_ext


class OwnBuildExt(build_ext):
    def build_extensions(self):
        for ext in self.extensions:
            ext.extra_compile_args = ["-DOWN=1"]
            assert ext.sources, ext.name
            print("own build_ext sees", ext.name)
        super().build_extensions()

    def build_extension(self, ext):
        print("own build_ext builds", ext.name, ext.extra_compile_args)
        super().build_extension(ext)

    def run(self):
        print("own build_ext runs")
        super().run()
"""
_OWN_BUILD_PY = """
from setuptools.command.build_py import build_py


class OwnBuildPy(build_py):
    def run(self):
        super().run()
        with open(self.build_lib + "/living/_made.py", "w") as file:
            file.write("MADE = True")
"""


@pytest.mark.parametrize("kind", ["setup.py", "setup.cfg", "pyproject"])
def test_own_build_ext_and_build_py_classes(kind: str, project: Project, tmp_path: Path) -> None:
    c_only = 'ext_modules=[Extension("living._c", ["_c.c"])]'
    table = declared("living._core", "rust/Cargo.toml")
    project.write({"own.py": _OWN_BUILD_EXT + _OWN_BUILD_PY, "_c.c": C_SOURCE, "living/__init__.py": ""})
    project.write(crate("living", folder="rust", lib="_core"))
    if kind == "setup.py":
        classes = 'cmdclass={"build_ext": own.OwnBuildExt, "build_py": own.OwnBuildPy}'
        both = c_only.replace("])]", ']), RustExtension("living._core", "rust/Cargo.toml")]')
        text = setup_py(f'packages=["living"], {classes}, {both}', 'import sys; sys.path.insert(0, ".")\nimport own\n')
        project.write({"setup.py": text})
    elif kind == "setup.cfg":
        options = "packages = living\ncmdclass =\n    build_ext = own.OwnBuildExt\n    build_py = own.OwnBuildPy\n"
        project.write(
            {
                "setup.cfg": f"[metadata]\nname = living\nversion = 1.0\n[options]\n{options}",
                "setup.py": f"from setuptools import Extension, setup\nsetup({c_only})\n",
                "pyproject.toml": BUILD_SYSTEM + table,
            }
        )
    else:
        classes = '[tool.setuptools]\npackages = ["living"]\n'
        classes += '[tool.setuptools.cmdclass]\nbuild_ext = "own.OwnBuildExt"\nbuild_py = "own.OwnBuildPy"\n'
        project.write({"pyproject.toml": pyproject("living", table, classes)})
        project.write({"setup.py": f"from setuptools import Extension, setup\nsetup({c_only})\n"})
    output = project.setup("bdist_wheel").stdout
    assert output.count("own build_ext runs") == 1
    assert "own build_ext sees living._c" in output
    assert "own build_ext builds living._c ['-DOWN=1']" in output
    assert "-DOWN=1" in next(line for line in output.splitlines() if "-c _c.c" in line)
    assert len(cargo_calls(output)) == 1
    wheel = project.built_wheel()
    assert wheel.content == ["living/__init__.py", f"living/_c{SUFFIX}", f"living/_core{SUFFIX}", "living/_made.py"]
    code = "import living._c, living._core, living._made; print(living._core.answer(), living._made.MADE)"
    assert project.evaluate(code, cwd=wheel.unpack(tmp_path / "unpacked")) == "42 True"


def test_places_are_known_to_commands_that_ask_build_ext(project: Project) -> None:
    own = """
from setuptools import Command


class Where(Command):
    user_options = []

    def initialize_options(self):
        pass

    def finalize_options(self):
        pass

    def run(self):
        self.run_command("build_ext")
        build_ext = self.get_finalized_command("build_ext")
        for ext in build_ext.extensions:
            print("place", build_ext.get_ext_fullpath(ext.name).replace("\\\\", "/"))
            print("file", build_ext.get_ext_filename(build_ext.get_ext_fullname(ext.name)).replace("\\\\", "/"))
"""
    modules = 'ext_modules=[Extension("living._c", ["_c.c"]), RustExtension("living._core", "rust/Cargo.toml")]'
    text = setup_py(f'packages=["living"], cmdclass={{"where": Where}}, {modules}', own)
    project.write({"setup.py": text, "living/__init__.py": "", "_c.c": C_SOURCE, **crate("living", folder="rust", lib="_core")})
    for option, parent in ((), "build/lib"), (("build_ext", "--inplace"), "living"):
        output = project.setup(*option, "where").stdout
        places = [line.split()[1] for line in output.splitlines() if line.startswith("place ")]
        files = [line.split()[1] for line in output.splitlines() if line.startswith("file ")]
        assert files == [f"living/_c{SUFFIX}", f"living/_core{SUFFIX}"]
        assert all((project.folder / place).is_file() and parent in place for place in places)


_TAGS = {
    "setuptools": "from setuptools.command.bdist_wheel import bdist_wheel\n",
    "wheel": "from wheel.bdist_wheel import bdist_wheel\n",
}


@pytest.mark.parametrize("origin", ["setuptools", "wheel", "wheel 0.43"])
@pytest.mark.parametrize("which", ["all", "platform"])
def test_own_bdist_wheel_class_has_the_last_word_on_the_tag(
    origin: str, which: str, project: Project, environments: Environments
) -> None:
    if origin == "wheel 0.43":
        # The last generation with a bdist_wheel of its own.
        project.python = environments.make("wheel==0.43.0")
    result = '("py38", "none", "manylinux1_x86_64")' if which == "all" else '(*super().get_tag()[:2], "manylinux1_x86_64")'
    own = f"{_TAGS[origin.split()[0]]}\nclass Own(bdist_wheel):\n    def get_tag(self):\n        return {result}\n"
    modules = 'rust_extensions=[RustExtension("living._core", "rust/Cargo.toml", binding=Binding.NoBinding)]'
    text = setup_py(f'packages=["living"], cmdclass={{"bdist_wheel": Own}}, {modules}', own)
    project.write({"setup.py": text, "living/__init__.py": "", **library("living-tagged", "rust")})
    wheel = bdist_wheel(project)
    assert wheel.tag == ("py38-none-manylinux1_x86_64" if which == "all" else "py3-none-manylinux1_x86_64")


def test_own_platform_beside_abi3(project: Project) -> None:
    own = f"{_TAGS['setuptools']}\nclass Own(bdist_wheel):\n    def get_tag(self):\n        python, abi, _ = super().get_tag()\n"
    own += '        return python, abi, "manylinux_2_17_x86_64.manylinux2014_x86_64"\n'
    modules = 'rust_extensions=[RustExtension("living._core", "rust/Cargo.toml")]'
    dependency = f'{{ version = "{PYO3}", features = ["abi3-py39"] }}'
    text = setup_py(f'packages=["living"], cmdclass={{"bdist_wheel": Own}}, {modules}', own)
    project.write({"setup.py": text, "living/__init__.py": ""})
    project.write(crate("living-abi3", folder="rust", lib="_core", dependency=dependency))
    wheel = bdist_wheel(project)
    assert wheel.tag == "cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64"
    assert f"living/_core.abi3{PLAIN}" in wheel.content


@pytest.mark.parametrize("option", ["--parallel=2", "-j2"])
def test_parallel_building(option: str, project: Project) -> None:
    c_modules = [f'Extension("{name}", ["_c.c"])' for name in ("living._c", "living.sub._c")]
    modules = ", ".join([c_modules[0], 'RustExtension("living._core", "rust/Cargo.toml")', c_modules[1]])
    project.write({"setup.py": setup_py(f'packages=["living", "living.sub"], ext_modules=[{modules}]'), "_c.c": C_SOURCE})
    project.write({"living/__init__.py": "", "living/sub/__init__.py": "", **crate("living", folder="rust", lib="_core")})
    output = project.setup("build_ext", "--inplace", option).stdout
    (call,) = cargo_calls(output)
    assert "--jobs=2" in call
    code = "import living._c, living._core, living.sub._c; print(living._core.answer())"
    assert project.evaluate(code) == "42"


def test_c_extensions_in_pyproject_beside(project: Project) -> None:
    table = declared("living._core", "rust/Cargo.toml")
    c_module = '[[tool.setuptools.ext-modules]]\nname = "living._c"\nsources = ["_c.c"]\n'
    project.write({"pyproject.toml": pyproject("living", table, c_module), "_c.c": C_SOURCE, "living/__init__.py": ""})
    project.write(crate("living", folder="rust", lib="_core"))
    assert bdist_wheel(project).content == ["living/__init__.py", f"living/_c{SUFFIX}", f"living/_core{SUFFIX}"]


def test_two_modules_with_one_last_name(project: Project, tmp_path: Path) -> None:
    # setuptools keeps extensions by the last part of their names as well.
    both = ", ".join(f'RustExtension("living.{name}._core", "rust/{name}/Cargo.toml")' for name in ("one", "two"))
    arguments = f'packages=["living", "living.one", "living.two"], ext_modules=[{both}, Extension("living._core", ["_c.c"])]'
    project.write({"setup.py": setup_py(arguments), "_c.c": C_SOURCE.replace("_c", "_core")})
    project.write({f"living/{name}__init__.py": "" for name in ("", "one/", "two/")})
    dependency = f'{{ version = "{PYO3}", features = ["abi3-py39"] }}'
    project.write(crate("living-one", folder="rust/one", lib="_core", answer=1))
    project.write(crate("living-two", folder="rust/two", lib="_core", answer=2, dependency=dependency))
    code = "import living._core, living.one._core as one, living.two._core as two; print(one.answer(), two.answer())"
    wheel = bdist_wheel(project)
    assert [name for name in wheel.content if name.endswith(PLAIN)] == [
        f"living/_core{SUFFIX}",
        f"living/one/_core{SUFFIX}",
        f"living/two/_core.abi3{PLAIN}",
    ]
    assert wheel.tag.startswith(f"{SPECIFIC}-{SPECIFIC}-")
    assert project.evaluate(code, cwd=wheel.unpack(tmp_path / "unpacked")) == "1 2"
    project.setup("build_ext", "--inplace")
    assert project.evaluate(code) == "1 2"


# -- projects that declare nothing, or not always


@pytest.mark.parametrize("kind", ["setup.py", "setup.cfg", "pyproject", "C extension"])
def test_a_project_that_declares_no_rust_does_not_notice(kind: str, project: Project) -> None:
    project.write({"living/__init__.py": "", "Cargo.toml": "not even a manifest", "_c.c": C_SOURCE})
    if kind == "setup.cfg":
        project.write({"setup.cfg": "[metadata]\nname = living\nversion = 1.0\n[options]\npackages = living\n"})
        project.write({"pyproject.toml": BUILD_SYSTEM.replace(', "setuptools-pyo3"', "")})
    elif kind == "pyproject":
        table = '[tool.setuptools]\npackages = ["living"]\n'
        project.write({"pyproject.toml": pyproject("living", table).replace(', "setuptools-pyo3"', "")})
    else:
        extension = ', ext_modules=[Extension("living._c", ["_c.c"])]' if kind == "C extension" else ""
        project.write(
            {
                "setup.py": "from setuptools import Extension, setup\n"
                f'setup(name="living", version="1.0", packages=["living"]{extension})\n'
            }
        )
    folders = project.env["PATH"].split(os.pathsep)
    project.env["PATH"] = os.pathsep.join(folder for folder in folders if not (Path(folder) / "cargo").exists())
    output = project.pip_wheel().stdout
    said = [line for line in output.splitlines() if "Looking in links" not in line]
    assert not [line for line in said if "rust" in line.lower() or "pyo3" in line.lower() or "cargo" in line.lower()]
    wheel = project.built_wheel()
    if kind == "C extension":
        assert wheel.tag.startswith(f"{SPECIFIC}-{SPECIFIC}-")
        assert wheel.content == ["living/__init__.py", f"living/_c{SUFFIX}"]
    else:
        assert wheel.tag == "py3-none-any"
        assert wheel.content == ["living/__init__.py"]


def test_a_project_that_declares_no_rust_keeps_its_classes_and_loads_next_to_nothing(project: Project) -> None:
    code = """
        import sys
        import setuptools
        dist = setuptools.Distribution({"name": "living", "version": "1.0", "packages": []})
        dist.parse_config_files()
        print(dist.cmdclass, type(dist.set_defaults).__name__)
        print([name for name in ("elftools", "semantic_version", "macholib", "pefile") if name in sys.modules])
    """
    assert project.evaluate(code) == "{} ConfigDiscovery\n[]"


def test_an_empty_list_of_extensions_changes_nothing(project: Project) -> None:
    project.write({"setup.py": setup_py('packages=["living"], rust_extensions=[]'), "living/__init__.py": ""})
    assert bdist_wheel(project).tag == "py3-none-any"


def test_extensions_left_out_while_egg_info_is_made(project: Project) -> None:
    before = "import sys\n"
    before += 'extensions = [] if "egg_info" in sys.argv else [RustExtension("living._core", "rust/Cargo.toml")]\n'
    project.write({"setup.py": setup_py('packages=["living"], rust_extensions=extensions', before), "living/__init__.py": ""})
    project.write(crate("living", folder="rust", lib="_core"))
    project.setup("egg_info")
    wheel = project.wheel()
    assert wheel.content == ["living/__init__.py", f"living/_core{SUFFIX}"]
    assert wheel.tag.startswith(f"{SPECIFIC}-{SPECIFIC}-")


# -- what earlier builds have left


@pytest.mark.parametrize("how", ["package_data", "include_package_data"])
def test_fault_45_modules_for_other_pythons_stay_out_of_the_wheel(how: str, project: Project) -> None:
    data = 'package_data={"living": ["*.so", "*.pyd"]}' if how == "package_data" else "include_package_data=True"
    arguments = f'packages=["living"], {data}, ext_modules=[RustExtension("living._core", "rust/Cargo.toml")]'
    builds = ("cpython-38-x86_64-linux-gnu.so", "cp38-win_amd64.pyd", "pypy39-pp73-x86_64-linux-gnu.so", "abi3.so")
    others = [f"_core.{build}" for build in builds]
    project.write({"setup.py": setup_py(arguments), "MANIFEST.in": "recursive-include living *.so *.pyd\n"})
    project.write({"living/__init__.py": ""})
    project.write({f"living/{name}": "another build's" for name in others})
    # A library that merely lies there is data.
    project.write({"living/vendored.so": "data"})
    project.write(crate("living", folder="rust", lib="_core"))
    wheel = bdist_wheel(project)
    assert wheel.content == ["living/__init__.py", f"living/_core{SUFFIX}", "living/vendored.so"]
    assert project.files("living/_core.*") == sorted(f"living/{name}" for name in others), "the tree is the user's"


def test_fault_44_a_stale_module_that_would_shadow_the_new_one_is_removed_and_named(project: Project) -> None:
    files = crate("living-shadowed", folder="rust", lib="_core", answer=1)
    arguments = 'packages=["living"], ext_modules=[RustExtension("living._core", "rust/Cargo.toml")]'
    project.write({"setup.py": setup_py(arguments), "living/__init__.py": "", **files})
    project.setup("build_ext", "--inplace")
    assert project.files("living/*.so") == [f"living/_core{SUFFIX}"]
    # A module for another Python shadows nothing here.
    project.write({"living/_core.cpython-38-x86_64-linux-gnu.so": "another Python's"})
    dependency = f'{{ version = "{PYO3}", features = ["abi3-py39"] }}'
    project.write(crate("living-shadowed", folder="rust", lib="_core", answer=2, dependency=dependency))
    output = project.setup("build_ext", "--inplace").stdout
    assert f"removed {os.path.join('living', '_core' + SUFFIX)}" in output
    assert project.files("living/*.so") == ["living/_core.abi3.so", "living/_core.cpython-38-x86_64-linux-gnu.so"]
    assert project.evaluate("import living._core as m; print(m.answer())") == "2"


def test_what_is_declared_no_more_does_not_enter_the_next_wheel(project: Project) -> None:
    one = 'RustExtension("living._one", "rust/Cargo.toml", binding=Binding.NoBinding, generated_files={"old.txt": "living"})'
    two = 'RustExtension("living._two", "rust/Cargo.toml", binding=Binding.NoBinding)'
    tool = 'RustExtension({"tool": "living.tool"}, "rust/Cargo.toml", binding=Binding.Exec, script=True)'
    build_rs = 'fn main() {\n    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());\n'
    build_rs += '    println!("cargo:rerun-if-changed=build.rs");\n    std::fs::write(out.join("old.txt"), "old").unwrap();\n}\n'
    project.write({"living/__init__.py": "", **library("living-removed", "rust"), "rust/build.rs": build_rs})
    project.write({"rust/src/bin/tool.rs": "fn main() {}\n"})

    def content(*extensions: str) -> List[str]:
        project.write({"setup.py": setup_py(f'packages=["living"], ext_modules=[{", ".join(extensions)}]')})
        return bdist_wheel(project).content

    assert content(one, two, tool) == [
        "living/__init__.py",
        "living/_gen_tool.py",
        f"living/_one{PLAIN}",
        f"living/_two{PLAIN}",
        "living/old.txt",
        "living/tool",
    ]
    assert content(two) == ["living/__init__.py", f"living/_two{PLAIN}"]


def test_a_module_that_becomes_abi3_replaces_its_former_self_in_the_build_folder(project: Project) -> None:
    arguments = 'packages=["living"], ext_modules=[RustExtension("living._core", "rust/Cargo.toml")]'
    project.write({"setup.py": setup_py(arguments), "living/__init__.py": ""})
    project.write(crate("living-becoming", folder="rust", lib="_core"))
    assert bdist_wheel(project).content == ["living/__init__.py", f"living/_core{SUFFIX}"]
    dependency = f'{{ version = "{PYO3}", features = ["abi3-py39"] }}'
    project.write(crate("living-becoming", folder="rust", lib="_core", dependency=dependency))
    wheel = bdist_wheel(project)
    assert wheel.content == ["living/__init__.py", f"living/_core.abi3{PLAIN}"]
    assert wheel.tag.startswith("cp39-abi3-")


def test_a_failed_build_leaves_the_module_that_was_there(project: Project) -> None:
    arguments = 'packages=["living"], ext_modules=[RustExtension("living._core", "rust/Cargo.toml")]'
    project.write({"setup.py": setup_py(arguments), "living/__init__.py": ""})
    project.write(crate("living-failing", folder="rust", lib="_core"))
    project.setup("build_ext", "--inplace")
    before = (project.folder / f"living/_core{SUFFIX}").read_bytes()
    project.write({"rust/src/lib.rs": module("_core") + "broken\n"})
    failed = project.setup("build_ext", "--inplace", check=False)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stdout
    assert (project.folder / f"living/_core{SUFFIX}").read_bytes() == before


def test_an_sdist_of_a_workspace_builds(example: Callable[[str], Project], tmp_path: Path) -> None:
    """A member that isn't built is neither in it nor in the workspace there."""
    hyperjson = example("hyperjson")
    hyperjson.write({"src/target/mod.rs": "", "src/build.rs": ""})
    hyperjson.setup("sdist")
    (archive,) = (hyperjson.folder / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"Cargo.lock", "Cargo.toml", "src/lib.rs"} <= names
    assert not [name for name in names if name.startswith("profile/")]
    # A module of the crate may be called as cargo's output is.
    assert {"src/target/mod.rs", "src/build.rs"} <= names


def test_a_c_extension_in_the_place_of_a_rust_one_stays(project: Project) -> None:
    """The record of earlier builds names the file, but somebody else has written it since."""
    source = "#include <Python.h>\nstatic struct PyModuleDef d = {PyModuleDef_HEAD_INIT, \"_core\", 0, -1, 0};\n"
    source += "PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&d); }\n"
    rust = "from setuptools import setup, Extension\nfrom setuptools_pyo3 import RustExtension\nsetup(name='demo', version='1.0', "
    other = "RustExtension('replaced_other', path='other/Cargo.toml', binding='NoBinding')"
    library = "#[no_mangle] pub extern \"C\" fn one() -> i32 { 1 }\n"
    plain = '[package]\nname = "NAME"\nversion = "0.1.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n'
    project.write(
        {
            **crate("replaced-core", folder="core", lib="_core"),
            "other/Cargo.toml": plain.replace("NAME", "replaced-other"),
            "other/src/lib.rs": library,
            "core.c": source,
            "setup.py": f"{rust}packages=[], rust_extensions=[RustExtension('_core', path='core/Cargo.toml'), {other}])\n",
        }
    )
    project.setup("build")
    project.write({"setup.py": f"{rust}packages=[], ext_modules=[Extension('_core', ['core.c'])], rust_extensions=[{other}])\n"})
    project.setup("build_ext", "--force")
    assert project.files("build/lib*/_core.*.so")
