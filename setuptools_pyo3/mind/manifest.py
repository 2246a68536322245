"""A crate's manifest (``Cargo.toml``) as a value, as far as a build tool has to know it before cargo runs."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from .toml import table


class Dependency(NamedTuple):
    """A normal dependency of a crate; build and dev dependencies don't reach its library.

    Args:
        key: the name it goes by in this manifest.
        package: the package's real name.
        requirement: the version requirement, "" where there is none.
        path: absolute folder of a path dependency, or "".
        optional: off unless a feature turns it on.
        default_features: whether its default features are on.
        features: further features of it.
        target: the ``cfg(...)`` or the triple that it is for, "" for all.
    """

    key: str
    package: str
    requirement: str
    path: str
    optional: bool
    default_features: bool
    features: Tuple[str, ...]
    target: str = ""


class Library(NamedTuple):
    """The library target: its name in cargo, and its crate types (``lib`` where the manifest is silent)."""

    name: str
    crate_types: Tuple[str, ...]


class Workspace(NamedTuple):
    """The ``[workspace]`` table: globs of members and exclusions, and what members may inherit."""

    folder: str
    members: Tuple[str, ...]
    exclude: Tuple[str, ...]
    default_members: Tuple[str, ...]
    dependencies: Mapping[str, Any]
    package: Mapping[str, Any]
    resolver: str


class Manifest(NamedTuple):
    """One ``Cargo.toml``.

    Args:
        folder: absolute.
        name: the package's, "" for a virtual manifest.
        version: the package's, "" where it has none.
        library: None where the package has none.
        features: each with what it turns on.
        dependencies: those that reach the library.
        workspace: the ``[workspace]`` table, where there is one.
        workspace_path: ``package.workspace``, "" where it is left to the search upwards.
        module: ``[package.metadata.setuptools-pyo3] module``, or "".
        edition: of the package, "" if inherited or unknown.
        profiles: its ``[profile]`` tables, which count at the root of a workspace only.
    """

    folder: str
    name: str
    version: str
    library: Optional[Library]
    features: Mapping[str, Tuple[str, ...]]
    dependencies: Tuple[Dependency, ...]
    workspace: Optional[Workspace]
    workspace_path: str
    module: str
    edition: str
    profiles: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The file itself."""
        return os.path.join(self.folder, "Cargo.toml")

    def dependency(self, package: str) -> Optional[Dependency]:
        """The dependency on a package of that real name, where there is one."""
        return next((d for d in self.dependencies if d.package == package), None)


def parse(content: Mapping[str, Any], folder: str, *, has_lib_rs: bool, inherited: Optional[Workspace] = None) -> Manifest:
    """Read a manifest from its parsed TOML. What has an unexpected shape is passed over: cargo will say so better.

    Args:
        content: the parsed file.
        folder: absolute; what paths in it are relative to.
        has_lib_rs: whether ``src/lib.rs`` exists beside it.
        inherited: the workspace it belongs to, for what it inherits; its own if it has one.
    """
    package = table(content, "package")
    workspace = _workspace(content, folder) if "workspace" in content else None
    name = str(package.get("name", ""))
    return Manifest(
        folder=folder,
        name=name,
        version=_inheritable(package, "version", workspace or inherited, default="0.0.0"),
        library=_library(content, name, has_lib_rs=has_lib_rs) if name else None,
        features={key: _strings(value) for key, value in table(content, "features").items()},
        dependencies=tuple(_dependencies(content, folder, workspace or inherited)),
        workspace=workspace,
        workspace_path=str(package.get("workspace", "")),
        module=str(table(package, "metadata", "setuptools-pyo3").get("module", "")),
        edition=_inheritable(package, "edition", workspace or inherited, default="2015"),
        profiles=table(content, "profile"),
    )


def library_name(package: str) -> str:
    """What cargo calls a library that its manifest gives no name."""
    return package.replace("-", "_")


def _inheritable(package: Mapping[str, Any], key: str, workspace: Optional[Workspace], *, default: str) -> str:
    value = package.get(key, default)
    if isinstance(value, Mapping):
        return str(workspace.package.get(key, "")) if workspace else ""
    return str(value)


def _strings(value: Any) -> Tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _library(content: Mapping[str, Any], package: str, *, has_lib_rs: bool) -> Optional[Library]:
    if "lib" not in content and not has_lib_rs:
        return None
    lib = table(content, "lib")
    types = _strings(lib.get("crate-type", lib.get("crate_type")))
    return Library(str(lib.get("name", library_name(package))), types or ("lib",))


def _workspace(content: Mapping[str, Any], folder: str) -> Workspace:
    own = table(content, "workspace")
    return Workspace(
        folder=folder,
        members=_strings(own.get("members")),
        exclude=_strings(own.get("exclude")),
        default_members=_strings(own.get("default-members")),
        dependencies=table(own, "dependencies"),
        package=table(own, "package"),
        resolver=str(own.get("resolver", "")),
    )


def _dependencies(content: Mapping[str, Any], folder: str, workspace: Optional[Workspace]) -> Iterable[Dependency]:
    tables = [("", table(content, "dependencies"))]
    # Which cfg(...) holds only rustc can say; a dependency of another platform adds features at worst.
    tables += [(name, table(target, "dependencies")) for name, target in table(content, "target").items()]
    for target, found in tables:
        for key, value in found.items():
            yield _dependency(key, value, folder, workspace)._replace(target=target)


def _dependency(key: str, value: Any, base: str, workspace: Optional[Workspace]) -> Dependency:
    own = value if isinstance(value, Mapping) else {"version": value}
    spec: Dict[str, Any] = dict(own)
    features: List[str] = []
    if own.get("workspace") is True and workspace is not None:
        base = workspace.folder
        shared = workspace.dependencies.get(key, {})
        spec = dict(shared) if isinstance(shared, Mapping) else {"version": shared}
        features += _strings(spec.get("features"))
        spec["optional"] = own.get("optional", False)
        # A member can turn default features on, not off.
        if own.get("default-features") is True:
            spec["default-features"] = True
    features += _strings(own.get("features"))
    path = spec.get("path")
    return Dependency(
        key=key,
        package=str(spec.get("package", key)),
        requirement=str(spec.get("version", "")),
        path=os.path.normpath(os.path.join(base, path)) if isinstance(path, str) else "",
        optional=bool(spec.get("optional", False)),
        default_features=spec.get("default-features", spec.get("default_features", True)) is not False,
        features=tuple(features),
    )
