"""Every place in a manifest that names another crate: what a crate needs in order to be resolved, not only to be built."""

from __future__ import annotations

import os
from typing import Any, Iterator, Mapping, NamedTuple, Tuple

from .toml import table

Keys = Tuple[str, ...]

# The older spelling of a table is still read.
_KINDS = (
    ("dependencies", False),
    ("build-dependencies", False),
    ("build_dependencies", False),
    ("dev-dependencies", True),
    ("dev_dependencies", True),
)


class Reference(NamedTuple):
    """A dependency of any kind and for any platform, or a patch.

    Args:
        keys: of its entry in the manifest.
        package: the package's real name.
        requirement: the version requirement, "" where there is none.
        path: the absolute folder of a local crate, "" where it comes from elsewhere.
        is_dev: it is a dev-dependency.
        is_git: it comes from a repository.
    """

    keys: Keys
    package: str
    requirement: str
    path: str
    is_dev: bool
    is_git: bool


def dependencies(content: Mapping[str, Any], folder: str, shared: Mapping[str, Any], shared_folder: str) -> Iterator[Reference]:
    """All that a package depends on.

    Args:
        content: its parsed manifest.
        folder: its own.
        shared: ``[workspace.dependencies]`` of its workspace.
        shared_folder: that of its workspace.
    """
    tops: Tuple[Keys, ...] = ((), *(("target", name) for name in table(content, "target")))
    for top in tops:
        for kind, is_dev in _KINDS:
            for key, value in table(content, *top, kind).items():
                inherited = isinstance(value, Mapping) and value.get("workspace") is True
                spec, base = (shared.get(key, ""), shared_folder) if inherited else (value, folder)
                yield _reference((*top, kind, key), spec, base, is_dev=is_dev)


def shared(content: Mapping[str, Any], folder: str) -> Iterator[Reference]:
    """The ``[workspace.dependencies]`` of a root manifest."""
    for key, value in table(content, "workspace", "dependencies").items():
        yield _reference(("workspace", "dependencies", key), value, folder)


def patches(content: Mapping[str, Any], folder: str) -> Iterator[Reference]:
    """What stands in for packages from elsewhere, in a root manifest or in cargo's configuration.

    Args:
        content: as parsed.
        folder: what paths in it are relative to.
    """
    for registry in table(content, "patch"):
        for key, value in table(content, "patch", registry).items():
            yield _reference(("patch", registry, key), value, folder)
    for key, value in table(content, "replace").items():
        # "name:1.2.3", or a URL that ends so.
        name = key.rpartition("#")[2].rpartition("/")[2].partition(":")[0].partition("@")[0]
        yield _reference(("replace", key), value, folder)._replace(package=name)


def _reference(keys: Keys, spec: Any, base: str, *, is_dev: bool = False) -> Reference:
    given = spec if isinstance(spec, Mapping) else {"version": spec}
    path = given.get("path")
    return Reference(
        keys=keys,
        package=str(given.get("package", keys[-1])),
        requirement=str(given.get("version", "")),
        path=os.path.normpath(os.path.join(base, path)) if isinstance(path, str) else "",
        is_dev=is_dev,
        is_git="git" in given,
    )
