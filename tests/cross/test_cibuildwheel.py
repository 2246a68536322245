"""cibuildwheel: the documented configuration is one, and a build in the environments that it makes for phones is for phones."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Mapping

import pytest

from ..crates import crate, pyproject
from ..support import EXAMPLES, ROOT, Environments, Project, copy_tree, run
from ..unit.real_pythons import REAL, variables

pytestmark = pytest.mark.cross

# What each platform's builds are called, one that has to be among those that the configuration asks for.
PLATFORMS = {
    "linux": "cp39-musllinux_x86_64",
    "macos": "cp314t-macosx_arm64",
    "windows": "cp313-win_arm64",
    "android": "cp313-android_arm64_v8a",
    "ios": "cp314-ios_arm64_iphonesimulator",
    "pyodide": "cp313-pyodide_wasm32",
}


def resources() -> Path:
    spec = importlib.util.find_spec("cibuildwheel")
    if spec is None or spec.origin is None:
        pytest.skip("cibuildwheel is not installed")
    return Path(spec.origin).parent / "resources"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_documented_configuration_builds_for_each_platform(platform: str, tmp_path: Path) -> None:
    resources()
    copy_tree(EXAMPLES / "hello", tmp_path)
    page = (ROOT / "docs" / "how-to" / "cibuildwheel.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n# pyproject.toml\n(.*?)```", page, re.DOTALL)
    assert block
    with open(tmp_path / "pyproject.toml", "a", encoding="utf-8") as file:
        file.write(f"\n{block[1]}")
    command = [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers", "--platform", platform, tmp_path]
    environ = {"PATH": str(Path(sys.executable).parent)}
    assert PLATFORMS[platform] in run(command, cwd=tmp_path, env=environ).stdout.split()


@pytest.fixture
def phone(tmp_path: Path, environments: Environments, pythons_by_name: Callable[[str], Path]) -> Project:
    """A project with one module and an environment of its own with Python 3.14; cibuildwheel's iOS needs more than 3.13.0."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder, environments.make(python=str(pythons_by_name("3.14")), fresh=True), environments.env)
    table = '[tool.setuptools]\npackages = []\n[[tool.setuptools-pyo3.ext-modules]]\ntarget = "phoned"\n'
    return project.write({"pyproject.toml": pyproject("phoned", table), **crate("phoned")})


def describe(project: Project, name: str, said: Mapping[str, Any]) -> Path:
    """Put the description of another Python into an environment, as cibuildwheel does, and return the folder."""
    own = json.loads(project.evaluate("import json, sysconfig; print(json.dumps(sysconfig.get_config_vars()))"))
    folder = Path(project.evaluate("import sysconfig; print(sysconfig.get_path('purelib'))"))
    # The same Python is described a version later.
    text = json.dumps(said).replace("313", "314").replace("3.13", "3.14")
    described = {**own, **json.loads(text)}
    (folder / f"{name}.py").write_text(f"build_time_vars = {described!r}\n", encoding="utf-8")
    (folder / f"{name.replace('data', '_vars')}.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def planned(project: Project) -> Dict[str, Any]:
    """What would be built, and for what."""
    said = project.run(project.python, "-m", "setuptools_pyo3", "plan", "--json").stdout
    plan: Dict[str, Any] = json.loads(said[said.index("{\n") :])
    (call,) = plan["calls"]
    (build,) = call["builds"]
    return {**plan["target"], "arguments": call["arguments"], "tag": build["tag"], "suffix": build["suffix"]}


@pytest.mark.network
def test_android(phone: Project) -> None:
    site_packages = describe(phone, "_sysconfigdata__android_aarch64-linux-android", REAL["Android"].variables or {})
    for file in ("_cross_venv.pth", "_cross_venv.py"):
        shutil.copy(resources() / "android" / file, site_packages)
    # The linker is that of Android's tools; PYO3_CROSS_LIB_DIR holds the same description.
    phone.env.update(
        CIBW_HOST_TRIPLET="aarch64-linux-android",
        CARGO_BUILD_TARGET="aarch64-linux-android",
        CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER="aarch64-linux-android24-clang",
        ANDROID_API_LEVEL="21",
        PYO3_CROSS_LIB_DIR=str(site_packages),
    )
    assert phone.evaluate("import sys; print(sys.platform)") == "android"
    plan = planned(phone)
    assert (plan["triple"], plan["platform_tag"]) == ("aarch64-linux-android", "android_21_arm64_v8a")
    assert (plan["tag"], plan["suffix"]) == ("cp314-cp314", ".cpython-314-aarch64-linux-android.so")


@pytest.mark.network
def test_ios_names_no_triple(phone: Project) -> None:
    site_packages = describe(phone, "_sysconfigdata__ios_arm64-iphoneos", REAL["iOS"].variables or {})
    folder = resources() / "ios-support"
    shutil.copy(folder / "arm64-iphoneos" / "_cross_arm64_iphoneos.py", site_packages)
    shutil.copy(folder / "_cross_venv.py", site_packages)
    (site_packages / "_cross_venv.pth").write_text("import _cross_arm64_iphoneos; import _cross_venv\n", encoding="utf-8")
    phone.env["IPHONEOS_DEPLOYMENT_TARGET"] = "13.0"
    assert phone.evaluate("import sys; print(sys.platform)") == "ios"
    plan = planned(phone)
    assert (plan["triple"], plan["platform_tag"]) == ("aarch64-apple-ios", "ios_13_0_arm64_iphoneos")
    assert "--target=aarch64-apple-ios" in plan["arguments"]
    assert (plan["tag"], plan["suffix"]) == ("cp314-cp314", ".cpython-314-iphoneos.so")


@pytest.mark.network
def test_pyodide(phone: Project, tmp_path: Path) -> None:
    name = "_sysconfigdata__emscripten_wasm32-emscripten"
    emscriptens = variables(".cpython-313-wasm32-emscripten.so", width=32, version="3.13", MULTIARCH="wasm32-emscripten")
    (tmp_path / "sysconfigdata").mkdir()
    shutil.copy(describe(phone, name, emscriptens) / f"{name}.py", tmp_path / "sysconfigdata")
    # As pyodide-build sets it; the wheel is renamed afterwards.
    phone.env.update(
        CARGO_BUILD_TARGET="wasm32-unknown-emscripten",
        CARGO_TARGET_WASM32_UNKNOWN_EMSCRIPTEN_LINKER="emcc",
        CARGO_TARGET_WASM32_UNKNOWN_EMSCRIPTEN_RUSTFLAGS="-C link-arg=-sSIDE_MODULE=2",
        PYO3_CROSS_LIB_DIR=str(tmp_path / "sysconfigdata"),
        PYO3_CROSS_PYTHON_VERSION="3.14",
        PYTHONPATH=str(tmp_path / "sysconfigdata"),
        _PYTHON_HOST_PLATFORM="emscripten_4_0_9_wasm32",
        _PYTHON_SYSCONFIGDATA_NAME=name,
    )
    plan = planned(phone)
    assert (plan["triple"], plan["platform_tag"]) == ("wasm32-unknown-emscripten", "emscripten_4_0_9_wasm32")
    assert (plan["tag"], plan["suffix"]) == ("cp314-cp314", ".cpython-314-wasm32-emscripten.so")
