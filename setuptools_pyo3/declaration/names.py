"""Which names an extension may have, and the place each gives to what is built."""

from __future__ import annotations

import keyword
import re
from typing import Optional, Tuple

# What says whether zig is to link: the environment, and the project.
ZIG_VARIABLE = "SETUPTOOLS_PYO3_ZIG"
ZIG_SETTING = "tool.setuptools-pyo3.zig"

_RESERVED = frozenset({"False", "None", "True"})


def module_fault(name: str) -> str:
    """Why ``name`` is no dotted module name; "" when it is one."""
    parts = name.split(".")
    for part in parts:
        if not part.isidentifier() or part in _RESERVED or keyword.iskeyword(part):
            return f"{part!r} is not a Python identifier"
    return ""


def library_fault(name: str) -> str:
    """Why ``name`` is no place for a library without bindings: a dotted name, or a path such as ``pkg/lib/name``."""
    if "/" not in name:
        return module_fault(name)
    return next((f"{part!r} is not a Python identifier" for part in name.split("/") if not part.isidentifier()), "")


def executable_fault(name: str) -> str:
    """Why ``name`` is no place for an executable: a dotted name whose last part may hold dashes."""
    package, _, last = name.rpartition(".")
    if package and module_fault(package):
        return module_fault(package)
    plain = last.replace("-", "_")
    return "" if plain.isidentifier() and not last.startswith("-") else f"{last!r} is not a name for an executable"


def script_fault(name: str) -> str:
    """Why ``name`` is no file name for a script of the environment."""
    allowed = name.replace("-", "").replace("_", "").replace(".", "")
    if not allowed.isalnum() or name.startswith(("-", ".")):
        return f"{name!r} is not a name for a script"
    return ""


def dotted(name: str) -> str:
    """The dotted form of a library's place: ``pkg/lib/name`` becomes ``pkg.lib.name``."""
    return name.replace("/", ".")


_PLATFORM_TAG = re.compile(r"(auto|linux|manylinux(?:1|2010|2014|_\d+_\d+)|musllinux_\d+_\d+)(?:_([a-z]\w*))?")
PLATFORM_TAG_VARIABLE = "SETUPTOOLS_PYO3_PLATFORM_TAG"
PLATFORM_TAG_FORMS = "known are auto, linux, manylinux_2_28, manylinux2014, musllinux_1_2 and their like"


def platform_tag_parts(name: str) -> Optional[Tuple[str, str]]:
    """A platform tag of Linux without the processor, and the processor ("" where none is named); None for anything else."""
    match = _PLATFORM_TAG.fullmatch(name)
    return (match[1], match[2] or "") if match else None
