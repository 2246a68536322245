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
        self.foreign: Dict[str, Set[str]] = {}

    def turn_on(self, folder: str, asked: Iterable[str]) -> None:
        manifest = self.manifests[folder]
        first_time = folder not in self.features
        known = self.features.setdefault(folder, set())
        pending: List[str] = list(asked)
        while pending:
            item = pending.pop()
            if item not in known:
                known.add(item)
                pending += self._expand(manifest, item)
        if first_time:
            for dependency in manifest.dependencies:
                if not dependency.optional:
                    self._use(manifest, dependency, ())

    def _expand(self, manifest: Manifest, item: str) -> Tuple[str, ...]:
        if item.startswith("dep:"):
            self._named(manifest, item[4:], ())
            return ()
        if "/" in item:
            name, _, feature = item.partition("/")
            if name.endswith("?"):
                self._weakly(manifest, name[:-1], feature)
            else:
                self._named(manifest, name, (feature,))
            return ()
        if item in manifest.features:
            return tuple(manifest.features[item])
        self._named(manifest, item, ())
        return ()

    def _named(self, manifest: Manifest, key: str, features: Tuple[str, ...]) -> None:
        for dependency in manifest.dependencies:
            if dependency.key == key:
                self._use(manifest, dependency, features)

    def _weakly(self, manifest: Manifest, key: str, feature: str) -> None:
        # Whether the dependency is on may turn out later; a feature too many is harmless to what this decides.
        if any(d.key == key and (not d.optional or d.key in self.enabled.get(manifest.folder, ())) for d in manifest.dependencies):
            self._named(manifest, key, (feature,))

    def _use(self, manifest: Manifest, dependency: Dependency, features: Tuple[str, ...]) -> None:
        self.enabled.setdefault(manifest.folder, set()).add(dependency.key)
        default = ("default",) if dependency.default_features else ()
        asked = (*default, *dependency.features, *features)
        if dependency.path in self.manifests:
            self.turn_on(dependency.path, asked)
        else:
            self.foreign.setdefault(dependency.package, set()).update(asked)


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
