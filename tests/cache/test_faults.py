"""The cache when things go wrong: no room, no permission, builds at once or killed, and a cache that is cleared meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from subprocess import CompletedProcess
from typing import Iterator, List

import pytest

from ..faults.stage import PATIENCE, Waiting, read_only, small_disk, together, until
from ..support import Project, Wheel, cargo_calls, compiled
from .conftest import Thrown, answer_in, source

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses mounts and signals as Linux has them")

NOTICE = "can't be used"


def _falls_back(thrown: Thrown, copy: Project) -> str:
    """Assert that a build succeeds in the tree itself, with one line of notice, and return its output."""
    output = copy.setup("bdist_wheel").stdout
    assert output.count(NOTICE) == 1
    assert "Traceback" not in output
    assert copy.files("target/release/.fingerprint")
    assert answer_in(copy, copy.built_wheel(), thrown.folder / "wheel") == 42
    return output


# -- rows 31 and 32: no room, read-only


def test_fault_31_no_room_for_the_cache(thrown: Thrown) -> None:
    with small_disk(thrown.cache, "1m"):
        output = _falls_back(thrown, thrown.unpack())
        assert f"{thrown.cache} {NOTICE} (the disk is full)" in output
        assert thrown.targets() == []


def test_fault_31_no_room_in_the_middle_of_a_build(thrown: Thrown) -> None:
    with small_disk(thrown.cache, "1g"):
        thrown.build()
        assert thrown.targets()
        used = sum(path.stat().st_blocks * 512 for path in thrown.cache.rglob("*"))
        subprocess.run(["mount", "-o", f"remount,size={used // 1024 + 64}k", str(thrown.cache)], check=True)
        output = _falls_back(thrown, thrown.unpack())
        assert len(cargo_calls(output)) == 2
        # What took the room is gone.
        assert thrown.targets() == []


def test_fault_32_a_read_only_cache(thrown: Thrown) -> None:
    thrown.cache.mkdir()
    thrown.env["SETUPTOOLS_PYO3_CACHE_DIR"] = str(thrown.cache / "inner")
    copy = thrown.unpack()
    with read_only(thrown.folder / "cache"):
        _falls_back(thrown, copy)
    assert list((thrown.folder / "cache").iterdir()) == []


def test_fault_32_a_cache_that_became_read_only(thrown: Thrown) -> None:
    thrown.build()
    before = thrown.kept()
    copy = thrown.unpack()
    with read_only(thrown.cache):
        _falls_back(thrown, copy)
    assert thrown.kept() == before


def test_fault_32_a_file_in_the_place_of_the_cache(thrown: Thrown) -> None:
    thrown.cache.write_text("not a folder")
    _falls_back(thrown, thrown.unpack())
    assert thrown.cache.read_text() == "not a folder"


def test_nobody_has_a_home_folder(thrown: Thrown) -> None:
    del thrown.env["SETUPTOOLS_PYO3_CACHE_DIR"]
    cargo_home = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    rustup_home = os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup")
    thrown.env.update(HOME="nowhere", XDG_CACHE_HOME="", CARGO_HOME=cargo_home, RUSTUP_HOME=rustup_home)
    copy = thrown.unpack()
    _falls_back(thrown, copy)
    assert not copy.files("nowhere*")


# -- row 35: builds at once


def _command(copy: Project) -> List[object]:
    return ["sh", "-c", f'cd "{copy.folder}" && exec "{copy.python}" setup.py bdist_wheel']


@pytest.mark.parametrize("attempt", range(2))
def test_fault_35_two_builds_of_one_project_at_once(thrown: Thrown, attempt: int) -> None:
    """They share a cached target folder, and each gets its own sources' module all the same."""
    if attempt:
        thrown.build()
    copies = []
    for answer in (1, 2):
        thrown.project.write({"src/lib.rs": source(answer)})
        copies.append(thrown.unpack())
    together(thrown.project, *map(_command, copies))
    for number, copy in enumerate(copies, start=1):
        assert answer_in(copy, copy.built_wheel(), thrown.folder / f"wheel-{number}") == number
        assert not copy.files("target")
    assert len(thrown.targets()) == 1


def test_fault_35_builds_of_different_projects_at_once(thrown: Thrown) -> None:
    """They have a cached target folder each, even where their crates are called the same."""
    copies = []
    setup_py = (thrown.project.folder / "setup.py").read_text()
    for answer in (1, 2, 3):
        thrown.project.write({"src/lib.rs": source(answer), "setup.py": setup_py.replace("'demo'", f"'demo-{answer}'")})
        copies.append(thrown.unpack())
    together(thrown.project, *map(_command, copies))
    for number, copy in enumerate(copies, start=1):
        assert answer_in(copy, copy.built_wheel(), thrown.folder / f"wheel-{number}") == number
    assert len(thrown.targets()) == 3


# -- rows 33 and 34: killed and interrupted; and what is done to the cache in the course of a build


@pytest.fixture
def waiting(thrown: Thrown, tmp_path: Path) -> Iterator[Waiting]:
    """A build from an unpacked copy that waits in the crate's build script."""
    build = Waiting(thrown.unpack(), tmp_path)
    yield build
    build.let_go()
    until(lambda: not build.survivors(), "the end of the build")


def _next_build_is_good(thrown: Thrown) -> None:
    thrown.project.write({"src/lib.rs": source(43)})
    thrown.build()
    assert thrown.answer() == 43
    assert not [path for path in thrown.kept() if "thrown" in path]


def test_fault_33_killed_then_again_from_another_copy(thrown: Thrown, waiting: Waiting) -> None:
    process = waiting.start(waiting.project.python, "setup.py", "bdist_wheel")
    process.kill()
    process.wait(timeout=PATIENCE)
    # cargo lives on, and finishes what the next build must not take for its own.
    waiting.let_go()
    until(lambda: not waiting.survivors(), "the end of cargo")
    _next_build_is_good(thrown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_fault_34_interrupted_then_again_from_another_copy(thrown: Thrown, waiting: Waiting, number: signal.Signals) -> None:
    process = waiting.start(waiting.project.python, "setup.py", "bdist_wheel")
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert NOTICE not in output
    _next_build_is_good(thrown)


def _cache(thrown: Thrown, *arguments: str, **variables: str) -> CompletedProcess[str]:
    project = Project(thrown.folder, thrown.project.python, {**thrown.env, **variables})
    return project.run(project.python, "-m", "setuptools_pyo3", "cache", *arguments, check=False)


def test_what_a_running_build_uses_is_not_removed(thrown: Thrown, waiting: Waiting) -> None:
    process = waiting.start(waiting.project.python, "setup.py", "bdist_wheel")
    (target,) = thrown.targets()
    pruned = _cache(thrown, "prune", SETUPTOOLS_PYO3_CACHE_SIZE="0")
    assert pruned.returncode == 0
    cleared = _cache(thrown, "clear")
    assert cleared.returncode == 1
    assert f"kept {target.name}: a build is using it" in cleared.stdout
    waiting.let_go()
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    assert answer_in(waiting.project, waiting.project.built_wheel(), thrown.folder / "wheel") == 42
    # Afterwards, nothing keeps it.
    assert _cache(thrown, "clear").returncode == 0
    assert list(thrown.cache.iterdir()) == []


def test_a_build_says_what_it_waits_for(thrown: Thrown, waiting: Waiting) -> None:
    first = waiting.start(waiting.project.python, "setup.py", "bdist_wheel")
    copy = thrown.unpack()
    with tempfile.TemporaryFile() as said:
        second = subprocess.Popen(_command(copy), env=copy.env, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)

        def output() -> str:
            said.seek(0)
            return said.read().decode()

        until(lambda: "waiting for another build of demo" in output() or second.poll() is not None, "waiting")
        assert second.poll() is None, output()
        waiting.let_go()
        assert first.communicate(timeout=PATIENCE)
        assert second.wait(timeout=PATIENCE) == 0
        # What the first has compiled is there by then.
        assert "itoa" not in compiled(output())


# -- the limit


def test_a_folder_above_the_limit_is_not_kept(thrown: Thrown) -> None:
    thrown.env["SETUPTOOLS_PYO3_CACHE_SIZE"] = "10k"
    output = thrown.build().stdout
    assert "is not kept" in output
    assert "SETUPTOOLS_PYO3_CACHE_SIZE" in output
    assert thrown.answer() == 42
    assert thrown.targets() == []


def test_the_least_recently_used_folder_makes_way(thrown: Thrown) -> None:
    setup_py = (thrown.project.folder / "setup.py").read_text()

    def build(name: str) -> None:
        thrown.project.write({"setup.py": setup_py.replace("'demo'", f"'{name}'")})
        thrown.build()

    build("one")
    (target,) = thrown.targets()
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    build("two")
    build("one")
    thrown.env["SETUPTOOLS_PYO3_CACHE_SIZE"] = str(size * 5 // 2)
    build("three")
    assert [target.name.partition("-")[0] for target in thrown.targets()] == ["one", "three"]


def test_a_wheel_is_a_wheel(thrown: Thrown) -> None:
    """The cache changes where cargo's output is, and nothing of what is built."""
    thrown.build()
    ours = Wheel(thrown.project.built_wheel().path)
    names = ours.names
    shutil.rmtree(thrown.project.folder / "dist")
    thrown.env["SETUPTOOLS_PYO3_CACHE"] = "off"
    thrown.build()
    assert thrown.project.built_wheel().names == names
    assert thrown.project.built_wheel().tag == ours.tag
