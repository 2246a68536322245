"""Reports 10 to 13: modules go where the project's layout says, and crates are not mistaken for packages."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project
from ..surface import plain

MODULE = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{target}"\npath = "{path}"\n'


def install(project: Project, *options: str) -> None:
    """Install the project with pip into its own environment."""
    project.run(project.python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", *options, project.folder)


def uninstall(project: Project, name: str) -> None:
    project.run(project.python, "-m", "pip", "uninstall", "--yes", name)


# -- report 10


def test_report_10_package_dir(project: Project, environments: Environments, tmp_path: Path) -> None:
    project.python = environments.make(fresh=True)
    project.write(crate("report10", folder="rust", module_name="_core"))
    project.write(plain.binaries("report10-tool", ["report10-tool"], folder="tool"))
    build_rs = 'fn main() {\n    std::fs::write(format!("{}/made.txt", std::env::var("OUT_DIR").unwrap()), "made").unwrap();\n}\n'
    table = MODULE.format(target="pkg.sub._core", path="rust/Cargo.toml") + 'generated-files = { "made.txt" = "pkg.data" }\n'
    table += MODULE.format(target="pkg.report10-tool", path="tool/Cargo.toml") + 'binding = "Exec"\n'
    layout = '[tool.setuptools]\npackages = ["pkg", "pkg.sub"]\npackage-dir = { pkg = "lib/python", "pkg.sub" = "lib/other" }\n'
    project.write({"rust/build.rs": build_rs, "pyproject.toml": pyproject("demo", table, layout)})
    project.write({"lib/python/__init__.py": "", "lib/other/__init__.py": ""})
    project.setup("build_ext", "--inplace")
    assert [path.partition(".")[0] for path in project.files("lib/other/_core*")] == ["lib/other/_core"]
    assert project.files("lib/python/*tool") == ["lib/python/report10-tool"]
    assert project.files("lib/python/data/*") == ["lib/python/data/made.txt"]
    assert not (project.folder / "pkg").exists()
    for path in project.files("lib/other/_core*"):
        (project.folder / path).unlink()
    check = "import pkg.sub._core as m, os; print(m.answer(), os.path.relpath(m.__file__))"
    # (setuptools' compat mode puts one folder on the path; it knows no layout such as this one.)
    for mode in ([], ["--config-settings=editable_mode=strict"]):
        install(project, *mode, "-e")
        answer, place = project.evaluate(check).split()
        assert answer == "42"
        assert mode or place.startswith("lib/other/_core.")
        assert not (project.folder / "pkg").exists()
        uninstall(project, "demo")
    content = project.wheel().content
    assert [name for name in content if "_core" in name and name.startswith("pkg/sub/_core.")]
    assert {"pkg/report10-tool", "pkg/data/made.txt"} <= set(content)
    assert not [name for name in content if not name.startswith("pkg/")]


# -- report 11


@pytest.mark.parametrize("declared", ["pyproject.toml", "setup.py"])
def test_report_11_shared_namespace(project: Project, environments: Environments, tmp_path: Path, declared: str) -> None:
    """Two projects own a part of ``acme`` each; a second module has nothing but namespaces above it."""
    project.python = environments.make(fresh=True)
    name = f"report11_{declared.partition('.')[0]}"
    project.write(crate(name, folder="rust", module_name="_n"))
    project.write({"src/acme/fast/__init__.py": "from ._n import answer\n"})
    if declared == "pyproject.toml":
        targets = "".join(MODULE.format(target=target, path="rust/Cargo.toml") for target in ("acme.fast._n", "acme.bare._n"))
        project.write({"pyproject.toml": pyproject("acme-fast", targets)})
    else:
        project.write({"setup.py": REPORT_11})
    other = Project(tmp_path / "other", project.python, project.env)
    other.write({"pyproject.toml": pyproject("acme-other"), "src/acme/other/__init__.py": "answer = 'other'\n"})
    check = (
        "import acme, acme.fast, acme.other, acme.bare._n\n"
        "print(acme.fast.answer(), acme.bare._n.answer(), acme.other.answer, getattr(acme, '__file__', None))"
    )
    ways = [([], []), (["-e"], []), (["-e"], ["-e"])] if declared == "pyproject.toml" else [(["-e"], [])]
    for first, second in ways:
        install(project, *first)
        install(other, *second)
        assert project.evaluate(check, cwd=tmp_path) == "42 42 other None"
        uninstall(project, "acme-fast")
        uninstall(other, "acme-other")


REPORT_11 = """
from setuptools import find_namespace_packages, setup
from setuptools_pyo3 import RustExtension

setup(
    name="acme-fast",
    version="1.0",
    package_dir={"": "src"},
    packages=find_namespace_packages("src"),
    ext_modules=[RustExtension(f"acme.{part}._n", "rust/Cargo.toml") for part in ("fast", "bare")],
)
"""


# -- report 12

# What lies beside cargo's src folder, and which of it must be in the wheel.
LAYOUTS: Dict[str, Dict[str, str]] = {
    "package": {"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pkg/sub/code.py": ""},
    "single_module": {"pkg.py": ""},
    "namespace": {"pkg/inner/code.py": ""},
    "both_in_src": {"src/pkg/__init__.py": "", "src/pkg/code.py": ""},
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("declared", ["table", "setup.py", "setup.cfg"])
def test_report_12_src_of_cargo_is_no_src_layout(project: Project, layout: str, declared: str) -> None:
    name = f"report12_{layout}"
    project.write(plain.library(name))
    project.write(LAYOUTS[layout])
    table = f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\nbinding = "NoBinding"\n'
    if declared == "table":
        project.write({"pyproject.toml": pyproject("pkg", table)})
    elif declared == "setup.cfg":
        project.write({"setup.cfg": "[metadata]\nname = pkg\nversion = 1.0\n", "pyproject.toml": table})
    else:
        words = f'name="pkg", version="1.0", rust_extensions=[RustExtension("{name}", binding=Binding.NoBinding)]'
        project.write({"setup.py": f"from setuptools import setup\nfrom setuptools_pyo3 import *\nsetup({words})\n"})
    python = sorted(path[4:] if path.startswith("src/") else path for path in LAYOUTS[layout])
    assert project.wheel().content == sorted([*python, f"{name}.so"])
    # Packages are those of the wheel in every other way of using the project too.
    project.setup("build_ext", "--inplace")
    assert len(project.files(f"**/{name}.so")) >= 1
    import_it = f"import sys; sys.path.insert(0, {'src' if layout == 'both_in_src' else '.'!r}); import pkg; print(pkg.__name__)"
    assert project.evaluate(import_it) == "pkg"
    project.setup("sdist")
    listed = project.run("tar", "-tzf", project.files("dist/*.tar.gz")[0]).stdout
    assert all(f"/{path}\n" in listed for path in (*LAYOUTS[layout], "Cargo.toml", "src/lib.rs"))


def test_report_12_python_script_in_the_src_of_cargo(project: Project) -> None:
    """A generator script beside ``lib.rs`` makes a src layout of it no more than ``lib.rs`` does."""
    project.write(plain.library("report12_script"))
    project.write({"src/generate.py": "", "pkg/__init__.py": ""})
    table = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "pkg._lib"\nbinding = "NoBinding"\n'
    project.write({"pyproject.toml": pyproject("pkg", table)})
    built = project.pip_wheel(check=False)
    # The package is found, or the build fails and says what to write.
    assert "packages" in built.stdout if built.returncode else "pkg/__init__.py" in project.built_wheel().content


# -- report 13

# Folders of crates beside a package, with the Python files that people keep in them.
CRATES: Dict[str, Dict[str, str]] = {
    "rust": {},
    "native": {"native/tests/check.py": "", "native/generate.py": ""},
    "crates/core": {"crates/core/scripts/generate.py": "", "crates/README.md": ""},
}


@pytest.mark.parametrize("folder", CRATES)
def test_report_13_folder_of_a_crate_is_no_package(project: Project, folder: str) -> None:
    name = "report13_" + folder.replace("/", "_")
    project.write(plain.library(name, folder=folder))
    project.write({"pkg/__init__.py": "", **CRATES[folder]})
    table = f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "pkg.{name}"\npath = "{folder}/Cargo.toml"\nbinding = "NoBinding"\n'
    project.write({"pyproject.toml": pyproject("pkg", table)})
    # cargo's own output lies beside the package too, and is none either.
    del project.env["CARGO_TARGET_DIR"]
    project.run("cargo", "build", f"--manifest-path={folder}/Cargo.toml", "--target-dir=target")
    for _ in range(2):
        assert project.wheel().content == ["pkg/__init__.py", f"pkg/{name}.so"]
    assert project.built_wheel().read("top_level.txt").split() == ["pkg"]


def test_report_13_workspace_and_a_single_module(project: Project) -> None:
    """Several crate folders below a workspace's, and a Python module instead of a package."""
    project.write({"Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["one", "two"]\n', "mod.py": ""})
    table = ""
    for name in ("one", "two"):
        project.write(plain.library(f"report13-{name}", folder=name))
        table += f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "_{name}"\npath = "{name}/Cargo.toml"\nbinding = "NoBinding"\n'
    project.write({"pyproject.toml": pyproject("mod", table)})
    assert project.wheel().content == ["_one.so", "_two.so", "mod.py"]
