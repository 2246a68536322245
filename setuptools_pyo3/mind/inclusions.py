"""The files that a Rust source names for inclusion, as far as it does so in plain strings."""

from __future__ import annotations

import re
from typing import Iterator, Tuple

_TEXT = r'r?"([^"\\\n]+)"'
_BESIDE = re.compile(r"\binclude(?:_str|_bytes)?!\s*[(\[{]\s*" + _TEXT + r"|#!?\[\s*path\s*=\s*" + _TEXT)
_FROM_MANIFEST = re.compile(r'concat!\s*[(\[{]\s*env!\s*\(\s*"CARGO_MANIFEST_DIR"\s*,?\s*\)\s*,\s*' + _TEXT)
_MODULE = re.compile(r"^[ \t]*(?:pub\s*(?:\([^)\n]*\)\s*)?)?mod\s+(?:r#)?(\w+)\s*;", re.MULTILINE)
_CHEAP = (b"include", b"path", b"CARGO_MANIFEST_DIR")


def named(source: bytes) -> Iterator[Tuple[bool, str]]:
    """The paths, and whether each is relative to the package's folder instead of the source's. They need not exist: a comment
    may name them.

    Args:
        source: the file.
    """
    if not any(word in source for word in _CHEAP):
        return
    text = source.decode("utf-8", "replace")
    for match in _BESIDE.finditer(text):
        yield False, match[1] or match[2]
    for match in _FROM_MANIFEST.finditer(text):
        yield True, match[1].lstrip("/")


def modules(source: bytes, name: str) -> Iterator[str]:
    """Where the modules may lie that a source declares, relative to its folder
    (https://doc.rust-lang.org/reference/items/modules.html#module-source-filenames).

    Args:
        source: the file.
        name: of the file. What it says of its modules' folder isn't certain: ``#[path]`` makes any file a ``mod.rs``.
    """
    stem = name[: -len(".rs")]
    for match in _MODULE.finditer(source.decode("utf-8", "replace")):
        for folder in ("", f"{stem}/"):
            yield f"{folder}{match[1]}.rs"
            yield f"{folder}{match[1]}/mod.rs"
