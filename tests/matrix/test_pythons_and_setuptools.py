"""Every supported Python with the newest setuptools that runs on it, and two of them with the oldest supported one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project

pytestmark = [pytest.mark.cross, pytest.mark.slow]

# setuptools 69 takes bdist_wheel from the wheel package, and only from one of its own time.
OLDEST = ("setuptools==69.0.0", "wheel==0.43.0")
NEWEST = ()

TABLE = """\
[tool.setuptools]
packages = ["pkg"]
package-data = { pkg = ["*.txt"] }

[[tool.setuptools-pyo3.ext-modules]]
target = "pkg._core"
"""


@pytest.fixture
def mixed(tmp_path: Path, environments: Environments, python: str, setuptools: tuple[str, ...]) -> Project:
    """A package with a Rust module and package data, in an environment that it can be installed into."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder, environments.make(*setuptools, python=python, fresh=True), environments.env)
    project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "dev"
    name = f"matrix_{python}_{'oldest' if setuptools else 'newest'}".replace(".", "_")
    return project.write(
        {
            "pyproject.toml": pyproject(name, TABLE),
            "pkg/__init__.py": "from ._core import answer\n",
            "pkg/data.txt": "data\n",
            "pkg/ignored.md": "not package data\n",
            **crate(name.replace("_", "-"), lib="_core"),
        }
    )


@pytest.mark.parametrize(
    ("python", "setuptools"),
    # Those of one Python follow each other: PyO3 is compiled anew whenever the Python changes.
    [
        pytest.param("3.9", OLDEST, id="3.9-oldest"),
        pytest.param("3.9", NEWEST, id="3.9-newest"),
        pytest.param("3.10", NEWEST, id="3.10-newest"),
        pytest.param("3.11", NEWEST, id="3.11-newest"),
        pytest.param("3.12", OLDEST, id="3.12-oldest"),
        pytest.param("3.12", NEWEST, id="3.12-newest"),
        pytest.param("3.13", NEWEST, id="3.13-newest"),
    ],
)
def test_wheel_in_place_and_editable(mixed: Project, tmp_path: Path, python: str, setuptools: tuple[str, ...]) -> None:
    suffix = mixed.evaluate("import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))")
    digits = python.replace(".", "")
    ask = "import pkg; print(pkg.answer(), pkg._core.__file__)"

    wheel = mixed.wheel()
    assert wheel.tag.startswith(f"cp{digits}-cp{digits}-")
    assert wheel.content == ["pkg/__init__.py", f"pkg/_core{suffix}", "pkg/data.txt"]
    unpacked = wheel.unpack(tmp_path / "unpacked")
    assert mixed.evaluate(ask, cwd=unpacked) == f"42 {unpacked / 'pkg' / ('_core' + suffix)}"
    assert mixed.files("**/*.so") == mixed.files("build/**/*.so")

    mixed.setup("build_ext", "--inplace")
    module = mixed.folder / "pkg" / f"_core{suffix}"
    assert mixed.evaluate(ask) == f"42 {module}"

    module.unlink()
    rebuild = "--config-settings=rebuild=true"
    mixed.run(mixed.python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", rebuild, "-e", ".")
    assert mixed.evaluate(ask, cwd=tmp_path) == f"42 {module}"
    source = mixed.folder / "src" / "lib.rs"
    source.write_text(source.read_text().replace("42", "43"))
    assert mixed.evaluate(ask, cwd=tmp_path).endswith(f"43 {module}")
