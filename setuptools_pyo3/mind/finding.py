"""What an audit finds, as a value: a rule that doesn't hold, or something worth knowing."""

from __future__ import annotations

from typing import Iterable, NamedTuple, Tuple

from ..errors import Problem

ERROR = "error"
NOTE = "note"


class Finding(NamedTuple):
    """One thing that an audit has to say, told like a :class:`setuptools_pyo3.errors.Problem`.

    Args:
        rule: a short name that stays the same, for machines.
        what: what was found, as one sentence without a full stop.
        where: the wheel or the file in it.
        why: the cause, with every symbol or library that is to blame.
        hint: the next step that the user can take.
        level: ``ERROR``, or ``NOTE`` for what breaks no promise.
    """

    rule: str
    what: str
    where: str
    why: str = ""
    hint: str = ""
    level: str = ERROR

    def __str__(self) -> str:
        return f"{self.level}: {Problem(self.what, where=self.where, why=self.why, hint=self.hint)}"


def errors(findings: Iterable[Finding]) -> Tuple[Finding, ...]:
    """Those that break a promise."""
    return tuple(finding for finding in findings if finding.level == ERROR)
