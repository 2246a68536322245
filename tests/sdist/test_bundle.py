"""Local crates from anywhere are in the sdist, and cargo builds from it what it built in the tree (faults 53, 54, 55)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import Project
from .trees import Tree, package

OUTSIDE = ".cargo/crates"


@pytest.fixture
def tree(project: Project, tmp_path: Path) -> Tree:
    top = tmp_path / "tree"
    top.mkdir()
    # No cargo is needed (fault 2).
    project.env["CARGO"] = str(tmp_path / "no-cargo")
    return Tree(project, top)


def test_fault_53_a_path_dependency_outside_the_root(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "python/Cargo.toml": package("b1", '# where the rest is\n[dependencies]\nb1-core = { path = "../core" }  # ours\n'),
            "core/Cargo.toml": package("b1-core", '[dependencies]\nb1-deep = { path = "../deep/er", version = "0.1" }\n'),
            "deep/er/Cargo.toml": package("b1-deep"),
        },
        "python",
        "Cargo.toml",
    ).lock("python")
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    assert done.crates == (".", f"{OUTSIDE}/core", f"{OUTSIDE}/deep/er")
    assert f'# where the rest is\n[dependencies]\nb1-core = {{ path = "{OUTSIDE}/core" }}  # ours\n' in done.read("Cargo.toml")
    # Outside, everything lies as it lay.
    assert 'path = "../deep/er"' in done.read(f"{OUTSIDE}/core/Cargo.toml")


PARENT = """
    # the whole
    [workspace]
    members = ["crates/*", "python"]
    default-members = ["crates/app", "python"]

    [workspace.package]
    version = "0.3.0"
    license = "MIT"

    [workspace.dependencies]
    b2-core = { path = "crates/core", features = ["fast"] }
    b2-app = { path = "crates/app" }
    itoa = "1"

    [workspace.lints.rust]
    unused = "allow"

    # small
    [profile.release]
    lto = "thin"
"""


def _parent(tree: Tree, crate: str) -> Tree:
    inherited = "version.workspace = true"
    return tree.write(
        {
            "Cargo.toml": PARENT.replace('"python"', f'"{crate}"'),
            f"{crate}/Cargo.toml": package(
                "b2",
                "[lints]\nworkspace = true\n[dependencies]\nb2-core.workspace = true\n",
                version=inherited,
                extra="license.workspace = true",
            ),
            "crates/core/Cargo.toml": package(
                "b2-core", "[features]\nfast = []\n[dependencies]\nitoa.workspace = true\n", version=inherited
            ),
            "crates/app/Cargo.toml": package("b2-app", '[dependencies]\nryu = "1"\nb2-core.workspace = true\n'),
        },
        "python",
        f"{crate}/Cargo.toml"[len("python/") :],
    ).lock()


def test_fault_54_a_workspace_above_the_project(tree: Tree, tmp_path: Path) -> None:
    _parent(tree, "python")
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    assert done.crates == (".", f"{OUTSIDE}/crates/core")
    manifest = done.read("Cargo.toml")
    assert '[profile.release]\nlto = "thin"' in manifest
    assert 'version = "0.3.0"' in manifest
    # A virtual workspace is resolved in the oldest way, whatever the edition of its members says.
    assert 'resolver = "1"' in manifest
    assert "b2-app" not in manifest
    # What only the other member needed is gone, and nothing else.
    lock = done.read("Cargo.lock")
    assert "ryu" not in lock
    assert "itoa" in lock


def test_a_workspace_above_the_project_that_has_its_crate_in_a_folder(tree: Tree, tmp_path: Path) -> None:
    _parent(tree, "python/rust")
    tree.project.write({"../.cargo/config.toml": "[build]\njobs = 2\n"})
    done = tree.unpacked(tmp_path / "out").holds_the_same("rust/Cargo.toml")
    assert done.crates == (".", f"{OUTSIDE}/crates/core", "rust")
    assert "# the whole" in done.read("Cargo.toml")
    assert "# small" in done.read("Cargo.toml")
    assert "../.cargo/config.toml lies above the project" in done.output


@pytest.mark.parametrize(("crate", "up"), [(".", "../.."), ("rust", "../../..")])
def test_the_root_package_is_the_library(crate: str, up: str, tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "Cargo.toml": package(
                "b3-lib",
                f'[workspace]\nmembers = ["bindings/python/{crate}", "cli"]\n[dependencies]\nb3-part.path = "part"\n'
                "[profile.release]\nopt-level = 1\n",
            ),
            "part/Cargo.toml": package("b3-part"),
            "cli/Cargo.toml": package("b3-cli", '[dependencies]\nryu = "1"\n'),
            f"bindings/python/{crate}/Cargo.toml": package(
                "b3", f'[dependencies]\nb3-lib.path = "{up}"\n'
            ),
            "bindings/python/demo.py": "",
            "bindings/notes.txt": "",
        },
        "bindings/python",
        f"{crate}/Cargo.toml",
    ).lock()
    done = tree.unpacked(tmp_path / "out").holds_the_same(f"{crate}/Cargo.toml")
    assert done.crates == tuple(sorted({".", crate, OUTSIDE, f"{OUTSIDE}/part"}))
    # The Python project lies in the folder of the library's package, and is there once all the same.
    assert sorted(path.name for path in (done.project.folder / OUTSIDE / "bindings").rglob("*")) == ["notes.txt"]
    assert "opt-level" in done.read("Cargo.toml")
    # Its edition decided for all.
    assert 'resolver = "2"' in done.read("Cargo.toml")
    assert "workspace" not in done.read(f"{OUTSIDE}/Cargo.toml")
    assert 'members = ["cli"' not in done.read("Cargo.toml")


def test_fault_55_unused_members_are_pruned(tree: Tree, tmp_path: Path) -> None:
    """The inverted order: the Python project lies above the workspace."""
    tree.write(
        {
            "rust/Cargo.toml": '[workspace]\nmembers = [\n  "a*",  # some\n  "other",\n]\nresolver = "2"\n',
            "rust/a-ext/Cargo.toml": package("b4-ext", '[dependencies]\nb4-core = { path = "../a-core" }\n'),
            "rust/a-core/Cargo.toml": package("b4-core"),
            "rust/other/Cargo.toml": package("b4-other", '[dependencies]\nryu = "1"\n'),
        },
        ".",
        "rust/a-ext/Cargo.toml",
    ).lock("rust")
    done = tree.unpacked(tmp_path / "out").holds_the_same("rust/a-ext/Cargo.toml")
    assert done.crates == ("rust", "rust/a-core", "rust/a-ext")
    assert done.read("rust/Cargo.toml") == '[workspace]\nmembers = ["a-core", "a-ext"]\nresolver = "2"\n'
    assert "ryu" not in done.read("rust/Cargo.lock")


def test_a_workspace_of_which_all_is_needed_stays_as_it_is(tree: Tree, tmp_path: Path) -> None:
    root = '[workspace]\nmembers = [ "crates/*" ]\nresolver = "3"\n'
    ext = package("b5-ext", '[dependencies]\nb5-core = { path = "../core" }\ncfg-if = "1"\n')
    tree.write(
        {"Cargo.toml": root, "crates/ext/Cargo.toml": ext, "crates/core/Cargo.toml": package("b5-core")},
        ".",
        "crates/ext/Cargo.toml",
    ).lock()
    lock = (tree.top / "Cargo.lock").read_bytes()
    done = tree.unpacked(tmp_path / "out").holds_the_same("crates/ext/Cargo.toml")
    assert done.read("Cargo.toml") == root
    assert done.read("crates/ext/Cargo.toml") == ext
    assert (done.project.folder / "Cargo.lock").read_bytes() == lock


def test_the_root_package_is_not_needed(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "Cargo.toml": package(
                "b6-cli", '[dependencies]\nryu = "1"\n[workspace]\nmembers = ["ext"]\n[profile.release]\nlto = true\n'
            ).replace("2021", "2024"),
            "ext/Cargo.toml": package("b6-ext"),
        },
        ".",
        "ext/Cargo.toml",
    ).lock()
    done = tree.unpacked(tmp_path / "out").holds_the_same("ext/Cargo.toml")
    assert "[package]" not in done.read("Cargo.toml")
    assert 'resolver = "3"' in done.read("Cargo.toml")
    assert "lto = true" in done.read("Cargo.toml")


def test_the_crate_lies_beside_the_project(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "rust/Cargo.toml": '[workspace]\nmembers = ["ext", "core", "more"]\nresolver = "2"\n',
            "rust/ext/Cargo.toml": package("b7-ext", '[dependencies]\nb7-core = { path = "../core" }\n'),
            "rust/core/Cargo.toml": package("b7-core"),
            "rust/more/Cargo.toml": package("b7-more"),
        },
        "python",
        "../rust/ext/Cargo.toml",
    ).lock("rust")
    done = tree.unpacked(tmp_path / "out").holds_the_same(f"{OUTSIDE}/rust/ext/Cargo.toml")
    assert done.crates == (f"{OUTSIDE}/rust", f"{OUTSIDE}/rust/core", f"{OUTSIDE}/rust/ext")
    # The declaration still says where it was.
    del done.project.env["CARGO"]
    done.project.setup("build_rust")
    assert len(done.project.files("build/lib*/m0*")) == 1
    # An sdist that is made of it holds the same.
    done.project.setup("sdist")
    names = done.project.run("tar", "tf", "dist/demo-1.0.tar.gz").stdout.split()
    inside = (f"{OUTSIDE}/{name}" for name in ("moved.json", "rust/Cargo.lock", "rust/Cargo.toml", "rust/ext/src/lib.rs"))
    assert {f"demo-1.0/{name}" for name in inside} <= set(names)


def test_a_workspace_beside_the_project_that_takes_its_crate_in(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "rust/Cargo.toml": '[workspace]\nmembers = ["../python", "core", "more"]\nresolver = "2"\n',
            "rust/core/Cargo.toml": package("b8-core"),
            "rust/more/Cargo.toml": package("b8-more", '[dependencies]\nryu = "1"\n'),
            "python/Cargo.toml": package(
                "b8-ext", '[dependencies]\nb8-core = { path = "../rust/core" }\n', extra='workspace = "../rust"'
            ),
        },
        "python",
        "Cargo.toml",
    ).lock("rust")
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    assert done.crates == (".", f"{OUTSIDE}/rust/core")


def test_dependencies_of_every_kind(tree: Tree, tmp_path: Path) -> None:
    names = ("win", "build", "opt", "real", "dev", "used")
    tree.write(
        {
            "python/Cargo.toml": package(
                "b9",
                """
[features]
all = ["opt", "b9-dev/x"]
[dependencies]
opt = { path = "../opt", package = "b9-opt", optional = true }
other = { package = "b9-real", path = "../real" }
[target.'cfg(windows)'.dependencies]
b9-win = { path = "../win" }
[build-dependencies]
b9-build.path = "../build"
[dev-dependencies.b9-dev]
path = "../dev"
[dev-dependencies]
b9-used = { path = "../used" }
itoa = "1"
[target.'cfg(unix)'.dependencies.b9-used]
path = '../used'
""",
            ),
            **{f"{name}/Cargo.toml": package(f"b9-{name}", "[features]\nx = []\n") for name in names},
        },
        "python",
        "Cargo.toml",
    ).lock("python")
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    there = sorted(name for name in names if name != "dev")
    assert done.crates == (".", *(f"{OUTSIDE}/{name}" for name in there))
    manifest = done.read("Cargo.toml")
    assert 'all = ["opt"]' in manifest
    assert "[dev-dependencies.b9-dev]" not in manifest
    assert "b9-dev" not in done.read("Cargo.lock")
    # Tests that need no local crate can still be run.
    assert "itoa" in done.read("Cargo.lock")


def test_patches_go_along_where_they_are_used(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "Cargo.toml": """
                [workspace]
                members = ["python", "app"]
                resolver = "2"

                [patch.crates-io]
                itoa = { path = "patched/itoa" }
                ryu = { path = "patched/ryu" }
                fnv = { path = "patched/fnv" }
            """,
            "python/Cargo.toml": package("b10", '[dependencies]\nitoa = "1"\n'),
            "app/Cargo.toml": package("b10-app", '[dependencies]\nryu = "1"\n'),
            "patched/itoa/Cargo.toml": package(
                "itoa", '[dependencies]\nb10-base = { path = "../../base" }\n', version='version = "1.99.0"'
            ),
            "patched/ryu/Cargo.toml": package("ryu", version='version = "1.99.0"'),
            "patched/fnv/Cargo.toml": package("fnv", version='version = "1.99.0"'),
            "base/Cargo.toml": package("b10-base"),
        },
        "python",
        "Cargo.toml",
    ).lock()
    assert "[[patch.unused]]" in (tree.top / "Cargo.lock").read_text()
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    assert done.crates == (".", f"{OUTSIDE}/base", f"{OUTSIDE}/patched/itoa")
    assert "1.99.0" in done.read("Cargo.lock")
    assert "patch.unused" not in done.read("Cargo.lock")


def test_a_patch_in_the_folder_of_a_member(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "Cargo.toml": """
                [workspace]
                members = ["python/rust", "app"]
                resolver = "2"
                [patch.crates-io]
                itoa = { path = "python/rust/patched/itoa" }
            """,
            "python/rust/Cargo.toml": package("b18", '[dependencies]\nitoa = "1"\n'),
            "python/rust/patched/itoa/Cargo.toml": package("itoa", version='version = "1.99.0"'),
            "app/Cargo.toml": package("b18-app"),
        },
        "python",
        "rust/Cargo.toml",
    ).lock()
    done = tree.unpacked(tmp_path / "out").holds_the_same("rust/Cargo.toml")
    assert done.crates == (".", "rust", "rust/patched/itoa")


def test_patches_in_cargos_configuration(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "python/Cargo.toml": package("b17", '[dependencies]\nitoa = "1"\nfnv = "1"\n'),
            "python/.cargo/config.toml": """
                # what we use
                [patch.crates-io]
                itoa = { path = "../patched/itoa" }  # from outside
                fnv = { path = "fnv" }
                ryu = { path = "../patched/ryu" }
            """,
            "python/fnv/Cargo.toml": package("fnv", version='version = "1.99.0"'),
            "patched/itoa/Cargo.toml": package("itoa", version='version = "1.99.0"'),
            "patched/ryu/Cargo.toml": package("ryu", version='version = "1.99.0"'),
        },
        "python",
        "Cargo.toml",
    )
    tree.project.run("cargo", "generate-lockfile")
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    assert done.crates == (".", f"{OUTSIDE}/patched/itoa", "fnv")
    patches = f'[patch.crates-io]\nitoa = {{ path = "{OUTSIDE}/patched/itoa" }}  # from outside\nfnv = {{ path = "fnv" }}\n'
    assert done.read(".cargo/config.toml") == f"# what we use\n{patches}"


def test_readmes_and_licences_from_elsewhere(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "Cargo.toml": """
                [workspace]
                members = ["python/rust", "core"]
                resolver = "2"
                [workspace.package]
                license-file = "LICENSE"
                readme = "docs/README.md"
            """,
            "LICENSE": "do what you like\n",
            "docs/README.md": "all about it\n",
            "python/README.md": "short\n",
            "python/rust/Cargo.toml": package(
                "b11",
                '[dependencies]\nb11-core = { path = "../../core" }\n',
                extra='readme = "../README.md"\nlicense-file = "../../LICENSE"',
            ),
            "core/Cargo.toml": package("b11-core", extra="license-file.workspace = true\nreadme.workspace = true"),
        },
        "python",
        "rust/Cargo.toml",
    ).lock()
    done = tree.unpacked(tmp_path / "out").holds_the_same("rust/Cargo.toml")
    root = done.project.folder
    assert (root / "rust" / "../README.md").read_text() == "short\n"
    assert (root / "rust" / f"../{OUTSIDE}/LICENSE").read_text() == "do what you like\n"
    assert f'license-file = "../{OUTSIDE}/LICENSE"' in done.read("rust/Cargo.toml")
    assert f'readme = "{OUTSIDE}/docs/README.md"' in done.read("Cargo.toml")
    assert done.read(f"{OUTSIDE}/docs/README.md") == "all about it\n"


def test_a_dependency_that_belongs_to_another_workspace(tree: Tree, tmp_path: Path) -> None:
    """It inherits from its own root, and its dev-dependencies were never in the lock."""
    tree.write(
        {
            "ours/Cargo.toml": '[workspace]\nmembers = ["python"]\nresolver = "2"\n',
            "ours/python/Cargo.toml": package("b12", '[dependencies]\nb12-core = { path = "../../theirs/core" }\n'),
            "theirs/Cargo.toml": """
                [workspace]
                members = ["*"]
                [workspace.package]
                version = "7.0.0"
                [profile.release]
                lto = true
            """,
            "theirs/core/Cargo.toml": package(
                "b12-core", '[dev-dependencies]\nfnv = "1"\n', version="version = { workspace = true }"
            ),
            "theirs/tool/Cargo.toml": package("b12-tool"),
        },
        "ours/python",
        "Cargo.toml",
    ).lock("ours")
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    assert done.crates == (".", f"{OUTSIDE}/theirs", f"{OUTSIDE}/theirs/core")
    assert "fnv" not in done.read("Cargo.lock")


def test_what_the_workspace_excludes_stays_excluded(tree: Tree, tmp_path: Path) -> None:
    tree.write(
        {
            "Cargo.toml": '[workspace]\nmembers = ["python/in"]\nexclude = ["python/out"]\nresolver = "2"\n',
            "python/in/Cargo.toml": package("b13-in", '[dependencies]\nb13-out = { path = "../out" }\n'),
            "python/out/Cargo.toml": package("b13-out", '[dev-dependencies]\nfnv = "1"\n'),
        },
        "python",
        "in/Cargo.toml",
        "out/Cargo.toml",
    ).lock().lock("python/out")
    done = tree.unpacked(tmp_path / "out").holds_the_same("in/Cargo.toml", "out/Cargo.toml")
    assert "fnv" not in done.read("Cargo.lock")
    assert "fnv" in done.read("out/Cargo.lock")


def test_a_linked_crate(tree: Tree, tmp_path: Path) -> None:
    """Its folder is a symbolic link, in the project, to another place in the repository."""
    tree.write(
        {
            "Cargo.toml": '[workspace]\nmembers = ["python"]\nexclude = ["core"]\nresolver = "2"\n',
            "python/Cargo.toml": package("b14", '[dependencies]\nb14-core = { path = "core" }\n'),
            "core/Cargo.toml": package("b14-core"),
        },
        "python",
        "Cargo.toml",
    )
    (tree.top / "python" / "core").symlink_to("../core")
    tree.lock()
    done = tree.unpacked(tmp_path / "out").holds_the_same("Cargo.toml")
    assert done.crates == (".", "core")
    assert not (done.project.folder / "core").is_symlink()


def test_several_versions_of_a_package_in_the_lock(tree: Tree, tmp_path: Path) -> None:
    """With one of them gone, the other is named without its version."""
    tree.write(
        {
            "Cargo.toml": '[workspace]\nmembers = ["ext", "app"]\nresolver = "2"\n',
            "ext/Cargo.toml": package("b15", '[dependencies]\nbitflags = "2"\n'),
            "app/Cargo.toml": package("b15-app", '[dependencies]\nbitflags = "1"\n'),
        },
        ".",
        "ext/Cargo.toml",
    ).lock()
    assert '"bitflags 2.' in (tree.top / "Cargo.lock").read_text()
    done = tree.unpacked(tmp_path / "out").holds_the_same("ext/Cargo.toml")
    assert ' "bitflags",' in done.read("Cargo.lock")


def test_a_missing_path_dependency_is_named(tree: Tree) -> None:
    tree.write({"python/Cargo.toml": package("b16", '[dependencies]\nb16-core = { path = "../core" }\n')}, "python", "Cargo.toml")
    failed = tree.project.setup("sdist", check=False)
    assert failed.returncode
    assert "there is no crate in ../core" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not list(tree.project.folder.glob("dist/*"))
