"""What the manifests of local crates say in a source distribution, where some lie elsewhere and others aren't there."""

from __future__ import annotations

import copy
import os
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from . import local_paths
from .lock_pruning import Need
from .shipment import Layout, relative
from .toml import table

# What counts in the manifest at the root of a workspace only. A virtual manifest has nothing else.
_ROOT_TABLES = ("cargo-features", "workspace", "patch", "replace", "profile")
_FILES = ("readme", "license-file")
# https://doc.rust-lang.org/cargo/reference/resolver.html#resolver-versions
_RESOLVERS = {"2021": "2", "2024": "3"}


class Local(NamedTuple):
    """A local package that goes along.

    Args:
        folder: absolute.
        content: its parsed manifest.
        root: the folder of its workspace; its own where it is alone.
        name: the package's.
        version: in full.
    """

    folder: str
    content: Mapping[str, Any]
    root: str
    name: str
    version: str


class Root(NamedTuple):
    """The root of a workspace, or a package that is alone.

    Args:
        folder: absolute.
        content: its parsed manifest.
        place: where it goes. Where this isn't the place of its folder, the tables of the workspace are put into the manifest
            there, and the rest of its own manifest stays a member, if it is needed.
        members: the folders of those members that go along.
        is_whole: no member is left out.
        is_built: cargo builds extensions in it; from others, crates only inherit.
    """

    folder: str
    content: Mapping[str, Any]
    place: str
    members: Tuple[str, ...]
    is_whole: bool
    is_built: bool


class Bundle(NamedTuple):
    """All local packages of a source distribution.

    Args:
        layout: where things go.
        packages: by their folders.
        roots: of their workspaces, by their folders.
        unused: the keys of patches that nothing uses any more, by the file that they are in.
        is_file: tells whether there is a file at an absolute path.
        with_dev: dev-dependencies from elsewhere are kept.
    """

    layout: Layout
    packages: Mapping[str, Local]
    roots: Mapping[str, Root]
    unused: Mapping[str, FrozenSet[local_paths.Keys]]
    is_file: Callable[[str], bool]
    with_dev: bool

    def place(self, folder: str) -> str:
        """The place of a folder that has one."""
        return self.layout.place(folder) or ""

    def references(self, local: Local) -> Iterator[local_paths.Reference]:
        """All dependencies of a package."""
        return references(local, self.roots[local.root].content)

    def is_moved(self, root: Root) -> bool:
        """Whether the tables of the workspace are put elsewhere than the folder of its root."""
        return self.layout.place(root.folder) != root.place


def references(local: Local, root: Mapping[str, Any]) -> Iterator[local_paths.Reference]:
    """All dependencies of a package.

    Args:
        local: the package.
        root: the parsed manifest at the root of its workspace.
    """
    return local_paths.dependencies(local.content, local.folder, table(root, "workspace", "dependencies"), local.root)


def dropped(local: Local, bundle: Bundle) -> List[local_paths.Reference]:
    """The dev-dependencies that don't go along: no wheel is built with them, and crates that only tests use aren't there."""
    return [r for r in bundle.references(local) if r.is_dev and (not bundle.with_dev or (r.path and r.path not in bundle.packages))]


def needs(local: Local, bundle: Bundle) -> Optional[List[Need]]:
    """What is left of a package's dependencies, for its lock; None where that is all."""
    gone = {reference.keys for reference in dropped(local, bundle)}
    if not gone:
        return None
    return [Need(r.package, r.requirement, bool(r.path)) for r in bundle.references(local) if r.keys not in gone]


def manifest(local: Local, bundle: Bundle) -> Dict[str, Any]:
    """What a package's manifest says there."""
    content = copy.deepcopy(dict(local.content))
    place = bundle.place(local.folder)
    gone = dropped(local, bundle)
    for reference in gone:
        _remove(content, reference.keys)
    if gone:
        _forget_features(content)
    for reference in local_paths.dependencies(content, local.folder, {}, ""):
        _repath(content, reference, place, bundle)
    _refile(content.get("package"), local.folder, place, bundle)
    own = bundle.roots.get(local.folder)
    if own is not None:
        features = {key: content[key] for key in _ROOT_TABLES[:1] if key in content}
        kept = {key: value for key, value in content.items() if key not in _ROOT_TABLES}
        content = {**features, **kept, **({} if bundle.is_moved(own) else root_tables(own, bundle))}
    _point_to_root(content, local, place, bundle)
    for root in bundle.roots.values():
        if root.place == place and bundle.is_moved(root):
            content = _merged(content, root_tables(root, bundle))
    return content


def virtual(root: Root, bundle: Bundle) -> Optional[Dict[str, Any]]:
    """The manifest of a root without a package; None where its tables are part of a package's manifest."""
    if any(bundle.place(folder) == root.place for folder in bundle.packages):
        return None
    return root_tables(root, bundle)


def root_tables(root: Root, bundle: Bundle) -> Dict[str, Any]:
    """What a root's manifest says there for the whole workspace."""
    content = {key: copy.deepcopy(root.content[key]) for key in _ROOT_TABLES if key in root.content}
    if "workspace" in content:
        _members(content["workspace"], root, bundle)
        for reference in list(local_paths.shared(content, root.folder)):
            if reference.path and reference.path not in bundle.packages and bundle.is_moved(root):
                _remove(content, reference.keys)
            else:
                _repath(content, reference, root.place, bundle)
        _refile(content["workspace"].get("package"), root.folder, root.place, bundle)
    return patched(os.path.join(root.folder, "Cargo.toml"), content, root.folder, root.place, bundle)


def patched(file: str, content: Mapping[str, Any], folder: str, place: str, bundle: Bundle) -> Dict[str, Any]:
    """What a root's manifest, or cargo's configuration, says there with regard to patches.

    Args:
        file: its absolute path.
        content: what it says otherwise.
        folder: what paths in it are relative to.
        place: the same, there.
        bundle: all packages.
    """
    result = copy.deepcopy(dict(content))
    for reference in list(local_paths.patches(result, folder)):
        if reference.keys in bundle.unused.get(file, ()):
            _remove(result, reference.keys)
        else:
            _repath(result, reference, place, bundle)
    return {key: value for key, value in result.items() if key != "patch" or any(value.values())}


def resolver(root: Root) -> str:
    """The version of cargo's resolver that a workspace is resolved with."""
    package = table(root.content, "package")
    given = table(root.content, "workspace").get("resolver") or package.get("resolver")
    edition = package.get("edition")
    if isinstance(edition, Mapping):
        edition = table(root.content, "workspace", "package").get("edition")
    return str(given or _RESOLVERS.get(str(edition), "1"))


def files_elsewhere(local: Local, bundle: Bundle) -> Iterator[str]:
    """Readmes and licences that a package names outside its folder, as absolute paths."""
    root = bundle.roots.get(local.root)
    shared = table(root.content, "workspace", "package") if root else {}
    for key in _FILES:
        value = table(local.content, "package").get(key)
        inherited = isinstance(value, Mapping)
        path = _file(shared.get(key) if inherited else value, local.root if inherited else local.folder, bundle)
        if path and not path.startswith(os.path.join(local.folder, "")):
            yield path


def _file(value: Any, folder: str, bundle: Bundle) -> str:
    path = os.path.normpath(os.path.join(folder, value)) if isinstance(value, str) else ""
    return path if path and bundle.is_file(path) else ""


def _members(workspace: Dict[str, Any], root: Root, bundle: Bundle) -> None:
    """Name those members that are there, where it isn't all of them at their places; and leave out what was none before."""
    places = {folder: bundle.place(folder) for folder in root.members}
    others = [local for local in bundle.packages.values() if local.folder not in places and local.folder != root.folder]
    moved = bundle.is_moved(root)
    if moved or not root.is_whole or any(_is_off(folder, root, bundle) for folder in root.members):
        # Whatever lies in the folder of a member that is named can't be excluded. One that is a dependency needn't be named.
        found = {reference.path for local in bundle.packages.values() for reference in bundle.references(local)}
        around = {f for f in places if f in found and any(bundle.place(o.folder).startswith(f"{places[f]}/") for o in others)}
        named = [place for folder, place in places.items() if folder not in around and place != root.place]
        workspace["members"] = sorted(relative(root.place, place) for place in named)
        if "default-members" in workspace:
            default = _default_members(workspace["default-members"], root, bundle)
            workspace.pop("default-members")
            if default:
                workspace["default-members"] = default
        if moved or root.folder not in bundle.packages:
            # Its own package decided about it, or its being virtual.
            workspace["resolver"] = resolver(root)
    if moved:
        workspace.pop("exclude", None)
    prefix = f"{root.place}/" if root.place else ""
    inside = [o for o in others if bundle.place(o.folder).startswith(prefix) and (moved or _is_off(o.folder, root, bundle))]
    excluded = sorted(relative(root.place, bundle.place(other.folder)) for other in inside)
    if excluded:
        workspace["exclude"] = sorted({*workspace.get("exclude", ()), *excluded})


def _is_off(folder: str, root: Root, bundle: Bundle) -> bool:
    """Whether a folder lies elsewhere than before, seen from the root."""
    before = os.path.relpath(folder, root.folder).replace(os.sep, "/")
    return before != relative(root.place, bundle.place(folder))


def _default_members(given: Any, root: Root, bundle: Bundle) -> List[str]:
    named = {os.path.normpath(os.path.join(root.folder, entry)) for entry in given if isinstance(entry, str)}
    return sorted(relative(root.place, bundle.place(folder)) for folder in root.members if folder in named)


def _point_to_root(content: Dict[str, Any], local: Local, place: str, bundle: Bundle) -> None:
    """Mend ``package.workspace``, which says where the root is if it isn't above."""
    package = content.get("package")
    if not isinstance(package, dict) or "workspace" not in package:
        return
    root = bundle.roots.get(local.root)
    if root is None or root.folder == local.folder or bundle.is_moved(root):
        # Nothing is inherited from it, or it is above now.
        del package["workspace"]
    else:
        _set_path(package, "workspace", relative(place, root.place))


def _repath(content: Dict[str, Any], reference: local_paths.Reference, place: str, bundle: Bundle) -> None:
    """Write the path of a local crate as it is there. One that isn't there stays as it is: nobody looks at it."""
    spec = _at(content, reference.keys)
    if reference.path in bundle.packages and isinstance(spec, dict) and "path" in spec:
        _set_path(spec, "path", relative(place, bundle.place(reference.path)))


def _refile(package: Any, folder: str, place: str, bundle: Bundle) -> None:
    """Write the paths of readme and licence as they are there."""
    for key in _FILES if isinstance(package, dict) else ():
        path = _file(package.get(key), folder, bundle)
        there = bundle.layout.place(path) if path else None
        if there is not None:
            _set_path(package, key, relative(place, there))


def _set_path(table_: Dict[str, Any], key: str, path: str) -> None:
    # The same path can be spelt in other ways, and then stays as it is.
    if os.path.normpath(table_[key]).replace(os.sep, "/") != path:
        table_[key] = path


def _forget_features(content: Dict[str, Any]) -> None:
    """Remove what features ask of dev-dependencies that are gone."""
    known = {reference.keys[-1] for reference in local_paths.dependencies(content, "", {}, "")}
    features = content.get("features")
    if not isinstance(features, dict):
        return
    for name, asked in features.items():
        if isinstance(asked, list):
            features[name] = [word for word in asked if "/" not in str(word) or str(word).split("/")[0].rstrip("?") in known]


def _merged(content: Dict[str, Any], tables: Mapping[str, Any]) -> Dict[str, Any]:
    """A package's manifest that becomes the root's; what only counts there replaces its own, which didn't count."""
    features = [*content.get("cargo-features", ()), *tables.get("cargo-features", ())]
    kept = {key: value for key, value in content.items() if key not in _ROOT_TABLES}
    if isinstance(kept.get("package"), dict):
        kept["package"].pop("resolver", None)
    first = {"cargo-features": sorted(set(features))} if features else {}
    return {**first, **kept, **{key: value for key, value in tables.items() if key != "cargo-features"}}


def _at(content: Any, keys: local_paths.Keys) -> Any:
    for key in keys:
        content = content[key]
    return content


def _remove(content: Dict[str, Any], keys: local_paths.Keys) -> None:
    del _at(content, keys[:-1])[keys[-1]]
