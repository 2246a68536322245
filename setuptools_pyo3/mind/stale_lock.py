"""Whether a ``Cargo.lock`` fits the manifests that it was made from, told without cargo."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .toml import table

_KINDS = ("dependencies", "build-dependencies", "build_dependencies")
_DEV_KINDS = ("dev-dependencies", "dev_dependencies")


class Wanted(NamedTuple):
    """A dependency of a manifest, of any kind and for any platform: the lock holds all of them.

    Args:
        package: its real name.
        requirement: on its version, "" for any.
    """

    package: str
    requirement: str


def wanted(content: Mapping[str, Any], shared: Mapping[str, Any], *, is_member: bool = True) -> Tuple[Wanted, ...]:
    """What a manifest depends on.

    Args:
        content: as parsed.
        shared: the table ``[workspace.dependencies]`` that it may inherit from.
        is_member: it belongs to the workspace whose lock it is. Dev-dependencies of others aren't in that.
    """
    kinds = (*_KINDS, *_DEV_KINDS) if is_member else _KINDS
    tables = [table(content, kind) for kind in kinds]
    tables += [table(target, kind) for target in table(content, "target").values() for kind in kinds]
    return tuple(_wanted(key, value, shared) for found in tables for key, value in found.items())


def _wanted(key: str, value: Any, shared: Mapping[str, Any]) -> Wanted:
    if isinstance(value, Mapping) and value.get("workspace") is True:
        value = shared.get(key, {})
    if not isinstance(value, Mapping):
        return Wanted(key, str(value))
    return Wanted(str(value.get("package", key)), str(value.get("version", "")))


def contradictions(lock: Mapping[str, Any], manifests: Iterable[Tuple[str, str, Sequence[Wanted]]]) -> Tuple[str, ...]:
    """What the manifests want and the lock hasn't, each as a phrase; empty where nothing shows that it is stale.

    Args:
        lock: Cargo.lock, as parsed.
        manifests: of each local package the name, the version ("" where it isn't known) and what it wants.
    """
    packages = [package for package in _list(lock.get("package")) if isinstance(package, Mapping)]
    versions: Dict[str, List[str]] = {}
    for package in packages:
        versions.setdefault(str(package.get("name")), []).append(str(package.get("version")))
    return tuple(dict.fromkeys(phrase for manifest in manifests for phrase in _of_package(packages, versions, manifest)))


def _of_package(
    packages: Sequence[Mapping[str, Any]], versions: Mapping[str, Sequence[str]], manifest: Tuple[str, str, Sequence[Wanted]]
) -> Iterator[str]:
    name, version, wants = manifest
    # A package of a registry may have the name of a local one.
    own = [p for p in packages if p.get("name") == name and "source" not in p and (not version or p.get("version") == version)]
    if not own:
        yield f"{name} {version}".strip()
        return
    # "name", or "name version" where the lock has several of that name.
    held: Dict[str, List[str]] = {}
    for entry in map(str, _list(own[0].get("dependencies"))):
        package, *further = entry.split(" ")
        held.setdefault(package, []).extend(further[:1])
    for want in wants:
        if want.package not in held:
            yield f"{want.package}, which {name} depends on"
        else:
            there = held[want.package] or versions.get(want.package, ())
            if there and not any(accepts(want.requirement, version) for version in there):
                yield f"{want.package} {want.requirement}, which {name} depends on"


def accepts(requirement: str, version: str) -> bool:
    """Whether a version fits a requirement of cargo's. Where the two can't be compared for sure, it does.

    https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html#version-requirement-syntax
    """
    number = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:\+.*)?", version)
    if number is None:
        return True
    have = tuple(map(int, number.groups()))
    return all(_fits(part.strip(), have) for part in requirement.split(",") if part.strip())


def _fits(comparator: str, have: Tuple[int, ...]) -> bool:
    match = re.fullmatch(r"(\^|~|=|>=|<=|>|<)?\s*(\d+)(?:\.(\d+|\*|x))?(?:\.(\d+|\*|x))?(?:\+.*)?", comparator)
    if match is None:
        return True
    operator, *found = match.groups()
    parts = [int(part) for part in found if part is not None and part.isdigit()]
    low = (*parts, 0, 0)[:3]
    if operator in (">=", "<"):
        return (have >= low) is (operator == ">=")
    if operator in (">", "<="):
        return (have >= _next(parts)) is (operator == ">")
    wildcard = any(part is not None and not part.isdigit() for part in found)
    return low <= have < _above(parts, "=" if wildcard else operator)


def _above(parts: Sequence[int], operator: Optional[str]) -> Tuple[int, ...]:
    """The first version that no longer fits."""
    if operator == "=":
        return _next(parts)
    if operator == "~":
        return _next(parts[:2])
    # Caret, cargo's default: the first part that isn't zero may not change.
    leading = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
    return _next(parts[: leading + 1])


def _next(parts: Sequence[int]) -> Tuple[int, ...]:
    return (*parts[:-1], parts[-1] + 1, 0, 0)[:3]


def _list(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []
