"""cargo's configuration for vendored crates, and what stands in for crates that are for other platforms only."""

from __future__ import annotations

import copy
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Tuple

from .toml import table


def merged(content: Mapping[str, Any], vendored: Mapping[str, Any], registries: Mapping[str, str]) -> Dict[str, Any]:
    """A configuration with the sources replaced.

    Args:
        content: the project's own, as parsed.
        vendored: what ``cargo vendor`` prints, as parsed.
        registries: the indexes of the registries that manifests name, where the project's own configuration lacks them.
    """
    result = copy.deepcopy(dict(content))
    for name, source in table(vendored, "source").items():
        result.setdefault("source", {})[name] = {**table(content, "source", name), **source}
    for name, index in registries.items():
        result.setdefault("registries", {}).setdefault(name, {"index": index})
    return result


def registries(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The names of the registries that a manifest takes anything from; only a configuration says what they mean."""
    for key, value in manifest.items():
        if key == "registry" and isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from registries(value)


def needed(metadata: Mapping[str, Any]) -> Iterator[Tuple[str, str]]:
    """The names and versions of the packages in the output of ``cargo metadata``."""
    nodes = table(metadata, "resolve").get("nodes")
    ids = {node.get("id") for node in nodes or ()}
    return ((package["name"], package["version"]) for package in metadata.get("packages", ()) if package.get("id") in ids)


_KEPT = ("name", "version", "edition", "rust-version", "resolver")


def stub(manifest: Mapping[str, Any]) -> Dict[str, Any]:
    """The manifest of an empty crate with the same dependencies and features: cargo resolves it, and nobody compiles it.

    Args:
        manifest: of the real one, as parsed.
    """
    package = {key: value for key, value in table(manifest, "package").items() if key in _KEPT}
    lib = {key: value for key, value in table(manifest, "lib").items() if key in ("name", "proc-macro")}
    tables: List[str] = ["dependencies", "build-dependencies", "target", "features"]
    kept = {key: manifest[key] for key in tables if key in manifest}
    return {"package": {**package, "build": False}, "lib": {**lib, "path": "src/lib.rs"}, **kept}


def command(program: str, manifests: Iterable[str], folder: str, *, locked: bool) -> List[str]:
    """The command that vendors what several workspaces need.

    Args:
        program: cargo.
        manifests: of the workspaces' roots, absolute paths.
        folder: where the crates go.
        locked: every workspace has a lock.
    """
    first, *others = manifests
    also = [f"--sync={path}" for path in others]
    # A mirror that stands in for a registry does so here too.
    options = ["--versioned-dirs", "--respect-source-config", *(["--locked"] if locked else [])]
    return [program, "vendor", *options, f"--manifest-path={first}", *also, folder]
