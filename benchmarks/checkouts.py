"""Builds in a second checkout, with a cache of compiled crates that the first one has filled."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Callable, Dict, List, Mapping

from figures import Figure, Result, details
from shared_cache import SharedCache
from workshop import BUILD, CARGO, INCUMBENT, LONG_RUNS, OURS, Cost, Timed, Workshop, cost, median, run

# What can be cached only if nothing of the checkout is in its key (serde), and what always can be.
_REGISTRY_CRATES = 'serde = { version = "1", features = ["derive"] }\nserde_json = "1"\nregex = "1"\n'
SECOND_CHECKOUT_GOAL = 0.3


def second_checkout(*, vendored: bool) -> Callable[[Workshop, int], Result]:
    """A build in a checkout elsewhere, the first one being gone, as on another machine; sccache has what was compiled there."""

    def measure(shop: Workshop, runs: int) -> Result:
        costs: Dict[str, Dict[str, List[Cost]]] = {}
        missed: Dict[str, float] = {}
        with SharedCache(shop) as cache:
            for _ in range(min(runs, LONG_RUNS)):
                for tool in (CARGO, OURS, INCUMBENT):
                    template = shop.project(f"checkout{'-vendored' * vendored}", tool, 2, _REGISTRY_CRATES)
                    if vendored:
                        _vendor(template, shop)
                    cache.forget()
                    for state in ("cold", "second"):
                        cache.count()
                        taken = cost(_checkout(shop, tool, template, state, cache.env))
                        costs.setdefault(tool, {}).setdefault(state, []).append(taken)
                    # Ours asks whether sccache works by having something compiled that is new in each folder.
                    missed[tool] = cache.count().misses - (tool == OURS)
        medians = {tool: {state: median(found) for state, found in both.items()} for tool, both in costs.items()}
        ratios = {tool: found["second"].wall / found["cold"].wall for tool, found in medians.items()}
        bare = f"bare cargo {ratios.pop(CARGO):.2f} of {medians[CARGO]['cold'].wall:.1f} s, {missed.pop(CARGO):.0f} missed"
        return Result(
            [
                Figure("second checkout over cold, wall", ratios, SECOND_CHECKOUT_GOAL),
                Figure("crates missed that can be hit", missed, 0),
            ],
            {tool: details(both) for tool, both in costs.items()},
            bare,
        )

    return measure


def _vendor(project: Path, shop: Workshop) -> None:
    if not (project / "vendor").exists():
        run(["cargo", "vendor", "--quiet"], project, shop.env)
        (project / ".cargo").mkdir()
        text = '[source.crates-io]\nreplace-with = "vendored"\n\n[source.vendored]\ndirectory = "vendor"\n'
        (project / ".cargo" / "config.toml").write_text(text, encoding="utf-8")


def _checkout(shop: Workshop, tool: str, template: Path, state: str, env: Mapping[str, str]) -> Timed:
    base = shop.folder / "checkouts"
    # Of another length, too.
    folder = base / ("first" if state == "cold" else "elsewhere/second")

    def prepare() -> None:
        shutil.rmtree(base, ignore_errors=True)
        shutil.copytree(template, folder)

    if tool == CARGO:
        return Timed(prepare, ("cargo", "build", "--workspace", "--release"), folder, {**shop.cargo_env(), **env})
    return Timed(prepare, (str(shop.python(tool)), "setup.py", *BUILD), folder, {**shop.env, **env})
