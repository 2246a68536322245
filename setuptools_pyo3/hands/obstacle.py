"""Why cargo may have refused the options that give PyO3 an identity of its own; looked for only after it failed at once."""

from __future__ import annotations

import contextlib
import os
from typing import Iterator, Mapping, Tuple

from ..mind import identity, lockfile
from ..mind.plan import Call
from . import cargo_config, process

# https://doc.rust-lang.org/cargo/CHANGELOG.html#cargo-163-2022-08-11
_FIRST_WITH_CONFIG_OPTION = (1, 63)


def reason(call: Call, program: str, environ: Mapping[str, str], root: str) -> str:
    """Why cargo can't build a call with these options, "" where they aren't in its way.

    Args:
        call: what failed.
        program: cargo.
        environ: the environment it got.
        root: the folder it ran in.
    """
    version = _version(program, environ, root)
    if version and version < _FIRST_WITH_CONFIG_OPTION:
        return f"cargo {version[0]}.{version[1]} has no option --config"
    ours = {identity.overridden(option) for option in call.identity}
    for path, spec in _overrides(environ, root):
        # cargo takes two names for one package for a mistake.
        if spec not in ours and identity.specified(spec) in {identity.specified(own) for own in ours}:
            return f"{path} has a profile override for {spec}"
    return ""


def _version(program: str, environ: Mapping[str, str], root: str) -> Tuple[int, ...]:
    with contextlib.suppress(OSError):
        words = process.capture([program, "--version"], env=environ, cwd=root).stdout.decode("utf-8", "replace").split()
        return (lockfile.lowest(words[1]) or ()) if len(words) > 1 else ()
    return ()


def _overrides(environ: Mapping[str, str], root: str) -> Iterator[Tuple[str, str]]:
    """The packages that cargo's configuration has profile overrides for, with the file that says so."""
    for configuration in cargo_config.read(root, environ):
        for table in configuration.table("profile").values():
            for spec in table.get("package", {}) if isinstance(table, dict) else ():
                yield os.path.join(configuration.folder, ".cargo"), spec
