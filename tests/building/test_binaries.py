"""Reading binaries of all platforms, from wheels that are really published."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from setuptools_pyo3.hands.binary import inspect

from ..support import run

PLATFORMS = [
    ("manylinux2014_x86_64", ("x86_64",)),
    ("manylinux2014_aarch64", ("aarch64",)),
    ("musllinux_1_2_x86_64", ("x86_64",)),
    ("macosx_10_12_universal2", ("x86_64", "aarch64")),
    ("win_amd64", ("x86_64",)),
    ("win32", ("x86",)),
    ("win_arm64", ("aarch64",)),
]


@pytest.mark.network
@pytest.mark.parametrize(("platform", "architectures"), PLATFORMS)
def test_a_published_module_is_read(platform: str, architectures: tuple[str, ...], tmp_path: Path) -> None:
    pip = ["uv", "run", "--no-project", "--with", "pip", "python", "-m", "pip"]
    options = ["--quiet", "--no-deps", "--only-binary=:all:", f"--platform={platform}", "--python-version=3.11"]
    run([*pip, "download", *options, "--dest", tmp_path, "bcrypt==5.0.0"], cwd=tmp_path, env=os.environ)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        name = next(n for n in archive.namelist() if n.startswith("bcrypt/_bcrypt."))
        module = Path(archive.extract(name, tmp_path))
    found = inspect(str(module))
    assert found.architectures == architectures
    assert found.init_symbols == ("PyInit__bcrypt",)
    assert found.needed
    if not platform.startswith("win"):
        assert found.libpython == ""


def test_what_is_no_binary_yields_nothing(tmp_path: Path) -> None:
    path = tmp_path / "module.so"
    path.write_bytes(b"not a library at all")
    assert inspect(str(path)) == ((), (), (), ())
