"""Rebuilding on import in every kind of editable installation, with every frontend, and after uninstalling."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from ..faults.ground import crate, module, pyproject
from ..support import ROOT
from .editable import ASK, Editable

REBUILD = "--config-settings=rebuild=true"
LENIENT, STRICT, COMPAT = ("--config-settings=editable_mode=" + mode for mode in ("lenient", "strict", "compat"))


def rebuilds_once(project: Editable, code: str = ASK, source: str = "src/lib.rs") -> None:
    """Assert that an edit is noticed by the next import, and by that alone."""
    assert project.imports(code) == (0, "42", "\n")
    project.edit(source, ", 42)", ", 43)")
    changed = project.imports(code)
    assert (changed.out, changed.rebuilds) == ("43", 1), changed.err
    assert project.imports(code) == (0, "43", "\n")


@pytest.mark.parametrize("mode", [LENIENT, STRICT, COMPAT])
def test_in_a_src_layout_with_a_subpackage(editable: Editable, mode: str) -> None:
    name = f"rb-src-{mode.rpartition('=')[2]}"
    project = pyproject('target = "pkg.sub._core"\npath = "rust/Cargo.toml"').replace('packages = ["pkg"]', "")
    editable.write({"pyproject.toml": project, "src/pkg/__init__.py": "", "src/pkg/sub/__init__.py": ""})
    editable.write(crate(name, folder="rust"))
    editable.install(REBUILD, mode)
    rebuilds_once(editable, "import pkg.sub._core as core; print(core.ANSWER)", "rust/src/lib.rs")


@pytest.mark.parametrize("mode", [LENIENT, STRICT])
def test_in_a_namespace_package(editable: Editable, mode: str) -> None:
    project = pyproject('target = "acme.fast._core"').replace('packages = ["pkg"]', 'packages = ["acme.fast"]')
    editable.write({"pyproject.toml": project, "acme/fast/__init__.py": "", **crate(f"rb-acme-{mode.rpartition('=')[2]}")})
    editable.install(REBUILD, mode)
    rebuilds_once(editable, "import acme.fast._core as core; print(core.ANSWER)")


def test_a_module_without_a_package(editable: Editable) -> None:
    project = pyproject('target = "_core"').replace('packages = ["pkg"]', "packages = []")
    editable.write({"pyproject.toml": project, **crate("rb-alone")})
    editable.install(REBUILD)
    rebuilds_once(editable, "import _core; print(_core.ANSWER)")


def test_a_strict_installation_with_hard_links(editable: Editable) -> None:
    editable.with_crate("rb-hard-links").install(REBUILD, STRICT)
    (link,) = editable.folder.glob("build/__editable__.*/pkg/_core.*")
    # As setuptools makes it where symbolic links are not allowed.
    target = link.resolve()
    link.unlink()
    os.link(target, link)
    rebuilds_once(editable)


def test_declared_in_pyproject_where_the_crates_declare_the_rest(editable: Editable) -> None:
    project = pyproject().replace('packages = ["pkg"]', "packages = []") + "[tool.setuptools-pyo3]\nrebuild-on-import = true\n"
    editable.write({"pyproject.toml": project, **crate("rb_discovered", source=module("rb_discovered"))})
    # Discovery takes crates that depend on pyo3; this one only says so.
    editable.write({"Cargo.lock": ""})
    editable.write(_with_local_pyo3("rb_discovered"))
    (editable.folder / "Cargo.lock").unlink()
    editable.install()
    rebuilds_once(editable, "import rb_discovered; print(rb_discovered.ANSWER)")


def _with_local_pyo3(name: str) -> dict[str, str]:
    """A crate that depends on a package called pyo3, which costs no compiling."""
    return {
        "Cargo.toml": (
            f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\ncrate-type = ["cdylib"]\n\n'
            '[dependencies]\npyo3 = { path = "pyo3" }\n'
        ),
        "pyo3/Cargo.toml": '[package]\nname = "pyo3"\nversion = "0.30.0"\nedition = "2021"\n',
        "pyo3/src/lib.rs": "",
    }


def test_who_decides_first(editable: Editable) -> None:
    editable.with_crate("rb-first", extra="[tool.setuptools-pyo3]\nrebuild-on-import = true\n\n")
    editable.env["SETUPTOOLS_PYO3_REBUILD"] = "0"
    assert "built again on import" not in editable.install()
    del editable.env["SETUPTOOLS_PYO3_REBUILD"]
    assert "built again on import" not in editable.install("--reinstall", "--config-settings=rebuild=false")
    assert "built again on import" in editable.install("--reinstall")
    editable.edit("pyproject.toml", "import = true", "import = false")
    editable.env["SETUPTOOLS_PYO3_REBUILD"] = "1"
    assert "built again on import" in editable.install("--reinstall")


ISOLATED = {
    "pip": ("{python}", "-m", "pip", "install", "-v", "--no-deps", REBUILD, "-e", "."),
    "uv": ("uv", "pip", "install", "-v", "--python", "{python}", "--no-deps", REBUILD, "-e", "."),
}


@pytest.mark.parametrize("frontend", list(ISOLATED))
def test_an_isolated_build_leaves_what_it_takes_to_build_again(editable: Editable, frontend: str) -> None:
    editable.with_crate(f"rb-isolated-{frontend}")
    editable.run(*(word.format(python=editable.python) for word in ISOLATED[frontend]))
    editable.run("uv", "pip", "uninstall", "--python", editable.python, "setuptools", "setuptools-pyo3", "semantic-version")
    assert "No module named 'setuptools" in editable.imports("import setuptools").err
    rebuilds_once(editable)
    (kept,) = (Path(editable.env["SETUPTOOLS_PYO3_CACHE_DIR"]) / "rebuild" / "environments").iterdir()
    assert (kept / "setuptools_pyo3").is_dir()


def test_without_setuptools_an_import_says_what_to_install(editable: Editable) -> None:
    editable.with_crate("rb-without").install(REBUILD)
    editable.run("uv", "pip", "uninstall", "--python", editable.python, "setuptools", "setuptools-pyo3")
    assert editable.imports() == (0, "42", "\n")
    editable.edit("src/lib.rs", "42", "43")
    failed = editable.imports()
    assert failed.code
    assert f"{editable.python} needs setuptools and setuptools-pyo3 for it, and has not got both" in failed.err
    assert f"pip install -e {editable.folder}" in failed.err


def test_with_pip_without_isolation(editable: Editable) -> None:
    editable.with_crate("rb-pip")
    before = editable.installed()
    editable.run(editable.python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", REBUILD, "-e", ".")
    rebuilds_once(editable)
    editable.run(editable.python, "-m", "pip", "uninstall", "--yes", "demo")
    assert editable.installed() == before


def test_uninstalling_leaves_nothing(editable: Editable) -> None:
    editable.with_crate("rb-uninstalled")
    before = editable.installed()
    editable.install(REBUILD)
    del editable.env["PYTHONDONTWRITEBYTECODE"]
    assert editable.imports() == (0, "42", "\n")
    editable.run("uv", "pip", "uninstall", "--python", editable.python, "demo")
    # setuptools' own finder is compiled too, and so are other packages.
    left = {name for name in editable.installed() if "__pycache__" not in name or "_setuptools_pyo3_" in name}
    assert left == set(before)
    assert not list(editable.site_packages.glob("*_setuptools_pyo3_*"))


def test_what_is_kept_of_projects_that_are_gone_is_removed(editable: Editable, tmp_path: Path) -> None:
    editable.with_crate("rb-gone").install(REBUILD)
    projects = tmp_path / "cache" / "rebuild" / "projects"
    (gone,) = projects.iterdir()
    editable.folder.rename(tmp_path / "elsewhere")
    editable.folder = tmp_path / "elsewhere"
    editable.install(REBUILD)
    (now,) = projects.iterdir()
    assert now != gone


def test_when_the_cache_is_gone_a_build_makes_up_for_it(editable: Editable, tmp_path: Path) -> None:
    editable.with_crate("rb-no-cache").install(REBUILD)
    (tmp_path / "cache").rename(tmp_path / "gone")
    assert editable.imports().rebuilds == 1
    assert editable.imports() == (0, "42", "\n")


def test_executables_and_other_extensions_are_left_alone(editable: Editable) -> None:
    editable.write({"pkg/__init__.py": "", "pyproject.toml": pyproject(), "pkg/other.c": "#error not this\n", **crate("rb-others")})
    editable.write(
        {
            "src/main.rs": "fn main() {}\n",
            "setup.py": """\
                import os
                from setuptools import Extension, setup
                from setuptools_pyo3 import RustBin, RustExtension

                # The C extension is there for the rebuild only: it must not be built.
                others = [Extension("pkg.other", ["pkg/other.c"])] if os.path.exists("with C") else []
                setup(ext_modules=others, rust_extensions=[RustExtension("pkg._core"), RustBin("rb-others")])
            """,
        }
    )
    editable.install(REBUILD)
    script = editable.python.parent / "rb-others"
    assert script.exists()
    script.unlink()
    (editable.folder / "with C").touch()
    rebuilds_once(editable)
    assert not script.exists()
    assert editable.files("build/**/*") == []


def test_under_pytest(editable: Editable) -> None:
    test = "from pkg import _core\n\n\ndef test_it():\n    assert _core.ANSWER == 43\n"
    editable.with_crate("rb-pytest").write({"tests/test_it.py": test})
    editable.run("uv", "pip", "install", "--quiet", "--python", editable.python, "pytest")
    editable.install(REBUILD)
    editable.edit("src/lib.rs", "42", "43")
    assert "1 passed" in editable.run(editable.python, "-m", "pytest", "-q", "tests").stdout
    editable.edit("src/lib.rs", "43", "not_there")
    failed = editable.run(editable.python, "-m", "pytest", "-q", "tests", check=False).stdout
    assert "cannot find value `not_there`" in failed
    assert "ImportError" in failed


def test_output_goes_where_pythons_errors_go_and_a_loaded_module_stays(editable: Editable) -> None:
    # As in a notebook, whose errors are not the process's.
    editable.with_crate("rb-notebook").install(REBUILD)
    editable.edit("src/lib.rs", "42", "43")
    code = f"""if True:
        import io, sys
        sys.stderr = heard = io.StringIO()
        import pkg._core
        source = open({str(editable.folder / "src" / "lib.rs")!r}, "a")
        source.write("// later")
        source.close()
        import importlib
        importlib.import_module("pkg._core")
        print("Compiling rb-notebook" in heard.getvalue(), pkg._core.ANSWER)
    """
    assert editable.imports(code) == (0, "True 43", "\n")


def test_the_way_it_was_built_is_remembered(editable: Editable) -> None:
    profiles = "[profile.dev]\npanic = 'abort'\n\n[profile.quick]\ninherits = 'release'\nopt-level = 1\n"
    answer = 'if cfg!(debug_assertions) { 1 } else { include_str!("n.txt").len() as c_long }'
    editable.with_crate("rb-remembered", source=module(answer=answer), extra="").write({"src/n.txt": "12"})
    with open(editable.folder / "Cargo.toml", "a", encoding="utf-8") as manifest:
        manifest.write("\n" + profiles)
    editable.env.update(SETUPTOOLS_PYO3_CARGO_PROFILE="quick", CARGO_REGISTRY_TOKEN="secret-token")
    editable.install(REBUILD)
    del editable.env["SETUPTOOLS_PYO3_CARGO_PROFILE"], editable.env["CARGO_REGISTRY_TOKEN"]
    assert editable.imports() == (0, "2", "\n")
    (editable.folder / "src" / "n.txt").write_text("123")
    changed = editable.imports()
    assert (changed.out, changed.rebuilds) == ("3", 1)
    assert "built with cargo's quick profile" in changed.err
    kept = Path(editable.env["SETUPTOOLS_PYO3_CACHE_DIR"]).rglob("*")
    assert not any(b"secret-token" in path.read_bytes() for path in kept if path.is_file() and "rebuild" in path.parts)


@pytest.fixture
def synced(editable: Editable, tmp_path: Path) -> Editable:
    """The same, installed into another environment by ``uv sync``, which takes from its cache what it has built before."""
    environment = tmp_path / "synced"
    editable.env["UV_PROJECT_ENVIRONMENT"] = str(environment)
    editable.python = environment / editable.python.parent.name / "python"
    return editable


def sync(project: Editable, *options: str) -> None:
    """Install it into a new environment."""
    shutil.rmtree(project.env["UV_PROJECT_ENVIRONMENT"], ignore_errors=True)
    project.run("uv", "sync", "--python", sys.executable, *options)


def test_fault_50_an_installation_from_a_cache_without_its_module(synced: Editable) -> None:
    synced.with_crate("rb-cached")
    sync(synced)
    (module_file,) = synced.folder.glob("pkg/_core.*")
    assert synced.imports() == (0, "42", "\n")
    module_file.unlink()
    sync(synced)
    assert not module_file.exists()
    failed = synced.imports()
    assert failed.code
    assert f"ModuleNotFoundError: No module named 'pkg._core': {module_file} is gone" in failed.err
    assert f"pip install -e {synced.folder}, or uv sync --reinstall-package demo" in failed.err

    synced.edit("pyproject.toml", "[tool.setuptools]", "[tool.setuptools-pyo3]\nrebuild-on-import = true\n\n[tool.setuptools]")
    sync(synced)
    module_file.unlink()
    sync(synced)
    made = synced.imports()
    assert (made.out, made.rebuilds) == ("42", 1)
    assert synced.imports() == (0, "42", "\n")


def test_fault_51_uv_builds_again_with_the_cache_keys_of_the_guide(synced: Editable) -> None:
    guide = (ROOT / "docs" / "how-to" / "rebuild-on-import.md").read_text(encoding="utf-8")
    (keys,) = re.findall(r"```toml\n(\[tool\.uv\]\n.*?)```", guide, re.DOTALL)
    synced.with_crate("rb-cache-keys")
    sync(synced)
    synced.edit("src/lib.rs", "42", "43")
    sync(synced)
    assert synced.imports() == (0, "42", "\n")
    synced.edit("pyproject.toml", "[tool.setuptools]", keys + "\n[tool.setuptools]")
    sync(synced)
    assert synced.imports() == (0, "43", "\n")
    synced.edit("src/lib.rs", "43", "44")
    sync(synced)
    assert synced.imports() == (0, "44", "\n")
