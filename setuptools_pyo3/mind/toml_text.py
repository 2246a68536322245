"""Changing TOML that people have written: as little of the text as can be, and never anything but what is wanted.

Python reads TOML and doesn't write it. A library that does would have to be there for every isolated build, and distributions
that build everything from source would have to build it first, for a few changed paths.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Callable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from .toml_scan import Keys, Statement, statements

Parse = Callable[[str], Mapping[str, Any]]


def rewritten(text: str, wanted: Mapping[str, Any], parse: Parse) -> str:
    """The text with what differs from ``wanted`` changed in it; written anew where that can't be done.

    What comes out is parsed and compared: either it means exactly what is wanted, or it isn't used.

    Args:
        text: TOML, with any line endings.
        wanted: what it is to mean.
        parse: reads TOML; raises ValueError.
    """
    plain = text.replace("\r\n", "\n")
    edited = _edited(plain, parse(plain), wanted)
    try:
        if edited is not None and parse(edited) == wanted:
            return edited
    except ValueError:
        pass
    return dumped(wanted)


def dumped(content: Mapping[str, Any]) -> str:
    """Values as TOML, tables and keys in their order."""
    return "\n".join(_section((), content)).lstrip("\n") + "\n"


def inline(value: Any) -> str:
    """A value as it is written right of an equals sign.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {inline(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, str):
        # JSON's escapes are TOML's too; it leaves DEL as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, (int, float)):
        return repr(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"TOML has no {type(value).__name__}")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else inline(key)


def _section(keys: Keys, content: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a table: what has no header of its own comes first, since all below a header belongs to it."""
    for key, value in content.items():
        if not _has_header(keys, value):
            yield f"{_key(key)} = {inline(value)}"
    for key, value in content.items():
        name = ".".join(map(_key, (*keys, key)))
        if isinstance(value, Mapping) and _has_header(keys, value):
            inner = [_has_header((*keys, key), item) for item in value.values()]
            if not inner or not all(inner):
                yield f"\n[{name}]"
            yield from _section((*keys, key), value)
        elif _has_header(keys, value):
            for item in value:
                yield f"\n[[{name}]]"
                yield from _section((*keys, key), item)


def _has_header(keys: Keys, value: Any) -> bool:
    """Tables have headers, and lists of tables; a dependency is one line, as most people write it."""
    if isinstance(value, Mapping):
        return not (keys and keys[-1].endswith("dependencies")) and value.get("workspace") is not True
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


class _Difference(NamedTuple):
    """``old`` is None where the key is new, ``new`` where it is to go: TOML has no such value."""

    keys: Keys
    old: Any
    new: Any


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], keys: Keys = ()) -> Iterator[_Difference]:
    for key in dict.fromkeys([*old, *new]):
        one, other = old.get(key), new.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _differences(one, other, (*keys, key))
        elif one != other or type(one) is not type(other):
            yield _Difference((*keys, key), one, other)


def _edited(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Optional[str]:
    """The text with all differences worked in; None where one has no plain place in it."""
    edits: List[Tuple[int, int, str]] = []
    added: List[_Difference] = []
    known = list(statements(text))
    for difference in _differences(old, new):
        if difference.old is None:
            place = _inside(known, difference.keys[:-1])
            if place is None or isinstance(difference.new, Mapping):
                added.append(difference)
            else:
                edits.append((place, place, f"{_key(difference.keys[-1])} = {inline(difference.new)}\n"))
            continue
        found = [one for one in known if one.keys == difference.keys]
        if difference.new is None:
            below = [one for one in known if one.keys[: len(difference.keys)] == difference.keys and one.is_whole]
            edits += [(one.start, one.end, "") for one in below]
        elif len(found) == 1 and not found[0].is_header:
            edits.append((found[0].value_start, found[0].value_end, inline(difference.new)))
        else:
            return None
    text = text if text.endswith("\n") else f"{text}\n"
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    for difference in added:
        *above, key = difference.keys
        text += "\n" + "\n".join(_appended(tuple(above), key, difference.new)).lstrip("\n") + "\n"
    return text


def _appended(above: Keys, key: str, value: Any) -> Iterator[str]:
    """A key at the end of a file, below a header of its own."""
    if above and not _has_header(above, value):
        yield f"[{'.'.join(map(_key, above))}]"
    yield from _section(above, {key: value})


def _inside(known: List[Statement], table: Keys) -> Optional[int]:
    """Where a key can be added to a table: right below its header."""
    return next((one.end for one in known if one.keys == table and one.is_header), None)
