"""Adding flags to the rustflags of all crates without taking away those that the user set.

cargo takes rustflags from one place only: ``CARGO_ENCODED_RUSTFLAGS``, else ``RUSTFLAGS``, else the tables of the target, else
``[build]`` (https://doc.rust-lang.org/cargo/reference/config.html#buildrustflags). They have to go to the place that is taken;
``--config`` adds to what the files and the variables of a table hold.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import DeclarationProblem
from .cargo_config import Configuration

Change = Tuple[str, Optional[str]]

_VARIABLES = (("CARGO_ENCODED_RUSTFLAGS", "\x1f"), ("RUSTFLAGS", " "))
# Not keys that anybody would use: tables of equal meaning add up, and two values of one key must be of one type.
_OF_MUSL = "target.'cfg(all(target_env=\"musl\"))'.rustflags"
_OF_ALL = "target.'cfg(not(any()))'.rustflags"


class Flag(NamedTuple):
    """A flag to add.

    Args:
        text: the flag.
        settled_by: what in the user's own flags says that they have dealt with it; "" for nothing.
        table: where it stands if the user has no rustflags.
    """

    text: str
    settled_by: str = ""
    table: str = _OF_ALL


# A cdylib can't be made with a C library that is linked statically, which is musl's default
# (https://doc.rust-lang.org/reference/linkage.html#static-and-dynamic-c-runtimes).
SHARED_MUSL = Flag("-Ctarget-feature=-crt-static", "-crt-static", _OF_MUSL)


def added(
    flags: Sequence[Flag], triple: str, environ: Mapping[str, str], files: Sequence[Configuration]
) -> Tuple[Tuple[str, ...], Tuple[Change, ...]]:
    """What has cargo use flags of ours beside the user's own.

    Args:
        flags: ours.
        triple: the target, "" for cargo's own choice.
        environ: the environment that cargo gets.
        files: its configuration files, those that win first.

    Returns:
        Options for cargo, and changes to its environment.
    """
    for name, separator in _VARIABLES:
        if name in environ:
            said = environ[name]
            missing = [flag.text for flag in flags if not (flag.settled_by and flag.settled_by in said)]
            return (), (_longer(name, separator, said, missing),) if missing else ()
    if _has_own_variable(triple, environ):
        places: Dict[str, Any] = {}
    else:
        places = dict(_places(files))
        if "CARGO_BUILD_RUSTFLAGS" in environ:
            places.setdefault("build.rustflags", [])
    texts = [flag.text for flag in flags]
    if places:
        return tuple(f"--config={key}={_with_flags(value, texts)}" for key, value in places.items()), ()
    return tuple(f"--config={flag.table}={_with_flags([], [flag.text])}" for flag in flags), ()


def _longer(name: str, separator: str, said: str, flags: Sequence[str]) -> Change:
    words = [word for word in said.split(separator) if word]
    if separator == " " and any(" " in flag for flag in flags):
        # The other variable goes before this one, and can hold a space.
        return _VARIABLES[0][0], _VARIABLES[0][1].join([*words, *flags])
    return name, separator.join(filter(None, (said, *flags)))


def _has_own_variable(triple: str, environ: Mapping[str, str]) -> bool:
    own = triple.upper().replace("-", "_")
    names = [name for name in environ if name.startswith("CARGO_TARGET_") and name.endswith("_RUSTFLAGS")]
    return any(name == f"CARGO_TARGET_{own}_RUSTFLAGS" if own else "MUSL" in name for name in names)


def _places(files: Sequence[Configuration]) -> Iterator[Tuple[str, Any]]:
    """Every table that holds rustflags; the flag is added to all, since only cargo knows which of them it takes."""
    found: Dict[str, Any] = {}
    for file in files:
        values = {"build.rustflags": file.table("build").get("rustflags")}
        for name, target in file.table("target").items():
            values[f"target.'{name}'.rustflags"] = target.get("rustflags") if isinstance(target, dict) else None
        for key, value in values.items():
            if value:
                found.setdefault(key, value)
    yield from found.items()


def _with_flags(value: Any, flags: Sequence[str]) -> str:
    """A value for ``--config``: an array is added to the one that is there, a string takes the place of the whole of it.

    Raises:
        DeclarationProblem: the user's is a string, in which a flag of ours can't be written.
    """
    # TOML's strings are JSON's here.
    if not isinstance(value, str):
        return json.dumps([*flags], ensure_ascii=False)
    spaced = next((flag for flag in flags if " " in flag), "")
    if spaced:
        raise DeclarationProblem(
            f"the flag {spaced!r} can't be added to rustflags that are one string",
            where="rustflags in cargo's configuration",
            why="it holds a space, at which cargo takes the string apart",
            hint='write them as an array: rustflags = ["..."]',
        )
    return json.dumps(" ".join([value, *flags]), ensure_ascii=False)
