"""The triple that is built for: named by somebody, implied by a platform that somebody names, or none in a native build."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple, Optional, Tuple

from . import evidence, platform_tags, sysconfigdata, triples
from .evidence import Evidence
from .target import architecture
from .target_sources import Said, archs, visual_studio
from .triples import IOS, LINUX, MACOS, WINDOWS, Triple

# No triple of Rust's: both processors of the Mac, as cargo-zigbuild calls them too.
UNIVERSAL2 = "universal2-apple-darwin"


class Named(NamedTuple):
    """The triple.

    Args:
        triple: None for cargo's own choice, which a native build leaves alone.
        source: who names or implies it.
        asked: what cargo has to be told, "" for nothing.
        slices: the triples of a universal2 build, else ().
    """

    triple: Optional[Triple] = None
    source: str = ""
    asked: str = ""
    slices: Tuple[str, ...] = ()


def find(said: Said) -> Named:
    """The triple of all that is said.

    Raises:
        DeclarationProblem: it is unknown.
    """
    if said.named is not None:
        text, source = said.named
        if text == UNIVERSAL2:
            return _universal2(("arm64", "x86_64"), source)
        # cargo's word for this machine.
        return Named() if text == "host-tuple" else Named(triples.parse(text, source), source, text if said.named_is_asked else "")
    if len(archs(said)) > 1:
        return _universal2(archs(said), "ARCHFLAGS")
    for says, machine, multiarch in _implying(said):
        if evidence.disagreement(says._replace(pointer_width=0), said.host) or not said.host.system:
            text = triples.implied(says.system, says.architecture, machine, multiarch, says.libc)
            if text:
                text = _with_toolchain(text, said)
                return Named(triples.parse(text, says.source), says.source, text)
    return Named()


def native(said: Said) -> Triple:
    """The triple of this machine, as the running Python knows it.

    Raises:
        DeclarationProblem: Python has no names for it.
    """
    running = said.running
    found = platform_tags.read(running.platform)
    known = architecture(found.machine, running.pointer_width)
    text = triples.implied(found.system, known, found.machine, _multiarch(running.ext_suffix), running.libc)
    return triples.parse(text, "the running Python's platform")


def _universal2(names: Iterable[str], source: str) -> Named:
    """A build for several processors of the Mac."""
    slices = sorted(triples.implied(MACOS, architecture(name, 64), name) or f"{name}-apple-darwin" for name in names)
    return Named(triples.parse(slices[0], source), source, slices=tuple(slices))


def _with_toolchain(text: str, said: Said) -> str:
    """On Windows, the triple of the toolchain that is used; both make modules for the same Python."""
    gnu = "windows-gnu" in said.environ.get("RUSTUP_TOOLCHAIN", "")
    return text.replace("-msvc", "-gnu") if gnu else text


def _implying(said: Said) -> Iterator[Tuple[Evidence, str, str]]:
    """Sources that name no triple but a platform, each with its processor and the end of its names, the first one to heed first."""
    for arch in archs(said):
        yield Evidence("ARCHFLAGS", MACOS, architecture(arch, 64)), arch, "darwin"
    multiarch = said.files[0].multiarch if said.files else _multiarch(said.live.ext_suffix)
    text = said.environ.get("_PYTHON_HOST_PLATFORM")
    if text:
        found = evidence.of_platform(text, "_PYTHON_HOST_PLATFORM")
        yield found, platform_tags.read(text).machine, multiarch if found.system in (LINUX, IOS) else ""
    machine = visual_studio(said)
    if machine:
        yield Evidence("VSCMD_ARG_TGT_ARCH", WINDOWS, architecture(machine, 0)), machine, ""
    live = evidence.of_interpreter(said.live, "the Python to build for")
    # A Python that runs here and isn't asked for is this machine's own; elsewhere it may run on another processor's emulation.
    if said.patched or said.live_is_asked or live.system in (MACOS, WINDOWS):
        machine = platform_tags.read(said.live.platform).machine
        yield live._replace(architecture=architecture(machine, said.live.pointer_width)), machine, multiarch


def _multiarch(suffix: str) -> str:
    return sysconfigdata.multiarch({"EXT_SUFFIX": suffix})
