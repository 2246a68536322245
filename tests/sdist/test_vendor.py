"""An sdist with vendored crates builds where there is no network, no cargo home and nothing of the tree that it was made from."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import List, Sequence

import pytest

from ..crates import crate, pyproject
from ..support import Project, compiled, run
from .registries import Sources
from .trees import Tree, package

VENDORED = ".cargo/vendor"


@pytest.fixture
def tree(project: Project, tmp_path: Path) -> Tree:
    top = tmp_path / "tree"
    top.mkdir()
    # What was compiled of a registry's crate must not be taken for the vendored copy.
    del project.env["CARGO_TARGET_DIR"]
    project.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(tmp_path / "cache")
    return Tree(project, top)


@pytest.fixture
def sources(tree: Tree, tmp_path: Path) -> Sources:
    return Sources(tmp_path / "sources", tree.project)


def alone(project: Project, argv: Sequence[object], tmp_path: Path) -> str:
    """Run a command with an empty cargo home, and without a network interface where this machine lets us."""
    home = tmp_path / "empty-home"
    home.mkdir(exist_ok=True)
    env = {**project.env, "CARGO_HOME": str(home), "CARGO_NET_OFFLINE": "true", "https_proxy": "http://127.0.0.1:9"}
    # rustup's own proxies lie in what was cargo's home.
    env["RUSTUP_HOME"] = env.get("RUSTUP_HOME") or str(Path.home() / ".rustup")
    unshare: List[object] = ["unshare", "-rn"]
    able = shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
    return run([*(unshare if able else []), *argv], cwd=project.folder, env=env).stdout


def _wheel(project: Project, tmp_path: Path) -> str:
    command = (project.python, "-m", "pip", "wheel", "-v", "--no-build-isolation", "--no-deps", "-w", "dist", ".")
    return alone(project, command, tmp_path)


def _of_all_sources(tree: Tree, sources: Sources, table: str = "") -> Tree:
    sources.public("v1-base", 1)
    sources.public("v1-near", 10, "v1-base")
    sources.public("v1-windows", 0)
    sources.public("v1-tests", 0)
    sources.other("v1-other", 100)
    url = sources.git("v1-git", 1000)
    dependencies = f"""
[lib]
crate-type = ["cdylib"]
[dependencies]
v1-near = "0.1"
v1-other = {{ version = "0.1", registry = "other" }}
v1-git = {{ git = "{url}" }}
[target.'cfg(windows)'.dependencies]
v1-windows = "0.1"
[dev-dependencies]
v1-tests = "0.1"
"""
    total = "v1_near::VALUE + v1_other::VALUE + v1_git::VALUE"
    tree.write(
        {
            "python/Cargo.toml": package("v1", dependencies),
            "python/src/lib.rs": f'#[no_mangle]\npub extern "C" fn total() -> i32 {{ {total} }}\n',
            "python/.cargo/config.toml": '# ours\n[build]\nrustflags = ["--cfg", "ours"] # yes\n',
        },
        "python",
        "Cargo.toml",
    )
    manifest = tree.project.folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + table)
    return tree.lock("python")


def test_crates_from_everywhere(tree: Tree, sources: Sources, tmp_path: Path) -> None:
    _of_all_sources(tree, sources)
    status = sorted(path.relative_to(tree.top).as_posix() for path in tree.top.rglob("*"))
    tree.project.setup("sdist", "--vendor-crates")
    made = ("python/dist", "python/demo.egg-info")
    after = sorted(path.relative_to(tree.top).as_posix() for path in tree.top.rglob("*"))
    assert [name for name in after if not name.startswith(made)] == status
    shutil.rmtree(tree.project.folder / "dist")
    done = tree.unpacked(tmp_path / "out", "--vendor-crates")
    shutil.rmtree(sources.folder)
    # Those of other platforms too, but nothing for tests only.
    names = sorted(path.name for path in (done.project.folder / VENDORED).iterdir())
    assert names == [f"{name}-0.1.0" for name in ("v1-base", "v1-git", "v1-near", "v1-other", "v1-windows")]
    configuration = done.read(".cargo/config.toml")
    assert configuration.startswith('# ours\n[build]\nrustflags = ["--cfg", "ours"] # yes\n')
    assert "secret" not in configuration
    output = _wheel(done.project, tmp_path)
    assert sorted(compiled(output)) == ["v1", "v1-base", "v1-git", "v1-near", "v1-other"]
    folder = done.project.built_wheel().unpack(tmp_path / "wheel")
    (library,) = folder.glob("m0*")
    assert done.project.evaluate(f"import ctypes; print(ctypes.CDLL({str(library)!r}).total())") == "1110"
    # With the cache, for the second time: nothing but the crate itself is compiled.
    assert compiled(_wheel(done.project, tmp_path)) == ["v1"]
    # An sdist of it holds the same crates, whether or not they are asked for.
    shutil.rmtree(done.project.folder / "dist")
    alone(done.project, (done.project.python, "-c", "import setuptools; setuptools.setup()", "sdist"), tmp_path)
    again = done.project.run("tar", "tf", "dist/demo-1.0.tar.gz").stdout
    assert f"demo-1.0/{VENDORED}/v1-near-0.1.0/.env" in again
    assert f"demo-1.0/{VENDORED}/v1-near-0.1.0/tests/key.pem" in again


def test_crates_of_some_platforms(tree: Tree, sources: Sources, tmp_path: Path) -> None:
    """Those of others are empty; cargo still resolves them."""
    table = '[tool.setuptools-pyo3]\nvendor = true\nvendor-platforms = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"]\n'
    _of_all_sources(tree, sources, table)
    done = tree.unpacked(tmp_path / "out")
    crates = done.project.folder / VENDORED
    assert (crates / "v1-windows-0.1.0" / "src" / "lib.rs").read_text() == ""
    assert (crates / "v1-near-0.1.0" / "src" / "lib.rs").read_text() != ""
    assert json.loads((crates / "v1-windows-0.1.0" / ".cargo-checksum.json").read_text())["files"] == {}
    shutil.rmtree(sources.folder)
    alone(done.project, ("cargo", "metadata", "--locked", "--format-version=1"), tmp_path)
    assert "v1-near" in compiled(alone(done.project, ("cargo", "build"), tmp_path))


@pytest.mark.parametrize("template", ["", "graft third-party\n"])
def test_a_project_that_has_vendored_its_crates_itself(template: str, tree: Tree, sources: Sources, tmp_path: Path) -> None:
    _of_all_sources(tree, sources)
    tree.project.write({"MANIFEST.in": template})
    folder = tree.project.folder
    printed = subprocess.run(
        ["cargo", "vendor", "--respect-source-config", "third-party"],
        cwd=folder,
        env=tree.project.env,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    with (folder / ".cargo" / "config.toml").open("a") as configuration:
        configuration.write(printed.stdout + f'[registries.other]\nindex = "file://{sources.folder / "other"}"\n')
    done = tree.unpacked(tmp_path / "out")
    shutil.rmtree(sources.folder)
    assert (done.project.folder / "third-party" / "v1-near" / ".env").is_file()
    assert "v1-near" in compiled(_wheel(done.project, tmp_path))


def test_several_workspaces_and_no_lock(tree: Tree, sources: Sources, tmp_path: Path) -> None:
    for name in ("v2-one", "v2-two"):
        sources.public(name)
    tree.write(
        {
            "a/Cargo.toml": package("v2-a", '[dependencies]\nv2-one = "0.1"\n'),
            "b/Cargo.toml": package("v2-b", '[dependencies]\nv2-two = "0.1"\nv2-one = "0.1"\n'),
            # A workspace in whose folder the sdist is put together.
            "Cargo.toml": '[workspace]\nmembers = []\nexclude = ["a", "b"]\n',
        },
        ".",
        "a/Cargo.toml",
        "b/Cargo.toml",
    )
    done = tree.unpacked(tmp_path / "out", "--vendor-crates")
    shutil.rmtree(sources.folder)
    for folder in "ab":
        assert "v2-one" in done.read(f"{folder}/Cargo.lock")
        metadata = ("cargo", "metadata", "--locked", "--format-version=1", f"--manifest-path={folder}/Cargo.toml")
        alone(done.project, metadata, tmp_path)


def test_a_crate_that_cannot_be_had(tree: Tree, sources: Sources) -> None:
    _of_all_sources(tree, sources)
    (sources.folder / "near" / "v1-windows-0.1.0.crate").unlink()
    failed = tree.project.setup("sdist", "--vendor-crates", check=False)
    assert failed.returncode
    assert "v1-windows" in failed.stdout
    assert "the crates can't be vendored" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not tree.project.files("dist/*")
    assert not tree.project.files("demo-1.0/*")


def test_vendoring_without_cargo(tree: Tree, sources: Sources) -> None:
    _of_all_sources(tree, sources)
    tree.project.env["CARGO"] = "/nowhere/cargo"
    failed = tree.project.setup("sdist", "--vendor-crates", check=False)
    assert failed.returncode
    assert "cargo can't be started (/nowhere/cargo)" in failed.stdout
    # Without vendored crates, no cargo is needed.
    tree.project.setup("sdist")
    assert tree.project.files("dist/*")


@pytest.mark.slow
def test_a_module_is_built_without_a_network(tree: Tree, tmp_path: Path) -> None:
    """PyO3 itself, from a workspace above the project."""
    tree.write({}, "python")
    core = {"core/Cargo.toml": package("v3-core"), "core/src/lib.rs": "pub fn value() -> i64 { 42 }\n"}
    ext = crate("v3", folder="python", module_name="v3", extra='v3-core = { path = "../core" }\n')
    ext["python/src/lib.rs"] = ext["python/src/lib.rs"].replace("    42\n", "    v3_core::value()\n")
    root = {"Cargo.toml": '[workspace]\nmembers = ["python", "core"]\nresolver = "2"\n'}
    project = Project(tree.top, tree.project.python, tree.project.env)
    project.write({**core, **ext, **root, "python/pyproject.toml": pyproject(table="[tool.setuptools-pyo3]\nvendor = true\n")})
    tree.lock().paths = ("Cargo.toml",)
    done = tree.unpacked(tmp_path / "out")
    output = _wheel(done.project, tmp_path)
    assert "pyo3" in compiled(output)
    folder = done.project.built_wheel().unpack(tmp_path / "wheel")
    assert done.project.evaluate("import v3; print(v3.answer())", cwd=folder) == "42"
