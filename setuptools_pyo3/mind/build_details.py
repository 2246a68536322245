"""The text of a ``build-details.json``, by which newer Pythons describe themselves (https://peps.python.org/pep-0739/)."""

from __future__ import annotations

import json
from typing import Any, Dict, NamedTuple, Tuple

from ..errors import ToolchainProblem


class BuildDetails(NamedTuple):
    """What is needed of it.

    Args:
        platform: as ``sysconfig.get_platform()`` says it.
        implementation: as ``sys.implementation.name`` says it.
        version: (major, minor).
        free_threaded: built without the GIL.
        debug: a debug build.
        suffixes: what it imports extension modules by, most specific first.
        multiarch: of its implementation, "" where it has none.
        libpython: the path of its shared library, "" where it has none.
    """

    platform: str
    implementation: str
    version: Tuple[int, int]
    free_threaded: bool
    debug: bool
    suffixes: Tuple[str, ...]
    multiarch: str
    libpython: str


def parse(text: str, path: str) -> BuildDetails:
    """Read the file's text.

    Args:
        text: JSON.
        path: for messages.

    Raises:
        ToolchainProblem: it is no such file, or of a schema that isn't known.
    """
    try:
        content: Dict[str, Any] = json.loads(text)
        if str(content["schema_version"]).partition(".")[0] != "1":
            raise ValueError(f"its schema_version is {content['schema_version']}, and 1 is what is known here")
        return _read(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ToolchainProblem("this is not a build-details.json that can be read", where=path, why=why) from error


def _read(content: Dict[str, Any]) -> BuildDetails:
    major, minor = str(content["language"]["version"]).split(".")[:2]
    implementation = content["implementation"]
    abi = content.get("abi") or {}
    flags = abi.get("flags") or ()
    suffixes = (content.get("suffixes") or {}).get("extensions") or ()
    return BuildDetails(
        platform=str(content["platform"]),
        implementation=str(implementation["name"]),
        version=(int(major), int(minor)),
        free_threaded="t" in flags,
        debug="d" in flags,
        suffixes=tuple(str(suffix) for suffix in suffixes),
        multiarch=str(implementation.get("_multiarch") or ""),
        libpython=str((content.get("libpython") or {}).get("dynamic") or ""),
    )
