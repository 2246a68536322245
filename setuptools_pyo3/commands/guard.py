"""From setuptools' errors to ours and back: what a door does around an action."""

from __future__ import annotations

import contextlib
from typing import ContextManager, Iterator

from ..errors import Problem
from ..hands.process import Terminated
from .session import as_setuptools_error


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Turn our problems into the exceptions that setuptools shows without a traceback, and a signal into an exit."""
    try:
        yield
    except Problem as problem:
        raise as_setuptools_error(problem) from None
    except Terminated as terminated:
        raise SystemExit(128 + terminated.number) from None


@contextlib.contextmanager
def guarded_lock(lock: ContextManager[object]) -> Iterator[None]:
    """:func:`guarded`, with a lock held meanwhile."""
    with guarded(), lock:
        yield
