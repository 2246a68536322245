"""The errors a user can cause, as values: what happened, where, why, and what to do next."""

from __future__ import annotations

from typing import Iterable


class Problem(Exception):
    """One thing that stops the build, told in full.

    Args:
        what: what happened, as one sentence without a full stop.
        where: the file, key or extension that it happened to.
        why: the cause, where it isn't plain from ``what``.
        hint: the next step that the user can take.
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.hint:
            lines.append(f"  next: {self.hint}")
        return "\n".join(lines)


class DeclarationProblem(Problem):
    """What the project says about its extensions can't be right."""


class ToolchainProblem(Problem):
    """cargo, rustc or the interpreter is missing or unfit."""


class BuildProblem(Problem):
    """cargo ran and failed; it has said why itself."""


class ArtifactProblem(Problem):
    """What was built is not what was declared, or can't be put in its place."""


class Problems(DeclarationProblem):
    """Several declaration problems at once, so that they can be mended in one go."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise what there is: nothing, the one problem, or all of them together.

    Raises:
        Problem: if there is at least one.
    """
    found = tuple(problems)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)
