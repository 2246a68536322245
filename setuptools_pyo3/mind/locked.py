"""The packages of a ``Cargo.lock``, of any version of its format, and what each depends on."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from .toml import table


class Locked(NamedTuple):
    """One package.

    Args:
        name: the package's.
        version: its full version.
        source: where it comes from, with the commit of a git repository; "" for a local one.
        checksum: SHA-256 of the archive that a registry gives out, "" for others.
        dependencies: as they are written: the name, with the version and the source as far as they are needed to tell it.
    """

    name: str
    version: str
    source: str
    checksum: str
    dependencies: Tuple[str, ...]


def read(lock: Mapping[str, Any]) -> Tuple[Locked, ...]:
    """The packages of a lock; what has an unexpected shape is passed over."""
    packages = lock.get("package")
    # Version 1 has the checksums in a table of their own.
    apart = table(lock, "metadata")
    return tuple(_package(entry, apart) for entry in packages if isinstance(entry, dict)) if isinstance(packages, list) else ()


def _package(entry: Mapping[str, Any], apart: Mapping[str, Any]) -> Locked:
    name, version, source = (str(entry.get(key, "")) for key in ("name", "version", "source"))
    checksum = entry.get("checksum") or apart.get(f"checksum {name} {version} ({source})", "")
    dependencies = entry.get("dependencies")
    return Locked(
        name,
        version,
        source,
        "" if checksum == "<none>" else str(checksum),
        tuple(map(str, dependencies)) if isinstance(dependencies, list) else (),
    )


def same_source(one: str, other: str) -> bool:
    """Whether two sources are one, apart from the commit that a git repository was at."""
    return one.partition("#")[0] == other.partition("#")[0]


def dependencies(package: Locked, packages: Sequence[Locked]) -> Tuple[Locked, ...]:
    """What a package depends on in any way, for any platform."""
    by_name: Dict[str, List[Locked]] = {}
    for one in packages:
        by_name.setdefault(one.name, []).append(one)
    return tuple(one for text in package.dependencies for one in by_name.get(text.split(" ")[0], ()) if _meant(text, one))


def _meant(text: str, package: Locked) -> bool:
    words = text.split(" ")
    version = words[1] if len(words) > 1 else package.version
    source = words[2].strip("()") if len(words) > 2 else package.source
    return package.version == version and same_source(package.source, source)
