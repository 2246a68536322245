"""The platform policies of Linux wheels: what a wheel with such a tag may take from the system, and what breaks that.

The policies themselves are auditwheel's data (https://peps.python.org/pep-0600/, https://peps.python.org/pep-0656/).
"""

from __future__ import annotations

import re
from typing import FrozenSet, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from .finding import Finding
from .native_file import ELF, GLIBC, MUSL, Import, NativeFile, contained
from .wheel_tag import MUSLLINUX


class Policy(NamedTuple):
    """What one platform tag promises.

    Args:
        name: the tag (``manylinux_2_17_x86_64``).
        aliases: older names of the same (``manylinux2014_x86_64``).
        versions: the symbol versions that every such system has, by their prefix (``GLIBC``: ``2.5``, ``2.17``, ...).
        libraries: those that every such system has.
        forbidden: symbols of them that are not to be used, by library; ``*`` for all.
    """

    name: str
    aliases: Tuple[str, ...]
    versions: Mapping[str, FrozenSet[str]]
    libraries: FrozenSet[str]
    forbidden: Mapping[str, FrozenSet[str]]

    @property
    def tag(self) -> str:
        """The platform part of a wheel's name; the older names are in it too, for installers that know no others."""
        return ".".join(sorted((self.name, *self.aliases)))

    @property
    def libc(self) -> str:
        """The libc that it is about."""
        return MUSL if self.name.startswith(MUSLLINUX) else GLIBC


def named(policies: Iterable[Policy], tag: str) -> Optional[Policy]:
    """The policy of a platform tag, new or old; None where there is none."""
    return next((policy for policy in policies if tag in (policy.name, *policy.aliases)), None)


def lowest(policies: Iterable[Policy], files: Sequence[NativeFile]) -> Optional[Policy]:
    """The policy that most systems fulfil, of those that the files keep to.

    Args:
        policies: beginning with the one that most systems fulfil.
        files: all native files of the wheel.
    """
    return next((policy for policy in policies if not violations(policy, files)), None)


def violations(policy: Policy, files: Sequence[NativeFile]) -> Tuple[Finding, ...]:
    """What keeps files from a policy: one finding for each file and rule, which names all that is to blame."""
    inside = contained(files)
    readable = (file for file in files if file.format == ELF and not file.fault)
    return tuple(finding for file in readable for finding in _violations(policy, file, inside))


def newer_than(glibc: Tuple[int, ...], tag: str, files: Iterable[NativeFile]) -> Tuple[Finding, ...]:
    """Files that need a newer glibc than a manylinux tag names, which is all that the tag itself says (PEP 600).

    Args:
        glibc: the version that the tag names.
        tag: for messages.
        files: all native files of the wheel.
    """
    found = []
    for file in files:
        newer = [one for one in file.imports if one.version.startswith("GLIBC_") and numbers(one.version) > glibc]
        found += [_too_new(newer, tag, file)] if newer else []
    return tuple(found)


def linked_to_libpython(file: NativeFile) -> Finding:
    """The finding for a file that needs a libpython, which manylinux systems need not have, and modules must not want."""
    why = "an extension module takes Python's symbols from the interpreter that loads it"
    module_hint = "look for PYO3_BUILD_EXTENSION_MODULE, PYO3_CONFIG_FILE or link arguments that the project sets itself"
    embeds = "no policy promises a libpython: programs that embed Python are for the machine they are built on"
    is_module = file.module is not None
    what = f"it is linked to {file.libpython}"
    return Finding("libpython", what, file.name, why=why if is_module else embeds, hint=module_hint if is_module else "")


def _violations(policy: Policy, file: NativeFile, inside: Sequence[str]) -> Iterator[Finding]:
    if file.libc and file.libc != policy.libc:
        what = f"it is linked to {file.libc}, but {policy.name} is for systems with {policy.libc}"
        yield Finding("libc", what, file.name, hint=f"build it for a target with {policy.libc}, or ask for another tag")
        return
    # The loader has versions of its own, which go with the libc's.
    unknown = [one for one in file.imports if not _is_loader(one.library) and not _is_promised(one.version, policy)]
    if unknown:
        yield _too_new(unknown, policy.name, file)
    if file.libpython:
        yield linked_to_libpython(file)
    foreign = [name for name in file.needed if not _is_there(name, policy) and name not in (*inside, file.libpython)]
    if foreign:
        yield Finding(
            "library",
            f"it is linked to {', '.join(foreign)}, which {policy.name} doesn't promise",
            file.name,
            hint="link it statically (many -sys crates have a feature `vendored` or `static`), or build with the platform tag "
            "`linux` and let `auditwheel repair` put the library into the wheel",
        )
    yield from _forbidden(policy, file)
    if file.isa:
        yield Finding(
            "isa",
            f"it is built for {'this very processor' if file.isa == 'native' else file.isa}, but {policy.name} promises any",
            file.name,
            hint="leave out `native` and -Ctarget-cpu, and have the code choose at run time (std::is_x86_feature_detected)",
        )


def _forbidden(policy: Policy, file: NativeFile) -> Iterator[Finding]:
    used = {one.name for one in file.imports if not one.weak}
    for library in sorted(set(file.needed) & set(policy.forbidden)):
        symbols = policy.forbidden[library]
        wrong = sorted(used & symbols)
        if wrong or "*" in symbols:
            names = ", ".join(wrong) or "any of its symbols"
            yield Finding("symbol", f"it uses {names} of {library}, which {policy.name} forbids", file.name)


def _too_new(imports: Iterable[Import], tag: str, file: NativeFile) -> Finding:
    newest_first = sorted(imports, key=lambda one: ([-number for number in numbers(one.version)], one.version, one.name))
    return Finding(
        "symbol-version",
        f"it needs {newest_first[0].version}, but {tag} promises nothing as new",
        file.name,
        why=", ".join(f"{one.name or one.library} needs {one.version}" for one in newest_first),
        hint="build in an image that is as old as the tag says, or link with zig (--zig), which knows every older glibc; or ask "
        "for the tag of a newer one",
    )


def _is_promised(version: str, policy: Policy) -> bool:
    prefix, _, number = version.partition("_")
    # Libraries whose versions the policy has no word on are judged by their names.
    return prefix not in policy.versions or number in policy.versions[prefix]


# musl's loader takes these names for itself, whatever stands behind the dot (load_library in ldso/dynlink.c).
_MUSL_ITSELF = re.compile(r"lib(?:c|pthread|rt|m|dl|util|xnet)\.")


def _is_there(library: str, policy: Policy) -> bool:
    if _is_loader(library) or library in policy.libraries:
        return True
    return policy.libc == MUSL and _MUSL_ITSELF.match(library) is not None


def _is_loader(library: str) -> bool:
    return library.startswith(("ld-linux", "ld-musl-", "ld64.so"))


def numbers(version: str) -> Tuple[int, ...]:
    """``(2, 34)`` for ``GLIBC_2.34``; () for a version that is no number."""
    match = re.search(r"_(\d+(?:\.\d+)*)$", version)
    return tuple(int(number) for number in match[1].split(".")) if match else ()
