"""How problems are told, one or several."""

from __future__ import annotations

import pytest

from setuptools_pyo3.errors import BuildProblem, DeclarationProblem, Problem, Problems, raise_all


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("it broke"), "it broke"),
        (Problem("it broke", where="demo"), "demo: it broke"),
        (Problem("it broke", why="it was old"), "it broke\n  why: it was old"),
        (
            Problem("it broke", where="demo", why="it was old", hint="buy a new one"),
            "demo: it broke\n  why: it was old\n  next: buy a new one",
        ),
    ],
)
def test_a_problem_says_what_where_why_and_what_next(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_nothing_is_raised_where_nothing_is_wrong() -> None:
    raise_all([])


def test_a_single_problem_is_raised_as_itself() -> None:
    only = BuildProblem("it broke")
    with pytest.raises(BuildProblem) as caught:
        raise_all(iter([only]))
    assert caught.value is only


def test_several_problems_are_told_together_in_order() -> None:
    with pytest.raises(Problems) as caught:
        raise_all([DeclarationProblem("one", where="a", hint="mend a"), DeclarationProblem("two", where="b")])
    assert str(caught.value) == "a: one\n  next: mend a\nb: two"
    assert isinstance(caught.value, DeclarationProblem)
