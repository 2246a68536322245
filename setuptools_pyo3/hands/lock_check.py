"""Holding a ``Cargo.lock`` against the manifests before it is given away."""

from __future__ import annotations

import os
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Tuple

from ..errors import BuildProblem, DeclarationProblem, Problem
from ..mind import stale_lock
from ..mind.crate import Crate
from ..mind.manifest import Manifest
from ..mind.toml import table
from . import process, reading
from .reading import Crates


def notices(crates: Crates, built: Iterable[Crate], environ: Mapping[str, str], root: str) -> Tuple[str, ...]:
    """What is to be said about the locks of the workspaces.

    Args:
        crates: for reading manifests.
        built: the crates of the extensions.
        environ: the environment, for asking cargo where something seems wrong. It isn't needed otherwise.
        root: the project's folder.

    Raises:
        Problem: a lock is stale, or can't be read; says the command that mends it.
    """
    found: List[str] = []
    for crate in {crate.root.folder: crate for crate in built}.values():
        problem = _problem(crates, crate, environ, root)
        if problem is not None:
            raise problem
        if crate.lock is None:
            manifest = os.path.relpath(crate.root.path, root)
            found.append(
                f"the source distribution has no Cargo.lock for {manifest}: whoever builds it gets the newest versions of all "
                f"dependencies (`cargo generate-lockfile --manifest-path={manifest}` makes one)"
            )
    return tuple(found)


def _problem(crates: Crates, crate: Crate, environ: Mapping[str, str], root: str) -> Optional[Problem]:
    if crate.lock is None:
        return None
    place, manifest = (os.path.relpath(path, root) for path in (crate.lock_path, crate.root.path))
    try:
        lock = reading.parse_toml(crate.lock.encode("utf-8", "surrogateescape"), place)
    except DeclarationProblem as problem:
        problem.hint = f"run `cargo generate-lockfile --manifest-path={manifest}`, which makes a new one"
        return problem
    missing = _lacking(crates, crate, lock)
    if not missing or _satisfies_cargo(crate, environ, root):
        return None
    return BuildProblem(
        "the lock is out of date, and whoever builds from the source distribution could not mend it",
        where=place,
        why=f"it lacks {', '.join(missing)}",
        hint=f"run `cargo update --workspace --manifest-path={manifest}` and commit the lock",
    )


def lacking(manifest_path: str) -> Tuple[str, ...]:
    """What a sound lock lacks of what a crate's workspace wants; () where nothing can be told.

    Args:
        manifest_path: the crate's.
    """
    crates = Crates()
    try:
        crate = crates.read(manifest_path, "")
        return _lacking(crates, crate, reading.toml(crate.lock_path))
    except (OSError, DeclarationProblem):
        return ()


def _lacking(crates: Crates, crate: Crate, lock: Mapping[str, Any]) -> Tuple[str, ...]:
    return tuple(stale_lock.contradictions(lock, _local(crates, crate)))


def _local(crates: Crates, crate: Crate) -> Iterator[Tuple[str, str, Tuple[stale_lock.Wanted, ...]]]:
    local: Mapping[str, Manifest] = {**{m.folder: m for m in crates.members(crate.root)}, **crate.manifests}
    for folder, manifest in sorted(local.items()):
        content: Mapping[str, Any] = crates.content(folder)
        root = crates.root(folder)
        shared = table(crates.content(root.folder), "workspace", "dependencies")
        if manifest.name:
            wanted = stale_lock.wanted(content, shared, is_member=root.folder == crate.root.folder)
            yield manifest.name, manifest.version, wanted


def _satisfies_cargo(crate: Crate, environ: Mapping[str, str], root: str) -> bool:
    """Whether cargo, where there is one, finds nothing to mend. It is the judge, and asked in doubt only."""
    argv = [environ.get("CARGO") or "cargo", "update", "--workspace", "--locked", "--quiet", f"--manifest-path={crate.root.path}"]
    try:
        return process.capture(argv, env=environ, cwd=root).returncode == 0
    except OSError:
        return False
