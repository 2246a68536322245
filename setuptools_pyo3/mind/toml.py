"""Finding things in parsed TOML that others have written."""

from __future__ import annotations

from typing import Any, Mapping


def table(content: Any, *keys: str) -> Mapping[str, Any]:
    """A table, by the keys that lead to it; {} where it is missing or something else, which is for others to say."""
    for key in keys:
        content = content.get(key) if isinstance(content, Mapping) else None
    return content if isinstance(content, Mapping) else {}
