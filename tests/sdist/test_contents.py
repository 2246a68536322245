"""What is in a source distribution, without MANIFEST.in and with one: all that cargo needs, and nothing that nobody may have."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Dict

import pytest

from ..crates import crate, pyproject
from ..support import Environments, Project
from .archives import IDENTITY, commit, made, sdist

TABLE = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo._core"\npath = "rust/Cargo.toml"\n'
PACKAGES = '[tool.setuptools]\npackages = ["demo"]\n'


def demo(name: str, **files: str) -> Dict[str, str]:
    """A project with a package ``demo`` and a crate in ``rust/``."""
    return {
        "pyproject.toml": pyproject("demo", TABLE, PACKAGES),
        "demo/__init__.py": "",
        **crate(name, folder="rust", lib="_core"),
        **files,
    }


@pytest.fixture
def tree(project: Project) -> Project:
    """A project with everything that belongs into its source distribution, and some things that don't."""
    project.write(demo("contents"))
    project.write({"rust/build.rs": "fn main() {}", "rust/data/table.csv": "1,2", "rust/README.md": "", "rust/LICENSE-MIT": ""})
    project.write({"shared/words.txt": "", "rust/src/words.rs": 'const W: &str = include_str!("../../shared/words.txt");'})
    project.write({".gitignore": "target/\n*.log\n*.so\nbuild/\ndist/\n*.egg-info/\n.env\n"})
    project.run("cargo", "generate-lockfile", "--offline", "--manifest-path=rust/Cargo.toml")
    return project.write({".cargo/config.toml": "[build]\n", "rust-toolchain.toml": '[toolchain]\nchannel = "1.99"\n'})


COMPLETE = [
    ".cargo/config.toml",
    "demo/__init__.py",
    "pyproject.toml",
    "rust-toolchain.toml",
    "rust/Cargo.lock",
    "rust/Cargo.toml",
    "rust/LICENSE-MIT",
    "rust/README.md",
    "rust/build.rs",
    "rust/data/table.csv",
    "rust/src/lib.rs",
    "rust/src/words.rs",
    "shared/words.txt",
]


def test_fault_52_and_58_complete_without_a_manifest_and_without_rust(tree: Project, tmp_path: Path) -> None:
    """Neither cargo nor rustc is needed (fault 2), and a name that isn't normalized becomes so."""
    tree.write({"pyproject.toml": pyproject("Demo.Project-x", TABLE, PACKAGES)})
    tree.env["PATH"] = str(tmp_path)
    archive = sdist(tree)
    assert archive.path.name == "demo_project_x-1.0.tar.gz"
    assert archive.names == COMPLETE
    assert not list(tree.folder.glob("demo_project_x-1.0*"))


def test_documents_for_the_wheel_are_in_it_because_the_wheel_is_packed_with_them(project: Project) -> None:
    settings = "[tool.setuptools-pyo3]\nsbom-files = ['sboms/c.cdx.json', '../outside.json', 'later.json']\n"
    project.write(demo("documents", **{"sboms/c.cdx.json": "{}", "sboms/other.json": "{}"}))
    project.write({"pyproject.toml": pyproject("demo", settings + TABLE, PACKAGES)})
    output = project.setup("sdist").stdout
    assert [name for name in made(project).names if name.startswith("sboms")] == ["sboms/c.cdx.json"]
    assert "sbom-files names ../outside.json, which will not be there" in output


def test_fault_29_the_list_is_the_same_in_every_kind_of_tree(tree: Project, tmp_path: Path) -> None:
    tree.write({"rust/a.log": "", "rust/target/x.rs": "", ".env": "", "demo/_core.so": ""})
    plain = sdist(tree).names
    shutil.rmtree(tree.folder / "dist")
    commit(tree)
    repository = sdist(tree).names
    tree.run("git", "clone", "-q", tree.folder, tmp_path / "clone")
    tree.run("git", "worktree", "add", "-q", tmp_path / "worktree")
    above = Project(tmp_path / "above", tree.python, tree.env)
    above.folder.mkdir()
    above.write({".gitignore": "*\n"})
    above.run("git", "init", "-q")
    above.run("git", *IDENTITY, "submodule", "--quiet", "add", "-f", tree.folder, "inner/demo")
    folders = [tmp_path / "clone", tmp_path / "worktree", above.folder / "inner" / "demo"]
    others = [sdist(Project(folder, tree.python, tree.env)).names for folder in folders]
    assert [plain, repository, *others] == [COMPLETE] * 5
    # And from an unpacked one.
    assert sdist(sdist(Project(folders[0], tree.python, tree.env)).unpack(tmp_path, tree)).names == COMPLETE


def test_a_manifest_template_is_obeyed(tree: Project) -> None:
    template = "include rust/notes.log\nprune rust/data\nexclude shared/* rust/README.md\nglobal-exclude LICENSE*\n"
    tree.write({"rust/notes.log": "", "MANIFEST.in": f"{template}recursive-include rust/data \\\n  *.json\n"})
    tree.write({"rust/data/kept.json": "{}"})
    gone = {"rust/data/table.csv", "shared/words.txt", "rust/README.md", "rust/LICENSE-MIT"}
    assert sdist(tree).names == sorted({*COMPLETE, "MANIFEST.in", "rust/notes.log", "rust/data/kept.json"} - gone)
    tree.write({"MANIFEST.in": "prune rust\n"})
    (tree.folder / "dist" / "demo-1.0.tar.gz").unlink()
    output = tree.setup("sdist").stdout
    assert "MANIFEST.in leaves rust/Cargo.toml out" in output
    assert not [name for name in made(tree).names if name.startswith("rust/")]


def test_fault_56_secrets_outputs_and_built_modules_stay_out_whatever_lists_them(tree: Project) -> None:
    tree.write({"MANIFEST.in": "graft rust\ngraft demo\ninclude .env\nglobal-include *.key *.pem id_rsa credentials*\n"})
    private = "-----BEGIN RSA PRIVATE KEY-----\nabc\n"
    secrets = {".env": "A=1", "rust/.env.local": "A=1", "rust/credentials.toml": "", "demo/id_rsa": "", "demo/server.key": private}
    public = {"rust/ca.pem": "-----BEGIN CERTIFICATE-----\n", "rust/.env.example": "A=", "demo/public.key": "a key on a piano"}
    tree.write({**secrets, **public, "demo/_core.abi3.so": ""})
    tree.write({"rust/target/debug/x.txt": "", "out/CACHEDIR.TAG": "", "out/a.pem": ""})
    output = tree.setup("sdist").stdout
    for name in secrets:
        assert f"{name} is left out of the source distribution" in output
    assert made(tree).names == sorted([*COMPLETE, "MANIFEST.in", *public])


def test_a_key_is_shipped_where_it_is_named_or_compiled_in(tree: Project) -> None:
    private = "-----BEGIN PRIVATE KEY-----\nabc\n"
    tree.write({"MANIFEST.in": "include demo/test.key\n", "demo/test.key": private, "rust/src/fixed.key": private})
    tree.write({"rust/other.key": private, "rust/src/key.rs": 'const K: &[u8] = include_bytes!("fixed.key");'})
    assert {name for name in sdist(tree).names if name.endswith(".key")} == {"demo/test.key", "rust/src/fixed.key"}


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[registry]\n# ours\ntoken = "s3cr3t"\n', 3, "registry.token"),
        ('[registries.ours]\nindex = "sparse+https://me:s3cr3t@example.org/index/"\n', 2, "registries.ours.index"),
        ('[registries]\nours = { token = "s3cr3t" }\n', 2, "registries.ours.token"),
        ('[env]\nA = "1"\nDEPLOY_TOKEN = { value = "s3cr3t", force = true }\n', 3, "env.DEPLOY_TOKEN"),
        ('[http]\nproxy = "http://me:s3cr3t@proxy.example.org:3128"\n', 2, "http.proxy"),
    ],
)
def test_fault_57_a_secret_in_cargos_configuration_is_refused_with_its_line(text: str, line: int, key: str, tree: Project) -> None:
    tree.write({".cargo/config.toml": text})
    failed = tree.setup("sdist", check=False)
    assert failed.returncode
    assert f".cargo/config.toml:{line}: {key} holds a secret" in failed.stdout
    assert "s3cr3t" not in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not (tree.folder / "dist").exists()
    assert not list(tree.folder.glob("demo-1.0*"))


def test_a_secret_in_the_address_of_a_dependency_is_refused_with_its_line(tree: Project) -> None:
    with (tree.folder / "rust" / "Cargo.toml").open("a") as manifest:
        manifest.write('\n[target."cfg(windows)".dependencies]\nmine = { git = "https://x:s3cr3t@example.org/mine" }\n')
    line = len((tree.folder / "rust" / "Cargo.toml").read_text().splitlines())
    (tree.folder / "rust" / "Cargo.lock").unlink()
    failed = tree.setup("sdist", check=False)
    assert failed.returncode
    assert f"rust/Cargo.toml:{line}: target.cfg(windows).dependencies.mine.git holds a secret" in failed.stdout
    assert "s3cr3t" not in failed.stdout
    assert not (tree.folder / "dist").exists()
    tree.write({"rust/Cargo.toml": (tree.folder / "rust" / "Cargo.toml").read_text().replace("x:s3cr3t@", "git@")})
    sdist(tree)


def test_what_cargos_configuration_includes_goes_along_and_may_hold_no_secret_either(tree: Project) -> None:
    tree.write({".cargo/config.toml": 'include = ["more.toml", { path = "../flags.toml", optional = true }, "gone.toml"]\n'})
    tree.write({".cargo/more.toml": "[build]\n", "flags.toml": "[net]\nretry = 3\n"})
    assert sdist(tree).names == sorted([*COMPLETE, ".cargo/more.toml", "flags.toml"])
    tree.write({"flags.toml": '[net]\nretry = 3\n[registry]\ntoken = "s3cr3t"\n'})
    failed = tree.setup("sdist", check=False)
    assert failed.returncode
    assert "flags.toml:4: registry.token holds a secret" in failed.stdout


def test_fault_28_links_are_shipped_as_what_they_lead_to_and_refused_where_they_leave(tree: Project, tmp_path: Path) -> None:
    (tree.folder / "rust" / "src" / "linked.rs").symlink_to("../../shared/linked.rs")
    (tree.folder / "rust" / "tables").symlink_to("../shared")
    (tree.folder / "shared" / "back").symlink_to(".")
    (tree.folder / "rust" / "broken.txt").symlink_to("nowhere")
    tree.write({"shared/linked.rs": "// linked\n"})
    archive = sdist(tree)
    added = {"rust/src/linked.rs", "rust/tables/linked.rs", "rust/tables/words.txt"}
    assert set(archive.names) == {*COMPLETE, *added}
    assert archive.read("rust/src/linked.rs") == "// linked\n"
    (tmp_path / "elsewhere.rs").write_text("// private\n")
    (tree.folder / "rust" / "src" / "leaving.rs").symlink_to(tmp_path / "elsewhere.rs")
    before = archive.path.read_bytes()
    failed = tree.setup("sdist", check=False)
    assert failed.returncode
    assert "rust/src/leaving.rs: a symbolic link leads out of the project" in failed.stdout
    assert archive.path.read_bytes() == before
    # Who doesn't want the file needs not be told.
    tree.write({"MANIFEST.in": "exclude rust/src/leaving.rs\n"})
    tree.setup("sdist")
    assert set(made(tree).names) == {*COMPLETE, *added, "MANIFEST.in"}


def test_what_an_earlier_build_has_read_is_in_it(tree: Project) -> None:
    del tree.env["CARGO_TARGET_DIR"]
    read = tree.folder / "templates" / "page.html"
    tree.write({"templates/page.html": "", "rust/target/debug/build/x/out/made.rs": "", "templates/private.html": ""})
    made_by_build = tree.folder / "rust/target/debug/build/x/out/made.rs"
    tree.write({"rust/target/debug/lib_core.d": f"{tree.folder}/rust/target/debug/lib_core.so: {read} {made_by_build}\n"})
    assert sdist(tree).names == sorted([*COMPLETE, "templates/page.html"])


def test_what_an_included_source_includes_is_in_it(tree: Project) -> None:
    """A module that lies beside the crate, its own modules, and what these include."""
    tree.write({"rust/src/words.rs": 'include_str!("../../shared/words.txt");\n#[path = "../../shared/deep.rs"]\nmod deep;'})
    tree.write({"shared/deep.rs": "pub(crate) mod one;\n  mod two;\n// mod gone;\nmod tests {}", "shared/other.rs": ""})
    tree.write({"shared/one.rs": 'include!("one/table.rs");\nmod three;', "shared/one/table.rs": "mod four;"})
    tree.write({"shared/one/three.rs": "", "shared/one/four/mod.rs": ""})
    tree.write({"shared/two/mod.rs": 'include_str!("page.html");', "shared/two/page.html": ""})
    named = ["deep.rs", "one.rs", "one/table.rs", "one/three.rs", "one/four/mod.rs", "two/mod.rs", "two/page.html"]
    assert sdist(tree).names == sorted([*COMPLETE, *(f"shared/{name}" for name in named)])


def test_a_toolchain_that_is_pinned_for_the_workspace_above_goes_along(project: Project) -> None:
    inner = Project(project.folder / "python", project.python, project.env)
    project.write({"Cargo.toml": '[workspace]\nmembers = ["python/rust"]\nresolver = "2"\n'})
    inner.write({"pyproject.toml": pyproject("demo", TABLE, PACKAGES), "demo/__init__.py": ""})
    inner.write(crate("above", folder="rust", lib="_core"))
    project.run("cargo", "generate-lockfile", "--offline")
    project.write({"rust-toolchain.toml": '[toolchain]\nchannel = "1.99"\n'})
    output = inner.setup("sdist").stdout
    assert {"rust-toolchain.toml", "Cargo.toml", "Cargo.lock", "rust/Cargo.toml", "rust/src/lib.rs"} <= set(made(inner).names)
    assert "rust-toolchain" not in "".join(line for line in output.splitlines() if line.startswith("setuptools-pyo3:"))


def test_a_failure_while_the_archive_is_written_leaves_nothing(tree: Project) -> None:
    before = sdist(tree).path
    content = before.read_bytes()
    broken = "import setuptools, tarfile\ndef fail(*a, **k):\n    raise OSError(28, 'No space left on device')\n"
    tree.write({"setup.py": f"{broken}tarfile.TarFile.addfile = fail\nsetuptools.setup()\n"})
    failed = tree.setup("sdist", check=False)
    assert failed.returncode
    assert "No space left on device" in failed.stdout
    assert [path.name for path in (tree.folder / "dist").iterdir()] == ["demo-1.0.tar.gz"]
    assert before.read_bytes() == content
    assert not (tree.folder / "demo-1.0").exists()
    # What a killed run has left doesn't end up in the next archive.
    tree.write({"setup.py": "import setuptools\nsetuptools.setup()\n", "demo-1.0/stale.txt": ""})
    assert sdist(tree).names == sorted([*COMPLETE, "setup.py"])


def test_a_projects_own_sdist_and_get_source_files_count(tree: Project) -> None:
    own = """\
        from setuptools import setup
        from setuptools.command.build_ext import build_ext
        from setuptools.command.sdist import sdist

        class Sdist(sdist):
            def make_release_tree(self, base_dir, files):
                super().make_release_tree(base_dir, files)
                with open(f"{base_dir}/stamp.txt", "w") as file:
                    file.write(str(len(files)))

        class BuildExt(build_ext):
            def get_source_files(self):
                return [*super().get_source_files(), "extra.c"]

        setup(cmdclass={"sdist": Sdist, "build_ext": BuildExt})
    """
    tree.write({"setup.py": own, "extra.c": ""})
    assert sdist(tree).names == sorted([*COMPLETE, "extra.c", "setup.py", "stamp.txt"])


def test_files_that_setuptools_scm_finds_come_along(tree: Project, environments: Environments) -> None:
    tree.python = environments.make("setuptools-scm")
    tree.write({"pyproject.toml": pyproject("demo", TABLE, PACKAGES + "[tool.setuptools_scm]\n"), "notes/a.txt": ""})
    commit(tree)
    assert sdist(tree).names == sorted([*COMPLETE, ".gitignore", "notes/a.txt"])


def test_an_optional_extension_may_lack_its_crate_and_another_may_not(tree: Project) -> None:
    lacking = '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "demo._other"\npath = "other/Cargo.toml"\n'
    tree.write({"pyproject.toml": pyproject("demo", f"{TABLE}{lacking}optional = true\n", PACKAGES)})
    assert sdist(tree).names == COMPLETE
    tree.write({"pyproject.toml": pyproject("demo", TABLE + lacking, PACKAGES)})
    failed = tree.setup("sdist", check=False)
    assert failed.returncode
    assert "there is no manifest" in failed.stdout
    assert "Traceback" not in failed.stdout


@pytest.mark.cross
def test_the_oldest_python_and_setuptools_make_the_same(tree: Project, environments: Environments) -> None:
    """setuptools 69.0 doesn't normalize the archive's name by itself."""
    tree.write({"pyproject.toml": pyproject("Demo.Project-x", TABLE, PACKAGES)})
    tree.python = environments.make("setuptools==69.0.0", "wheel", python="3.9")
    archive = sdist(tree)
    assert archive.path.name == "demo_project_x-1.0.tar.gz"
    assert archive.names == COMPLETE
