"""What a distribution is built for: asked of the command line, the environment and the interpreter, and remembered."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, Mapping, Tuple

from ..declaration.extension import RustExtension
from ..declaration.names import ZIG_SETTING, ZIG_VARIABLE
from ..errors import ToolchainProblem
from ..hands import probe, signs
from ..hands.signs import NONE, Named, Signs
from ..mind.target import Target, TargetFacts

# Each hands its own on to the next one.
_WITH_TARGET = ("bdist_wheel", "build_ext", "build_rust")
_WITH_PLATFORM = ("bdist_wheel", "bdist", "build")

# All that was seen, and the variables that matter once anything was.
_Seen = Tuple[object, ...]
Known = Dict[_Seen, TargetFacts]


def facts(session: Any, wanted: str, environ: Mapping[str, str], known: Known) -> TargetFacts:
    """What is built for.

    Args:
        session: the distribution's.
        wanted: the interpreter that the environment names, "" for the running one.
        environ: the environment.
        known: what was found out before, by what was seen then; it is asked for once for every path that setuptools asks for.

    Raises:
        Problem: the interpreter is not there, or sources contradict each other.
    """
    asked, platforms = tuple(_asked(session, environ)), tuple(_platforms(session.distribution))
    zig = _wants_zig(session, environ)
    key = (wanted, asked, platforms, zig, *map(environ.get, (*signs.VARIABLES, *signs.DETAILS)))
    if key not in known:
        known[key] = _find(session, wanted, environ, signs.look(environ, session.root, asked, platforms), zig)
    return known[key]


def _find(session: Any, wanted: str, environ: Mapping[str, str], seen: Signs, zig: str) -> TargetFacts:
    running = probe.running()
    live = probe.interpreter(wanted, environ, session.root) if wanted else running
    at_home = all(getattr(live, name) == getattr(running, name) for name in ("platform", "libc", "pointer_width"))
    if seen == NONE and at_home and live.libc != "musl" and not zig:
        return TargetFacts(live, Target("", live.platform, live.pointer_width), live.executable)
    # Imported here: a native build has no use for it.
    from ..hands import target_facts

    # cibuildwheel tells build_ext where the import libraries for Windows on ARM are.
    libraries = _option(session.distribution, "build_ext", "library_dirs").split(os.pathsep)[0]
    scripts = os.path.join(session.cache_dir(environ), "zig")
    told = target_facts.Wanted(bool(wanted), libraries, zig, scripts)
    return target_facts.find(seen, live, running, environ, session.root, told)


def _wants_zig(session: Any, environ: Mapping[str, str]) -> str:
    """Who asks for zig, "" for nobody; the command line goes before the variable, and that before the project's setting.

    Raises:
        DeclarationProblem: what is said is neither yes nor no.
    """
    options = (
        getattr(session.distribution.get_command_obj(name, create=False), "zig", None) or _option(session.distribution, name, "zig")
        for name in _WITH_TARGET
    )
    for said, who in ((next(filter(None, options), None), "--zig"), (environ.get(ZIG_VARIABLE), ZIG_VARIABLE)):
        if said:
            from .frontend import switch

            return who if switch(said, who) else ""
    return ZIG_SETTING if session.settings.get("zig") is True else ""


def _asked(session: Any, environ: Mapping[str, str]) -> Iterator[Named]:
    """The triples that options and the extensions' own settings name."""
    for name in _WITH_TARGET:
        command = session.distribution.get_command_obj(name, create=False)
        text = getattr(command, "target", None) or _option(session.distribution, name, "target")
        if text:
            yield Named(str(text), f"{name} --target")
    for ext in session.extensions:
        yield from _of_extension(ext, environ)


def _of_extension(ext: RustExtension, environ: Mapping[str, str]) -> Iterator[Named]:
    words = [*ext.cargo_manifest_args, *ext.args]
    for word, following in zip(words, [*words[1:], ""]):
        if word == "--target" or word.startswith("--target="):
            yield Named(word.partition("=")[2] or following, f"{ext.where}.args")
    text = ext.env.get("CARGO_BUILD_TARGET")
    # A project may hand us a copy of the whole environment.
    if text and text != environ.get("CARGO_BUILD_TARGET"):
        yield Named(text, f"{ext.where}.env")


def _platforms(distribution: Any) -> Iterator[Named]:
    for name in _WITH_PLATFORM:
        text = _option(distribution, name, "plat_name")
        if text:
            yield Named(text, f"{name} --plat-name")


def check_others(session: Any, environ: Mapping[str, str]) -> None:
    """setuptools builds C extensions for the Python that runs it; they must not get into a wheel for another one.

    Raises:
        ToolchainProblem: they would.
    """
    others = [ext.name for ext in session.distribution.ext_modules or () if not isinstance(ext, RustExtension)]
    if not others:
        return
    wanted, running = session.target_facts(environ).interpreter, probe.running()
    for_all_versions = bool(session.limited_api()) and wanted.platform == running.platform
    if for_all_versions or wanted.ext_suffix == (environ.get("SETUPTOOLS_EXT_SUFFIX") or running.ext_suffix):
        return
    raise ToolchainProblem(
        f"{', '.join(others)} would be built for {running.described}, and the Rust extensions for {wanted.described}",
        where="ext_modules",
        why="setuptools builds C extensions for the Python that runs it",
        hint="run the build with the Python that the wheel is for, or in a cross environment such as crossenv's; "
        f"where the C compiler is set up for the target, say so with SETUPTOOLS_EXT_SUFFIX={wanted.ext_suffix}",
    )


def names_platform(distribution: Any) -> bool:
    """Whether an option names the wheel's platform; setuptools makes the tag of it."""
    return any(True for _ in _platforms(distribution))


def _option(distribution: Any, command: str, name: str) -> str:
    """An option from the command line or a configuration file; "" where it isn't set."""
    return str(distribution.command_options.get(command, {}).get(name, ("", ""))[1] or "")
