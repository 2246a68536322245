"""All that says something about what is built for, as values: variables, options, files and interpreters."""

from __future__ import annotations

from typing import Iterator, Mapping, NamedTuple, Optional, Tuple

from . import evidence, platform_tags
from .description import Description
from .evidence import Evidence
from .interpreter import Interpreter
from .target import architecture
from .triples import MACOS, WINDOWS


class Said(NamedTuple):
    """All that was found, as values.

    Args:
        environ: the environment.
        live: the interpreter that runs the build, or the one that ``PYO3_PYTHON`` names.
        running: the interpreter that runs the build.
        host: this machine, which cargo builds for where nobody names a target; empty where it can't be known.
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


def archs(said: Said) -> Tuple[str, ...]:
    """The processors that ``ARCHFLAGS`` names, which means something for macOS only."""
    words = said.environ.get("ARCHFLAGS", "").split()
    named = tuple(dict.fromkeys(second for first, second in zip(words, words[1:]) if first == "-arch"))
    return named if platform_tags.read(said.live.platform).system == MACOS else ()


def visual_studio(said: Said) -> str:
    """The machine that Visual Studio's environment is set up for; "" elsewhere than on Windows."""
    machines = {"x86": "win32", "x64": "amd64", "arm64": "arm64"}
    windows = platform_tags.read(said.running.platform).system == WINDOWS
    return machines.get(said.environ.get("VSCMD_ARG_TGT_ARCH", ""), "") if windows else ""


def of_platform(said: Said) -> Iterator[Evidence]:
    """What variables and options say of the platform."""
    for text, source in said.platforms:
        yield evidence.of_platform(text, source)
    if said.environ.get("_PYTHON_HOST_PLATFORM"):
        yield evidence.of_platform(said.environ["_PYTHON_HOST_PLATFORM"], "_PYTHON_HOST_PLATFORM")
    if len(archs(said)) == 1:
        yield Evidence("ARCHFLAGS", MACOS, architecture(archs(said)[0], 64))
    if visual_studio(said):
        yield Evidence("VSCMD_ARG_TGT_ARCH", WINDOWS, architecture(visual_studio(said), 0))


def of_python(said: Said) -> Iterator[Evidence]:
    """What PyO3's variables say of the Python.

    Raises:
        ToolchainProblem: one can't be understood.
    """
    version, implementation = "PYO3_CROSS_PYTHON_VERSION", "PYO3_CROSS_PYTHON_IMPLEMENTATION"
    if said.environ.get(version):
        yield evidence.of_version(said.environ[version], version)
    if said.environ.get(implementation):
        yield evidence.of_implementation(said.environ[implementation], implementation)
