"""The time that everything in an archive bears, so that one built from the same sources is the same file.

https://reproducible-builds.org/specs/source-date-epoch/
"""

from __future__ import annotations

from typing import Mapping

from ..errors import DeclarationProblem

VARIABLE = "SOURCE_DATE_EPOCH"
# 2000-01-01, for those who set nothing: a clone, a worktree and an unpacked sdist know no common time of their sources.
FIXED = 946_684_800
# The first and the last second that a zip file can hold, in UTC.
_FIRST, _LAST = 315_532_800, 4_354_819_198


def of(environ: Mapping[str, str]) -> int:
    """Seconds since the epoch: what ``SOURCE_DATE_EPOCH`` says, as far as a zip file can hold it, or a fixed date.

    Raises:
        DeclarationProblem: the variable is no number.
    """
    given = environ.get(VARIABLE, "").strip()
    if not given:
        return FIXED
    if not (given.isascii() and given.isdigit()):
        raise DeclarationProblem(
            f"expected seconds since 1970, found {environ[VARIABLE]!r}",
            where=VARIABLE,
            hint="for example `git log -1 --format=%ct`",
        )
    return min(max(int(given), _FIRST), _LAST)
