"""What the build frontend was told on its command line (``pip install --config-settings``), which setuptools doesn't hand on."""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional

from ..errors import DeclarationProblem
from ..mind.situation import OFF, ON

# Both PEP 517 and PEP 660 call it so (https://peps.python.org/pep-0517/#config-settings).
_NAME = "config_settings"
# `--config-settings NAME` without a value means yes.
_YES = ON | {""}


def config_settings() -> Dict[str, Any]:
    """The settings of the build that is running, {} where no frontend gave any.

    setuptools' backend keeps those that it doesn't know to itself. They are an argument of its hooks, so they stand in the frames
    that we were called from.
    """
    frame = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "setuptools.build_meta" and _NAME in frame.f_code.co_varnames:
            return dict(frame.f_locals.get(_NAME) or {})
        frame = frame.f_back  # type: ignore[assignment]  # None at the end
    return {}


def switch(value: Any, where: str) -> Optional[bool]:
    """A value that turns something on or off; None where there is none.

    Args:
        value: text, or a list of which the last counts, as some frontends give.
        where: who gave it, for messages.

    Raises:
        DeclarationProblem: it is neither.
    """
    last = value[-1] if isinstance(value, list) and value else value
    if last is None or isinstance(last, bool):
        return last
    word = str(last).lower()
    if word not in _YES | OFF:
        raise DeclarationProblem(f"expected true or false, found {last!r}", where=where)
    return word in _YES
