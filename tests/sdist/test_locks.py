"""A lock that doesn't fit is noticed before anything is written, by cargo's own measure."""

from __future__ import annotations

from typing import Callable, Dict

import pytest

from setuptools_pyo3.mind import stale_lock

from ..crates import crate, pyproject
from ..support import Project
from .archives import made, sdist

_DEPENDENT = '\n[dependencies.rest]\npackage = "locks-rest"\npath = "rest"\nversion = "0.1"\n'


@pytest.fixture
def locked(project: Project) -> Project:
    """A project whose lock fits."""
    project.write({"pyproject.toml": pyproject("locked", "[tool.setuptools-pyo3]\n")})
    project.write(crate("locks-main", lib="locked", extra=_DEPENDENT))
    project.write({"rest/Cargo.toml": '[package]\nname = "locks-rest"\nversion = "0.1.3"\n', "rest/src/lib.rs": ""})
    project.run("cargo", "generate-lockfile", "--offline")
    return project


def _replace(path: str, old: str, new: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        text = (project.folder / path).read_text()
        assert old in text
        (project.folder / path).write_text(text.replace(old, new, 1))

    return change


STALE: Dict[str, Callable[[Project], None]] = {
    "the crate's version": _replace("Cargo.toml", 'version = "0.1.0"', 'version = "0.2.0"'),
    "a new dependency": _replace("Cargo.toml", "[dependencies]\n", '[dependencies]\nlibc = "0.2"\n'),
    "a new build dependency": _replace("rest/Cargo.toml", "[package]", '[build-dependencies]\nlibc = "0.2"\n[package]'),
    "another requirement": _replace("Cargo.toml", 'version = "0.1"\n', 'version = "0.2"\n'),
}


@pytest.mark.parametrize("with_cargo", [True, False])
@pytest.mark.parametrize("change", STALE.values(), ids=STALE)
def test_fault_9_a_stale_lock_fails_before_anything_is_written(
    change: Callable[[Project], None], with_cargo: bool, locked: Project
) -> None:
    change(locked)
    before = (locked.folder / "Cargo.lock").read_bytes()
    # The judge agrees.
    assert locked.run("cargo", "update", "--workspace", "--locked", "--offline", check=False).returncode
    if not with_cargo:
        locked.env["PATH"] = "/nowhere"
    failed = locked.setup("sdist", check=False)
    assert failed.returncode
    assert "Cargo.lock: the lock is out of date" in failed.stdout
    assert "cargo update --workspace --manifest-path=Cargo.toml" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert (locked.folder / "Cargo.lock").read_bytes() == before
    assert not (locked.folder / "dist").exists()


def test_the_command_that_is_named_mends_it(locked: Project) -> None:
    STALE["the crate's version"](locked)
    locked.run("cargo", "update", "--workspace", "--offline", "--manifest-path=Cargo.toml")
    assert "Cargo.lock" in sdist(locked).names


def test_fault_8_a_corrupt_lock_is_named(locked: Project) -> None:
    locked.write({"Cargo.lock": "this is no lock"})
    failed = locked.setup("sdist", check=False)
    assert failed.returncode
    assert "Cargo.lock: this is not valid TOML" in failed.stdout
    assert "cargo generate-lockfile --manifest-path=Cargo.toml" in failed.stdout
    locked.run("cargo", "generate-lockfile", "--offline", check=False)


def test_a_missing_lock_is_a_notice(locked: Project) -> None:
    (locked.folder / "Cargo.lock").unlink()
    output = locked.setup("sdist").stdout
    assert "the source distribution has no Cargo.lock for Cargo.toml" in output
    assert "Cargo.lock" not in made(locked).names
    assert not (locked.folder / "Cargo.lock").exists()


@pytest.mark.parametrize(
    ("requirement", "fitting", "other"),
    [
        ("1.2.3", "1.9.0", "2.0.0"),
        ("1.2.3", "1.2.3", "1.2.2"),
        ("0.2.3", "0.2.9", "0.3.0"),
        ("0.0.3", "0.0.3", "0.0.4"),
        ("0.0", "0.0.9", "0.1.0"),
        ("0", "0.9.0", "1.0.0"),
        ("^1", "1.0.0", "2.0.0"),
        ("~1.2.3", "1.2.9", "1.3.0"),
        ("~1", "1.9.0", "2.0.0"),
        ("=1.2", "1.2.7", "1.3.0"),
        ("1.*", "1.9.0", "2.0.0"),
        ("0.*", "0.9.0", "1.0.0"),
        ("0.2.*", "0.2.9", "0.3.0"),
        (">=1.2, <1.5", "1.4.9", "1.5.0"),
        (">1.2", "1.3.0", "1.2.9"),
        ("<=1.2", "1.2.9", "1.3.0"),
        (">1.2.3", "1.2.4", "1.2.3"),
    ],
)
def test_requirements_mean_what_they_mean_to_cargo(requirement: str, fitting: str, other: str) -> None:
    assert stale_lock.accepts(requirement, fitting)
    assert not stale_lock.accepts(requirement, other)


@pytest.mark.parametrize("requirement", ["", "*", ">=1.0.0-alpha.1", "what is this"])
def test_what_cant_be_compared_for_sure_fits(requirement: str) -> None:
    assert stale_lock.accepts(requirement, "1.2.3")
    assert stale_lock.accepts("1.0", "1.0.0-rc.1")
