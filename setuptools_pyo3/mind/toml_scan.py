"""Where in a TOML text each key stands. Only for texts that a real parser has read: nothing is checked here."""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Tuple

Keys = Tuple[str, ...]


class Statement(NamedTuple):
    """A header, a key with its value, or a key inside an inline table.

    Args:
        keys: that lead to it; an item of an array of tables has its number among them.
        start: of its first line; of the header, for what belongs to one.
        end: behind the line break after it.
        value_start: of the value, as for ``value_end``; -1 for a header.
        is_whole: it has its lines to itself.
    """

    keys: Keys
    start: int
    end: int
    value_start: int
    value_end: int
    is_whole: bool

    @property
    def is_header(self) -> bool:
        """Whether it is ``[a.table]``."""
        return self.value_start < 0


_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|$)")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_SCALAR = re.compile(r"[^,\]}\s#]+(?: [0-9][^,\]}\s#]*)?")


def statements(text: str) -> Iterator[Statement]:
    """All of them, in order."""
    table: Keys = ()
    counts: dict[Keys, int] = {}
    position = _after(_BLANK, text, 0)
    while position < len(text):
        start = position
        if text[position] == "[":
            double = text.startswith("[[", position)
            table, position = _keys(text, position + (2 if double else 1))
            position = _after(_LINE_END, text, position + (2 if double else 1))
            if double:
                counts[table] = counts.get(table, -1) + 1
            table = _numbered(table, counts)
            yield Statement(table, start, position, -1, -1, True)
        else:
            keys, position = _keys(text, position)
            value_start = _after(_SPACE, text, position + 1)
            inner: List[Statement] = []
            value_end = _value(text, value_start, (*table, *keys), inner)
            position = _after(_LINE_END, text, value_end)
            yield Statement((*table, *keys), start, position, value_start, value_end, True)
            yield from inner
        position = _after(_BLANK, text, position)


def _numbered(keys: Keys, counts: "dict[Keys, int]") -> Keys:
    """The keys with the number of the item behind each that is an array of tables."""
    numbered: Keys = ()
    for index, key in enumerate(keys):
        numbered = (*numbered, key)
        if keys[: index + 1] in counts:
            numbered = (*numbered, str(counts[keys[: index + 1]]))
    return numbered


def _after(pattern: "re.Pattern[str]", text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _keys(text: str, position: int) -> Tuple[Keys, int]:
    """A dotted key, and where what follows it begins."""
    keys: List[str] = []
    while True:
        position = _after(_SPACE, text, position)
        if text[position] in "\"'":
            end = _string(text, position)
            keys.append(_unquoted(text[position:end]))
        else:
            end = _after(_BARE_KEY, text, position)
            keys.append(text[position:end])
        position = _after(_SPACE, text, end)
        if position >= len(text) or text[position] != ".":
            return tuple(keys), position
        position += 1


def _unquoted(quoted: str) -> str:
    import json

    try:
        return str(json.loads(quoted)) if quoted.startswith('"') else quoted[1:-1]
    except ValueError:
        # An escape that only TOML has. Nothing will be found under this name, so the text is written anew.
        return quoted


def _string(text: str, position: int) -> int:
    for pattern in _STRINGS:
        match = pattern.match(text, position)
        if match:
            return match.end()
    return position + 1


def _value(text: str, position: int, keys: Keys, inner: List[Statement]) -> int:
    """Where a value ends; what an inline table holds is added to ``inner``."""
    if text[position] in "\"'":
        return _string(text, position)
    if text[position] not in "[{":
        return max(_after(_SCALAR, text, position), position + 1)
    closing = "]" if text[position] == "[" else "}"
    is_table = closing == "}"
    position = _after(_BLANK, text, position + 1)
    while position < len(text) and text[position] != closing:
        if is_table:
            start = position
            own, position = _keys(text, position)
            value_start = _after(_BLANK, text, position + 1)
            position = _value(text, value_start, (*keys, *own), inner)
            inner.append(Statement((*keys, *own), start, position, value_start, position, False))
        else:
            # What lies in an array has no key.
            position = _value(text, position, (), [])
        position = _after(_BLANK, text, position)
        if position < len(text) and text[position] == ",":
            position = _after(_BLANK, text, position + 1)
    return position + 1
