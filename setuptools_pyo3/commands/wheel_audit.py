"""Holding a wheel against its tag before it is written, and giving it the platform tag that was asked for."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Sequence, Tuple

from ..declaration.extension import RustExtension
from ..declaration.names import PLATFORM_TAG_VARIABLE
from ..errors import ArtifactProblem, DeclarationProblem, raise_all
from ..hands import audit_data, wheel_file
from ..mind import audit, limited_symbols, platform_policy, platform_request, wheel_tag, wheel_truth
from ..mind.finding import Finding, errors
from ..mind.native_file import GLIBC, MUSL, NativeFile
from ..mind.wheel_tag import LINUX, MANYLINUX
from . import session as sessions
from . import targets

Tag = Tuple[str, str, str]


def asked(command: Any) -> Tuple[str, ...]:
    """The platform tags of Linux that are asked for: by option, variable, or project, in this order.

    A whole tag (``--plat-name``) goes before the last two.

    Args:
        command: bdist_wheel, finalized.

    Raises:
        DeclarationProblem: one can't be such a tag, or two ways of asking contradict each other.
    """
    whole = targets.names_platform(command.distribution)
    if command.platform_tag and whole:
        raise DeclarationProblem(
            "--platform-tag and --plat-name are both given",
            where="bdist_wheel",
            why="the first one has the files decide on the tag, the second one decides on it",
            hint="leave one of them out",
        )
    if command.platform_tag:
        return platform_request.names(command.platform_tag, "--platform-tag")
    if whole:
        return ()
    by_variable = platform_request.names(os.environ.get(PLATFORM_TAG_VARIABLE, ""), PLATFORM_TAG_VARIABLE)
    return by_variable or _by_project(sessions.of(command.distribution))


def _by_project(session: sessions.Session) -> Tuple[str, ...]:
    """What the project asks for. Its ``auto`` stops nobody who builds it without the extra, as distributions do."""
    names = platform_request.of_project(session.settings.get("platform_tag"))
    if names != (platform_request.AUTO,) or audit_data.is_installed("auditwheel") or not _is_for_linux(session):
        return names
    session.tell(f"platform-tag = auto gives `linux`, because auditwheel isn't installed; the extra {audit_data.EXTRA} brings it")
    return ()


def _is_for_linux(session: sessions.Session) -> bool:
    return session.interpreter(os.environ).platform.startswith("linux-")


def prepare(command: Any) -> None:
    """Find out before a long build that what is asked for can't be judged.

    Raises:
        Problem: auditwheel isn't there, or knows no such policy, or all that is asked for is for other systems.
    """
    names = asked(command)
    session = sessions.of(command.distribution)
    if not names or not session.extensions or not platform_request.needs_policies(names):
        return
    if not _is_for_linux(session):
        return
    target = session.interpreter(os.environ)
    audit_data.demand(["auditwheel"], "a platform tag")
    machine = target.platform.rpartition("-")[2]
    base = platform_request.fitting(names, MUSL if target.libc == MUSL else GLIBC, machine)
    if base not in (LINUX, platform_request.AUTO):
        policies = audit_data.policies(audit.libc_of_name(base), machine, [base])
        if platform_policy.named(policies, f"{base}_{machine}") is None:
            raise platform_request.unknown(base, machine, policies)


def judged(command: Any, tag: Tag, *, own_platform: bool) -> Tag:
    """The tag with the platform part that was asked for, once the wheel's tree has been held against it.

    Args:
        command: bdist_wheel, whose tree is complete.
        tag: as it would be without us.
        own_platform: whether a project's own ``get_tag`` has decided on the platform. It does so for everybody who installs from
            source, where the wheel serves; so a system that is older than the files' is told, and no error.

    Raises:
        Problem: the files don't keep what the tag promises; everything that is wrong is told at once.
    """
    names = () if own_platform and not command.platform_tag else asked(command)
    files, built = _files(command)
    said = wheel_tag.parse(tag[2].partition(".")[0])
    libc = platform_request.libc(files)
    judges = platform_request.needs_policies(names) and said.system in wheel_tag.LINUXES
    policies = audit_data.policies(libc, said.machine, audit.need(files, (), names).musl) if judges else ()
    decision = platform_request.decide(names, said, files, policies)
    platform = decision.tag if names else tag[2]
    wheel = wheel_truth.Wheel("the wheel", wheel_tag.tags(tag[0], tag[1], platform), (), False, files, built)
    found = _broken(wheel)
    too_old = [one for one in found if one.rule in _AGE]
    _refuse([*decision.findings, *(one for one in found if one.rule in _LIES), *(() if own_platform else too_old)])
    notices = [f"the project's own tag says too much: {one.where}: {one.what}" for one in too_old] if own_platform else []
    for notice in filter(None, [decision.notice, *notices]):
        sessions.of(command.distribution).tell(notice)
    return tag[0], tag[1], platform


# What the tag is wrong about. The rest, such as libraries that other machines don't have, is left to repair and audit.
_LIES = ("platform", "format", "architecture", "libc", "init-symbol", "python", "suffix", "not-limited", "newer-limited")
_AGE = ("symbol-version", "macos-version")


def _broken(wheel: wheel_truth.Wheel) -> List[Finding]:
    """What can be told without policies."""
    found = list(wheel_truth.findings(wheel))
    for tag in wheel.tags.platform:
        if tag.system == MANYLINUX:
            found += platform_policy.newer_than(tag.version, tag.text, wheel.files)
    limited = audit.limited_api(wheel.tags.python, wheel.tags.abi)
    if limited is not None and audit_data.is_installed("abi3info"):
        stable = audit_data.stable_abi()
        found += limited_symbols.findings(limited, stable.symbols, stable.source, wheel.files)
    return found


def _refuse(findings: Sequence[Finding]) -> None:
    # By the first word on each: a policy says more of a symbol that is too new than its tag does.
    unique: Dict[Tuple[str, str], Finding] = {}
    for finding in errors(findings):
        unique.setdefault((finding.rule, finding.where), finding)
    raise_all(ArtifactProblem(one.what, where=one.where, why=one.why, hint=one.hint) for one in unique.values())


def _files(command: Any) -> Tuple[Tuple[NativeFile, ...], Tuple[str, ...]]:
    """The native files in the wheel's tree, and the names of those that we have built.

    rustc leaves no note in files that it made for one processor, so that we do.
    """
    isas: Dict[str, str] = {}
    for ext, outcome in sessions.of(command.distribution).outcomes.items():
        isas.update((os.path.basename(path), _isa(ext)) for path in outcome.files)
    found, built = [], []
    for file in wheel_file.in_folder(command.bdist_dir):
        name = os.path.basename(file.name)
        found.append(file._replace(isa=isas.get(name) or file.isa))
        built += [file.name] if name in isas else []
    return tuple(found), tuple(built)


def _isa(ext: RustExtension) -> str:
    """The processor that an extension is built for beyond the ordinary one, as far as settings and environment say."""
    if ext.native:
        return "native"
    names = ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS")
    by_environment = [(ext.env or {}).get(name, os.environ.get(name)) or "" for name in names]
    return platform_request.isa_of_flags(" ".join([*by_environment, *(ext.rustc_flags or ()), *(ext.args or ())]))
