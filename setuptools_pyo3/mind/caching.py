"""The cache of target folders for source trees that are thrown away: whether it is used, which folder is whose, what has to go."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

from ..declaration.extension import RustExtension
from ..errors import DeclarationProblem
from .situation import OFF, ON

SWITCH_VARIABLE = "SETUPTOOLS_PYO3_CACHE"
SIZE_VARIABLE = "SETUPTOOLS_PYO3_CACHE_SIZE"

_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}

# PyO3 with its macros takes 70 MiB, a project with a hundred crates half a GiB.
DEFAULT_LIMIT = 5 * 1024**3
# As long as cargo keeps what it has downloaded: https://doc.rust-lang.org/cargo/reference/config.html#cache
UNUSED_SECONDS = 90 * 24 * 3600

# Each of these says where cargo's output goes, or a part of it: that is the user's decision then.
_TARGET_VARIABLES = ("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR")
_TARGET_KEYS = ("target-dir", "build-dir")


def wanted(environ: Mapping[str, str], declared: bool) -> bool:
    """Whether the cache may be used: the environment decides, else the project.

    Args:
        environ: the environment.
        declared: the project's ``cache``.

    Raises:
        DeclarationProblem: the variable says neither yes nor no.
    """
    given = environ.get(SWITCH_VARIABLE, "").strip().lower()
    if given and given not in OFF | ON:
        raise DeclarationProblem(
            f"expected on or off, found {environ[SWITCH_VARIABLE]!r}",
            where=SWITCH_VARIABLE,
            hint="the folder of the cache is set with SETUPTOOLS_PYO3_CACHE_DIR, its size with SETUPTOOLS_PYO3_CACHE_SIZE",
        )
    return given in ON if given else declared


def limit(environ: Mapping[str, str]) -> int:
    """How many bytes the cache may hold: ``SETUPTOOLS_PYO3_CACHE_SIZE``, such as ``500M`` or ``1.5G``, in powers of 1024.

    Raises:
        DeclarationProblem: it is no size.
    """
    given = environ.get(SIZE_VARIABLE, "").strip()
    if not given:
        return DEFAULT_LIMIT
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?", given, re.IGNORECASE)
    if match is None:
        raise DeclarationProblem(f"expected a size, found {given!r}", where=SIZE_VARIABLE, hint="write it like 500M or 5G")
    return int(float(match[1]) * 1024 ** _UNITS[match[2].upper()])


def target_is_decided(
    environ: Mapping[str, str], build_tables: Iterable[Mapping[str, Any]], extensions: Sequence[RustExtension]
) -> bool:
    """Whether the user or the project has said where cargo's output goes.

    Args:
        environ: the environment.
        build_tables: the ``[build]`` tables of cargo's configuration.
        extensions: all that are built.
    """
    environments = [environ, *(extension.env for extension in extensions)]
    return (
        any(variables.get(name) for variables in environments for name in _TARGET_VARIABLES)
        or any(table.get(key) for table in build_tables for key in _TARGET_KEYS)
        or any(word.partition("=")[0] == "--target-dir" for extension in extensions for word in _words(extension))
    )


def config_options(extensions: Iterable[RustExtension]) -> Tuple[str, ...]:
    """The values of ``--config`` among the arguments that a project gives cargo: ``KEY=VALUE``, or a file."""
    found: List[str] = []
    for extension in extensions:
        words = iter(_words(extension))
        for word in words:
            name, equals, value = word.partition("=")
            if name == "--config":
                found.append(value if equals else next(words, ""))
    return tuple(dict.fromkeys(found))


def _words(extension: RustExtension) -> Sequence[str]:
    return (*extension.cargo_manifest_args, *extension.args)


def entry_name(project: str, provenance: str) -> str:
    """The name of the cached target folder for a project.

    Every project has its own. Those of several would hardly ever share a crate: the identity that cargo gives PyO3 holds the exact
    versions of all that it depends on, which the locks of two projects seldom agree in. But their builds would wait for each
    other, libraries of one name would meet, and none could be let go without the others.

    Args:
        project: its name.
        provenance: where the sources of its dependencies come from, as a text: what a vendored copy was compiled to has the
            name that cargo gives to the original.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", project.lower()).strip("-")[:40].rstrip("-")
    digest = hashlib.sha256(f"{project}\n{provenance}".encode("utf-8", "surrogateescape")).hexdigest()
    return f"{readable or 'project'}-{digest[:12]}"


def options(folder: str, sources: Mapping[str, str]) -> Tuple[str, ...]:
    """The options that have cargo build into a folder.

    Not CARGO_TARGET_DIR: a build script that runs cargo itself would wait for a lock that its own build holds.

    Args:
        folder: the target folder.
        sources: where vendored crates are to be taken from instead, by the names of their sources.
    """
    # A JSON string is one of TOML too.
    quoted = ((json.dumps(name, ensure_ascii=False), json.dumps(path, ensure_ascii=False)) for name, path in sources.items())
    return (f"--target-dir={folder}", *(f"--config=source.{name}.directory={path}" for name, path in quoted))


class Entry(NamedTuple):
    """A cached target folder.

    Args:
        name: of the folder.
        project: whose it is, "" where that isn't known.
        size: in bytes.
        used: when it was used last, in seconds since the epoch.
    """

    name: str
    project: str
    size: int
    used: float


def surplus(entries: Iterable[Entry], limit: int, now: float) -> Tuple[Entry, ...]:
    """What has to go: the entries that weren't used for long, and the least recently used ones above the limit.

    Args:
        entries: all there are.
        limit: bytes that may stay.
        now: seconds since the epoch.
    """
    going: List[Entry] = []
    total, full = 0, False
    for entry in sorted(entries, key=lambda entry: (-entry.used, entry.name)):
        # One that is too large by itself can never stay, and is no reason to let others go.
        if now - entry.used > UNUSED_SECONDS or entry.size > limit:
            going.append(entry)
            continue
        full = full or total + entry.size > limit
        if full:
            going.append(entry)
        else:
            total += entry.size
    return tuple(reversed(going))


def shown(size: int) -> str:
    """A size in bytes as people read it: ``70 MB``, in powers of 1024."""
    number, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.1f} {unit}" if number < 10 and unit != "B" else f"{number:.0f} {unit}"


def ago(seconds: float) -> str:
    """How long ago something was, in the largest unit that fits: ``3 days ago``."""
    for unit, length in (("day", 24 * 3600), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
