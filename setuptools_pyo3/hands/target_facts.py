"""Finding out what is built for, where anything says that it isn't just the Python that runs the build."""

from __future__ import annotations

import sys
from typing import Mapping, NamedTuple, Sequence, Tuple

from ..errors import DeclarationProblem
from ..mind import sysconfigdata
from ..mind.cargo_config import Configuration, target
from ..mind.evidence import Evidence
from ..mind.interpreter import Interpreter
from ..mind.target import TargetFacts, architecture
from ..mind.target_choice import choose_target
from ..mind.target_sources import Said
from . import cargo_config, cargo_files, signs, target_files, target_tools
from .signs import Named, Signs

_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


class Wanted(NamedTuple):
    """What the build is told, beside the environment.

    Args:
        python: whether ``PYO3_PYTHON`` names the live interpreter.
        libraries: the folder of Python's import library that ``build_ext`` is told of, "" for none.
        zig: who asks for zig, "" for nobody.
        scripts: the folder for the scripts that run it.
    """

    python: bool
    libraries: str
    zig: str
    scripts: str


def find(
    seen: Signs, live: Interpreter, running: Interpreter, environ: Mapping[str, str], root: str, wanted: Wanted
) -> TargetFacts:
    """What is built for.

    Args:
        seen: what the cheap look found.
        live: the interpreter that runs the build, or the one that ``PYO3_PYTHON`` names.
        running: the interpreter that runs the build.
        environ: the environment.
        root: the folder that cargo runs in.
        wanted: what the build is told beside it.

    Raises:
        Problem: sources contradict each other, or nothing tells what has to be known.
    """
    patched = seen.patched or bool(environ.get("_PYTHON_SYSCONFIGDATA_NAME"))
    lib_dir = environ.get("PYO3_CROSS_LIB_DIR", "")
    name = environ.get("_PYTHON_SYSCONFIGDATA_NAME", "")
    files = target_files.described(lib_dir) if lib_dir else target_files.named(name, environ) if name else []
    configured = cargo_config.read(root, environ)
    named, must_say, glibc = _without_glibc(*_named(seen, environ, configured))
    described = _described(running, patched=patched)
    said = Said(
        environ=environ,
        live=live if wanted.python else described,
        running=described,
        host=_host(seen, running, environ),
        live_is_asked=wanted.python,
        patched=patched,
        named=(named.text, named.source) if named.text else None,
        named_is_asked=must_say,
        platforms=tuple((one.text, one.source) for one in seen.platforms),
        files=tuple(files),
        lib_dir=lib_dir,
    )
    facts, description = choose_target(said)
    folder = target_files.library_folder(lib_dir or wanted.libraries, description)
    python = facts.interpreter._replace(lib_dir=folder or facts.interpreter.lib_dir)
    places = (path for names in cargo_files.configuration_places(environ, root) for path in names)
    foreign = facts.target.crossed and facts.target.triple
    facts = facts._replace(
        interpreter=python,
        tools=target_tools.find(facts.target.triple, environ, configured) if foreign else (),
        cargo_files=configured if python.libc == "musl" else (),
        read=(*places, *(one.path for one in configured), *(one.path for one in files), *([lib_dir] if lib_dir else ())),
    )
    if not wanted.zig and not glibc:
        return facts
    # Imported here: most builds have no use for it.
    from ..mind import target_triple
    from .zig import linking

    text = facts.target.triple or target_triple.native(said).text
    return linking(facts._replace(cargo_files=configured), text, glibc, wanted.zig or named.source, wanted.scripts, environ)


def _described(running: Interpreter, *, patched: bool) -> Interpreter:
    """The running interpreter, without what it can only say of this machine where it describes another one."""
    if not patched:
        return running
    musl = "musl" in sysconfigdata.multiarch({"EXT_SUFFIX": running.ext_suffix})
    return running._replace(libc="musl" if musl else "")


def _host(seen: Signs, running: Interpreter, environ: Mapping[str, str]) -> Evidence:
    """This machine; a Python that is patched hides it."""
    if seen.patched:
        return Evidence("this machine")
    width = running.pointer_width if sys.platform == "linux" and not environ.get("_PYTHON_SYSCONFIGDATA_NAME") else 0
    # FreeBSD's, like others', ends in a release.
    system = _SYSTEMS.get(sys.platform) or sys.platform.rstrip("0123456789")
    return Evidence("this machine", system, architecture(signs.machine(environ), width), running.libc, pointer_width=width)


def _named(seen: Signs, environ: Mapping[str, str], configured: Sequence[Configuration]) -> Tuple[Named, bool]:
    """The triple that is named, and whether cargo has to be told of it.

    Raises:
        DeclarationProblem: options and arguments name different ones, or a configuration names several.
    """
    if seen.asked:
        first = seen.asked[0]
        for other in seen.asked[1:]:
            if other.text != first.text:
                raise DeclarationProblem(
                    "two targets are named, and a wheel is for one",
                    where=other.source,
                    why=f"{first.source} names {first.text}, {other.source} names {other.text}",
                    hint="build one wheel for each target",
                )
        return first, True
    if environ.get("CARGO_BUILD_TARGET"):
        return Named(environ["CARGO_BUILD_TARGET"], "CARGO_BUILD_TARGET"), False
    text, path = target(configured)
    return Named(text, path), False


def _without_glibc(named: Named, must_say: bool) -> Tuple[Named, bool, str]:
    """The triple without the glibc behind it, which cargo doesn't know: only zig can link for a version of it.

    Raises:
        DeclarationProblem: cargo would get to see it.
    """
    if "." not in named.text:
        return named, must_say, ""
    # Imported here: most triples have no such thing.
    from ..mind import zig

    triple, glibc = zig.split(named.text)
    if not glibc:
        return named, must_say, ""
    if named.source.endswith(".args"):
        raise DeclarationProblem(
            f"{named.text!r} is no triple of cargo's", where=named.source, hint="say it with --target or CARGO_BUILD_TARGET"
        )
    return named._replace(text=triple), True, glibc
