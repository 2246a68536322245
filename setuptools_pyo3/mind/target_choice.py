"""Choosing what is built for: every source says what it knows, contradictions are errors, and the first that knows enough decides.

A target's Python is known from a live interpreter that fits, from a file by which it describes itself, or else from a table of the
names that such Pythons have.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from ..errors import ToolchainProblem
from . import evidence, platform_tags, target_platform, target_python, target_sources, target_triple, triples
from .description import Description, choose
from .evidence import Evidence
from .interpreter import Interpreter, dotted_version
from .target import Target, TargetFacts
from .target_sources import Said
from .target_triple import Named
from .triples import WINDOWS, Triple


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
    named = target_triple.find(said)
    where = evidence.of_triple(named.triple, named.source) if named.triple else said.host
    if named.slices:
        where = where._replace(architecture="")
    _check_older_arm(named, said)
    stated = [where, *target_sources.of_platform(said), *target_sources.of_python(said)]
    files = choose(said.files, stated, said.environ.get("_PYTHON_SYSCONFIGDATA_NAME", "")) if said.files else ()
    if named.triple is None:
        _check_named(files, where)
    everything = [*stated, *(one.says for one in files)]
    live = evidence.of_interpreter(said.live, "PYO3_PYTHON" if said.live_is_asked else "the running Python")
    on_target = not evidence.disagreement(live._replace(implementation="", version=None, free_threaded=None), where)
    # Cross builds often name the Python that runs build scripts; one that could be the target's is meant to be it.
    evidence.check([*everything, *([live] if said.live_is_asked and on_target else [])])
    fits = not any(evidence.disagreement(live, other) for other in everything)
    return Choice(_facts(said, named, where, files, fits=fits), files[0] if files else None)


def _check_older_arm(named: Named, said: Said) -> None:
    """Code for ARMv7 doesn't run on ARMv6, which is the same processor for everything else here.

    Raises:
        ToolchainProblem: a platform is named that is older than the triple.
    """
    for text, source in said.platforms:
        if named.triple and named.triple.machine == "armv7l" and platform_tags.read(text).machine == "armv6l":
            raise ToolchainProblem(
                "what is named to build for is contradictory",
                where=source,
                why=f"{source} says {text}, and code for {named.triple.text} ({named.source}) needs ARMv7",
                hint="build for arm-unknown-linux-gnueabihf, or name linux_armv7l",
            )


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


def _facts(said: Said, named: Named, where: Evidence, files: Tuple[Description, ...], *, fits: bool) -> TargetFacts:
    platform = target_platform.find(said, named, files, fits=fits)
    interpreter, how = _interpreter(said, named.triple, platform, files, fits=fits)
    elsewhere = not said.host.system or evidence.disagreement(where, said.host) is not None
    target = Target(
        triple=named.triple.text if named.triple else "",
        platform=platform,
        pointer_width=interpreter.pointer_width,
        asked=named.asked,
        slices=named.slices,
        crossed=elsewhere or not fits or platform != said.running.platform,
    )
    triple = f"{' and '.join(target.slices) or target.triple} (named by {named.source}) and " if named.triple else ""
    notices = (f"building for {triple}{interpreter.described}, {how}",) if target.crossed else ()
    return TargetFacts(interpreter, target, interpreter.executable or said.running.executable, notices)


def _interpreter(
    said: Said, triple: Optional[Triple], platform: str, files: Tuple[Description, ...], *, fits: bool
) -> Tuple[Interpreter, str]:
    """The Python, and how it is known."""
    if fits:
        which = "PYO3_PYTHON" if said.live_is_asked else "the Python that runs the build"
        return said.live._replace(platform=platform), f"as {which} describes itself"
    known = triple or target_triple.native(said)
    if files:
        return files[0].interpreter(known, platform), f"as {files[0].path} describes it"
    stated = list(target_sources.of_python(said))
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
