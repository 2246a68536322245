"""``cfg(...)`` expressions of manifests, as far as a platform decides them.

https://doc.rust-lang.org/reference/conditional-compilation.html
"""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Optional

from . import platform_tags
from .target import Target
from .triples import EMSCRIPTEN, WINDOWS

# Names that stand alone or with a value; punctuation; text in quotes.
_TOKEN = re.compile(r'\s*("[^"]*"|[A-Za-z0-9_]+|[(),=])')

# Endianness is another word.
_RUST_NAMES = {"ppc": "powerpc", "ppc64": "powerpc64", "ppc64le": "powerpc64"}


def facts(target: Target, libc: str) -> Dict[str, str]:
    """What is known of a platform, by the names that expressions have for it.

    Args:
        target: the platform. Of one for two processors, nothing is said about them.
        libc: of its Python, ``gnu`` or ``musl`` on Linux.
    """
    system = platform_tags.read(target.platform).system
    known = {
        "target_os": system,
        # WebAssembly is a family of its own beside Unix.
        "target_family": {WINDOWS: "windows", EMSCRIPTEN: ""}.get(system, "unix"),
        "target_pointer_width": str(target.pointer_width),
        "target_env": libc,
        "target_arch": _RUST_NAMES.get(target.architectures[0], target.architectures[0]) if len(target.architectures) == 1 else "",
    }
    return {name: value for name, value in known.items() if value}


def holds(expression: str, known: Mapping[str, str], triple: str = "") -> Optional[bool]:
    """Whether something that is for a platform only is for this one; None where that isn't known.

    Args:
        expression: ``cfg(...)``, or a triple.
        known: as from :func:`facts`.
        triple: the platform's, "" where it isn't known in full.
    """
    if not expression.startswith("cfg("):
        return expression == triple if triple else None
    tokens = _TOKEN.findall(expression[4:])
    return _expression(tokens, known)


def _expression(tokens: List[str], known: Mapping[str, str]) -> Optional[bool]:
    """The expression that the tokens begin with; it is taken from them."""
    name = tokens.pop(0) if tokens else ""
    following = tokens[0] if tokens else ""
    if following == "=":
        value = tokens[1].strip('"') if len(tokens) > 1 else ""
        del tokens[:2]
        return known[name] == value if name in known else None
    if following != "(":
        simple = {"true": True, "false": False}
        family = known.get("target_family")
        return (family == name if family else None) if name in ("unix", "windows") else simple.get(name)
    del tokens[:1]
    parts: List[Optional[bool]] = []
    while tokens and tokens[0] != ")":
        parts.append(_expression(tokens, known))
        if tokens and tokens[0] == ",":
            del tokens[:1]
    del tokens[:1]
    return _combined(name, parts)


def _combined(name: str, parts: List[Optional[bool]]) -> Optional[bool]:
    if name == "not":
        return None if parts[:1] in ([], [None]) else not parts[0]
    decisive = {"all": False, "any": True}.get(name)
    if decisive is None:
        return None
    return decisive if decisive in parts else (None if None in parts else not decisive)
