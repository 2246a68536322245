"""Squares from a table that the build made."""

from pathlib import Path

from ._core import lookup
from .limits import LARGEST

__all__ = ["LARGEST", "describe", "lookup", "table"]


def table() -> "list[int]":
    """The squares in the data file."""
    return [int(line) for line in (Path(__file__).parent / "tables" / "squares.txt").read_text().split()]


def describe() -> str:
    """What is known."""
    return f"{len(table())} squares, up to that of {LARGEST}"
