"""A picture of the figures: one line for each, a mark for each tool, the goal as a bar; on a logarithmic scale.

``python benchmarks/plot.py benchmarks/results/*.json >speed.svg`` draws several runs together.
"""

from __future__ import annotations

import json
import math
import sys
from html import escape
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence

from workshop import INCUMBENT, MATURIN, OURS

_COLOURS = {OURS: "#d9541e", INCUMBENT: "#3f7fbf", MATURIN: "#6f9f3f"}
_TEXT, _LINES = "#57606a", "#8c959f55"
_LEFT, _WIDTH, _LINE, _TOP = 400, 460, 22, 54
# Nought has no place on a logarithmic scale; it stands left of it.
_NOUGHT = 24


class _Shown(NamedTuple):
    label: str
    values: Mapping[str, float]
    goal: "float | None"


def svg(measured: Mapping[str, Mapping[str, Any]]) -> str:
    """The picture, as SVG.

    Args:
        measured: what run.py writes for each row.
    """
    shown = list(_figures(measured))
    low, high = _scale(shown)
    height = _TOP + _LINE * len(shown) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 30}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{_TEXT}">',
        *_legend(),
        *_grid(low, high, height),
    ]
    for number, one in enumerate(shown):
        parts += _line(one, _TOP + _LINE * number, low, high)
    return "\n".join([*parts, "</svg>", ""])


def _figures(measured: Mapping[str, Mapping[str, Any]]) -> Iterator[_Shown]:
    for row, result in measured.items():
        for figure in result.get("figures", ()):
            # CPU time says the same as the clock, on a quiet machine.
            if not figure["what"].startswith("CPU"):
                values = {tool: value for tool, value in figure["values"].items() if value is not None}
                yield _Shown(f"{row}: {figure['what']}", values, figure["goal"])


def _scale(shown: Sequence[_Shown]) -> "tuple[int, int]":
    """The powers of ten that hold all that is above nought."""
    found = [value for one in shown for value in (*one.values.values(), one.goal or 0) if value > 0] or [1.0]
    return math.floor(math.log10(min(found))), math.ceil(math.log10(max(found)))


def _place(value: float, low: int, high: int) -> float:
    if value <= 0:
        return _LEFT
    return _LEFT + _NOUGHT + (math.log10(value) - low) / (high - low or 1) * (_WIDTH - _NOUGHT)


def _legend() -> Iterator[str]:
    for number, (tool, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + 140 * number
        yield f'<circle cx="{x}" cy="14" r="5" fill="{colour}"/><text x="{x + 10}" y="18">{tool}</text>'
    yield f'<rect x="{_LEFT + 420}" y="7" width="2" height="14" fill="{_TEXT}"/><text x="{_LEFT + 428}" y="18">goal</text>'


def _grid(low: int, high: int, height: int) -> Iterator[str]:
    marks: Dict[str, float] = {"0": _LEFT}
    marks.update({f"{10.0**power:g}": _place(10.0**power, low, high) for power in range(low, high + 1)})
    for label, x in marks.items():
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 12}" y2="{height - 8}" stroke="{_LINES}"/>'
        yield f'<text x="{x:.1f}" y="{_TOP - 18}" text-anchor="middle">{label}</text>'


def _line(one: _Shown, top: int, low: int, high: int) -> List[str]:
    middle = top + _LINE / 2
    parts = [f'<text x="{_LEFT - 20}" y="{middle + 4}" text-anchor="end">{escape(one.label)}</text>']
    if one.goal is not None:
        parts.append(
            f'<rect x="{_place(one.goal, low, high) - 1:.1f}" y="{top + 2}" width="2" height="{_LINE - 4}" fill="{_TEXT}"/>'
        )
    # Ours last, to lie above the others.
    for tool in reversed(_COLOURS):
        if tool in one.values:
            title = f"<title>{escape(tool)}: {one.values[tool]:.2f}</title>"
            x = _place(one.values[tool], low, high)
            parts.append(f'<circle cx="{x:.1f}" cy="{middle}" r="5" fill="{_COLOURS[tool]}">{title}</circle>')
    return parts


def main(paths: Sequence[str]) -> None:
    """Draw what is in files that run.py has written, to standard output; of a row that is in several, the last one counts."""
    from rows import ROWS

    measured: Dict[str, Any] = {}
    for path in paths:
        measured.update(json.loads(Path(path).read_text(encoding="utf-8"))["rows"])
    print(svg({name: measured[name] for name in ROWS if name in measured}), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
