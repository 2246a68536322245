"""The numbers that rows come to."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from workshop import Cost, median


class Figure(NamedTuple):
    """One number for each tool.

    Args:
        what: the number is.
        values: by tool; None where it has none.
        goal: ours is to be at most this; None where there is no goal.
    """

    what: str
    values: Mapping[str, Optional[float]]
    goal: Optional[float] = None


class Result(NamedTuple):
    """What a row came to.

    Args:
        figures: to be shown.
        details: for the JSON file: medians and single runs.
        base: what the ratios' denominator was, for the reader to judge noise by.
    """

    figures: List[Figure]
    details: Mapping[str, Any]
    base: str


def details(costs: Mapping[str, Sequence[Cost]]) -> Dict[str, Any]:
    """Medians and single runs, for the JSON file."""
    return {name: {"median": median(runs)._asdict(), "runs": [one._asdict() for one in runs]} for name, runs in costs.items()}


def crates_compiled(output: str) -> List[str]:
    """The crates that cargo says it compiled."""
    return [line.split()[1] for line in output.splitlines() if line.strip().startswith("Compiling ")]
