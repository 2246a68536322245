"""The patterns of ``.gitignore`` files, which cargo's ``include`` and ``exclude`` are too, as values.

https://git-scm.com/docs/gitignore#_pattern_format
"""

from __future__ import annotations

import re
from typing import Iterable, NamedTuple, Optional, Pattern, Tuple


class Rule(NamedTuple):
    """One line of a file.

    Args:
        pattern: matches whole paths, relative to the file's folder, with slashes.
        negated: what it matches is taken back in.
        only_folders: files are none of its business.
    """

    pattern: Pattern[str]
    negated: bool
    only_folders: bool


class Rules(NamedTuple):
    """The lines of a file, in order, and one pattern that matches wherever any of them does: most paths match none."""

    rules: Tuple[Rule, ...]
    any: Optional[Pattern[str]]

    def decide(self, path: str, *, is_folder: bool) -> Optional[bool]:
        """Whether a path is ignored; None where nothing is said of it. What holds for its parents isn't looked at.

        Args:
            path: relative to the file's folder, with slashes.
            is_folder: whether it is one.
        """
        if self.any is None or self.any.fullmatch(path) is None:
            return None
        for rule in reversed(self.rules):
            if (is_folder or not rule.only_folders) and rule.pattern.fullmatch(path):
                return not rule.negated
        return None

    def decide_with_parents(self, path: str) -> bool:
        """Whether a file is matched by itself or through a folder above it, the nearest to win, as in cargo's ``include``."""
        said = self.decide(path, is_folder=False)
        while said is None and "/" in path:
            path = path.rpartition("/")[0]
            said = self.decide(path, is_folder=True)
        return said is True


def parse(lines: Iterable[str]) -> Rules:
    """Read the lines of a file; what can't be a pattern is passed over, as git does."""
    rules = tuple(rule for line in lines for rule in _rule(line))
    joined = "|".join(f"(?:{rule.pattern.pattern})" for rule in rules)
    return Rules(rules, re.compile(joined, re.DOTALL) if rules else None)


def _rule(line: str) -> Iterable[Rule]:
    text = _without_trailing_spaces(line.rstrip("\r\n"))
    if text.startswith("#"):
        return
    negated = text.startswith("!")
    text = text[negated:]
    only_folders = text.endswith("/")
    text = text.rstrip("/") if only_folders else text
    if not text:
        return
    try:
        yield Rule(re.compile(_regex(text), re.DOTALL), negated, only_folders)
    except re.error:
        return


def _without_trailing_spaces(text: str) -> str:
    stripped = text.rstrip(" ")
    escaped = (len(stripped) - len(stripped.rstrip("\\"))) % 2
    return f"{stripped} " if escaped and stripped != text else stripped


def _regex(text: str) -> str:
    parts = text.lstrip("/").split("/")
    # Without a slash that isn't the last character, it may lie anywhere below.
    found = "" if "/" in text else "(?:.*/)?"
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            found += ".+" if last else "(?:.*/)?"
        else:
            found += glob(part) + ("" if last else "/")
    return found


def glob(part: str) -> str:
    """The regular expression for one part of a path with ``*``, ``?``, ``[...]`` and backslashes, none of which match a slash."""
    found, position = "", 0
    while position < len(part):
        character = part[position]
        position += 1
        if character == "*":
            found += "[^/]*"
        elif character == "?":
            found += "[^/]"
        elif character == "[":
            end = part.find("]", position + (2 if part[position : position + 1] in ("!", "^") else 1))
            if end < 0:
                raise re.error("unterminated [")
            found += _class(part[position:end])
            position = end + 1
        elif character == "\\" and position < len(part):
            found += re.escape(part[position])
            position += 1
        else:
            found += re.escape(character)
    return found


def _class(content: str) -> str:
    negated = content[:1] in ("!", "^")
    inside = re.sub(r"([\[&~|^\\])", r"\\\1", content[negated:])
    return f"[^/{inside}]" if negated else f"(?!/)[{inside}]"
