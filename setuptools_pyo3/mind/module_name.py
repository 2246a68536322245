"""What the file name of an extension module promises: the Python that imports it, its ABI, and its platform."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from .abi import ABI3, ABI3T, Version


class ModuleName(NamedTuple):
    """A module's file name, taken apart.

    Args:
        module: the path without the suffix.
        suffix: the rest, with its dot.
        soabi: the part that names a Python (``cpython-311``, ``pypy311-pp80``), "" where none is named.
        limited: ``ABI3`` or ``ABI3T`` where the name says so, else "".
        triplet: the part that names a platform (``x86_64-linux-gnu``, ``darwin``, ``win_amd64``), "" where none is named.
    """

    module: str
    suffix: str
    soabi: str
    limited: str
    triplet: str

    @property
    def tagged(self) -> bool:
        """Whether the name says more than that it is a module."""
        return self.suffix not in (".so", ".pyd")


# https://peps.python.org/pep-3149/ and https://peps.python.org/pep-0803/; ".cp311-win_amd64.pyd" is Windows' own form.
_SUFFIX = re.compile(
    r"""(?P<module>(?:.*/)?[^./]+)
    (?P<suffix>
        (?:\.(?P<soabi>cpython-\d+[a-z]*|pypy\d+-pp\d+|graalpy[\d.]*-\d+-[a-z]+|cp\d+[a-z]*)(?:-(?P<triplet>[^./]+))?
          |\.(?P<limited>abi3t?)(?:-(?P<platform>[^./]+))?
        )?
        \.(?:so|pyd)
    )""",
    re.VERBOSE,
)


def parse(path: str) -> Optional[ModuleName]:
    """Take a file's path apart; None for a name that no Python imports."""
    match = _SUFFIX.fullmatch(path)
    if match is None:
        return None
    soabi = re.sub(r"^cp(?=\d)", "cpython-", match["soabi"] or "")
    return ModuleName(match["module"], match["suffix"], soabi, match["limited"] or "", match["triplet"] or match["platform"] or "")


_CPYTHON = re.compile(r"(?:cpython-|cp)(\d)(\d+)([a-z]*)")


def is_imported(name: ModuleName, python: str, abi: str) -> bool:
    """Whether the Pythons that a wheel's tag names look for a file that is called so.

    Args:
        name: the file's.
        python: a Python tag (``cp311``).
        abi: an ABI tag (``cp311t``, ``abi3``, ``none``).
    """
    if not name.tagged:
        return True
    if abi in (ABI3, ABI3T):
        minimum = _CPYTHON.fullmatch(python)
        return _is_limited(name.limited, abi == ABI3T, (int(minimum[1]), int(minimum[2])) if minimum else (3, 2))
    wanted = _CPYTHON.fullmatch(python if abi == "none" else abi)
    if wanted is None:
        own = name.soabi.replace("-", "_").replace(".", "_")
        # An ABI tag of another Python is the beginning of its SOABI; "none" with "py3" promises nothing of the kind.
        return bool(own) and own.startswith(abi)
    version = (int(wanted[1]), int(wanted[2]))
    if name.limited:
        return _is_limited(name.limited, "t" in wanted[3], version)
    found = _CPYTHON.fullmatch(name.soabi)
    return found is not None and (int(found[1]), int(found[2])) == version and _flags(found[3]) == _flags(wanted[3])


def _is_limited(limited: str, threaded: bool, version: Version) -> bool:
    # A free-threaded Python doesn't look for ".abi3.so"; ".abi3t.so" is new in 3.15, for both kinds.
    if limited == ABI3T:
        return version >= (3, 15)
    return limited == ABI3 and not threaded


def _flags(text: str) -> Tuple[str, ...]:
    # "m" (pymalloc) ended with Python 3.8.
    return tuple(sorted(set(text) - {"m"}))
