"""The audit of a whole wheel, or of a native file alone: everything that is to be said about it."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import abi, limited_symbols, platform_policy, platform_request, wheel_truth
from .abi import Abi, Version
from .finding import NOTE, Finding, errors
from .native_file import ELF, GLIBC, MUSL, NativeFile
from .platform_policy import Policy
from .wheel_tag import LINUX, MACOS, MANYLINUX, MUSLLINUX, PlatformTag, WheelTags
from .wheel_truth import Wheel


class Knowledge(NamedTuple):
    """What files are judged by.

    Args:
        policies: by processor, as platform tags spell it, and libc; each beginning with the one that most systems fulfil.
        stable: the symbols of the stable ABI and the Python that each came with.
        stable_source: where that is from.
    """

    policies: Mapping[Tuple[str, str], Sequence[Policy]]
    stable: Mapping[str, Version]
    stable_source: str


class Report(NamedTuple):
    """What an audit says.

    Args:
        name: of the wheel or file.
        tags: the wheel's, "" for a file alone.
        files: the native files that were read.
        keeps_to: the platform tag of Linux that all files keep to and that most systems fulfil, "" for none.
        findings: in the order they were looked for.
    """

    name: str
    tags: str
    files: Tuple[NativeFile, ...]
    keeps_to: str
    findings: Tuple[Finding, ...]

    @property
    def errors(self) -> Tuple[Finding, ...]:
        """The findings that break a promise."""
        return errors(self.findings)


def limited_api(python: Sequence[str], abis: Sequence[str]) -> Optional[Abi]:
    """The limited API that a tag promises, with its oldest Python; None where it promises none."""
    minima = [version for version in map(abi.parse_python_tag, python) if version is not None]
    kind = abi.ABI3T if abi.ABI3T in abis else abi.ABI3 if abi.ABI3 in abis else ""
    return Abi(kind, min(minima)) if kind and minima else None


def of_wheel(wheel: Wheel, known: Knowledge, asked: Sequence[str] = ()) -> Report:
    """Audit a wheel.

    Args:
        wheel: what was read.
        known: what to judge by.
        asked: platform tags that its files are to keep to, whatever the wheel's own is.
    """
    limited = limited_api(wheel.tags.python, wheel.tags.abi)
    keeps_to = _keeps_to(wheel.files, known)
    found = [
        *wheel_truth.findings(wheel),
        *(finding for tag in wheel.tags.platform for finding in _promise(tag, wheel.files, known)),
        *(finding for name in asked for finding in _asked(name, wheel, known)),
        *(_purity(limited, wheel.files, known) if limited else ()),
        *_upload(wheel, keeps_to),
    ]
    return Report(wheel.name, str(wheel.tags), wheel.files, keeps_to, tuple(dict.fromkeys(found)))


def of_file(file: NativeFile, known: Knowledge, asked: Sequence[str] = ()) -> Report:
    """Audit a native file that isn't in a wheel; there is no tag to hold it against, but its name says something too."""
    alone = Wheel(file.name, WheelTags((), (), ()), (), False, (file,))
    module = file.module
    limited = Abi(module.limited) if module and module.limited else None
    found = [
        *wheel_truth.findings(alone),
        *(finding for name in asked for finding in _asked(name, alone, known)),
        *(_purity(limited, (file,), known) if limited else ()),
    ]
    return Report(file.name, "", (file,), _keeps_to((file,), known), tuple(dict.fromkeys(found)))


class Need(NamedTuple):
    """Which policies an audit takes.

    Args:
        keys: processor and libc of each list of policies.
        musl: the names of policies for musl, whose version no file says.
    """

    keys: Tuple[Tuple[str, str], ...]
    musl: Tuple[str, ...]


def need(files: Sequence[NativeFile], tags: Sequence[PlatformTag], asked: Sequence[str] = ()) -> Need:
    """Which policies it takes to audit these files under these tags and names."""
    machines = {file.machine for file in files if file.machine}
    libcs = {platform_request.libc(files), *(libc_of_name(name) for name in asked)}
    promised = {(tag.machine, libc_of_name(tag.system)) for tag in tags if tag.system in (MANYLINUX, MUSLLINUX)}
    keys = {(machine, libc) for machine in machines for libc in libcs} | (promised if machines else set())
    by_tags = [f"{tag.system}_{tag.version[0]}_{tag.version[1]}" for tag in tags if tag.system == MUSLLINUX]
    musl = {"_".join(name.split("_")[:3]) for name in (*by_tags, *asked) if name.startswith(MUSLLINUX)}
    return Need(tuple(sorted(keys)), tuple(sorted(musl)))


def libc_of_name(name: str) -> str:
    """The libc that a platform tag is about."""
    return MUSL if name.startswith(MUSLLINUX) else GLIBC


def _promise(tag: PlatformTag, files: Sequence[NativeFile], known: Knowledge) -> Iterator[Finding]:
    """What a wheel's own platform tag promises, and its files don't keep."""
    if tag.system not in (MANYLINUX, MUSLLINUX) or not files:
        return
    policy = platform_policy.named(known.policies.get((tag.machine, libc_of_name(tag.system)), ()), tag.text)
    if policy is not None:
        yield from platform_policy.violations(policy, files)
    elif tag.system == MANYLINUX:
        yield from platform_policy.newer_than(tag.version, tag.text, files)
    if policy is None and tag.system == MANYLINUX and any(file.machine for file in files):
        yield Finding("policy", "there is no policy of this name, so that only glibc's version was looked at", tag.text, level=NOTE)
    if tag.system == MUSLLINUX:
        yield _musl_version(tag.text)


def _musl_version(where: str) -> Finding:
    return Finding("musl-version", "no file says which version of musl it needs: the tag is taken at its word", where, level=NOTE)


def _asked(name: str, wheel: Wheel, known: Knowledge) -> Iterator[Finding]:
    """What files don't keep of a tag that the wheel need not bear."""
    base, machine = platform_request.parts(name)
    machines = sorted({file.machine for file in wheel.files if file.machine and machine in ("", file.machine)})
    if base == LINUX:
        return
    if base == platform_request.AUTO:
        if machines and not _keeps_to(wheel.files, known):
            yield Finding("policy", "its files keep to no policy", wheel.name, why=_reasons(wheel.files, known))
        return
    if machine and not machines and wheel.files:
        yield Finding("architecture", f"none of its files is built for {machine}", wheel.name)
    for one in machines:
        policies = known.policies.get((one, libc_of_name(base)), ())
        policy = platform_policy.named(policies, f"{base}_{one}")
        if policy is None:
            yield Finding("policy", f"auditwheel knows no policy {base} for {one}", wheel.name)
        else:
            yield from platform_policy.violations(policy, wheel.files)


def _reasons(files: Sequence[NativeFile], known: Knowledge) -> str:
    policies = _policies(files, known)
    if not policies:
        return platform_request.why_no_policies(files)
    found = platform_policy.violations(policies[-1], files)
    return "; ".join(f"{finding.where}: {finding.what}" for finding in found)


def _policies(files: Sequence[NativeFile], known: Knowledge) -> Sequence[Policy]:
    """The policies that may hold for all files: there are none for files of several processors, or of one without any tag."""
    machines = {file.machine for file in files if file.format == ELF}
    return known.policies.get((machines.pop(), platform_request.libc(files)), ()) if len(machines) == 1 else ()


def _keeps_to(files: Sequence[NativeFile], known: Knowledge) -> str:
    policy = platform_policy.lowest(_policies(files, known), files)
    return policy.name if policy else ""


def _purity(limited: Abi, files: Sequence[NativeFile], known: Knowledge) -> Tuple[Finding, ...]:
    return limited_symbols.findings(limited, known.stable, known.stable_source, files)


# Those of Linux that PyPI takes all the same, for want of a policy in time (https://github.com/pypi/warehouse).
_UPLOADED = ("linux_armv6l", "linux_armv7l")


def _upload(wheel: Wheel, keeps_to: str) -> Iterator[Finding]:
    """What an index has against a wheel that tells the truth."""
    for tag in wheel.tags.platform:
        if tag.system == LINUX and tag.text not in _UPLOADED:
            what = f"it is unfit for upload: PyPI refuses {tag.text}, which says nothing of the systems that it runs on"
            hint = f'build it with platform-tag = "auto": its files keep to {keeps_to}' if keeps_to else ""
            yield Finding("upload", what, wheel.name, hint=hint, level=NOTE)
        if tag.system == MACOS and tag.version[0] >= 11 and tag.version[1]:
            # https://packaging.pypa.io/en/stable/tags.html#packaging.tags.mac_platforms
            instead = f"macosx_{tag.version[0]}_0_{tag.machine}"
            yield Finding(
                "macos-version", f"no installer takes {tag.text}: since macOS 11 they look for {instead} only", wheel.name
            )


# -- for reading


def as_json(report: Report) -> Dict[str, Any]:
    """The report as plain data.

    ``keeps_to`` is null where no policy holds, ``ok`` is whether there are no errors.
    """
    return {
        "name": report.name,
        "tags": report.tags or None,
        "keeps_to": report.keeps_to or None,
        "ok": not report.errors,
        "files": [_file_as_json(file) for file in report.files],
        "findings": [finding._asdict() for finding in report.findings],
    }


def _file_as_json(file: NativeFile) -> Dict[str, Any]:
    return {
        "name": file.name,
        "format": file.format,
        "architectures": list(file.architectures),
        "needed": list(file.needed),
        "newest_versions": newest_versions(file),
        "isa": file.isa or None,
        "minimum_macos": {name: f"{version[0]}.{version[1]}" for name, version in file.minimum_os},
    }


def newest_versions(file: NativeFile) -> Dict[str, str]:
    """The newest symbol version that a file needs, by its prefix: ``{"GLIBC": "2.34"}``."""
    found: Dict[str, Tuple[int, ...]] = {}
    for one in file.imports:
        prefix, _, _ = one.version.partition("_")
        found[prefix] = max(found.get(prefix, ()), platform_policy.numbers(one.version))
    return {prefix: ".".join(map(str, version)) for prefix, version in sorted(found.items()) if version}


def as_text(report: Report) -> str:
    """The report for people."""
    lines: List[str] = [report.name]
    for file in report.files:
        lines.append(f"  {file.name}: {_described(file)}")
    if report.keeps_to:
        lines.append(f"  keeps to {report.keeps_to}")
    for finding in report.findings:
        lines += [f"  {line}" for line in str(finding).splitlines()]
    if not report.files:
        lines.append("  has no native files")
    return "\n".join(lines)


def _described(file: NativeFile) -> str:
    versions = ", ".join(f"{prefix} {version}" for prefix, version in newest_versions(file).items())
    parts = [f"{file.format or 'no native file'} {'+'.join(file.architectures)}".strip()]
    parts += [f"macOS {version[0]}.{version[1]} ({name})" for name, version in file.minimum_os]
    parts += [f"needs {versions}"] if versions else []
    parts += [f"linked to {', '.join(file.needed)}"] if file.needed else []
    return "; ".join(parts)
