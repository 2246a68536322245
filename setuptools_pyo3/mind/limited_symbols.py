"""Whether a module for the limited API uses nothing but it, judged by the symbols that it takes from Python."""

from __future__ import annotations

from typing import Iterable, Iterator, List, Mapping, Tuple

from .abi import ABI3T, Abi, Version
from .finding import ERROR, NOTE, Finding
from .interpreter import dotted_version
from .native_file import PE, Import, NativeFile

# They take a PyModuleDef, whose layout abi3t does not say (https://peps.python.org/pep-0803/).
_NOT_THREADED = frozenset({"PyModuleDef_Init", "PyModule_Create2", "PyModule_FromDefAndSpec2"})

# Those of Windows that hold the stable ABI, for every Python.
STABLE_DLLS = ("python3.dll", "python3t.dll")


def findings(abi: Abi, stable: Mapping[str, Version], source: str, files: Iterable[NativeFile]) -> Tuple[Finding, ...]:
    """What modules that are to be for the limited API use beside it.

    Args:
        abi: the limited API that they are for, with its minimum.
        stable: the functions and data of the stable ABI, and the Python that each came with.
        source: where that is from, for messages.
        files: the wheel's.
    """
    return tuple(finding for file in files for finding in _of_file(abi, stable, source, file))


def _of_file(abi: Abi, stable: Mapping[str, Version], source: str, file: NativeFile) -> Iterator[Finding]:
    used = file.takes_from_python
    foreign = [one for one in used if one.name not in stable or (abi.kind == ABI3T and one.name in _NOT_THREADED)]
    if foreign:
        names = _named(foreign)
        # What came with a Python that the data doesn't know yet may be limited.
        is_known = abi.minimum is None or abi.minimum <= max(stable.values(), default=abi.minimum)
        yield Finding(
            "not-limited",
            f"it uses {', '.join(names)}, which {'is' if len(names) == 1 else 'are'} not in {abi.kind}",
            file.name,
            why=f"the stable ABI is known from {source}",
            hint="call what the limited API has instead, or leave the crate's abi3 features out: a wheel for each Python may use "
            "everything",
            level=ERROR if is_known else NOTE,
        )
    minimum = abi.minimum
    # What a weak symbol stands for need not be there.
    newer = [one for one in used if minimum and not one.weak and stable.get(one.name, minimum) > minimum]
    if minimum and newer:
        newest = max(stable[one.name] for one in newer)
        yield Finding(
            "newer-limited",
            f"it uses what Python {dotted_version(minimum)}, the oldest that the tag names, doesn't have yet",
            file.name,
            why=", ".join(f"{name} came with Python {dotted_version(stable[name])}" for name in _named(newer)),
            hint=f"raise the crate's abi3 feature to abi3-py{newest[0]}{newest[1]}, or do without these",
        )
    libraries = sorted({one.library.lower() for one in used}) if file.format == PE else []
    dlls = [name for name in libraries if name not in STABLE_DLLS]
    if dlls:
        what = f"it is linked to {', '.join(dlls)}, which only one version of Python has"
        yield Finding("not-limited", what, file.name, hint="the limited API is in python3.dll: turn the crate's abi3 feature on")


def _named(imports: Iterable[Import]) -> List[str]:
    return sorted({one.name for one in imports})
