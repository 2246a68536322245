"""cargo's command lines: what the arguments that a project gives mean, and how ours are written."""

from __future__ import annotations

import shlex
from typing import List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import remapping


class Options(NamedTuple):
    """What is known of a project's own ``args``; everything else in them is passed on as it stands.

    Args:
        profile: of ``--profile``, ``--release`` or None.
        features: of ``--features`` and ``-F``.
        default_features: False with ``--no-default-features``.
        all_features: True with ``--all-features``.
        crate_type: whether ``--crate-type`` is given.
        binaries: whether ``--bin`` or ``--bins`` is given.
        rest: the arguments without the profile and without a bare ``--lib``, which we say ourselves.
    """

    profile: Optional[str]
    features: Tuple[str, ...]
    default_features: bool
    all_features: bool
    crate_type: bool
    binaries: bool
    rest: Tuple[str, ...]


def program(environ: Mapping[str, str]) -> str:
    """The cargo to run: ``CARGO``, or the one on PATH."""
    return environ.get("CARGO") or "cargo"


def read_options(args: Sequence[str]) -> Options:
    """Read the arguments that a project gives cargo."""
    profile: Optional[str] = None
    features: List[str] = []
    rest: List[str] = []
    words = iter(args)
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("-F") and not equals and len(word) > 2:
            name, equals, value = "-F", "=", word[2:]
        if name in ("--profile", "--features", "-F"):
            value = value if equals else next(words, "")
            if name == "--profile":
                profile = value
            else:
                features += value.replace(",", " ").split()
                rest.append(f"--features={value}")
        elif word in ("--release", "-r"):
            profile = profile or "release"
        elif word != "--lib":
            rest.append(word)
    names = {word.partition("=")[0] for word in rest}
    return Options(
        profile=profile,
        features=tuple(features),
        default_features="--no-default-features" not in names,
        all_features="--all-features" in names,
        crate_type="--crate-type" in names,
        binaries=bool({"--bin", "--bins"} & names),
        rest=tuple(rest),
    )


def profile_option(profile: str) -> Tuple[str, ...]:
    """The option that asks for a profile; cargo's default, dev, needs none."""
    if profile == "dev":
        return ()
    return ("--release",) if profile == "release" else (f"--profile={profile}", *remapping.definition(profile))


def settles_lock(args: Sequence[str]) -> bool:
    """Whether the project's own arguments already say how to treat Cargo.lock."""
    return any(word in ("--locked", "--frozen") for word in args)


def places(arguments: Sequence[str]) -> Tuple[str, ...]:
    """Those of a build's arguments that decide where cargo writes, for commands that are to find it there."""
    return tuple(word for word in arguments if word.startswith(("--target=", "--target-dir=", "--config=")))


def echo(argv: Sequence[str], changes: Mapping[str, Optional[str]], bin_folder: str) -> str:
    """The command as one line that can be pasted into a POSIX shell.

    Args:
        argv: program and arguments.
        changes: what is set (or, with None, removed) in the environment, ``PATH`` excepted.
        bin_folder: put before PATH, "" for nothing.
    """
    path = changes.get("PATH")
    changes = {name: value for name, value in changes.items() if name != "PATH" or not bin_folder}
    words = ["env"] if any(value is None for value in changes.values()) else []
    words += [f"-u {shlex.quote(name)}" for name, value in sorted(changes.items()) if value is None]
    words += [f"{name}={shlex.quote(value)}" for name, value in sorted(changes.items()) if value is not None]
    if bin_folder:
        words.append(f'PATH={shlex.quote(bin_folder)}:"$PATH"' if path is None else f"PATH={shlex.quote(f'{bin_folder}:{path}')}")
    return " ".join([*words, *(shlex.quote(word) for word in argv)])
