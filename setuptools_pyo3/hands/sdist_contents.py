"""What a source distribution holds for cargo's sake, and what it must not hold: every file, with where it comes from."""

from __future__ import annotations

import glob
import os
import posixpath
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Set, Tuple

from ..errors import DeclarationProblem, Problem
from ..mind import dep_info, inclusions, unshippable
from ..mind.manifest_template import Template
from ..mind.shipment import Shipment
from . import crate_files, files, reading, sources
from .cargo_files import upwards
from .crate_files import Surroundings

_TOOLCHAIN = ("rust-toolchain.toml", "rust-toolchain")
_CONFIGURATION = (".cargo/config.toml", ".cargo/config")
# As much as holds a key's first line, whatever comments go before it.
_BEGINNING = 16 * 1024


class Contents(NamedTuple):
    """What is done to the list that setuptools has made.

    Args:
        copied: files to add, by their places, with their absolute sources.
        written: files to write, by their places; they go before all others.
        left_out: of setuptools' list, what must not be in it.
        notices: what the user should know.
    """

    copied: Mapping[str, str]
    written: Mapping[str, bytes]
    left_out: FrozenSet[str]
    notices: Tuple[str, ...]


class Asked(NamedTuple):
    """What is known of the project.

    Args:
        around: its folder, and those that setuptools writes to.
        listed: what setuptools' list holds, relative paths with slashes.
        template: its MANIFEST.in.
        workspaces: the folders of its crates' workspaces. Links may lead to them.
        target_folders: where cargo may have built.
        built: of what is listed, modules that were built in place.
        documents: what the wheel will get beside its modules, relative to the project's folder.
    """

    around: Surroundings
    listed: FrozenSet[str]
    template: Template
    workspaces: Tuple[str, ...]
    target_folders: Tuple[str, ...]
    built: FrozenSet[str]
    documents: Tuple[str, ...] = ()


def contents(shipment: Shipment, asked: Asked) -> Contents:
    """Make the list complete, and free of what must not be shipped.

    Raises:
        Problem: a link leads out of the project, or a manifest or cargo's configuration tells a secret.
    """
    gathered = _Gathered(shipment, asked)
    gathered.crates()
    gathered.configuration()
    gathered.included()
    gathered.documents()
    gathered.refuse_links()
    return gathered.result()


class _Gathered:
    def __init__(self, shipment: Shipment, asked: Asked) -> None:
        self._shipment, self._asked, self._root = shipment, asked, asked.around.root
        self._sources: Dict[str, str] = {}
        self._links: Dict[str, str] = {}
        self._configurations: Set[str] = set()
        # Sources, and the folders of their packages.
        self._rust: Dict[str, str] = {}
        # What is compiled into a crate is no secret, and nothing is built without it.
        self._compiled_in: Set[str] = set()
        self._notices: List[str] = list(shipment.notices)
        self._written = dict(shipment.written)

    def crates(self) -> None:
        """The files of all packages."""
        for crate in self._shipment.crates:
            content = reading.toml(os.path.join(crate.folder, "Cargo.toml"))
            found = crate_files.of_package(crate.folder, content, self._asked.around)
            for name in found.files:
                path = os.path.join(crate.folder, name)
                # The project may lie in the folder of a crate that it needs; it is at the root already.
                if _inside(path, self._root) and not _inside(crate.folder, self._root):
                    continue
                self._sources[posixpath.join(crate.place, name)] = path
                if name.endswith(".rs"):
                    self._rust[path] = crate.folder
            self._links.update((posixpath.join(crate.place, name), target) for name, target in found.links.items())
            if crate.manifest is not None:
                self._written[posixpath.join(crate.place, "Cargo.toml")] = crate.manifest
        self._sources.update(self._shipment.copied)

    def configuration(self) -> None:
        """cargo's configuration and the pinned toolchain, and the roots of the workspaces."""
        for name in (*_CONFIGURATION, "Cargo.toml", "Cargo.lock"):
            folders = self._asked.workspaces if name.startswith("Cargo.") else (self._root,)
            for path in (os.path.join(folder, name) for folder in folders):
                if os.path.isfile(path) and _inside(path, self._root):
                    self._sources[self._shown(path)] = path
        self._included_configuration([name for name in _CONFIGURATION if name in self._sources])
        above = [folder for folder in upwards(self._root) if any(_inside(folder, place) for place in self._asked.workspaces)]
        pinned = (os.path.join(folder, name) for folder in dict.fromkeys([self._root, *above]) for name in _TOOLCHAIN)
        path = next(filter(os.path.isfile, pinned), "")
        if path:
            self._sources[os.path.basename(path)] = path

    def _included_configuration(self, places: List[str]) -> None:
        """The files that cargo's configuration includes (https://doc.rust-lang.org/cargo/reference/config.html#include)."""
        for place in places:
            self._configurations.add(place)
            for name in _includes(self._sources[place]):
                path = os.path.normpath(os.path.join(os.path.dirname(self._sources[place]), name))
                found = self._shown(path)
                if os.path.isfile(path) and _inside(path, self._root) and found not in self._configurations:
                    self._sources[found] = path
                    self._included_configuration([found])

    def included(self) -> None:
        """Files that sources name, and that an earlier build has read."""
        for source, path in [*self._named(), *self._read_by_builds()]:
            place = self._shipment.layout.place(path)
            # What lies outside keeps its place towards the rest outside, not towards the project.
            found = place is not None and (not source or _inside(source, self._root) == _inside(path, self._root))
            if place is not None and found:
                self._compiled_in.add(place)
                self._sources.setdefault(place, path)
            elif source:
                shown = f"{self._shown(source)} includes {self._shown(path)}"
                self._notices.append(f"{shown}, which will not be there in the source distribution")

    def _named(self) -> Iterator[Tuple[str, str]]:
        """Sources, and the files that they include; those are looked into as well."""
        pending = sorted(self._rust.items())
        seen = set(self._rust)
        for source, folder in pending:
            content, beside = files.content(source), os.path.dirname(source)
            names = [os.path.join(folder if from_package else beside, name) for from_package, name in inclusions.named(content)]
            if source not in self._rust:
                # In no crate's folder, its modules are in no crate's list.
                names += [os.path.join(beside, name) for name in inclusions.modules(content, os.path.basename(source))]
            for path in filter(os.path.isfile, map(os.path.normpath, names)):
                yield source, path
                if path.endswith(".rs") and path not in seen and self._shipment.layout.place(path) is not None:
                    seen.add(path)
                    pending.append((path, folder))

    def _read_by_builds(self) -> Iterator[Tuple[str, str]]:
        for folder in self._asked.target_folders:
            # With and without a target triple.
            patterns = ("*/lib*.d", "*/debug/lib*.d", "*/release/lib*.d")
            found = {name for pattern in patterns for name in glob.glob(os.path.join(glob.escape(folder), pattern))}
            for name in sorted(found):
                text = files.content(name).decode("utf-8", "surrogateescape")
                for path in dep_info.files(text):
                    if not _inside(path, folder) and os.path.isfile(path):
                        yield "", path

    def documents(self) -> None:
        """What a wheel can't be packed without. What isn't there yet is said where a wheel is made."""
        for name in self._asked.documents:
            path = os.path.normpath(os.path.join(self._root, name))
            if not _inside(path, self._root):
                self._notices.append(f"sbom-files names {name}, which will not be there in the source distribution")
            elif os.path.isfile(path):
                self._sources.setdefault(self._shown(path), path)

    def refuse_links(self) -> None:
        """Refuse links that lead out of what the project is."""
        allowed = (self._root, *self._asked.workspaces, *(crate.folder for crate in self._shipment.crates))
        real = [os.path.realpath(folder) for folder in allowed]
        for place, target in self._links.items():
            # setuptools may list it for a reason of its own, such as a readme.
            ours = place not in self._asked.listed or place.endswith((".rs", "Cargo.toml"))
            if ours and self._asked.template.keeps(place) and not any(_inside(target, folder) for folder in real):
                raise DeclarationProblem(
                    f"a symbolic link leads out of the project, to {target}",
                    where=place,
                    why="what lies there is nothing that the source distribution should hold unasked",
                    hint="copy the file to its place, or leave it out with `exclude` in Cargo.toml or in MANIFEST.in",
                )

    def result(self) -> Contents:
        """All of it, after a look at every file for what must not be in it."""
        template, listed = self._asked.template, self._asked.listed
        kept = {place: path for place, path in self._sources.items() if template.keeps(place)}
        written = {place: content for place, content in self._written.items() if template.keeps(place)}
        self._tell_of_missing(kept, written)
        in_place = {place: os.path.join(self._root, place) for place in listed}
        bad = {place for place, path in {**in_place, **kept}.items() if self._is_unshippable(place, path)}
        for place, path in {**in_place, **kept}.items():
            if place not in bad and (place in self._configurations or place.endswith(_CONFIGURATION)):
                _check_configuration(place, path)
        self._check_manifests()
        outputs = sources.Outputs(self._root)
        left_out = {place for place in listed if place in self._asked.built or outputs.hold(place)}
        copied = {p: path for p, path in kept.items() if p not in bad and p not in written and in_place.get(p) != path}
        return Contents(
            dict(sorted(copied.items())), dict(sorted(written.items())), frozenset(left_out | bad), tuple(self._notices)
        )

    def _check_manifests(self) -> None:
        folders = {*(crate.folder for crate in self._shipment.crates), *self._asked.workspaces}
        for path in (os.path.join(folder, "Cargo.toml") for folder in sorted(folders)):
            text = files.content(path)
            # They have been read before, and nearly none needs to be again.
            if b"@" in text and b"git" in text:
                unshippable.check_manifest(reading.toml(path), text.decode("utf-8", "replace"), self._shown(path))

    def _is_unshippable(self, place: str, path: str) -> bool:
        never = unshippable.always(place)
        if not never and (place in self._asked.template.named or place in self._compiled_in or not is_key(place, path)):
            return False
        advice = "" if never else f"; `include {place}` in MANIFEST.in ships it all the same"
        self._notices.append(f"{place} is left out of the source distribution: it looks like a secret{advice}")
        return True

    def _tell_of_missing(self, kept: Mapping[str, str], written: Mapping[str, bytes]) -> None:
        for crate in self._shipment.crates:
            place = posixpath.join(crate.place, "Cargo.toml")
            if place not in kept and place not in written:
                self._notices.append(f"MANIFEST.in leaves {place} out, without which no wheel can be built")

    def _shown(self, path: str) -> str:
        return os.path.relpath(path, self._root).replace(os.sep, "/")


def is_key(place: str, path: str) -> bool:
    """Whether a file is a private key, or a store of them.

    Args:
        place: its path in the project, with slashes.
        path: where it is.
    """
    return unshippable.may_be_key(place) and unshippable.is_key(place, _beginning(path))


def _check_configuration(place: str, path: str) -> None:
    text = files.content(path).decode("utf-8", "replace")
    unshippable.check_configuration(_configuration(path), text, place)


def _configuration(path: str) -> Mapping[str, Any]:
    try:
        return reading.toml(path)
    except (OSError, Problem):
        # cargo will say so better.
        return {}


def _includes(path: str) -> Iterator[str]:
    value = _configuration(path).get("include", ())
    for entry in value if isinstance(value, list) else [value]:
        name = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(name, str):
            yield name


def _beginning(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_BEGINNING)
    except OSError:
        return b""


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
