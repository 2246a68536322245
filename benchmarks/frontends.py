"""Builds by a frontend, each in a new isolated environment at a new path."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from figures import Figure, Result, crates_compiled
from workshop import INCUMBENT, MATURIN, OURS, PLAIN, Unmeasurable, Workshop, run

WHEEL_ONLY: Sequence[str] = ("--wheel",)
# uv's default: an sdist, and the wheel from that, unpacked in a folder that is thrown away.
SDIST_TOO: Sequence[str] = ()
# The peers compile PyO3 in each run.
_RUNS = 3
# Of what the quicker peer takes beyond the same build of a plain setuptools project.
_TIME_GOAL = 0.1


def second_build(name: str, options: Sequence[str], goal: float) -> Callable[[Workshop, int], Result]:
    """A build by ``uv build``, nothing having changed since the one before.

    Args:
        name: of the row.
        options: uv's.
        goal: how many crates it may compile.
    """

    def measure(shop: Workshop, runs: int) -> Result:
        compiled: Dict[str, Optional[float]] = {}
        taken: Dict[str, float] = {}
        details: Dict[str, Any] = {}
        for tool in (PLAIN, OURS, INCUMBENT, MATURIN):
            try:
                crates, seconds = _builds(shop, name, tool, options, min(runs, _RUNS))
            except Unmeasurable as error:
                compiled[tool], details[tool] = None, str(error)
                continue
            compiled[tool], taken[tool] = float(len(crates[1])), sorted(seconds)[len(seconds) // 2]
            details[tool] = {"first": crates[0], "second": crates[1], "seconds": seconds}
        compiled.pop(PLAIN)
        figures = [Figure("crates compiled by the second build", compiled, goal)]
        return Result(figures + _time(taken, options), details, "1 extension")

    return measure


def _builds(shop: Workshop, name: str, tool: str, options: Sequence[str], runs: int) -> "tuple[List[List[str]], List[float]]":
    """The crates that are compiled by a first build and the ones after it, and how long those took."""
    folder = shop.project(name, tool, 1)
    if options == SDIST_TOO and tool == INCUMBENT:
        # Without it, its sdist has no Rust sources to build from.
        (folder / "MANIFEST.in").write_text("include Cargo.toml Cargo.lock\ngraft crates\n", encoding="utf-8")
    argv = ["uv", "build", *options, "--python", str(shop.python(PLAIN))]
    crates, seconds = [], []
    for _ in range(runs + 1):
        start = time.perf_counter()
        crates.append(crates_compiled(run(argv, folder, shop.env)))
        seconds.append(time.perf_counter() - start)
    return crates, seconds[1:]


def _time(taken: Dict[str, float], options: Sequence[str]) -> List[Figure]:
    """What each tool adds to a plain build, over what the quicker peer adds."""
    net = {tool: seconds - taken[PLAIN] for tool, seconds in taken.items() if tool != PLAIN}
    peers = [seconds for tool, seconds in net.items() if tool != OURS]
    if options != WHEEL_ONLY or OURS not in net or not peers:
        return []
    return [Figure("net time over the quicker peer's", {tool: one / min(peers) for tool, one in net.items()}, _TIME_GOAL)]
