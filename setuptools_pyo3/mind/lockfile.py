"""What ``Cargo.lock`` says about the versions that are built, read from its text.

cargo writes the file by machine in one form, so a scan is enough and costs a fraction of parsing hundreds of tables. A corrupt
one yields nothing here; cargo reports it.
"""

from __future__ import annotations

import re
from typing import Iterable, List, Optional, Tuple

from .manifest import Manifest

Version = Tuple[int, int]


def versions(lock: str, package: str) -> Tuple[Version, ...]:
    """The (major, minor) of every version of a package in the lock, highest first."""
    found = set()
    for entry in _entries(lock, package):
        version = entry.partition('version = "')[2].partition('"')[0] if entry.startswith('version = "') else ""
        number = lowest(version)
        if number is not None:
            found.add(number)
    return tuple(sorted(found, reverse=True))


def occurrences(lock: str, package: str) -> int:
    """How many packages of this name the lock holds."""
    return len(_entries(lock, package))


def _entries(lock: str, package: str) -> List[str]:
    """What follows each line that names the package. No regular expressions: compiling them would cost more than the search."""
    text = lock.replace("\r\n", "\n") if "\r" in lock else lock
    return f"\n{text}".split(f'\nname = "{package}"\n')[1:]


def chosen(lock: str, package: str, requirement: str) -> Optional[Version]:
    """The (major, minor) of a dependency: the locked version that fits its requirement best.

    Without a lock, the lowest version that the requirement names, since cargo's default requirement (``0.23``) allows no other
    minor below 1.0; None where nothing is known.
    """
    wanted = lowest(requirement)
    locked = versions(lock, package)
    if wanted is not None and wanted in locked:
        return wanted
    return locked[0] if locked else wanted


def exact(lock: str, package: str, release: Optional[Version]) -> str:
    """The full version of a package in the lock, such as ``0.30.1``; "" where it isn't there in that release.

    Args:
        lock: the text of Cargo.lock.
        package: its name.
        release: (major, minor).
    """
    found = (entry.partition('version = "')[2].partition('"')[0] for entry in _entries(lock, package))
    return next((version for version in found if lowest(version) == release), "")


def lowest(requirement: str) -> Optional[Version]:
    """The first version that a requirement names, such as (0, 28) for ``>=0.28,<0.31``; None for ``*`` and the like."""
    match = re.search(r"(\d+)(?:\.(\d+))?", requirement)
    return (int(match[1]), int(match[2] or 0)) if match else None


def lacks(lock: str, manifests: Iterable[Manifest]) -> Tuple[str, ...]:
    """What the manifests have and the lock doesn't: a sign that it is out of date.

    Args:
        lock: the text of Cargo.lock.
        manifests: the local crates that it should hold.
    """
    missing = []
    for manifest in manifests:
        entry = f'name = "{manifest.name}"\nversion = "{manifest.version}"'
        if manifest.version and entry not in lock.replace("\r\n", "\n"):
            missing.append(f"{manifest.name} {manifest.version}")
        missing += [d.package for d in manifest.dependencies if not d.path and not occurrences(lock, d.package)]
    return tuple(dict.fromkeys(missing))
