"""cargo's versions as Python's: semantic versions (https://semver.org) in the form of PEP 440."""

from __future__ import annotations

import re
from typing import List, Optional

_SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?")
# What PEP 440 calls the same (https://peps.python.org/pep-0440/#pre-releases).
_STAGES = {"alpha": "a", "a": "a", "beta": "b", "b": "b", "rc": "rc", "c": "rc", "pre": "rc", "preview": "rc", "dev": "dev"}


def to_python(version: str) -> Optional[str]:
    """A crate's version as a Python project's, in normal form; None where Python has no such version.

    Args:
        version: such as ``1.0.0-alpha.1+build.5``, which is ``1.0.0a1+build.5``.
    """
    match = _SEMVER.fullmatch(version.strip())
    if match is None:
        return None
    *release, stage, build = match.groups()
    suffix = _stage(stage) if stage else ""
    if suffix is None:
        return None
    local = "+" + ".".join(_plain(part) for part in re.split(r"[.-]", build)) if build else ""
    return ".".join(str(int(number)) for number in release) + suffix + local


def _plain(part: str) -> str:
    return str(int(part)) if part.isdigit() else part.lower()


def _stage(text: str) -> Optional[str]:
    """A pre-release: one stage, a development release, or a development release of a stage, each with a number."""
    words = re.findall(r"[A-Za-z]+|\d+", text)
    if "".join(words) != re.sub(r"[.-]", "", text):
        return None
    found: List[str] = []
    numbered = True
    for word in words:
        if word.isdigit():
            if numbered:
                return None
            found[-1] += str(int(word))
            numbered = True
        elif word.lower() in _STAGES:
            found += [_STAGES[word.lower()]]
            numbered = False
        else:
            return None
    return _joined([part if part[-1].isdigit() else f"{part}0" for part in found])


def _joined(parts: List[str]) -> Optional[str]:
    development = [part.startswith("dev") for part in parts]
    if development == [False]:
        return parts[0]
    if development in ([True], [False, True]):
        return "".join([*parts[:-1], f".{parts[-1]}"])
    return None
