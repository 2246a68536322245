"""What fault tests do to the machine: small and read-only disks, builds that wait until they are let go, builds at once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator, List, Mapping, Sequence

import pytest

from ..support import Project

PATIENCE = 60.0


def hear_signals() -> None:
    """A test run in the background, or under nohup, ignores some signals and hands that on."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition; a machine that is busy may take its time, but not for ever."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of a few kilobytes, mounted over a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a tree read-only: by its modes, or for root, who may write anyway, by mounting it so."""
    if os.geteuid() != 0:
        subprocess.run(["chmod", "-R", "a-w", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
        return
    if subprocess.run(["mount", "--bind", str(folder), str(folder)], check=False, capture_output=True).returncode:
        pytest.skip("this root may not mount anything")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


# A build script that starts a process which can be recognised by its command line, and ends when a file appears.
_WAITS = """\
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let gate = std::env::var("FAULT_GATE").unwrap();
    let mut child = std::process::Command::new("sh")
        .args(["-c", "while [ ! -e \\"$1\\" ]; do sleep 0.05; done", "sh", &gate])
        .spawn()
        .unwrap();
    std::fs::write(gate.clone() + ".reached", "").unwrap();
    child.wait().unwrap();
    assert!(Path::new(&gate).exists());
}
"""


def in_foreground(project: Project, command: Sequence[object], env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a command in a project's folder as a shell in the foreground would."""
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=project.folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=hear_signals,
    )


class Waiting:
    """A build that waits in a crate's build script until it is let go."""

    def __init__(self, project: Project, tmp_path: Path) -> None:
        self.project = project
        # Stands in the command line of what the build script starts, in the paths of what cargo runs, and nowhere else.
        self.gate = tmp_path / "gate"
        self.target = tmp_path / "target"
        project.env["FAULT_GATE"] = str(self.gate)
        project.write({"build.rs": _WAITS})

    def start(self, *command: object) -> subprocess.Popen[str]:
        """Start a build as a shell in the foreground would, and wait until its build script runs."""
        process = in_foreground(self.project, command, self.project.env)
        reached = Path(f"{self.gate}.reached")
        until(lambda: reached.exists() or process.poll() is not None, "the build script")
        if process.poll() is not None:
            raise AssertionError(f"the build ended early:\n{process.stdout.read() if process.stdout else ''}")
        reached.unlink()
        return process

    def survivors(self) -> List[str]:
        """Command lines of processes that belong to the build."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                    environment = (entry / "environ").read_bytes()
                    if f"FAULT_GATE={self.gate}".encode() in environment.split(b"\0"):
                        found.append(line.replace("\0", " "))
        return found

    def let_go(self) -> None:
        """Let build scripts, present and future ones, run on."""
        self.gate.touch()


def together(project: Project, *commands: List[object]) -> None:
    """Run commands at the same time; all of them succeed."""
    with contextlib.ExitStack() as files:
        # Not pipes: while one is read to its end, another fills up, and its build keeps the lock that the first waits for.
        said = [files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in commands]
        processes = [
            subprocess.Popen(
                [str(word) for word in command],
                cwd=project.folder,
                env=project.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            for command, output in zip(commands, said)
        ]
        codes = [process.wait(timeout=10 * PATIENCE) for process in processes]
        for code, output in zip(codes, said):
            output.seek(0)
            assert code == 0, output.read()
