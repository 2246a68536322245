"""What is measured: each row builds its projects, has the contestants run in turn, and says what came out beside the goal."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from checkouts import second_checkout
from distributing import source_distribution
from figures import Figure, Result, crates_compiled, details
from frontends import SDIST_TOO, WHEEL_ONLY, second_build
from start_up import imports, memory
from workshop import (
    BUILD,
    CARGO,
    INCUMBENT,
    MATURIN,
    OURS,
    PLAIN,
    SHORT_RUNS,
    Cost,
    Timed,
    Unmeasurable,
    Workshop,
    interleaved,
    median,
    run,
)

# At most this many times what cargo itself takes: to find that nothing has to be done, for one extension and for several, ...
NOOP_GOALS = {1: 1.2, 8: 1.3}
# ... to build everything, and to build one of several again.
COLD_GOAL, TOUCH_GOAL = 1.05, 1.3
IN_PLACE = ("build_ext", "--inplace")


def _contestants(
    shop: Workshop, name: str, count: int, command: Sequence[str], tools: Sequence[str], prepare: Callable[[Path], None]
) -> Dict[str, Timed]:
    """The same project for each tool, and how it builds it."""
    found = {}
    for tool in tools:
        folder = shop.project(name, tool, count)
        if tool == CARGO:
            profile = () if command == IN_PLACE else ("--release",)
            argv: Sequence[str] = ("cargo", "build", "--workspace", *profile)
            env: Mapping[str, str] = shop.cargo_env()
        else:
            argv, env = (str(shop.python(tool)), "setup.py", *command), shop.env
        found[tool] = Timed(lambda folder=folder: prepare(folder), argv, folder, env)  # type: ignore[misc]  # mypy doesn't infer defaults
    return found


def _ratios(costs: Mapping[str, Sequence[Cost]], *, net: bool, goal: Optional[float]) -> Result:
    """Each tool's medians over bare cargo's, for the clock and for the processors.

    Args:
        costs: all runs, by contestant.
        net: take plain setuptools off first, which would take its time without any Rust too.
        goal: for the clock.
    """
    medians = {name: median(runs) for name, runs in costs.items()}
    base = medians[CARGO]
    off = medians[PLAIN] if net else Cost(0.0, 0.0)
    tools = [name for name in medians if name not in (CARGO, PLAIN)]
    wall = {name: (medians[name].wall - off.wall) / base.wall for name in tools}
    cpu = {name: (medians[name].cpu - off.cpu) / base.cpu for name in tools}
    plain = f", plain setuptools {off.wall:.3f} s" if net else ""
    return Result(
        [Figure("wall time over cargo's", wall, goal), Figure("CPU time over cargo's", cpu)],
        details(costs),
        f"cargo {base.wall:.3f} s{plain}",
    )


def _noop(count: int, command: Sequence[str]) -> Callable[[Workshop, int], Result]:
    def measure(shop: Workshop, runs: int) -> Result:
        name = f"noop-{count}{'-inplace' if command == IN_PLACE else ''}"
        contestants = _contestants(shop, name, count, command, (CARGO, PLAIN, OURS, INCUMBENT), lambda folder: None)
        return _ratios(interleaved(contestants, runs * SHORT_RUNS), net=True, goal=NOOP_GOALS[count])

    return measure


def _forget(folder: Path) -> None:
    for name in ("target", "build"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _cold(shop: Workshop, runs: int) -> Result:
    contestants = _contestants(shop, "cold-8", 8, BUILD, (CARGO, OURS, INCUMBENT), _forget)
    # No warm-up: it would cost as much as a run. Downloading must not be measured, though.
    run(["cargo", "fetch"], contestants[CARGO].folder, shop.env)
    return _ratios(interleaved(contestants, runs, warm_up=False), net=False, goal=COLD_GOAL)


def _touch(shop: Workshop, runs: int) -> Result:
    turn = 0

    def edit(folder: Path) -> None:
        nonlocal turn
        turn += 1
        source = folder / "crates" / "m3" / "src" / "lib.rs"
        source.write_text(source.read_text(encoding="utf-8") + f"// edit {turn}\n", encoding="utf-8")

    contestants = _contestants(shop, "touch-1-of-8", 8, BUILD, (CARGO, PLAIN, OURS, INCUMBENT), edit)
    return _ratios(interleaved(contestants, runs * SHORT_RUNS), net=True, goal=TOUCH_GOAL)


class Census:
    """Stand-ins for cargo and rustc that note each start and then become the real one.

    Args:
        shop: whose environment they are put into.
    """

    def __init__(self, shop: Workshop) -> None:
        if os.name == "nt":
            raise Unmeasurable("processes are counted by shell scripts in the place of cargo and rustc, which Windows doesn't run")
        self.folder = shop.folder / "census"
        self.folder.mkdir(exist_ok=True)
        self.log = self.folder / "log"
        self.env = {
            **shop.env,
            "PATH": os.pathsep.join([str(self.folder), shop.env["PATH"]]),
            # cargo may find rustc beside itself and not on PATH.
            "RUSTC_WRAPPER": str(self.folder / "rustc-wrapper"),
        }
        real = {name: shutil.which(name, path=shop.env["PATH"]) for name in ("cargo", "rustc")}
        if None in real.values():
            raise Unmeasurable("cargo or rustc is not on PATH")
        self._write("cargo", f'echo cargo >> "{self.log}"\nexec "{real["cargo"]}" "$@"\n')
        # One rustc that cargo starts through both stand-ins is one.
        self._write("rustc", f'[ -n "$COUNTED" ] || echo rustc >> "{self.log}"\nexec "{real["rustc"]}" "$@"\n')
        self._write("rustc-wrapper", f'echo rustc >> "{self.log}"\nCOUNTED=1 exec "$@"\n')

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def count(self, timed: Timed) -> Dict[str, int]:
        """Run something and say how many of each it started."""
        self.log.write_text("", encoding="utf-8")
        run(timed.argv, timed.folder, {**timed.env, **self.env})
        lines = self.log.read_text(encoding="utf-8").split()
        return {name: lines.count(name) for name in ("cargo", "rustc")}


def _processes(shop: Workshop, runs: int) -> Result:
    census = Census(shop)
    contestants = _contestants(shop, "processes", 8, IN_PLACE, (OURS, INCUMBENT), lambda folder: None)
    counts: Dict[str, Dict[str, Dict[str, int]]] = {}
    for tool, timed in contestants.items():
        counts[tool] = {"cold": census.count(timed), "no-op": census.count(timed)}

    def figure(what: str, state: str, program: str, goal: Optional[float] = None) -> Figure:
        return Figure(what, {tool: float(found[state][program]) for tool, found in counts.items()}, goal)

    return Result(
        [
            figure("cargo processes, cold", "cold", "cargo", 1),
            figure("cargo processes, no-op", "no-op", "cargo", 1),
            figure("rustc processes, no-op", "no-op", "rustc", 0),
        ],
        counts,
        "8 extensions in place",
    )


# What is compiled for one Python can't serve another.
_KNOWING_PYTHON = frozenset({"pyo3", "pyo3-ffi", "m1"})


def _build(shop: Workshop, tool: str, folder: Path, version: str = "", *, release: bool = False) -> List[str]:
    """Build a project's one extension for a Python, from an environment of that Python; returns the crates that were compiled."""
    python = shop.python(tool, version)
    if tool == MATURIN:
        profile = ["--release"] if release else []
        argv = [python.parent / "maturin", "build", *profile, "--interpreter", python]
    else:
        argv = [python, "setup.py", *(BUILD if release else IN_PLACE)]
    return crates_compiled(run(argv, folder, shop.env))


def _beside_plain_cargo(shop: Workshop, runs: int) -> Result:
    """Builds after the user's own cargo, which is rust-analyzer's too: in the profile they share, and after its release build."""
    again: Dict[str, Optional[float]] = {}
    afterwards: Dict[str, Optional[float]] = {}
    details: Dict[str, Any] = {}
    for tool in (OURS, INCUMBENT, MATURIN):
        own = {**shop.env, "PYO3_PYTHON": str(shop.python(tool))}
        folder, other = shop.project("plain-cargo", tool, 1), shop.project("plain-cargo-first", tool, 1)
        _build(shop, tool, folder)
        for command in (["check", "--all-targets"], ["test", "--no-run"], ["build"]):
            run(["cargo", *command], folder, own)
        second = _build(shop, tool, folder)
        run(["cargo", "build", "--release"], other, own)
        wheel = _build(shop, tool, other, release=True)
        again[tool], afterwards[tool] = float(len(second)), float(len(set(wheel) - _KNOWING_PYTHON))
        details[tool] = {"build, check, test, build; build again": second, "build --release; release build": wheel}
    return Result(
        [Figure("crates compiled again", again, 0), Figure("not knowing Python, after release", afterwards, 0)],
        details,
        "1 extension",
    )


def _pythons(shop: Workshop, runs: int) -> Result:
    """In place for one Python after another, and back to the first."""
    versions = [version for version in ("3.9", "3.10", "3.11", "3.12", "3.13") if shop.interpreter(version)]
    if len(versions) < 2:
        raise Unmeasurable("it takes several Pythons of 3.9 to 3.13, on PATH or of pyenv")
    again: Dict[str, Optional[float]] = {}
    most: Dict[str, Optional[float]] = {}
    details: Dict[str, Any] = {}
    for tool in (OURS, INCUMBENT, MATURIN):
        folder = shop.project("pythons", tool, 1)
        rounds = [[_build(shop, tool, folder, version) for version in versions] for _ in range(2)]
        compiled = [name for crates in (*rounds[0], *rounds[1]) for name in crates]
        again[tool] = float(sum(map(len, rounds[1])))
        most[tool] = float(max(compiled.count(name) for name in set(compiled) - _KNOWING_PYTHON))
        details[tool] = {"first round": rounds[0], "second round": rounds[1]}
    return Result(
        [Figure("crates compiled on return", again, 0), Figure("times a crate that knows no Python is", most, 1)],
        details,
        f"Python {', '.join(versions)}",
    )


def _rebuild_on_import(shop: Workshop, runs: int) -> Result:
    """Importing a module that is rebuilt on import, and needn't be, with and without what watches the import."""
    folder, python = shop.project("rebuild-on-import", OURS, 1), shop.python(OURS)
    shop.uv("pip", "install", "--python", python, "--no-build-isolation", "--config-settings=rebuild=true", "--editable", folder)
    site = Path(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder, shop.env).strip())
    (there,) = site.glob("_setuptools_pyo3_*.pth")
    aside = there.with_suffix(".aside")

    def watch() -> None:
        if aside.exists():
            aside.rename(there)

    argv = [str(python), "-c", "import bench.m1"]
    contestants = {
        "without": Timed(lambda: there.rename(aside), argv, shop.folder, shop.env),
        "with": Timed(watch, argv, shop.folder, shop.env),
    }
    costs = interleaved(contestants, runs * SHORT_RUNS * 4)
    watch()
    shop.uv("pip", "uninstall", "--python", python, "bench")
    medians = {name: median(taken) for name, taken in costs.items()}
    wall, cpu = (1000 * (after - before) for before, after in zip(medians["without"], medians["with"]))
    figures = [Figure("wall time added, ms", {OURS: wall}, 5), Figure("CPU time added, ms", {OURS: cpu})]
    return Result(figures, details(costs), f"import {medians['without'].wall:.3f} s")


ROWS: Dict[str, Callable[[Workshop, int], Result]] = {
    "noop-1-inplace": _noop(1, IN_PLACE),
    "noop-1": _noop(1, BUILD),
    "noop-8-inplace": _noop(8, IN_PLACE),
    "noop-8": _noop(8, BUILD),
    "cold-8": _cold,
    "touch-1-of-8": _touch,
    "processes": _processes,
    "imports": imports,
    "memory": memory,
    "isolated": second_build("isolated", WHEEL_ONLY, 0),
    "from-sdist": second_build("from-sdist", SDIST_TOO, 1),
    "plain-cargo": _beside_plain_cargo,
    "pythons": _pythons,
    "import-rebuild": _rebuild_on_import,
    "second-checkout": second_checkout(vendored=False),
    "second-vendored": second_checkout(vendored=True),
    "sdist": source_distribution,
}
