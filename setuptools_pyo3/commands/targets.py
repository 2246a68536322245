"""What a distribution is built for: asked of the command line, the environment and the interpreter, and remembered."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Tuple

from ..declaration.extension import RustExtension
from ..hands import probe, signs
from ..hands.signs import NONE, Named, Signs
from ..mind.target import Target, TargetFacts

_WITH_TARGET = ("build_rust", "build_ext", "bdist_wheel")
_WITH_PLATFORM = ("bdist_wheel", "bdist", "build")

Known = Dict[Tuple[str, Signs], TargetFacts]


def facts(session: Any, wanted: str, environ: Mapping[str, str], known: Known) -> TargetFacts:
    """What is built for.

    Args:
        session: the distribution's.
        wanted: the interpreter that the environment names, "" for the running one.
        environ: the environment.
        known: what was found out before, by what was seen then.

    Raises:
        Problem: the interpreter is not there, or sources contradict each other.
    """
    seen = signs.look(environ, session.root, _asked(session), _platforms(session.distribution))
    if (wanted, seen) not in known:
        known[wanted, seen] = _find(session, wanted, environ, seen)
    return known[wanted, seen]


def _find(session: Any, wanted: str, environ: Mapping[str, str], seen: Signs) -> TargetFacts:
    live = probe.interpreter(wanted, environ, session.root)
    if seen == NONE and not wanted:
        return TargetFacts(live, Target("", live.platform, live.pointer_width), live.executable)
    from ..hands import target_facts

    return target_facts.find(seen, live, probe.running(), environ, asked=bool(wanted))


def _asked(session: Any) -> Iterator[Named]:
    """The triples that options and the extensions' own settings name."""
    for name in _WITH_TARGET:
        command = session.distribution.get_command_obj(name, create=False)
        text = getattr(command, "target", None) or _option(session.distribution, name, "target")
        if text:
            yield Named(str(text), f"{name} --target")
    for ext in session.extensions:
        yield from _of_extension(ext)


def _of_extension(ext: RustExtension) -> Iterator[Named]:
    words = [*ext.cargo_manifest_args, *ext.args]
    for word, following in zip(words, [*words[1:], ""]):
        if word == "--target" or word.startswith("--target="):
            yield Named(word.partition("=")[2] or following, f"{ext.where}.args")
    text = ext.env.get("CARGO_BUILD_TARGET")
    if text:
        yield Named(text, f"{ext.where}.env")


def _platforms(distribution: Any) -> Iterator[Named]:
    for name in _WITH_PLATFORM:
        text = _option(distribution, name, "plat_name")
        if text:
            yield Named(text, f"{name} --plat-name")


def names_platform(distribution: Any) -> bool:
    """Whether an option names the wheel's platform; setuptools makes the tag of it."""
    return any(True for _ in _platforms(distribution))


def _option(distribution: Any, command: str, name: str) -> str:
    """An option from the command line or a configuration file; "" where it isn't set."""
    return str(distribution.command_options.get(command, {}).get(name, ("", ""))[1] or "")
