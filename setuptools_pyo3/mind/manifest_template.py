"""What a ``MANIFEST.in`` says about files that setuptools itself doesn't list.

https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html#controlling-files-in-the-distribution
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, List, NamedTuple, Pattern, Tuple

from . import gitignore

_INCLUDING = {"include", "recursive-include", "global-include", "graft"}
_KNOWN = {*_INCLUDING, "exclude", "recursive-exclude", "global-exclude", "prune"}


class Template(NamedTuple):
    """A ``MANIFEST.in``.

    Args:
        lines: in order, whether each takes in or leaves out, and what.
        named: paths that ``include`` names in so many words.
    """

    lines: Tuple[Tuple[bool, Pattern[str]], ...] = ()
    named: Tuple[str, ...] = ()

    def keeps(self, path: str) -> bool:
        """Whether a file that would be in without it stays: the last line that matches decides.

        Args:
            path: relative to the project's folder, with slashes.
        """
        return next((including for including, pattern in reversed(self.lines) if pattern.fullmatch(path)), True)


def parse(lines: Iterable[str]) -> Template:
    """Read a template.

    Args:
        lines: without comments, and joined where a backslash ends one. Lines that can't be right are setuptools' to complain of.
    """
    found: List[Tuple[bool, Pattern[str]]] = []
    named: List[str] = []
    for line in lines:
        action, *words = line.split()
        if action in _KNOWN and words:
            found += [(action in _INCLUDING, re.compile(regex, re.DOTALL)) for regex in _regexes(action, words)]
            named += [word for word in words if action == "include" and not re.search(r"[*?\[]", word)]
    return Template(tuple(found), tuple(named))


def _regexes(action: str, words: List[str]) -> Iterator[str]:
    if action in ("graft", "prune"):
        yield f"{_path(words[0])}/.*"
    elif action.startswith("recursive-"):
        yield from (f"{_path(words[0])}/(?:.*/)?{_path(word)}" for word in words[1:])
    elif action.startswith("global-"):
        yield from (f"(?:.*/)?{_path(word)}" for word in words)
    else:
        yield from map(_path, words)


def _path(text: str) -> str:
    parts = [part for part in text.split("/") if part not in ("", ".")]
    found = ["(?:.*/)?" if part == "**" else _glob(part) + "/" for part in parts[:-1]]
    last = "".join(".*" if part == "**" else _glob(part) for part in parts[-1:])
    return "".join(found) + last


def _glob(part: str) -> str:
    try:
        return gitignore.glob(part)
    except re.error:
        return re.escape(part)
