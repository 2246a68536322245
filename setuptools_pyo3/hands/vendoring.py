"""Putting all crates that come from elsewhere into a source distribution, so that it builds without a network."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Set, Tuple
from urllib.parse import urlsplit

from ..errors import BuildProblem, Problem, ToolchainProblem
from ..mind import cargo, toml_text, vendoring
from ..mind.shipment import VENDORED
from . import cargo_config, files, process, provenance, reading

_CONFIGURATION = (".cargo/config", ".cargo/config.toml")


class Asked(NamedTuple):
    """What is known.

    Args:
        root: the project's folder, whose configuration of cargo holds.
        roots: the places of the workspaces' roots in the source distribution.
        platforms: target triples whose crates are enough; () for all.
        environ: the environment.
        say: shows a line to the user.
    """

    root: str
    roots: Tuple[str, ...]
    platforms: Tuple[str, ...]
    environ: Mapping[str, str]
    say: Callable[[str], None]


def known(root: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The folders of crates that the project has vendored itself, by the names of their sources."""
    return provenance.vendored(cargo_config.read(root, environ), root)


def take_along(tree: str, root: str, folders: Mapping[str, str]) -> None:
    """Copy crates that the project has vendored itself, whole: cargo holds every file against its checksum.

    Args:
        tree: the source distribution's files.
        root: the project's folder.
        folders: from :func:`known`.
    """
    for folder in folders.values():
        if os.path.isdir(folder):
            place = os.path.join(tree, os.path.relpath(folder, root))
            shutil.copytree(folder, place, copy_function=_copy_missing, dirs_exist_ok=True)


def _copy_missing(source: str, target: str) -> None:
    # What setuptools has put there may be the very file that it was linked to.
    if not os.path.exists(target):
        shutil.copy2(source, target)


def vendor(tree: str, asked: Asked) -> None:
    """Vendor what the crates in a tree need, and have cargo's configuration there say so.

    Args:
        tree: the source distribution's files, complete but for this.
        asked: what is known.

    Raises:
        Problem: cargo isn't there, or can't get everything.
    """
    program = cargo.program(asked.environ)
    with tempfile.TemporaryDirectory(prefix="setuptools-pyo3-") as folder:
        # Somewhere else: above the tree may be the very workspace that the crates were taken out of.
        skeleton = os.path.join(folder, "skeleton")
        shutil.copytree(tree, skeleton, ignore=_but_what_cargo_reads)
        manifests = [os.path.join(skeleton, place, "Cargo.toml") for place in asked.roots]
        locked = all(os.path.isfile(os.path.join(os.path.dirname(path), "Cargo.lock")) for path in manifests)
        crates = os.path.join(folder, "crates")
        printed = _run(vendoring.command(program, manifests, crates, locked=locked), asked)
        _keep_locks(skeleton, tree, asked.roots)
        if not printed.strip():
            return
        if asked.platforms:
            _empty(crates, {package for path in manifests for package in _needed(program, path, asked)})
        shutil.copytree(crates, os.path.join(tree, *VENDORED.split("/")))
        _configure(tree, skeleton, printed, asked)


def _but_what_cargo_reads(folder: str, names: List[str]) -> Set[str]:
    """cargo looks for the main file of every target, and at nothing else."""
    wanted = ("Cargo.toml", "Cargo.lock")
    return {name for name in names if not (name in wanted or name.endswith(".rs") or os.path.isdir(os.path.join(folder, name)))}


def _run(argv: Sequence[str], asked: Asked) -> bytes:
    lines: List[bytes] = []
    asked.say(cargo.echo(argv, {}, ""))
    try:
        code, _ = process.stream(argv, env=asked.environ, cwd=asked.root, on_line=lines.append)
    except OSError as error:
        raise ToolchainProblem(
            f"cargo can't be started ({argv[0]})",
            where="sdist",
            why=f"it gets the crates that are to be vendored; {error.strerror}",
            hint="install Rust, for example with rustup, and put cargo on PATH (or set CARGO to it)",
        ) from error
    if code:
        raise BuildProblem(
            f"the crates can't be vendored: cargo failed with exit code {code}",
            where="sdist",
            why="its own messages are above",
            hint="all crates of the lock have to be there, those for other platforms too; try again with a network",
        )
    return b"".join(lines)


def _keep_locks(skeleton: str, tree: str, roots: Sequence[str]) -> None:
    """A lock that cargo has made is the one that the vendored crates fit."""
    for place in roots:
        made, there = (os.path.join(top, place, "Cargo.lock") for top in (skeleton, tree))
        if os.path.isfile(made) and not os.path.isfile(there):
            shutil.copyfile(made, there)


def _configure(tree: str, skeleton: str, printed: bytes, asked: Asked) -> None:
    vendored = reading.parse_toml(printed, "cargo vendor")
    for source in vendored["source"].values():
        if "directory" in source:
            source["directory"] = VENDORED
    # With both, cargo reads the one without an ending.
    places = [place for place in (os.path.join(tree, *name.split("/")) for name in _CONFIGURATION) if os.path.isfile(place)]
    place = places[0] if places else os.path.join(tree, *_CONFIGURATION[1].split("/"))
    text = files.content(place).decode("utf-8")
    try:
        content = reading.loads(text)
    except ValueError as error:
        raise Problem("this is not valid TOML", where=os.path.relpath(place, tree), why=str(error)) from error
    wanted = vendoring.merged(content, vendored, _registries(skeleton, asked))
    files.write_whole(place, toml_text.rewritten(text, wanted, reading.loads).encode("utf-8"))


def _registries(skeleton: str, asked: Asked) -> Dict[str, str]:
    """The indexes of the registries that manifests name, by their names. Nothing else is taken from there: it may be secret."""
    names: Set[str] = set()
    for folder, _, found in os.walk(skeleton):
        if "Cargo.toml" in found:
            names.update(vendoring.registries(reading.toml(os.path.join(folder, "Cargo.toml"))))
    indexes: Dict[str, str] = {}
    for configuration in cargo_config.read(asked.root, asked.environ):
        for name, registry in configuration.table("registries").items():
            if name in names and isinstance(registry, dict) and isinstance(registry.get("index"), str):
                indexes.setdefault(name, registry["index"])
    for name in names:
        variable = asked.environ.get(f"CARGO_REGISTRIES_{name.upper().replace('-', '_')}_INDEX")
        if variable:
            indexes[name] = variable
    return {name: index for name, index in sorted(indexes.items()) if not _tells_secret(index)}


def _tells_secret(url: str) -> bool:
    """Whether a URL has a password or a token in it; the user of ssh is none."""
    parts = urlsplit(url.partition("+")[2] or url)
    return parts.password is not None or (parts.username is not None and parts.scheme in ("http", "https"))


def _needed(program: str, manifest: str, asked: Asked) -> Iterator[Tuple[str, str]]:
    platforms = [f"--filter-platform={triple}" for triple in asked.platforms]
    options = ["--format-version=1", "--all-features", "--locked", f"--manifest-path={manifest}"]
    return vendoring.needed(json.loads(_run([program, "metadata", *options, *platforms], asked)))


def _empty(folder: str, needed: Set[Tuple[str, str]]) -> None:
    """Put empty crates in the place of those that aren't needed."""
    for name in files.names(folder):
        place = os.path.join(folder, name)
        manifest = reading.toml(os.path.join(place, "Cargo.toml"))
        if (manifest["package"]["name"], manifest["package"]["version"]) in needed:
            continue
        checksums: Any = json.loads(files.content(os.path.join(place, ".cargo-checksum.json")))
        shutil.rmtree(place)
        files.write_whole(os.path.join(place, "Cargo.toml"), toml_text.dumped(vendoring.stub(manifest)).encode("utf-8"))
        files.write_whole(os.path.join(place, "src", "lib.rs"), b"")
        empty = json.dumps({**checksums, "files": {}}, sort_keys=True)
        files.write_whole(os.path.join(place, ".cargo-checksum.json"), empty.encode())
