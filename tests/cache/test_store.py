"""What lies in the cache folder: it is listed, pruned and cleared, other people's files and running builds are left alone."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator, List

import pytest

from setuptools_pyo3.cli import main as cli
from setuptools_pyo3.hands import cache, fixed_paths, installations
from setuptools_pyo3.hands.cache import State
from setuptools_pyo3.hands.locking import Lock, for_place, gate

DAY = 24 * 3600


class Store:
    """A cache folder with made-up entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = str(folder)

    def add(self, project: str, size: int = 1000, days: float = 0) -> str:
        """An entry that was used some days ago; returns its name."""
        name = f"{project}-{'0' * 12}"
        place = self.folder / "targets" / name / "release" / "deps"
        place.mkdir(parents=True)
        (place / "lib.rlib").write_bytes(bytes(size))
        cache.note(self.path, name, State(project, size))
        self.age(self.folder / "targets" / f"{name}.json", days)
        return name

    def put(self, name: str, days: float = 0) -> Path:
        """Any other file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        self.age(path, days)
        return path

    @staticmethod
    def age(path: Path, days: float) -> None:
        """Let a file be so many days old."""
        when = time.time() - days * DAY
        os.utime(path, (when, when))

    def names(self) -> List[str]:
        """The projects of all entries."""
        return [entry.project for entry in cache.entries(self.path)]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty cache folder, which the command line finds too."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("SETUPTOOLS_PYO3_CACHE_DIR", str(folder))
    for name in ("SETUPTOOLS_PYO3_CACHE", "SETUPTOOLS_PYO3_CACHE_SIZE"):
        monkeypatch.delenv(name, raising=False)
    return Store(folder)


@contextlib.contextmanager
def held(lock: Lock) -> Iterator[None]:
    """Let another process hold a lock."""
    code = (
        "import sys\nfrom setuptools_pyo3.hands.locking import Lock\n"
        "with Lock(sys.argv[1]):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, lock.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().strip() == b"held"
        try:
            yield
        finally:
            process.stdin.close()


def _lock_of(store: Store, name: str) -> Lock:
    return for_place(store.path, cache.target(store.path, name))


# -- locks


def test_a_lock_that_somebody_else_has_is_not_waited_for_if_one_does_not_want_to(tmp_path: Path) -> None:
    lock = Lock(str(tmp_path / "locks" / "one.lock"))
    with held(Lock(lock.path)):
        assert not lock.take(wait=False)
    assert lock.take()
    assert lock.is_real
    # This process has it already.
    other = Lock(lock.path)
    assert other.take(wait=False)
    other.release()
    lock.release()


def test_a_lock_whose_file_was_removed_meanwhile_is_taken_anew(tmp_path: Path) -> None:
    """Two processes that hold different files under one name would both think that they are alone."""
    path = tmp_path / "one.lock"
    code = (
        "import sys\nfrom setuptools_pyo3.hands import locking\n"
        "whole = locking._lock\n"
        "def told(file, *, wait):\n    print('opened', flush=True)\n    return whole(file, wait=wait)\n"
        "locking._lock = told\n"
        "with locking.Lock(sys.argv[1]):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with Lock(str(path)):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        )
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().strip() == b"opened"
        path.unlink()
    assert [process.stdout.readline().strip() for _ in range(2)] == [b"opened", b"held"]
    assert not Lock(str(path)).take(wait=False)
    process.communicate()
    assert process.returncode == 0


# -- listing


def test_only_our_own_entries_are_listed(store: Store) -> None:
    store.add("one", size=10)
    (store.folder / "targets" / "somebody-elses").mkdir()
    store.put("targets/other.json")
    store.put(f"targets/broken-{'0' * 12}.json")
    (entry,) = cache.entries(store.path)
    assert (entry.project, entry.size) == ("one", 10)


def test_sizes_are_measured_where_they_are_not_known_or_asked_for(store: Store) -> None:
    name = store.add("one", size=10)
    cache.note(store.path, name, State("one", None))
    assert [entry.size for entry in cache.entries(store.path)] == [10]
    cache.note(store.path, name, State("one", 5))
    assert [entry.size for entry in cache.entries(store.path)] == [5]
    assert [entry.size for entry in cache.entries(store.path, measured=True)] == [10]


def test_info_shows_all_of_it(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.add("one", size=2048, days=3)
    store.add("two", size=512)
    assert cli.main(["cache", "info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"folder: {store.folder}"
    assert lines[1] == "size: 2.5 kB of at most 5.0 GB"
    assert [line.split()[0] for line in lines[2:]] == ["project", "two", "one"]
    assert "3 days ago" in lines[4]


def test_info_as_json(store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETUPTOOLS_PYO3_CACHE", "off")
    monkeypatch.setenv("SETUPTOOLS_PYO3_CACHE_SIZE", "1k")
    name = store.add("one", size=10)
    assert cli.main(["cache", "info", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    (entry,) = shown.pop("entries")
    assert shown == {"folder": str(store.folder), "enabled": False, "size": 10, "limit": 1024}
    assert (entry["name"], entry["project"], entry["size"]) == (name, "one", 10)
    assert Path(entry["folder"]).is_dir()


@pytest.mark.parametrize("action", ["info", "prune", "clear"])
def test_without_any_cache_nothing_is_made(store: Store, action: str) -> None:
    store.folder.rmdir()
    assert cli.main(["cache", action]) == 0
    assert not store.folder.exists()


def test_a_wrong_call_and_a_wrong_variable(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["cache"])
    assert caught.value.code == 2
    monkeypatch.setenv("SETUPTOOLS_PYO3_CACHE_SIZE", "plenty")
    assert cli.main(["cache", "prune"]) == 1
    assert "SETUPTOOLS_PYO3_CACHE_SIZE: expected a size, found 'plenty'" in capsys.readouterr().err


# -- pruning


def test_prune_removes_what_is_too_much_and_what_is_too_old(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETUPTOOLS_PYO3_CACHE_SIZE", "2500")
    store.add("ancient", size=1, days=100)
    for days, project in enumerate(["new", "newer", "older"]):
        store.add(project, days=days)
    assert cli.main(["cache", "prune"]) == 0
    assert store.names() == ["new", "newer"]
    assert sorted(path.name for path in (store.folder / "targets").iterdir() if path.is_dir()) == [
        f"{name}-{'0' * 12}" for name in ("new", "newer")
    ]
    output = capsys.readouterr().out
    assert "ancient" in output
    assert "1001 B freed" in output


def test_prune_leaves_what_a_build_uses(store: Store) -> None:
    name = store.add("used")
    store.add("unused")
    with held(_lock_of(store, name)):
        removed = cache.prune(store.path, limit=0)
    assert [entry.project for entry in removed] == ["unused"]
    assert store.names() == ["used"]


def test_prune_leaves_what_a_build_has_used_since_it_looked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name = store.add("used", days=1)
    entries = cache.entries(store.path)
    monkeypatch.setattr(cache, "entries", lambda *arguments, **options: entries)
    cache.note(store.path, name, State("used", 1))
    assert cache.prune(store.path, limit=0) == []
    assert store.folder.joinpath("targets", name).is_dir()


def test_prune_removes_old_notes_and_locks(store: Store) -> None:
    note, lock = "0" * 16, f"{'0' * 16}.lock"
    old = [store.put(f"{folder}/{note}", days=100) for folder in ("builds", "folders", "rustc")]
    old.append(store.put("pyo3/0.30-cpython-3.11-version-specific", days=100))
    old += [store.put(f"locks/{lock}", days=2), store.put(f"targets/.going-1-x-{'0' * 12}/deps/lib.rlib")]
    new = [store.put(f"folders/{'1' * 16}.txt", days=10), store.put(f"pyo3-config-{'0' * 16}.txt", days=9000)]
    used = store.put(f"locks/{'1' * 16}.lock", days=2)
    # What a project that is gone needed to be rebuilt on import.
    gone = store.folder / "rebuild" / "projects" / note
    installations.note(str(gone), str(store.folder / "gone"), "", {})
    old.append(gone)
    foreign = [store.put("folders/mine.txt", days=1000), store.put("locks/mine.lock", days=1000), store.put("mine", days=1000)]
    with held(Lock(str(used))):
        cache.prune(store.path, limit=0)
    assert not [path for path in old if path.exists()]
    assert all(path.exists() for path in (*new, used, *foreign))


def test_what_a_killed_process_was_removing_is_swept(store: Store) -> None:
    store.put(f"targets/.going-1-one-{'0' * 12}/release/deps/lib.rlib")
    cache.prune(store.path, limit=10**9)
    assert [path.name for path in (store.folder / "targets").iterdir()] == [".pruned"]


# -- clearing


def test_clear_removes_what_is_ours_and_nothing_else(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.add("one", size=10)
    for name in (
        f"locks/{'0' * 16}.lock",
        f"folders/{'0' * 16}.txt",
        f"rustc/{'0' * 16}",
        f"sccache/{'0' * 16}.rs",
        f"vendored/{'0' * 16}/crate/lib.rs",
        f"pyo3-config-{'0' * 16}.txt",
        "targets/.pruned",
    ):
        store.put(name)
    names = ("mine", "locks/mine.lock", "targets/mine/file", "pyo3-config-mine.txt", "rustc/1.95", "links/mine", "vendored/mine/a")
    foreign = [store.put(name) for name in names]
    assert cli.main(["cache", "clear"]) == 0
    assert sorted(path for path in store.folder.rglob("*") if path.is_file()) == sorted(foreign)
    assert "removed one-" in capsys.readouterr().out


def test_clear_leaves_what_editable_installations_need(store: Store) -> None:
    kept = store.folder / "rebuild" / "projects" / ("0" * 16)
    installations.note(str(kept), str(store.folder), "", {})
    assert cli.main(["cache", "clear"]) == 0
    assert kept.is_dir()


def test_clear_leaves_an_empty_folder(store: Store, tmp_path: Path) -> None:
    store.add("one")
    fixed_paths.link(store.path, "demo", str(tmp_path / "target"))
    assert cli.main(["cache", "clear"]) == 0
    assert list(store.folder.iterdir()) == []
    assert (tmp_path / "target").is_dir()


def test_clear_leaves_what_running_builds_may_need(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A build holds the lock of its tree; it may be about to read its configuration file."""
    name = store.add("used")
    store.add("unused")
    config = store.put(f"pyo3-config-{'0' * 16}.txt")
    tree = for_place(store.path, "/some/tree")
    with held(tree), held(_lock_of(store, name)):
        assert cli.main(["cache", "clear"]) == 1
        assert Path(tree.path).exists()
    assert store.names() == ["used"]
    assert config.exists()
    said = capsys.readouterr()
    assert f"kept {name}: a build is using it" in said.err
    assert "kept the configuration files" in said.err
    assert cli.main(["cache", "clear"]) == 0
    assert list(store.folder.iterdir()) == []


def test_a_build_that_begins_waits_until_the_cache_is_cleared(store: Store, tmp_path: Path) -> None:
    """Else it could find its configuration file, and have it taken away before PyO3 reads it."""
    cleared = tmp_path / "cleared"
    code = (
        "import os, sys\nfrom setuptools import Distribution\nfrom setuptools_pyo3.commands import session\n"
        "from setuptools_pyo3.hands import locking\n"
        "whole = locking._lock\n"
        "def told(file, *, wait):\n    print(os.path.basename(file.name), flush=True)\n    return whole(file, wait=wait)\n"
        "locking._lock = told\n"
        "with session.of(Distribution()).lock():\n    print(os.path.exists(sys.argv[1]))\n"
    )
    with gate(store.path):
        environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        environ.pop("CARGO_TARGET_DIR", None)
        process = subprocess.Popen([sys.executable, "-c", code, str(cleared)], stdout=subprocess.PIPE, cwd=tmp_path, env=environ)
        assert process.stdout is not None
        assert process.stdout.readline().strip() != b"gate.lock"
        assert process.stdout.readline().strip() == b"gate.lock"
        cleared.touch()
    assert process.communicate()[0].strip() == b"True"
