"""A Cargo.lock cut down to what some of its packages need, in the words that cargo itself would find for it.

https://doc.rust-lang.org/nightly/nightly-rustc/src/cargo/core/resolver/encode.rs.html describes the file and its formats.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from .stale_lock import accepts


class Package(NamedTuple):
    """One ``[[package]]``.

    Args:
        name: the package's.
        version: in full.
        source: as it is written, "" for a local one.
        dependencies: as they are written: a name, with version and source as far as it takes to tell them apart.
        text: all lines of it, without the blank one that follows.
    """

    name: str
    version: str
    source: str
    dependencies: Tuple[str, ...]
    text: str


class Need(NamedTuple):
    """A dependency that a manifest has.

    Args:
        package: its real name.
        requirement: the version requirement, "" for any.
        is_local: it has a path.
    """

    package: str
    requirement: str
    is_local: bool


class Pruned(NamedTuple):
    """What is left.

    Args:
        text: of the lock.
        packages: those in it.
        is_stale: a local package isn't in it that should be. Nothing has been left out then.
    """

    text: str
    packages: Tuple[Package, ...]
    is_stale: bool


_BLOCK = re.compile(r"(?m)^(?=\[)")
_FIELD = re.compile(r'(?m)^(name|version|source|replace) = "([^"]*)"$')
_DEPENDENCY = re.compile(r'(?m)^ "([^"]*)",?$')


def pruned(lock: str, members: Iterable[Tuple[str, str]], needs: Mapping[Tuple[str, str], Sequence[Need]]) -> Pruned:
    """Leave the packages that can be reached from some local ones.

    Args:
        lock: the text, with any line endings.
        members: names and versions of the local packages that are built, or could be.
        needs: by the names and versions of local packages that have lost dependencies, those that are left.
    """
    head, *blocks = _BLOCK.split(lock.replace("\r\n", "\n"))
    packages = [_package(block) for block in blocks if block.startswith("[[package]]")]
    by_name = _by_name(packages)
    kept = _reachable(packages, by_name, members, needs)
    if kept is None:
        return Pruned(lock, tuple(packages), True)
    # The first format names every dependency in full, and has the checksums in a table at its end.
    metadata = next((block for block in blocks if block.startswith("[metadata]")), "")
    left = None if metadata else _by_name(kept)
    parts = [head.rstrip("\n"), *(_text(package, needed, by_name, left) for package, needed in kept.items())]
    if metadata:
        parts.append(_checksums(metadata, kept))
    text = "\n\n".join(part for part in parts if part) + "\n"
    return Pruned(text.replace("\n", "\r\n") if "\r\n" in lock else text, tuple(kept), False)


def _package(block: str) -> Package:
    text = block.rstrip("\n")
    fields = dict(_FIELD.findall(text))
    dependencies = _DEPENDENCY.findall(text)
    # An old way to stand in for a package: the other one is needed as well.
    replaced = [fields["replace"]] if "replace" in fields else []
    return Package(fields.get("name", ""), fields.get("version", ""), fields.get("source", ""), (*dependencies, *replaced), text)


def _find(dependency: str, packages: Mapping[str, List[Package]]) -> Optional[Package]:
    name, _, rest = dependency.partition(" ")
    version, _, source = rest.partition(" ")
    # A dependency's source is written without the commit.
    wanted = source.strip("()").partition("#")[0]
    fitting = [
        p for p in packages.get(name, ()) if version in ("", p.version) and (not wanted or p.source.partition("#")[0] == wanted)
    ]
    # Without a source, a local one is meant where several are there.
    return next((p for p in fitting if not p.source), None) or next(iter(fitting), None)


def _by_name(packages: Iterable[Package]) -> Dict[str, List[Package]]:
    found: Dict[str, List[Package]] = {}
    for package in packages:
        found.setdefault(package.name, []).append(package)
    return found


def _reachable(
    packages: Iterable[Package],
    by_name: Mapping[str, List[Package]],
    members: Iterable[Tuple[str, str]],
    needs: Mapping[Tuple[str, str], Sequence[Need]],
) -> Optional[Dict[Package, List[Package]]]:
    """The packages to keep, each with its dependencies, in the order of the lock; None where it lacks a member."""
    pending: List[Package] = []
    for name, version in members:
        local = next((p for p in by_name.get(name, ()) if p.version == version and not p.source), None)
        if local is None:
            return None
        pending.append(local)
    found: Dict[Package, List[Package]] = {}
    while pending:
        package = pending.pop()
        if package in found:
            continue
        all_of_it = [other for word in package.dependencies for other in [_find(word, by_name)] if other is not None]
        left = needs.get((package.name, package.version)) if not package.source else None
        found[package] = all_of_it if left is None else [other for other in all_of_it if _is_needed(other, all_of_it, left)]
        pending += found[package]
    return {package: found[package] for package in packages if package in found}


def _is_needed(package: Package, siblings: Iterable[Package], needs: Iterable[Need]) -> bool:
    """Whether one of the manifest's dependencies means this package."""
    by_that_name = [need for need in needs if need.package == package.name]
    if sum(sibling.name == package.name for sibling in siblings) == 1:
        return bool(by_that_name)
    return any(not package.source if need.is_local else accepts(need.requirement, package.version) for need in by_that_name)


def _text(
    package: Package,
    needed: Iterable[Package],
    by_name: Mapping[str, List[Package]],
    left: Optional[Mapping[str, List[Package]]],
) -> str:
    """The lines of a package.

    Args:
        package: it.
        needed: those of its dependencies that are left.
        by_name: all packages that there were.
        left: those that are left, which names have to tell apart; None where all are named in full.
    """
    start = package.text.find("dependencies = [")
    if start < 0:
        return package.text
    end = package.text.index("\n]", start) + 2
    kept: Set[Package] = set(needed)
    words = []
    for word in _DEPENDENCY.findall(package.text[start:end]):
        found = _find(word, by_name)
        if found in kept:
            words.append(_shortened(word, found, left[found.name]) if left is not None and found else word)
    listed = "dependencies = [\n" + "".join(f' "{word}",\n' for word in words) + "]"
    return (package.text[:start] + (listed if words else "") + package.text[end:]).rstrip("\n")


def _shortened(word: str, package: Package, namesakes: Sequence[Package]) -> str:
    """A dependency as cargo writes it: with a version where several are there, with a source where that isn't enough."""
    if sum(other.version == package.version for other in namesakes) > 1:
        return word
    several = len({other.version for other in namesakes}) > 1
    return f"{package.name} {package.version}" if several else package.name


def _checksums(metadata: str, kept: Iterable[Package]) -> str:
    known = {f'"checksum {package.name} {package.version} ({package.source})"' for package in kept}
    lines = [line for line in metadata.splitlines() if not line.startswith('"checksum') or line.partition(" = ")[0] in known]
    return "\n".join(lines).rstrip("\n")
