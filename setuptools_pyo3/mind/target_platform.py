"""The platform of the Python that is built for, from which the wheel's platform tag is made."""

from __future__ import annotations

from typing import Tuple

from ..errors import ToolchainProblem
from . import evidence, platform_tags, sysconfigdata
from .description import Description
from .evidence import Evidence
from .target_sources import Said
from .target_triple import Named
from .triples import ANDROID, IOS, LINUX, MACOS, Triple

# Where the release that is built for is said; sysconfigdata has variables of the same names.
_RELEASES = {
    MACOS: ("MACOSX_DEPLOYMENT_TARGET",),
    IOS: ("IPHONEOS_DEPLOYMENT_TARGET",),
    ANDROID: ("ANDROID_API_LEVEL",),
}


def find(said: Said, named: Named, files: Tuple[Description, ...], *, fits: bool) -> str:
    """``sysconfig.get_platform()`` of the Python to build for.

    Args:
        said: all that is said.
        named: the triple.
        files: those that describe the Python, the one that is read first.
        fits: whether the live interpreter is the one to build for.

    Raises:
        ToolchainProblem: it holds a release that nothing tells.
    """
    triple = named.triple
    texts = [said.environ.get("_PYTHON_HOST_PLATFORM", ""), *(one.details.platform for one in files if one.details)]
    texts += [said.live.platform] if fits or triple is None else []
    texts += [text for text, _ in said.platforms]
    if triple is None:
        return next(text for text in texts if text)
    agreeing = [text for text in texts if text and not evidence.disagreement(evidence.of_platform(text, ""), _placed(triple))]
    said_release = _release(said, triple, files)
    if triple.system == MACOS:
        machine = "universal2" if named.slices else triple.machine
        return platform_tags.macos(machine, said_release, *map(_macos_release, agreeing))
    if triple.system == LINUX:
        # Rust's plain arm names no version of the architecture. armv8l, which a 64-bit kernel calls itself, is in nobody's tags.
        generic = triple.machine == "armv6l" and any(platform_tags.read(text).machine == "armv7l" for text in agreeing)
        return "linux-armv7l" if generic else platform_tags.of_triple(triple)
    platform = next(iter(agreeing), "") or platform_tags.of_triple(triple, release_said=said_release)
    if platform:
        return platform
    raise ToolchainProblem(
        f"the platform of a Python for {triple.text} holds the system's release, which nothing tells",
        where=triple.text,
        hint="set _PYTHON_HOST_PLATFORM to what sysconfig.get_platform() says there, "
        f"such as {triple.system}-14.1-{triple.machine}",
    )


def _placed(triple: Triple) -> Evidence:
    return evidence.of_triple(triple, "")._replace(libc="", pointer_width=0)


def _macos_release(platform: str) -> str:
    words = platform.replace("_", "-").split("-")
    return ".".join(words[1:3]) if len(words) > 3 and words[2].isdigit() else words[1]


def _release(said: Said, triple: Triple, files: Tuple[Description, ...]) -> str:
    """The release of the target's system that is said first."""
    names = _RELEASES.get(triple.system, ())
    found = [said.environ.get(name, "") for name in names]
    found += [sysconfigdata.text(one.variables, name) for one in files for name in names]
    if not names:
        # FreeBSD's HOST_GNU_TYPE ends in its release; there is no kernel's machine in that part.
        found += [_digits(sysconfigdata.text(one.variables, "HOST_GNU_TYPE"), triple.system) for one in files]
    return next((text for text in found if text and text != "0"), "")


def _digits(gnu_type: str, system: str) -> str:
    release = gnu_type.rpartition(system)[2]
    return f"{release}-RELEASE" if release[:1].isdigit() else ""
