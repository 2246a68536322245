"""The files of a package are those that cargo would package, and ``.gitignore`` means what it means to git."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, List

import pytest

from setuptools_pyo3.hands import crate_files, reading
from setuptools_pyo3.mind import gitignore

from ..support import Project
from .archives import commit

_PATHS = (
    "a.log",
    "sp ace",
    "xa.txt",
    "x1.txt",
    "x].txt",
    "build/f",
    "build2/sub/f",
    "src/build/f",
    "data/no.txt",
    "data/deep/er/no.txt",
    "data/deep/yes.txt",
    "src/data/no.txt",
    "doc/a/b/c.md",
    "doc/keep/c.md",
    "#hash",
    "!bang",
    "back\\slash",
    "été/x.rs",
    "target/debug/x",
    "dir/target/x",
    "trailing ",
)
_PATTERNS = (
    "*.log",
    "/a.log",
    "sp\\ ace",
    "sp ace   ",
    "x[0-9].txt",
    "x[!0-9].txt",
    "x[^a].txt",
    "x[]].txt",
    "x?.txt",
    "build/",
    "/build",
    "build*/",
    "data/**/no.txt",
    "**/no.txt",
    "data/**",
    "doc/*\n!doc/keep",
    "doc/**/c.md",
    "doc/a/\n!doc/a/b/c.md",
    "\\#hash",
    "#hash",
    "\\!bang",
    "back\\\\slash",
    "é*",
    "target",
    "/target/",
    "*",
    "*\n!*.log",
    "trailing\\ ",
    "x[.txt",
    "a.log/",
    "**",
    "dir/**/",
)


@pytest.mark.parametrize("pattern", _PATTERNS)
def test_a_gitignore_means_what_git_takes_it_for(pattern: str, project: Project) -> None:
    project.run("git", "init", "-q")
    project.write(dict.fromkeys(_PATHS, ""))
    (project.folder / ".gitignore").write_text(pattern + "\n", encoding="utf-8")
    seen = project.run("git", "ls-files", "--others", "--exclude-standard", "-z").stdout.split("\0")
    rules = gitignore.parse(pattern.split("\n"))
    assert {path for path in _PATHS if not _ignored(path, rules)} == set(seen) - {"", ".gitignore"}


def _ignored(path: str, rules: gitignore.Rules) -> bool:
    parts = path.split("/")
    folders = ["/".join(parts[:end]) for end in range(1, len(parts))]
    return any(rules.decide(folder, is_folder=True) for folder in folders) or bool(rules.decide(path, is_folder=False))


_FILES = {
    "src/lib.rs": "",
    "src/deep/mod.rs": "",
    "src/target/mod.rs": "",
    "build.rs": "fn main() {}",
    "README.md": "read me",
    "LICENSE": "",
    "data/a.bin": "",
    "data/b.bin": "",
    "data/more/a.bin": "",
    "docs/index.md": "",
    "notes.txt": "",
    "target/debug/x.rs": "",
    "other/Cargo.toml": '[package]\nname = "other"\nversion = "0.1.0"\nedition = "2021"\n',
    "other/src/lib.rs": "",
    "tests/it.rs": "",
}


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"exclude": ["data", "/docs/", "*.txt"]},
        {"exclude": ["data/*.bin", "!data/b.bin"]},
        {"exclude": ["a.bin"]},
        {"include": ["src/**/*.rs", "/data", "!data/b.bin"]},
        {"include": ["*.rs", "LICENSE"]},
        {"include": ["src", "**/a.bin"], "exclude": ["src"]},
        {"readme": "notes.txt", "exclude": ["notes.txt"]},
        {"license-file": "docs/index.md", "include": ["src/"]},
        {"readme": False, "exclude": ["README.md"]},
    ],
)
def test_the_files_are_those_that_cargo_packages(keys: Dict[str, object], project: Project) -> None:
    said = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
    manifest = f'[package]\nname = "listed"\nversion = "0.1.0"\nedition = "2021"\n{said}\n[workspace]\nmembers = ["other"]\n'
    project.write({**_FILES, "Cargo.toml": manifest, ".gitignore": "/target\n*.log\n", "a.log": "", "src/b.log": ""})
    project.run("cargo", "generate-lockfile", "--offline")
    commit(project)
    listed = project.run("cargo", "package", "--list", "--offline", "--allow-dirty", "--quiet").stdout.splitlines()
    # cargo's list has what it makes up, and hidden files of a package in git only; the lock is added with the workspace.
    cargo = {name for name in listed if not name.startswith(".") and name not in ("Cargo.lock", "Cargo.toml.orig")}
    # Where `include` forgets the build script, cargo packages the crate without one: that would be another module.
    assert set(files(project.folder)) == {*cargo, "build.rs"}


def files(folder: Path) -> List[str]:
    """The files of the package in a folder, which is a whole project."""
    around = crate_files.Surroundings(str(folder), frozenset({str(folder / "build"), str(folder / "dist")}))
    return list(crate_files.of_package(str(folder), reading.toml(str(folder / "Cargo.toml")), around).files)


def test_main_files_of_named_targets_stay_because_cargo_reads_no_manifest_without_them(project: Project) -> None:
    manifest = '[package]\nname = "named"\nversion = "0.1.0"\nexclude = ["benches", "build", "tools"]\nbuild = "build/main.rs"\n'
    manifest += '[[bench]]\nname = "speed"\n[[bin]]\nname = "tool"\npath = "tools/tool.rs"\n'
    project.write({"Cargo.toml": manifest, "src/lib.rs": "", "benches/speed.rs": "", "benches/data.txt": "", "tools/tool.rs": ""})
    project.write({"build/main.rs": "", "build/lib.linux/x.rs": "", "build/temp/x.rs": ""})
    assert files(project.folder) == ["Cargo.toml", "benches/speed.rs", "build/main.rs", "src/lib.rs", "tools/tool.rs"]
    project.write({"Cargo.toml": manifest.replace(', "build", "tools"', "")})
    assert [name for name in files(project.folder) if name.startswith("build/")] == ["build/main.rs"]


def test_outputs_environments_and_built_modules_are_nobodys_sources(project: Project) -> None:
    project.write({"Cargo.toml": '[package]\nname = "outputs"\nversion = "0.1.0"\n', "src/lib.rs": "", "data.txt": ""})
    kept = files(project.folder)
    project.write({"cargo-out/CACHEDIR.TAG": "", "cargo-out/x.rs": "", "venv/pyvenv.cfg": "", "venv/x.py": ""})
    project.write({"node_modules/x/x.rs": "", "__pycache__/x.pyc": "", "demo.egg-info/SOURCES.txt": "", "pkg/_core.abi3.so": ""})
    project.write({"build/lib/x.py": "", "dist/x.txt": "", "target/x.rs": "", ".env": "", ".hidden/x.rs": "", "src/x.pyd": ""})
    assert files(project.folder) == kept == ["Cargo.toml", "data.txt", "src/lib.rs"]
    # Compiling needs it, hidden or not.
    project.write({".sqlx/query-1.json": "{}"})
    assert ".sqlx/query-1.json" in files(project.folder)


def test_links_that_lead_nowhere_or_in_a_circle_are_nothing(project: Project) -> None:
    project.write({"Cargo.toml": '[package]\nname = "links"\nversion = "0.1.0"\n', "src/lib.rs": ""})
    for name, target in (("itself", "itself"), ("gone", "nowhere"), ("src/up", "..")):
        (project.folder / name).symlink_to(target)
    assert files(project.folder) == ["Cargo.toml", "src/lib.rs"]


def test_a_source_that_git_ignores_and_may_track_all_the_same_stays(project: Project) -> None:
    project.write({"Cargo.toml": '[package]\nname = "ignored"\nversion = "0.1.0"\n', "src/lib.rs": "", "src/bindings.rs": ""})
    project.write({".gitignore": "bindings.*\n/generated/\n", "bindings.json": "", "generated/x.rs": ""})
    assert files(project.folder) == ["Cargo.toml", "src/bindings.rs", "src/lib.rs"]


def test_a_home_that_ignores_everything_ignores_no_project(project: Project) -> None:
    manifest = '[package]\nname = "at-home"\nversion = "0.1.0"\n'
    project.write({".git/HEAD": "", ".gitignore": "*\n", "code/demo/Cargo.toml": manifest, "code/demo/src/lib.rs": ""})
    project.write({"code/demo/data.txt": "", "code/demo/x.log": "", "code/demo/.gitignore": "*.log\n"})
    assert files(project.folder / "code" / "demo") == ["Cargo.toml", "data.txt", "src/lib.rs"]
