"""Which platform tag a wheel is to have, as projects and users ask for it, and what that means for one build."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Sequence, Tuple

from ..declaration.names import PLATFORM_TAG_FORMS, platform_tag_parts
from ..errors import DeclarationProblem, Problem
from .finding import Finding
from .native_file import GLIBC, MUSL, NativeFile
from .platform_policy import Policy, lowest, named, violations
from .wheel_tag import LINUX, LINUXES, MUSLLINUX, PlatformTag

AUTO = "auto"


def names(text: str, where: str) -> Tuple[str, ...]:
    """The names in one text, between commas or spaces.

    Args:
        text: such as ``manylinux_2_28, musllinux_1_2``.
        where: for messages.

    Raises:
        DeclarationProblem: one can't be the name of a platform tag.
    """
    found = tuple(name for name in re.split(r"[,\s]+", text) if name)
    for name in found:
        if platform_tag_parts(name) is None:
            raise DeclarationProblem(f"there is no platform tag {name!r} of Linux", where=where, hint=PLATFORM_TAG_FORMS)
    return found


def parts(name: str) -> Tuple[str, str]:
    """A name without the processor, and the processor, "" where none is named."""
    return platform_tag_parts(name) or (name, "")


def needs_policies(asked: Sequence[str]) -> bool:
    """Whether what was asked for can be judged by policies only."""
    return any(parts(name)[0] != LINUX for name in asked)


def libc(files: Sequence[NativeFile]) -> str:
    """The libc that a wheel's files are for."""
    return MUSL if any(file.libc == MUSL for file in files) else GLIBC


class Decision(NamedTuple):
    """What becomes of the platform part of a wheel's tag.

    Args:
        tag: the platform part.
        findings: what the files have against it.
        notice: what the user should be told, "" for nothing.
    """

    tag: str
    findings: Tuple[Finding, ...] = ()
    notice: str = ""


def decide(asked: Sequence[str], said: PlatformTag, files: Sequence[NativeFile], policies: Sequence[Policy]) -> Decision:
    """The platform part that was asked for, and what the files have against it.

    Names for the other libc are passed over, and outside Linux all are: one project may be built for many platforms.

    Args:
        asked: names such as ``auto``, ``linux``, ``manylinux_2_28``.
        said: what setuptools says.
        files: all native files of the wheel.
        policies: those for the files' libc and the tag's processor, beginning with the one that most systems fulfil.

    Raises:
        DeclarationProblem: no name fits what was built, or there is no such policy.
    """
    if said.system not in LINUXES or not asked:
        return Decision(said.text)
    name = fitting(asked, libc(files), said.machine)
    if name == LINUX:
        return Decision(f"{LINUX}_{said.machine}")
    if name == AUTO:
        return _auto(f"{LINUX}_{said.machine}", files, policies)
    policy = named(policies, f"{name}_{said.machine}")
    if policy is None:
        raise unknown(name, said.machine, policies)
    return Decision(policy.tag, _with_way_out(violations(policy, files), lowest(policies, files)))


def _with_way_out(findings: Sequence[Finding], other: Optional[Policy]) -> Tuple[Finding, ...]:
    """Findings whose hints name the tag that the files do keep to, where there is one."""
    said = f" ({other.name} is what the files keep to)" if other is not None else ""
    return tuple(finding._replace(hint=f"{finding.hint}{said}") if finding.hint else finding for finding in findings)


def unknown(name: str, machine: str, policies: Sequence[Policy]) -> Problem:
    """The problem with a name that no policy has."""
    known: List[str] = [one[: -len(machine) - 1] for policy in policies for one in (policy.name, *policy.aliases)]
    return DeclarationProblem(
        f"auditwheel knows no policy {name} for {machine}",
        where="platform-tag",
        hint=f"known are {', '.join(known)}" if known else "leave platform-tag out, or set it to `linux`",
    )


def fitting(asked: Sequence[str], wanted: str, machine: str) -> str:
    """The name, without the processor, that is for a libc and a processor.

    Args:
        asked: names such as ``manylinux_2_28``.
        wanted: ``GLIBC`` or ``MUSL``.
        machine: the processor as platform tags spell it.

    Raises:
        DeclarationProblem: there is none.
    """
    for name in asked:
        base, processor = parts(name)
        if processor in ("", machine) and (base in (AUTO, LINUX) or base.startswith(MUSLLINUX) == (wanted == MUSL)):
            return base
    raise DeclarationProblem(
        f"no platform tag that is asked for fits what is built: {', '.join(asked)}",
        where="platform-tag",
        why=f"that is for {machine} and {wanted}",
        hint="name a tag for that too (platform-tag takes a list), or `auto`",
    )


def _auto(plain: str, files: Sequence[NativeFile], policies: Sequence[Policy]) -> Decision:
    policy = lowest(policies, files)
    if policy is not None:
        return Decision(policy.tag)
    said = f"the wheel is tagged {plain}, which PyPI refuses"
    if policies:
        # Those that even the newest system doesn't promise.
        reasons = [f"  {finding.where}: {finding.what}" for finding in violations(policies[-1], files)]
        return Decision(plain, notice="\n".join([f"{said}, because it keeps to no policy:", *reasons]))
    return Decision(plain, notice=f"{said}: {why_no_policies(files)}")


def why_no_policies(files: Sequence[NativeFile]) -> str:
    """Why there is nothing that files could be held against."""
    if libc(files) == MUSL:
        return "no file says which musl it needs, and this machine runs another libc; name a tag, for example musllinux_1_2"
    return "there are no policies for this processor"


def of_project(value: object) -> Tuple[str, ...]:
    """The names in the project's own setting, which has been checked: one, several, or none."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, tuple)) else ()


_CPU = re.compile(r"target-cpu=([\w.-]+)")
_ANY_CPU = frozenset({"generic", "x86-64", "pentium4", "i686"})


def isa_of_flags(flags: str) -> str:
    """The processor that rustc's flags ask for beyond the ordinary one, "" for none: rustc leaves no note of it in the file."""
    found: List[str] = _CPU.findall(flags)
    return found[-1] if found and found[-1] not in _ANY_CPU else ""
