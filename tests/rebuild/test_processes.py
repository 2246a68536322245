"""Rebuilding on import with several processes, and with one that is interrupted."""

from __future__ import annotations

import marshal
import os
import signal
import threading
import time
from pathlib import Path
from typing import Callable, List

import pytest

from setuptools_pyo3 import import_hook

from .editable import Editable, said

fcntl = pytest.importorskip("fcntl")

REBUILD = "--config-settings=rebuild=true"


def until(condition: Callable[[], bool]) -> None:
    """Wait, but not forever."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came")


def test_fault_43_many_processes_at_once_build_once(editable: Editable) -> None:
    editable.with_crate("rb-many").install(REBUILD)
    editable.edit("src/lib.rs", "42", "43")
    every = [said(process) for process in [editable.start() for _ in range(6)]]
    assert [one.out for one in every] == ["43"] * 6, every
    assert sum(one.rebuilds for one in every) == 1
    assert editable.imports() == (0, "43", "\n")


def test_fault_43_who_waited_for_a_build_that_failed_does_not_try_the_same_again(tmp_path: Path) -> None:
    source = tmp_path / "lib.rs"
    source.write_text("broken")
    (tmp_path / "modules").mkdir()
    known = {"files": [], "states": {str(source): [0, 0]}, "environ": {}, "remembered": {}}
    (tmp_path / "modules" / "pkg._core").write_bytes(marshal.dumps(known))
    hook = import_hook.Rebuild("demo", str(tmp_path), str(tmp_path), {"pkg._core": ""}, "/no/such/python", "")
    heard: List[str] = []

    def wait_and_fail() -> None:
        try:
            hook.find_spec("pkg._core")
        except ImportError as error:
            heard.append(str(error))

    with open(tmp_path / "lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        since = time.time_ns()
        waiting = threading.Thread(target=wait_and_fail)
        waiting.start()
        # It has noted the time when it holds the file open.
        until(lambda: len([fd for fd in os.listdir("/proc/self/fd") if _is_open(fd, tmp_path / "lock")]) == 2)
        failure = {"when": time.time_ns(), "seen": import_hook._seen(known), "message": "error: said by the other one"}
        assert failure["when"] > since
        (tmp_path / "failure").write_bytes(marshal.dumps(failure))
    waiting.join()
    assert "error: said by the other one" in heard[0]
    # Whoever comes later tries for himself.
    wait_and_fail()
    assert "said by the other one" not in heard[1]


def _is_open(descriptor: str, path: Path) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}") == str(path)
    except OSError:
        return False


def test_interrupting_an_import_ends_the_build(editable: Editable, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    editable.with_crate("rb-interrupted")
    editable.write({"build.rs": "fn main() {\n}\n"})
    editable.install(REBUILD)
    hang = f'std::fs::write("{pid}", std::process::id().to_string()).unwrap();'
    editable.edit("build.rs", "{\n", f"{{\n    {hang}\n    std::thread::sleep(std::time::Duration::from_secs(600));\n")
    process = editable.start("import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\nimport pkg._core")
    until(lambda: pid.exists() and bool(pid.read_text()))
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in said(process).err
    until(lambda: not Path(f"/proc/{pid.read_text()}").exists())
    editable.write({"build.rs": "fn main() {}\n"})
    assert editable.imports().out == "42"
