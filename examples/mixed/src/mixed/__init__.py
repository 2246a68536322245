"""Sums from C, products from Rust, words from a data file."""

import sys
from pathlib import Path

from ._c import add
from ._core import multiply

__all__ = ["add", "main", "multiply", "template"]


def template() -> str:
    """The text that results are put into."""
    return (Path(__file__).parent / "data" / "template.txt").read_text(encoding="utf-8").strip()


def main() -> None:
    """The console script."""
    one, other = int(sys.argv[1]), int(sys.argv[2])
    print(template().format(sum=add(one, other), product=multiply(one, other)))
