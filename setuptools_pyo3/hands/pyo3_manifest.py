"""Holding an interpreter against the Pythons that PyO3's own manifest names, where cargo has put that already."""

from __future__ import annotations

import contextlib
import glob
import os
from typing import Iterator, Mapping

from ..mind import lockfile
from ..mind.expectation import Expectation
from ..mind.situation import Situation
from . import cargo_files, files

_CRATE = "pyo3-ffi"


def check(expectation: Expectation, situation: Situation) -> None:
    """Refuse an interpreter that PyO3 doesn't support, before anything is compiled; silent where its manifest isn't at hand.

    Raises:
        ToolchainProblem: it isn't supported.
    """
    pyo3 = expectation.pyo3
    if pyo3 is None or pyo3.version is None:
        return
    python = f"{situation.interpreter.implementation}-{'.'.join(map(str, situation.interpreter.version))}"
    thread = "t" if situation.interpreter.free_threaded else ""
    name = f"{pyo3.version[0]}.{pyo3.version[1]}-{python}{thread}-{expectation.abi.described.replace(' ', '-')}"
    # Found to be good once: the next build needn't read PyO3's manifest.
    remembered = os.path.join(situation.cache_dir, "pyo3", name)
    if os.path.exists(remembered):
        return
    # Imported here: a build in which nothing changed has no use for them.
    from ..mind import pyo3_bounds

    version = lockfile.exact(expectation.crate.lock or "", _CRATE, pyo3.version)
    text = read(_CRATE, version, situation.environ, situation.root) if version else ""
    where = expectation.extension.name
    bounds = pyo3_bounds.parse(text)
    if pyo3_bounds.check(version, bounds, situation.interpreter, expectation.abi, situation.environ, where):
        with contextlib.suppress(OSError):
            files.write_whole(remembered, b"")


def read(package: str, version: str, environ: Mapping[str, str], root: str) -> str:
    """The text of a registry crate's Cargo.toml; "" where it isn't there (yet).

    Args:
        package: the crate.
        version: its full version.
        environ: the environment, for ``CARGO_HOME``.
        root: the folder that cargo runs in.
    """
    for path in _places(package, version, environ, root):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, ValueError):
            continue
        # A vendor folder may hold another version under the plain name.
        if f'\nversion = "{version}"\n' in text:
            return text
    return ""


def _places(package: str, version: str, environ: Mapping[str, str], root: str) -> Iterator[str]:
    yield from glob.glob(
        os.path.join(glob.escape(cargo_files.home(environ)), "registry", "src", "*", f"{package}-{version}", "Cargo.toml")
    )
    from . import cargo_config

    for configuration in cargo_config.read(root, environ):
        for source in configuration.table("source").values():
            folder = source.get("directory") if isinstance(source, dict) else None
            if isinstance(folder, str):
                for name in (package, f"{package}-{version}"):
                    yield os.path.join(configuration.folder, folder, name, "Cargo.toml")
