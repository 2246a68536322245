"""The Pythons that PyO3 supports, as its own manifest names them: an unsupported one is refused before anything is compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional, Tuple

import pytest

from setuptools_pyo3.errors import ToolchainProblem
from setuptools_pyo3.hands import pyo3_manifest
from setuptools_pyo3.mind import lockfile, pyo3_bounds
from setuptools_pyo3.mind.abi import ABI3, SPECIFIC, Abi
from setuptools_pyo3.mind.interpreter import Interpreter

from .values import graalpy, linux, locked, pypy


def manifest(version: str, cpython: Tuple[str, str], pypy: Tuple[str, str]) -> str:
    """As cargo unpacks pyo3-ffi's, which is written by machine."""
    tables = (
        f'[package.metadata.{name}]\nmax-version = "{highest}"\nmin-version = "{lowest}"\n'
        for name, (lowest, highest) in (("cpython", cpython), ("pypy", pypy))
    )
    return f'[package]\nname = "pyo3-ffi"\nversion = "{version}"\n\n' + "\n".join(tables) + "\n[features]\n"


V26 = manifest("0.26.0", ("3.7", "3.14"), ("3.9", "3.11"))
V30 = manifest("0.30.1", ("3.9", "3.15"), ("3.11", "3.12"))
SPECIFICALLY = Abi(SPECIFIC)


def refusal(
    pyo3: str, text: str, python: Interpreter, abi: Abi = SPECIFICALLY, environ: Optional[Dict[str, str]] = None
) -> Optional[str]:
    try:
        pyo3_bounds.check(pyo3, pyo3_bounds.parse(text), python, abi, environ or {}, "demo")
    except ToolchainProblem as problem:
        return str(problem)
    return None


def test_the_bounds_of_each_implementation_are_read() -> None:
    assert pyo3_bounds.parse(V26) == {"cpython": ((3, 7), (3, 14)), "pypy": ((3, 9), (3, 11))}
    assert pyo3_bounds.parse('[package]\nname = "pyo3-ffi"\nversion = "0.23.5"\n') == {}


@pytest.mark.parametrize(
    ("pyo3", "text", "python"),
    [
        ("0.26.0", V26, linux((3, 7))),
        ("0.26.0", V26, linux((3, 14))),
        ("0.26.0", V26, linux((3, 13), threaded=True)),
        ("0.26.0", V26, pypy()),
        ("0.26.0", V26, graalpy()),
        # Since 0.28 the Python after the newest supported is a warning of PyO3's.
        ("0.30.1", V30, linux((3, 16))),
        ("0.30.1", V30, linux((3, 14), threaded=True)),
        ("0.23.5", "", linux((3, 20))),
    ],
)
def test_a_supported_python_is_built_for(pyo3: str, text: str, python: Interpreter) -> None:
    assert refusal(pyo3, text, python) is None


@pytest.mark.parametrize(
    ("pyo3", "text", "python", "parts"),
    [
        ("0.26.0", V26, linux((3, 15)), ("PyO3 0.26.0", "CPython 3.15", "3.7 to 3.14", "newer PyO3", "FORWARD_COMPATIBILITY=1")),
        ("0.30.1", V30, linux((3, 17)), ("PyO3 0.30.1", "CPython 3.17", "3.9 to 3.15", "newer PyO3")),
        ("0.30.1", V30, linux((3, 8)), ("PyO3 0.30.1", "CPython 3.8", "Python 3.9 or newer")),
        ("0.30.1", V30, linux((3, 13), threaded=True), ("PyO3 0.30.1", "CPython 3.13t", "3.14")),
        ("0.30.1", V30, pypy(version=[3, 9]), ("PyO3 0.30.1", "PyPy 3.9")),
    ],
)
def test_an_unsupported_one_is_refused_with_both_versions_and_the_way_out(
    pyo3: str, text: str, python: Interpreter, parts: Tuple[str, ...]
) -> None:
    message = refusal(pyo3, text, python)
    assert message is not None
    assert all(part in message for part in ("demo", *parts)), message


def test_no_way_out_is_offered_that_does_not_exist() -> None:
    assert "FORWARD" not in (refusal("0.26.0", V26, linux((3, 16), threaded=True)) or "FORWARD")
    assert "FORWARD" not in (refusal("0.26.0", V26, pypy(version=[3, 12])) or "FORWARD")


def test_the_limited_api_counts_by_its_minimum() -> None:
    assert refusal("0.26.0", V26, linux((3, 16)), Abi(ABI3, (3, 9))) is None
    assert refusal("0.26.0", V26, linux((3, 16)), Abi(ABI3, (3, 16))) is not None


@pytest.mark.parametrize("name", ["PYO3_USE_ABI3_FORWARD_COMPATIBILITY", "UNSAFE_PYO3_SKIP_VERSION_CHECK"])
def test_who_tells_pyo3_to_go_on_is_not_stopped(name: str) -> None:
    assert refusal("0.26.0", V26, linux((3, 16)), environ={name: "1"}) is None


def test_the_exact_version_is_the_locks() -> None:
    lock = locked("pyo3-ffi 0.26.0", "pyo3-ffi 0.30.1", "pyo3 0.30.1")
    assert lockfile.exact(lock, "pyo3-ffi", (0, 30)) == "0.30.1"
    assert lockfile.exact(lock, "pyo3-ffi", (0, 26)) == "0.26.0"
    assert lockfile.exact(lock, "pyo3-ffi", (0, 27)) == ""
    assert lockfile.exact("", "pyo3-ffi", (0, 30)) == ""


def test_the_manifest_is_read_from_cargos_registry_or_a_vendor_folder_and_nowhere_else(tmp_path: Path) -> None:
    environ = {"CARGO_HOME": str(tmp_path / "home")}
    project = tmp_path / "project"
    (project / ".cargo").mkdir(parents=True)
    assert pyo3_manifest.read("pyo3-ffi", "0.26.0", environ, str(project)) == ""
    (project / ".cargo" / "config.toml").write_text('[source.vendored]\ndirectory = "third-party"\n')
    vendored = project / "third-party" / "pyo3-ffi"
    vendored.mkdir(parents=True)
    (vendored / "Cargo.toml").write_text(V30)
    assert pyo3_manifest.read("pyo3-ffi", "0.26.0", environ, str(project)) == ""
    assert pyo3_manifest.read("pyo3-ffi", "0.30.1", environ, str(project)) == V30
    unpacked = tmp_path / "home" / "registry" / "src" / "index-1" / "pyo3-ffi-0.26.0"
    unpacked.mkdir(parents=True)
    (unpacked / "Cargo.toml").write_text(V26)
    assert pyo3_manifest.read("pyo3-ffi", "0.26.0", environ, str(project)) == V26
