"""Which cargo features a build turns on, and with which of them PyO3 is compiled.

cargo resolves features itself; this foretells the outcome for the crates whose manifests lie in the project, without a
process. It decides the names of files before the build; after the build PyO3's own ``cfg``s have the last word
(:func:`setuptools_pyo3.mind.abi.from_cfgs`).
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Set, Tuple

from .manifest import Dependency, Manifest

PYO3_PACKAGES = ("pyo3", "pyo3-ffi")


class Resolved(NamedTuple):
    """What is on.

    Args:
        crates: the folder of each local crate that is compiled, with its features.
        pyo3: the features asked of ``pyo3`` and ``pyo3-ffi`` by the local crates.
        uses_pyo3: whether any local crate depends on one of them.
        packages: names of all direct dependencies that are on.
    """

    crates: Mapping[str, FrozenSet[str]]
    pyo3: FrozenSet[str]
    uses_pyo3: bool
    packages: FrozenSet[str]


class _Resolver:
    def __init__(self, manifests: Mapping[str, Manifest]) -> None:
        self.manifests = manifests
        self.features: Dict[str, Set[str]] = {}
        self.enabled: Dict[str, Set[str]] = {}
        self.weak: Dict[Tuple[str, str], Set[str]] = {}
        self.foreign: Dict[str, Set[str]] = {}

    def turn_on(self, folder: str, asked: Iterable[str]) -> None:
        manifest = self.manifests[folder]
        if folder not in self.features:
            self.features[folder] = set()
            for dependency in manifest.dependencies:
                if not dependency.optional:
                    self._use(manifest, dependency, ())
        pending: List[str] = list(asked)
        while pending:
            item = pending.pop()
            # A crate may be named on the command line as its dependencies are: crate/feature.
            item = item[len(manifest.name) + 1 :] if item.startswith(f"{manifest.name}/") else item
            if "/" in item or item.startswith("dep:"):
                self._pass_on(manifest, item)
            elif item not in self.features[folder]:
                self.features[folder].add(item)
                pending += self._expand(manifest, item)

    def _expand(self, manifest: Manifest, feature: str) -> Tuple[str, ...]:
        if feature in manifest.features:
            return tuple(manifest.features[feature])
        # An optional dependency is a feature of its own name.
        self._named(manifest, feature, ())
        return ()

    def _pass_on(self, manifest: Manifest, item: str) -> None:
        """Turn a dependency on (``dep:name``), or a feature of it (``name/feature``; with ``name?`` only if it is on)."""
        name, _, feature = item[4:].partition("/") if item.startswith("dep:") else item.partition("/")
        if name.endswith("?"):
            name = name[:-1]
            self.weak.setdefault((manifest.folder, name), set()).add(feature)
            if name not in self.enabled.get(manifest.folder, ()):
                return
        self._named(manifest, name, (feature,) if feature else ())

    def _named(self, manifest: Manifest, key: str, features: Tuple[str, ...]) -> None:
        for dependency in manifest.dependencies:
            if dependency.key == key:
                self._use(manifest, dependency, features)

    def _use(self, manifest: Manifest, dependency: Dependency, features: Tuple[str, ...]) -> None:
        self.enabled.setdefault(manifest.folder, set()).add(dependency.key)
        default = ("default",) if dependency.default_features else ()
        weak = self.weak.get((manifest.folder, dependency.key), ())
        asked = (*default, *dependency.features, *features, *weak)
        # PyO3 may lie in a folder too (a fork, a submodule); it is still PyO3.
        if dependency.path not in self.manifests or dependency.package in PYO3_PACKAGES:
            self.foreign.setdefault(dependency.package, set()).update(asked)
        if dependency.path in self.manifests:
            self.turn_on(dependency.path, asked)


def resolve(folder: str, manifests: Mapping[str, Manifest], features: Iterable[str], *, default: bool = True) -> Resolved:
    """Foretell which features one crate and its local dependencies get.

    Args:
        folder: the crate's.
        manifests: by folder, the crate's and those of its local dependencies.
        features: those asked for on the command line.
        default: whether the crate's default features are on.
    """
    resolver = _Resolver(manifests)
    resolver.turn_on(folder, (*features, *(("default",) if default else ())))
    asked = [resolver.foreign[name] for name in PYO3_PACKAGES if name in resolver.foreign]
    return Resolved(
        crates={name: frozenset(on) for name, on in resolver.features.items()},
        pyo3=frozenset().union(*asked),
        uses_pyo3=bool(asked),
        packages=frozenset(resolver.foreign),
    )
