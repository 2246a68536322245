"""The data that audits judge by: auditwheel's policies and abi3info's list of the stable ABI. Both are in the extra ``audit``."""

from __future__ import annotations

import importlib.util
from typing import Any, Dict, Iterable, Mapping, NamedTuple, Sequence, Tuple

from ..errors import ToolchainProblem
from ..mind import audit
from ..mind.abi import Version
from ..mind.audit import Knowledge
from ..mind.native_file import MACHO, MUSL, PE, NativeFile
from ..mind.platform_policy import Policy
from ..mind.wheel_tag import PlatformTag

EXTRA = "setuptools-pyo3[audit]"


class StableAbi(NamedTuple):
    """The stable ABI.

    Args:
        symbols: its functions and data, and the Python that each came with.
        source: where that is from.
    """

    symbols: Mapping[str, Version]
    source: str


def is_installed(library: str) -> bool:
    """Whether a library is there, without importing it."""
    return importlib.util.find_spec(library) is not None


def demand(libraries: Iterable[str], purpose: str) -> None:
    """Make sure that libraries are there.

    Raises:
        ToolchainProblem: one isn't; it says what to install.
    """
    missing = sorted(library for library in set(libraries) if not is_installed(library))
    if missing:
        raise ToolchainProblem(
            f"{purpose} needs {', '.join(missing)}",
            why="audits are an extra, so that builds that don't ask for them install nothing more",
            hint=f'pip install "{EXTRA}"; for builds in isolation, write "{EXTRA}" in [build-system] requires',
        )


def knowledge(
    files: Sequence[NativeFile], tags: Sequence[PlatformTag], asked: Sequence[str] = (), *, limited: bool = False
) -> Knowledge:
    """All that it takes to audit these files.

    Args:
        files: a wheel's, or one alone.
        tags: the wheel's platform tags.
        asked: further names of platform tags.
        limited: the limited API is promised.

    Raises:
        ToolchainProblem: a library isn't there.
    """
    need = audit.need(files, tags, asked)
    demand(readers(files), "reading files for other systems")
    stable = stable_abi() if limited else StableAbi({}, "")
    found = {key: policies(key[1], key[0], need.musl) for key in need.keys}
    return Knowledge(found, stable.symbols, stable.source)


_READERS = {MACHO: "macholib", PE: "pefile"}


def readers(files: Iterable[NativeFile]) -> Tuple[str, ...]:
    """The libraries that reading these files takes."""
    return tuple(sorted({_READERS[file.format] for file in files if file.format in _READERS}))


def policies(libc: str, machine: str, musl: Sequence[str] = ()) -> Tuple[Policy, ...]:
    """The policies for a processor, beginning with the one that most systems fulfil.

    musl's version can't be read from a file: for it, they are those that are named, or else this machine's own, if it runs musl.

    Args:
        libc: ``GLIBC`` or ``MUSL``.
        machine: the processor as platform tags spell it.
        musl: names of policies (``musllinux_1_2``).

    Raises:
        ToolchainProblem: auditwheel isn't there.
    """
    demand(["auditwheel"], "judging by platform policies")
    from auditwheel.architecture import Architecture
    from auditwheel.libc import Libc
    from auditwheel.policy import WheelPolicies

    if machine not in {architecture.value for architecture in Architecture}:
        return ()
    processor = Architecture(machine)
    if libc != MUSL:
        return _values(WheelPolicies(libc=Libc.GLIBC, arch=processor))
    found: Dict[str, Policy] = {}
    for name in musl or _own_musl():
        try:
            found.update(
                (policy.name, policy) for policy in _values(WheelPolicies(libc=Libc.MUSL, arch=processor, musl_policy=name))
            )
        except (AssertionError, IndexError):
            # Its way of saying that there is no such policy.
            continue
    return tuple(found.values())


def _own_musl() -> Tuple[str, ...]:
    from auditwheel import error, libc

    # Renamed in auditwheel 6.5.
    base = getattr(error, "AuditwheelError", None) or error.AuditwheelException
    try:
        version = libc.Libc.MUSL.get_current_version()
    except base:
        return ()
    return (f"musllinux_{version.major}_{version.minor}",)


def _values(policies: Iterable[Any]) -> Tuple[Policy, ...]:
    """auditwheel's own values as ours, without "linux", which promises nothing."""
    highest_first = sorted(policies, key=lambda policy: -policy.priority)
    return tuple(
        Policy(policy.name, policy.aliases, policy.symbol_versions, policy.whitelist, policy.blacklist)
        for policy in highest_first
        if policy.priority
    )


def stable_abi() -> StableAbi:
    """The stable ABI, as far as abi3info knows it.

    Raises:
        ToolchainProblem: abi3info isn't there.
    """
    demand(["abi3info"], "looking for symbols beside the limited API")
    from importlib.metadata import version

    import abi3info

    known = {**abi3info.DATAS, **abi3info.FUNCTIONS}
    symbols = {symbol.name: (entry.added.major, entry.added.minor) for symbol, entry in known.items()}
    return StableAbi(symbols, f"abi3info {version('abi3info')}")
