"""Which local crates a source distribution needs, and what has to be written so that they build there."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..errors import DeclarationProblem
from ..mind import bundling, local_paths, lock_pruning, toml_text
from ..mind.bundling import Bundle, Local, Root
from ..mind.lock_pruning import Pruned
from ..mind.shipment import MOVED, OUTSIDE, Layout, Shipment, ShippedCrate
from . import cargo_files, files, reading


def shipment(root: str, manifests: Sequence[str], *, with_dev: bool = True) -> Shipment:
    """What a source distribution holds for cargo's sake. Neither cargo nor a network is needed.

    Args:
        root: the Python project's folder.
        manifests: the absolute paths of the extensions' manifests.
        with_dev: whether dev-dependencies from elsewhere are kept. Those on local crates go where nothing else needs the crate.

    Raises:
        Problem: a manifest can't be read, or a crate can't be taken along.
    """
    root = os.path.abspath(root)
    collected = _Collection(root, with_dev)
    collected.take([os.path.abspath(manifest) for manifest in manifests])
    bundle, locks = collected.bundle()
    crates = [
        ShippedCrate(local.folder, bundle.place(local.folder), _manifest(local, bundle)) for local in bundle.packages.values()
    ]
    written = [*_virtual(bundle), *_locks(bundle, locks), *_moved(root, manifests, bundle.layout)]
    written += _configuration(collected.configuration, bundle)
    # In an unpacked sdist, of which another one is made, the list of what was moved is still needed.
    known = [path for path in [os.path.join(root, *MOVED.split("/"))] if os.path.isfile(path)]
    copied = {place: path for path in [*_elsewhere(bundle), *known] for place in [bundle.layout.place(path)] if place is not None}
    return Shipment(
        crates=tuple(sorted(crates, key=lambda crate: crate.place)),
        written=tuple(sorted(written)),
        copied=tuple(sorted(copied.items())),
        notices=tuple(_notices(root, bundle)),
        layout=bundle.layout,
        roots=tuple(sorted(found.place for found in bundle.roots.values() if found.is_built)),
    )


class _Collection:
    """The crates that are needed, as they are found."""

    def __init__(self, root: str, with_dev: bool) -> None:
        self.root, self.with_dev = root, with_dev
        self.crates = reading.Crates()
        self.locals: Dict[str, Local] = {}
        self.built: Set[str] = set()
        # cargo's configuration can have patches too. With both names, cargo reads the one without an ending.
        places = (os.path.join(root, ".cargo", name) for name in ("config", "config.toml"))
        self.configuration = next(filter(os.path.isfile, places), "")

    def take(self, paths: Iterable[str]) -> None:
        """Take the extensions' crates and all that they reach; of a virtual manifest, all members."""
        crates = {path: self.crates.read(path, os.path.relpath(path, self.root)) for path in paths}
        self.built = {crate.root.folder for crate in crates.values()}
        for path, crate in crates.items():
            for member in crate.members or [path]:
                self._take(os.path.dirname(member), path)

    def _take(self, folder: str, wanted_by: str) -> None:
        pending = [(folder, wanted_by)]
        while pending:
            folder, wanted_by = pending.pop()
            if folder in self.locals:
                continue
            local = self._local(folder, wanted_by)
            self.locals[folder] = local
            found = bundling.references(local, self.crates.content(local.root))
            path = os.path.join(folder, "Cargo.toml")
            pending += [(reference.path, path) for reference in found if reference.path and not reference.is_dev]

    def _local(self, folder: str, wanted_by: str) -> Local:
        if not os.path.isfile(os.path.join(folder, "Cargo.toml")):
            raise DeclarationProblem(
                f"there is no crate in {os.path.relpath(folder, self.root)}",
                where=os.path.relpath(wanted_by, self.root),
                why="it is a path dependency, so the source distribution would lack it",
            )
        content = self.crates.content(folder)
        root = self.crates.root(folder)
        # A root from which nothing is inherited is of no use to a crate that isn't built in its workspace.
        known = root.folder in self.built or root.folder == folder or _inherits(content)
        manifest = self.crates.manifest(folder, root.workspace if root.folder != folder else None)
        return Local(folder, content, root.folder if known else folder, manifest.name, manifest.version)

    def bundle(self) -> Tuple[Bundle, Dict[str, Pruned]]:
        """All packages in their places, and the locks of the workspaces that are built."""
        unused: Dict[str, FrozenSet[local_paths.Keys]] = {}
        locks = self._locks(self._in_place(unused))
        for folder, lock in locks.items():
            path = os.path.join(folder, "Cargo.toml")
            unused[path] = self._patches(path, folder, self.crates.content(folder), [lock])
        if self.configuration:
            unused[self.configuration] = self._patches(
                self.configuration, self.root, reading.toml(self.configuration), list(locks.values())
            )
        bundle = self._in_place(unused)
        bundle = bundle._replace(layout=_layout(self.root, bundle))
        roots = {folder: root._replace(place=self._place(root, bundle)) for folder, root in bundle.roots.items()}
        bundle = bundle._replace(roots=roots)
        return bundle, {folder: lock for folder, lock in self._locks(bundle).items() if lock is not None}

    def _patches(
        self, file: str, folder: str, content: Mapping[str, Any], locks: Sequence[Optional[Pruned]]
    ) -> FrozenSet[local_paths.Keys]:
        """Take the crates that are patched in; returns the keys of those patches that nothing uses."""
        unused = []
        for reference in local_paths.patches(content, folder):
            if not any(lock is None or _is_used(reference, lock) for lock in locks):
                unused.append(reference.keys)
            elif reference.path:
                self._take(reference.path, file)
        return frozenset(unused)

    def _in_place(self, unused: Mapping[str, FrozenSet[local_paths.Keys]]) -> Bundle:
        """The packages with their roots, before it is known where they go."""
        packages = {folder: self.locals[folder] for folder in sorted(self.locals)}
        bundle = Bundle(Layout(self.root), packages, {}, unused, os.path.isfile, self.with_dev)
        folders = sorted({*self.built, *(local.root for local in packages.values())})
        contents = {folder: Root(folder, self.crates.content(folder), "", (), True, folder in self.built) for folder in folders}
        bundle = bundle._replace(roots=contents)
        return bundle._replace(roots={folder: self._with_members(root, bundle) for folder, root in contents.items()})

    def _with_members(self, root: Root, bundle: Bundle) -> Root:
        """A root with its members: those that it names, and what they reach by path, unless that is excluded."""
        named = {member.folder for member in self.crates.members(self.crates.manifest(root.folder))}
        found: Dict[str, None] = {}
        pending = sorted(named & set(bundle.packages))
        while pending:
            folder = pending.pop()
            if folder in found or bundle.packages[folder].root != root.folder:
                continue
            found[folder] = None
            if "workspace" in root.content:
                pending += [r.path for r in bundle.references(bundle.packages[folder]) if r.path in bundle.packages]
        return root._replace(members=tuple(sorted(found)), is_whole=named <= set(found))

    def _place(self, root: Root, bundle: Bundle) -> str:
        """Where the tables of a workspace go: where they are, or to the project's root if that lies in it."""
        inside = [local for local in bundle.packages.values() if local.root == root.folder and _is_below(local.folder, self.root)]
        if _is_below(root.folder, self.root) or not inside:
            return bundle.place(root.folder)
        there = bundle.packages.get(self.root)
        if self.root in bundle.roots or (there is not None and there.root != root.folder):
            raise DeclarationProblem(
                "two workspaces would have their root here in the source distribution",
                where=os.path.join(self.root, "Cargo.toml"),
                why=f"{os.path.relpath(inside[0].folder, self.root)} belongs to the workspace in "
                f"{os.path.relpath(root.folder, self.root)}, and this crate doesn't",
                hint="make this crate a member too, or move it into a folder",
            )
        return ""

    def _locks(self, bundle: Bundle) -> Dict[str, Optional[Pruned]]:
        """The pruned locks of the workspaces that are built; None where there is no lock."""
        left = {(local.name, local.version): bundling.needs(local, bundle) for local in bundle.packages.values()}
        needs = {package: some for package, some in left.items() if some is not None}
        found: Dict[str, Optional[Pruned]] = {}
        for folder, root in bundle.roots.items():
            path = os.path.join(folder, "Cargo.lock")
            if not root.is_built:
                continue
            if not os.path.isfile(path):
                found[folder] = None
                continue
            members = [(bundle.packages[member].name, bundle.packages[member].version) for member in root.members]
            lock = lock_pruning.pruned(files.content(path).decode("utf-8", "surrogateescape"), members, needs)
            found[folder] = lock
        return found


def _is_used(patch: local_paths.Reference, lock: Pruned) -> bool:
    """Whether anything is built from what a patch puts in."""
    sources = [package.source for package in lock.packages if package.name == patch.package]
    if patch.path:
        return "" in sources
    return any(source.startswith("git+") == patch.is_git for source in sources)


def _inherits(content: Any) -> bool:
    """Whether anything in a manifest is taken from the workspace."""
    if isinstance(content, Mapping):
        return content.get("workspace") is True or any(map(_inherits, content.values()))
    return False


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _elsewhere(bundle: Bundle) -> List[str]:
    return sorted({path for local in bundle.packages.values() for path in bundling.files_elsewhere(local, bundle)})


def _layout(root: str, bundle: Bundle) -> Layout:
    """The layout that has a place for all that lies outside the project.

    Raises:
        DeclarationProblem: there can be none.
    """
    folders = [*bundle.packages, *map(os.path.dirname, _elsewhere(bundle))]
    for found in bundle.roots.values():
        if not any(_is_below(local.folder, root) for local in bundle.packages.values() if local.root == found.folder):
            folders.append(found.folder)
    outside = sorted({folder for folder in folders if not _is_below(folder, root)})
    if not outside:
        return Layout(root)
    if os.path.exists(os.path.join(root, *OUTSIDE.split("/"))):
        raise DeclarationProblem(
            f"{OUTSIDE} is in the way",
            where=root,
            why=f"crates from outside the project go there in a source distribution: {os.path.relpath(outside[0], root)}",
        )
    for parent in list(cargo_files.upwards(root))[1:]:
        if all(_is_below(folder, parent) for folder in outside):
            return Layout(root, parent)
    raise DeclarationProblem(
        "crates on another drive can't be put into a source distribution", where=root, why=f"one is in {outside[0]}"
    )


def _manifest(local: Local, bundle: Bundle) -> Optional[bytes]:
    wanted = bundling.manifest(local, bundle)
    return None if wanted == local.content else _rewritten(os.path.join(local.folder, "Cargo.toml"), wanted)


def _rewritten(path: str, wanted: Mapping[str, Any]) -> bytes:
    text = files.content(path).decode("utf-8")
    return toml_text.rewritten(text, wanted, reading.loads).encode("utf-8")


def _virtual(bundle: Bundle) -> Iterator[Tuple[str, bytes]]:
    for root in bundle.roots.values():
        wanted = bundling.virtual(root, bundle)
        if wanted is not None:
            yield _in(root.place, "Cargo.toml"), _rewritten(os.path.join(root.folder, "Cargo.toml"), wanted)


def _configuration(path: str, bundle: Bundle) -> Iterator[Tuple[str, bytes]]:
    content = reading.toml(path) if path else {}
    wanted = bundling.patched(path, content, bundle.layout.root, "", bundle)
    if wanted != content:
        yield f".cargo/{os.path.basename(path)}", _rewritten(path, wanted)


def _locks(bundle: Bundle, locks: Mapping[str, Pruned]) -> Iterator[Tuple[str, bytes]]:
    for folder, lock in locks.items():
        yield _in(bundle.roots[folder].place, "Cargo.lock"), lock.text.encode("utf-8", "surrogateescape")


def _moved(root: str, manifests: Iterable[str], layout: Layout) -> Iterator[Tuple[str, bytes]]:
    """The list of extensions' manifests that come from outside: the project says where they were."""
    absolute = (os.path.abspath(manifest) for manifest in manifests)
    moved = {os.path.relpath(path, root).replace(os.sep, "/"): layout.place(path) for path in absolute if not _is_below(path, root)}
    if moved:
        yield MOVED, (json.dumps(moved, indent=2, sort_keys=True) + "\n").encode()


def _in(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name


def _notices(root: str, bundle: Bundle) -> Iterator[str]:
    """What holds for a build in place, and won't for one from the source distribution."""
    tops = {*bundle.packages, *bundle.roots}
    for folder in list(cargo_files.upwards(root))[1:]:
        if not any(_is_below(folder, top) for top in tops):
            return
        for name in (".cargo/config.toml", ".cargo/config"):
            path = os.path.join(folder, *name.split("/"))
            if os.path.isfile(path):
                yield (
                    f"{os.path.relpath(path, root)} lies above the project, so it isn't in the source distribution; "
                    "copy to the project's own what wheels from that need"
                )
