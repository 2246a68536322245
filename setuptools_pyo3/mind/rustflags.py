"""Adding one flag to the rustflags of all crates without taking away those that the user set.

cargo takes rustflags from one place only: ``CARGO_ENCODED_RUSTFLAGS``, else ``RUSTFLAGS``, else the tables of the target, else
``[build]`` (https://doc.rust-lang.org/cargo/reference/config.html#buildrustflags). A flag has to go to the place that is taken;
``--config`` adds to what the files and the variables of a table hold.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Optional, Sequence, Tuple

from .cargo_config import Configuration
from .toml import table

Change = Tuple[str, Optional[str]]

# A cdylib can't be made with a C library that is linked statically, which is musl's default
# (https://doc.rust-lang.org/reference/linkage.html#static-and-dynamic-c-runtimes).
_FLAG = "-Ctarget-feature=-crt-static"
_SETTING = "-crt-static"
_VARIABLES = (("CARGO_ENCODED_RUSTFLAGS", "\x1f"), ("RUSTFLAGS", " "))
# Not a key that anybody would use: tables of equal meaning add up, and two values of one key must be of one type.
_OF_MUSL = "target.'cfg(all(target_env=\"musl\"))'.rustflags"


def shared_musl(
    triple: str, environ: Mapping[str, str], files: Sequence[Configuration]
) -> Tuple[Tuple[str, ...], Tuple[Change, ...]]:
    """What has musl's C library linked as a shared one.

    Args:
        triple: the target, "" for cargo's own choice.
        environ: the environment that cargo gets.
        files: its configuration files, those that win first.

    Returns:
        Options for cargo, and changes to its environment.
    """
    for name, separator in _VARIABLES:
        if name in environ:
            said = environ[name]
            change = (name, separator.join(filter(None, (said, _FLAG))))
            return (), () if _SETTING in said else (change,)
    if _has_own_variable(triple, environ):
        return (f'--config={_OF_MUSL}=["{_FLAG}"]',), ()
    places = dict(_places(files))
    if "CARGO_BUILD_RUSTFLAGS" in environ:
        places.setdefault("build.rustflags", [])
    return tuple(f"--config={key}={_with_flag(value)}" for key, value in (places or {_OF_MUSL: []}).items()), ()


def _has_own_variable(triple: str, environ: Mapping[str, str]) -> bool:
    own = triple.upper().replace("-", "_")
    names = [name for name in environ if name.startswith("CARGO_TARGET_") and name.endswith("_RUSTFLAGS")]
    return any(name == f"CARGO_TARGET_{own}_RUSTFLAGS" if own else "MUSL" in name for name in names)


def _places(files: Sequence[Configuration]) -> Iterator[Tuple[str, Any]]:
    """Every table that holds rustflags; the flag is added to all, since only cargo knows which of them it takes."""
    found: Dict[str, Any] = {}
    for file in files:
        values = {"build.rustflags": table(file.content, "build").get("rustflags")}
        for name, target in table(file.content, "target").items():
            values[f"target.'{name}'.rustflags"] = target.get("rustflags") if isinstance(target, dict) else None
        for key, value in values.items():
            if value:
                found.setdefault(key, value)
    yield from found.items()


def _with_flag(value: Any) -> str:
    # A string can't be added to; the whole of it takes the place of the old one.
    return f'"{value} {_FLAG}"' if isinstance(value, str) else f'["{_FLAG}"]'
