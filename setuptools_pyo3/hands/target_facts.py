"""Finding out what is built for, where anything says that it isn't just the Python that runs the build."""

from __future__ import annotations

import contextlib
import sys
from typing import Iterable, List, Mapping, Tuple

from ..errors import DeclarationProblem
from ..mind import cargo_config, sysconfigdata
from ..mind.cargo_config import Configuration
from ..mind.evidence import Evidence
from ..mind.interpreter import Interpreter
from ..mind.target import TargetFacts, architecture
from ..mind.target_choice import choose_target
from ..mind.target_sources import Said
from . import cargo_files, reading, signs, target_files, target_tools
from .signs import Named, Signs

_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


def find(
    seen: Signs, live: Interpreter, running: Interpreter, environ: Mapping[str, str], root: str, *, asked: bool, libraries: str = ""
) -> TargetFacts:
    """What is built for.

    Args:
        seen: what the cheap look found.
        live: the interpreter that runs the build, or the one that ``PYO3_PYTHON`` names.
        running: the interpreter that runs the build.
        environ: the environment.
        root: the folder that cargo runs in.
        asked: whether ``PYO3_PYTHON`` names the live one.
        libraries: the folder of Python's import library that ``build_ext`` is told of, "" for none.

    Raises:
        Problem: sources contradict each other, or nothing tells what has to be known.
    """
    patched = seen.patched or bool(environ.get("_PYTHON_SYSCONFIGDATA_NAME"))
    lib_dir = environ.get("PYO3_CROSS_LIB_DIR", "")
    name = environ.get("_PYTHON_SYSCONFIGDATA_NAME", "")
    files = target_files.described(lib_dir) if lib_dir else target_files.named(name, environ) if name else []
    named, must_say = _named(seen, environ)
    said = Said(
        environ=environ,
        live=live if asked else _described(running, patched=patched),
        running=_described(running, patched=patched),
        host=_host(seen, running, environ),
        live_is_asked=asked,
        patched=patched,
        named=(named.text, named.source) if named.text else None,
        named_is_asked=must_say,
        platforms=tuple((one.text, one.source) for one in seen.platforms),
        files=tuple(files),
        lib_dir=lib_dir,
    )
    facts, description = choose_target(said)
    folder = target_files.library_folder(lib_dir or libraries, description)
    python = facts.interpreter._replace(lib_dir=folder or facts.interpreter.lib_dir)
    configured = tuple(configuration(cargo_files.configuration_files(environ, root)))
    places = (path for names in cargo_files.configuration_places(environ, root) for path in names)
    foreign = facts.target.crossed and facts.target.triple
    return facts._replace(
        interpreter=python,
        tools=target_tools.find(facts.target.triple, environ, configured) if foreign else (),
        cargo_files=configured if python.libc == "musl" else (),
        read=(*places, *(one.path for one in files), *([lib_dir] if lib_dir else ())),
    )


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


def _named(seen: Signs, environ: Mapping[str, str]) -> Tuple[Named, bool]:
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
    text, path = cargo_config.target(configuration(seen.files))
    return Named(text, path), False


def configuration(paths: Iterable[str]) -> List[Configuration]:
    """cargo's configuration files, parsed; what can't be read is cargo's to say."""
    found: List[Configuration] = []
    for path in paths:
        with contextlib.suppress(OSError, DeclarationProblem):
            found.append(Configuration(path, reading.toml(path)))
    return found
