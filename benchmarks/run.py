"""Measure builds against bare cargo and the neighbours, and print ratios: ``python benchmarks/run.py``."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

from plot import svg
from rows import ROWS, Figure, Result
from workshop import INCUMBENT, MATURIN, OURS, Unmeasurable, Workshop, pinned, run

_TOOLS = (OURS, INCUMBENT, MATURIN)
_LINE = "{:<15} {:<36} {:>15} {:>15} {:>8} {:>7}  {}"


def main(arguments: Optional[List[str]] = None) -> int:
    """Measure what is asked for. Returns the exit code: it never depends on the figures, which depend on the machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=5, metavar="N", help="how often each contestant of a row is counted (default: 5)"
    )
    parser.add_argument(
        "--rows", nargs="+", choices=list(ROWS), default=list(ROWS), metavar="NAME", help=f"which rows: {', '.join(ROWS)}"
    )
    parser.add_argument("--json", action="store_true", help="write all figures to benchmarks/results/")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the figures, as SVG")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        shop = Workshop(Path(folder).resolve())
        shop.build_ourselves()
        about = _about(shop, asked.runs)
        print("\n".join(f"{name}: {value}" for name, value in about.items()))
        print(_LINE.format("row", "figure", *_TOOLS, "goal", ""))
        measured = {name: _measure(name, shop, asked.runs) for name in asked.rows}
    if asked.json:
        _write({"about": about, "rows": measured})
    if asked.plot:
        asked.plot.write_text(svg(measured), encoding="utf-8")
    return 0


def _measure(name: str, shop: Workshop, runs: int) -> Dict[str, Any]:
    try:
        result = ROWS[name](shop, runs)
    except Unmeasurable as error:
        print(f"{name:<15} not measured: {error}", flush=True)
        return {"not measured": str(error)}
    for figure in result.figures:
        print(_shown(name, figure, result), flush=True)
    figures = [{"what": f.what, "values": dict(f.values), "goal": f.goal} for f in result.figures]
    return {"figures": figures, "base": result.base, "details": result.details}


def _shown(name: str, figure: Figure, result: Result) -> str:
    values = [figure.values.get(tool) for tool in _TOOLS]
    shown = ["-" if value is None else f"{value:.0f}" if value == int(value) else f"{value:.2f}" for value in values]
    goal = "" if figure.goal is None else f"<= {figure.goal:g}"
    return _LINE.format(name, figure.what, *shown, goal, f"({result.base})")


def _about(shop: Workshop, runs: int) -> Dict[str, str]:
    return {
        "python": platform.python_version(),
        "cargo": run(["cargo", "--version"], shop.folder, shop.env).strip(),
        "against": ", ".join(pinned(name) for name in ("setuptools", INCUMBENT, MATURIN)),
        "platform": platform.platform(),
        "runs": str(runs),
    }


def _write(content: Dict[str, Any]) -> None:
    place = Path(__file__).resolve().parent / "results" / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(content, indent=1), encoding="utf-8")
    print(f"written to {place}")


if __name__ == "__main__":
    sys.exit(main())
