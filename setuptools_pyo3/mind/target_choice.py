"""Choosing what is built for: every source says what it knows, contradictions are errors, and the first that knows enough decides.

A target's Python is known from a live interpreter that fits, from a file by which it describes itself, or else from a table of the
names that such Pythons have.
"""

from __future__ import annotations

from typing import Iterator, Mapping, NamedTuple, Optional, Tuple

from ..errors import ToolchainProblem
from . import evidence, platform_tags, sysconfigdata, target_python, triples
from .description import Description, choose
from .evidence import Evidence
from .interpreter import Interpreter, dotted_version
from .target import Target, TargetFacts, architecture
from .triples import ANDROID, IOS, LINUX, MACOS, WINDOWS, Triple


class Said(NamedTuple):
    """All that was found, as values.

    Args:
        environ: the environment.
        live: the interpreter that runs the build, or the one that ``PYO3_PYTHON`` names.
        running: the interpreter that runs the build.
        host: what cargo builds for where nobody names a target; empty where it can't be known.
        live_is_asked: whether ``PYO3_PYTHON`` names the live one.
        patched: the running interpreter describes another one's platform as its own.
        named: the triple that somebody names and where, None for nobody.
        named_is_asked: whether cargo has to be told of it.
        platforms: platforms that options name, each with its source.
        files: the files that may describe the target's Python.
        lib_dir: ``PYO3_CROSS_LIB_DIR``.
    """

    environ: Mapping[str, str]
    live: Interpreter
    running: Interpreter
    host: Evidence
    live_is_asked: bool = False
    patched: bool = False
    named: Optional[Tuple[str, str]] = None
    named_is_asked: bool = False
    platforms: Tuple[Tuple[str, str], ...] = ()
    files: Tuple[Description, ...] = ()
    lib_dir: str = ""


class Choice(NamedTuple):
    """What was chosen.

    Args:
        facts: the facts; libpython's folder is a live interpreter's own or "".
        description: the file that they come from, None for another source.
    """

    facts: TargetFacts
    description: Optional[Description]


def choose_target(said: Said) -> Choice:
    """Decide.

    Raises:
        ToolchainProblem: sources contradict each other, or nothing tells what has to be known.
        DeclarationProblem: a triple is unknown.
    """
    archs = _archs(said)
    triple, source, asked = _triple(said, archs)
    where = evidence.of_triple(triple, source) if triple else said.host
    stated = [where, *_stated(said, archs)]
    files = choose(said.files, stated, said.environ.get("_PYTHON_SYSCONFIGDATA_NAME", "")) if said.files else ()
    if triple is None:
        _check_named(files, where)
    everything = [*stated, *(one.says for one in files)]
    live = evidence.of_interpreter(said.live, "PYO3_PYTHON" if said.live_is_asked else "the running Python")
    on_target = not evidence.disagreement(live._replace(implementation="", version=None, free_threaded=None), where)
    # Cross builds often name the Python that runs build scripts; one that could be the target's is meant to be it.
    evidence.check([*everything, *([live] if said.live_is_asked and on_target else [])])
    fits = not any(evidence.disagreement(live, other) for other in everything)
    return _made(said, triple, source, asked, archs, files, fits=fits)


def _check_named(files: Tuple[Description, ...], host: Evidence) -> None:
    """A target that only a Python's files know of has to be named for cargo too.

    Raises:
        ToolchainProblem: it isn't.
    """
    for one in files:
        if evidence.disagreement(host, one.says):
            triple = triples.implied(one.says.system, one.says.architecture, "", one.multiarch)
            raise ToolchainProblem(
                "the Python to build for runs on another platform than the one cargo builds for",
                where=one.path,
                why=f"it is for {one.multiarch or one.says.system}, and nothing names a target, so cargo builds for this machine",
                hint=f"set CARGO_BUILD_TARGET{f'={triple}' if triple else ''}",
            )


def _archs(said: Said) -> Tuple[str, ...]:
    """The processors that ``ARCHFLAGS`` names, which means something for macOS only."""
    words = said.environ.get("ARCHFLAGS", "").split()
    named = tuple(dict.fromkeys(second for first, second in zip(words, words[1:]) if first == "-arch"))
    return named if platform_tags.read(said.live.platform).system == MACOS else ()


def _stated(said: Said, archs: Tuple[str, ...]) -> Iterator[Evidence]:
    """What variables and options say."""
    environ = said.environ
    for text, source in said.platforms:
        yield evidence.of_platform(text, source)
    if environ.get("_PYTHON_HOST_PLATFORM"):
        yield evidence.of_platform(environ["_PYTHON_HOST_PLATFORM"], "_PYTHON_HOST_PLATFORM")
    if len(archs) == 1:
        yield Evidence("ARCHFLAGS", MACOS, architecture(archs[0], 64))
    if _visual_studio(said):
        yield Evidence("VSCMD_ARG_TGT_ARCH", WINDOWS, architecture(_visual_studio(said), 0))
    if environ.get("PYO3_CROSS_PYTHON_VERSION"):
        yield evidence.of_version(environ["PYO3_CROSS_PYTHON_VERSION"], "PYO3_CROSS_PYTHON_VERSION")
    if environ.get("PYO3_CROSS_PYTHON_IMPLEMENTATION"):
        yield evidence.of_implementation(environ["PYO3_CROSS_PYTHON_IMPLEMENTATION"], "PYO3_CROSS_PYTHON_IMPLEMENTATION")


def _visual_studio(said: Said) -> str:
    """The machine that Visual Studio's environment is set up for; "" elsewhere than on Windows."""
    machines = {"x86": "win32", "x64": "amd64", "arm64": "arm64"}
    windows = platform_tags.read(said.running.platform).system == WINDOWS
    return machines.get(said.environ.get("VSCMD_ARG_TGT_ARCH", ""), "") if windows else ""


def _triple(said: Said, archs: Tuple[str, ...]) -> Tuple[Optional[Triple], str, bool]:
    """The triple, who names it, and whether cargo has to be told; None for a native build."""
    if said.named is not None:
        text, source = said.named
        return (None, source, False) if text == "host-tuple" else (triples.parse(text, source), source, said.named_is_asked)
    if len(archs) > 1:
        return triples.parse(_slices(archs)[0]), "ARCHFLAGS", True
    for says, machine, multiarch in _implying(said, archs):
        if evidence.disagreement(says._replace(pointer_width=0), said.host) or said.patched:
            text = triples.implied(says.system, says.architecture, machine, multiarch, says.libc)
            if text:
                return triples.parse(_with_toolchain(text, said), says.source), says.source, True
    return None, "", False


def _with_toolchain(text: str, said: Said) -> str:
    """On Windows, the triple of the toolchain that is used; both make modules for the same Python."""
    gnu = "windows-gnu" in said.environ.get("RUSTUP_TOOLCHAIN", "")
    return text.replace("-msvc", "-gnu") if gnu else text


def _implying(said: Said, archs: Tuple[str, ...]) -> Iterator[Tuple[Evidence, str, str]]:
    """Sources that name no triple but a platform, each with its processor and the end of its names, the first one to heed first."""
    if archs:
        yield Evidence("ARCHFLAGS", MACOS, architecture(archs[0], 64)), archs[0], "darwin"
    multiarch = said.files[0].multiarch if said.files else sysconfigdata.multiarch({"EXT_SUFFIX": said.live.ext_suffix})
    text = said.environ.get("_PYTHON_HOST_PLATFORM")
    if text:
        found = evidence.of_platform(text, "_PYTHON_HOST_PLATFORM")
        yield found, platform_tags.read(text).machine, multiarch if found.system in (LINUX, IOS) else ""
    if _visual_studio(said):
        yield Evidence("VSCMD_ARG_TGT_ARCH", WINDOWS, architecture(_visual_studio(said), 0)), _visual_studio(said), ""
    live = evidence.of_interpreter(said.live, "the Python to build for")
    if said.patched or said.live_is_asked or live.system in (MACOS, WINDOWS):
        machine = platform_tags.read(said.live.platform).machine
        yield live._replace(architecture=architecture(machine, said.live.pointer_width)), machine, multiarch


def _made(
    said: Said,
    triple: Optional[Triple],
    source: str,
    asked: bool,
    archs: Tuple[str, ...],
    files: Tuple[Description, ...],
    *,
    fits: bool,
) -> Choice:
    slices = _slices(archs) if len(archs) > 1 and said.named is None else ()
    platform = _platform(said, triple, files, slices, fits=fits)
    interpreter, how = _interpreter(said, triple, platform, files, fits=fits)
    crossed = not fits or said.patched or platform != said.running.platform
    target = Target(
        triple=triple.text if triple else "",
        platform=platform,
        pointer_width=interpreter.pointer_width,
        asked=asked and not slices,
        slices=slices,
        crossed=crossed,
    )
    named = f"{' and '.join(slices) or target.triple} (named by {source}) and " if triple else ""
    notices = (f"building for {named}{interpreter.described}, {how}",) if crossed else ()
    build_python = interpreter.executable or said.running.executable
    return Choice(TargetFacts(interpreter, target, build_python, notices), files[0] if files else None)


def _slices(archs: Tuple[str, ...]) -> Tuple[str, ...]:
    """The triples of a universal2 build."""
    return tuple(sorted(triples.implied(MACOS, architecture(arch, 64), arch) for arch in archs))


def _native_triple(said: Said) -> str:
    running = said.running
    found = platform_tags.read(running.platform)
    multiarch = sysconfigdata.multiarch({"EXT_SUFFIX": running.ext_suffix})
    return triples.implied(found.system, architecture(found.machine, running.pointer_width), found.machine, multiarch, running.libc)


def _interpreter(
    said: Said, triple: Optional[Triple], platform: str, files: Tuple[Description, ...], *, fits: bool
) -> Tuple[Interpreter, str]:
    """The Python, and how it is known."""
    if fits:
        which = "PYO3_PYTHON" if said.live_is_asked else "the Python that runs the build"
        return said.live._replace(platform=platform), f"as {which} describes itself"
    known = triple or triples.parse(_native_triple(said), "the running Python's platform")
    if files:
        return files[0].interpreter(known, platform), f"as {files[0].path} describes it"
    stated = list(_stated(said, ()))
    version = next((one.version for one in stated if one.version), None)
    if said.lib_dir and version is None and known.system != WINDOWS:
        raise ToolchainProblem(
            "no Python describes itself in or below this folder",
            where=f"PYO3_CROSS_LIB_DIR={said.lib_dir}",
            why="there is neither a _sysconfigdata*.py nor a build-details.json",
            hint="point it at the target Python's library folder, or set PYO3_CROSS_PYTHON_VERSION too",
        )
    implementation = next((one.implementation for one in stated if one.implementation), said.live.implementation)
    # A version that is named without a t has a GIL; nobody names the live one's.
    threaded = any(one.free_threaded for one in stated) if version else said.live.free_threaded
    interpreter = target_python.from_table(
        known, platform, implementation, version or said.live.version, free_threaded=threaded, like=said.live
    )
    whose = "PYO3_CROSS_PYTHON_VERSION names" if version else f"runs the build ({dotted_version(said.live.version)})"
    return interpreter, f"by the names that such Pythons have; no target's Python was found, so its version is the one that {whose}"


_RELEASES = {
    MACOS: ("MACOSX_DEPLOYMENT_TARGET",),
    IOS: ("IPHONEOS_DEPLOYMENT_TARGET",),
    ANDROID: ("ANDROID_API_LEVEL",),
}


def _platform(said: Said, triple: Optional[Triple], files: Tuple[Description, ...], slices: Tuple[str, ...], *, fits: bool) -> str:
    """``sysconfig.get_platform()`` of the Python to build for.

    Raises:
        ToolchainProblem: it holds a release that nothing tells.
    """
    texts = [said.environ.get("_PYTHON_HOST_PLATFORM", ""), *(one.details.platform for one in files if one.details)]
    texts += [said.live.platform] if fits or triple is None else []
    texts += [text for text, _ in said.platforms]
    if triple is None:
        return next(text for text in texts if text)
    agreeing = [text for text in texts if text and not evidence.disagreement(evidence.of_platform(text, ""), _placed(triple))]
    said_release = _release(said, triple, files)
    if triple.system == MACOS:
        machine = "universal2" if slices else triple.machine
        return platform_tags.macos(machine, said_release, *map(_macos_release, agreeing))
    if triple.system == LINUX:
        # Rust's plain arm names no version of the architecture; armv8l is what a 64-bit kernel calls itself.
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
