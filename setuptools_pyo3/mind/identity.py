"""PyO3's identity for cargo: another one for each configuration, so that many lie side by side in one target folder.

For cargo, the environment that a build script looks at decides whether a crate is up to date, not which crate it is: PyO3 for two
Pythons would be compiled over each other in turn. A profile override of one package is part of that package's identity, of its
build script's and of all that depends on either (https://doc.rust-lang.org/cargo/reference/profiles.html#overrides). So the package
whose build script asks for the interpreter gets a number of codegen units made from the configuration: far above the number of
modules in it, which caps nothing, and the same on every machine. If cargo came to see it otherwise, PyO3 would be compiled again
for each change of configuration, as without it; that what is built is right is decided by cargo's own fingerprints as ever.
"""

from __future__ import annotations

import hashlib
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Set, Tuple

from . import lockfile
from .situation import KEEP_APART_VARIABLE, OFF

Version = Tuple[int, int]

# What a version of PyO3 looks at beside its config file.
_WATCHED = (
    "PYO3_BUILD_EXTENSION_MODULE",
    "PYO3_ENVIRONMENT_SIGNATURE",
    "PYO3_USE_ABI3_FORWARD_COMPATIBILITY",
    "PYO3_USE_RAW_DYLIB",
)
# cargo takes 32 bits without a sign; no package has this many modules, nor this few as an override that someone means.
_LOWEST, _NUMBERS = 2**16, 2**31 - 2**16
_BUILT_IN = frozenset({"dev", "release", "test", "bench"})


def wanted(environ: Mapping[str, str]) -> bool:
    """Whether configurations are kept apart: unless ``SETUPTOOLS_PYO3_KEEP_APART`` says 0, off, false or no."""
    return environ.get(KEEP_APART_VARIABLE, "").strip().lower() not in OFF


def key(configuration: str, environ: Mapping[str, Optional[str]]) -> int:
    """The number that stands for a configuration.

    Args:
        configuration: the text of PyO3's config file, or what stands in its place.
        environ: the environment that cargo gets.
    """
    parts = (configuration, [environ.get(name) for name in _WATCHED])
    digest = hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return _LOWEST + int(digest[:16], 16) % _NUMBERS


def packages(lock: str, version: Optional[Version]) -> Tuple[str, ...]:
    """The packages whose build scripts ask for the interpreter, for every PyO3 in a workspace.

    Args:
        lock: the text of Cargo.lock, "" where there is none.
        version: of the PyO3 that the lock doesn't know yet, None for no other.
    """
    locked = lockfile.versions(lock, "pyo3") or lockfile.versions(lock, "pyo3-ffi")
    return tuple(sorted({_asking(found) for found in locked or ((version,) if version else ())}))


def _asking(version: Version) -> str:
    """pyo3-build-config has asked since 0.14, pyo3-ffi since 0.29; all others get their answer from them."""
    if version < (0, 14):
        return "pyo3"
    return "pyo3-build-config" if version < (0, 29) else "pyo3-ffi"


def options(number: int, named: Sequence[str], profile: str, profiles: Mapping[str, Any]) -> Tuple[str, ...]:
    """cargo's options that give packages an identity of their own.

    Args:
        number: the configuration's (:func:`key`).
        named: the packages.
        profile: that they are built with.
        profiles: the ``[profile]`` tables of the workspace's root.
    """
    if profile not in _BUILT_IN and profile not in profiles:
        # The option would define it, and cargo's message about a misspelt name would be a strange one.
        return ()
    specs = (spec for package in named for spec in _specs(package, profile, profiles))
    return tuple(f"--config=profile.{profile}.package.{_quoted(spec)}.codegen-units={number}" for spec in specs)


def _specs(package: str, profile: str, profiles: Mapping[str, Any]) -> Iterable[str]:
    """How an override names a package: as the project's own do, for cargo refuses two names for one package."""
    found = {package: True}
    for _, table in inherited(profile, profiles):
        overrides = table.get("package")
        for spec, settings in overrides.items() if isinstance(overrides, Mapping) else ():
            if specified(spec) == package:
                found.pop(package, None)
                # A number that the project has chosen stays.
                found[spec] = found.get(spec, True) and not (isinstance(settings, Mapping) and "codegen-units" in settings)
    return [spec for spec, free in found.items() if free]


def inherited(profile: str, profiles: Mapping[str, Any]) -> Iterator[Tuple[str, Mapping[str, Any]]]:
    """A profile and those it inherits from, nearest first, each with its table."""
    seen: Set[str] = set()
    name: object = profile
    while isinstance(name, str) and name not in seen:
        seen.add(name)
        table = profiles.get(name)
        table = table if isinstance(table, Mapping) else {}
        yield name, table
        name = table.get("inherits", {"test": "dev", "bench": "release"}.get(name))


def specified(spec: str) -> str:
    """The package that a package id specification names (https://doc.rust-lang.org/cargo/reference/pkgid-spec.html)."""
    url, mark, fragment = spec.partition("#")
    if "://" in url and (not mark or fragment[:1].isdigit()):
        return url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return (fragment if mark else spec).partition("@")[0].partition(":")[0]


def overridden(option: str) -> str:
    """The package id specification in one of our options."""
    return option.partition(".package.")[2].rpartition(".")[0].strip('"')


def _quoted(spec: str) -> str:
    return spec if spec.replace("-", "").replace("_", "").isalnum() else f'"{spec}"'
