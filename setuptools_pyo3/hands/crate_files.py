"""The files of one package: those that ``cargo package --list`` would name, told from the file system alone.

cargo has two lists, one for packages that git tracks and one for others. Ours is the same in a plain tree, a clone, a worktree and
a submodule: ``.gitignore`` files count everywhere, hidden files nowhere, and what git tracks or has never seen doesn't matter.

https://doc.rust-lang.org/cargo/reference/manifest.html#the-exclude-and-include-fields
"""

from __future__ import annotations

import os
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from ..mind import gitignore
from ..mind.gitignore import Rules
from ..mind.toml import table
from .cargo_files import upwards

# What is never looked into, wherever it is.
_OTHERS = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "CVS", "node_modules", "__pycache__"})
# A folder that holds one of these is a tool's output, or an environment.
_OUTPUT_MARKS = ("CACHEDIR.TAG", "pyvenv.cfg")
_BUILT = (".so", ".pyd", ".dylib", ".pyc")
# What builds write into setuptools' build folder, which may be a crate's own folder too.
_OF_SETUPTOOLS = ("lib", "temp", "bdist", "scripts", "setuptools-pyo3", "__editable__")
# Hidden, and read while crates are compiled: the queries that sqlx checks without a database.
_HIDDEN_AND_NEEDED = "!/.sqlx/"


class Found(NamedTuple):
    """The files of a package.

    Args:
        files: relative to its folder, with slashes, sorted.
        links: of them, those that a symbolic link leads to, with the absolute path that it leads to.
    """

    files: Tuple[str, ...]
    links: Mapping[str, str]


class Surroundings(NamedTuple):
    """What is the same for all packages of a project.

    Args:
        root: the project's folder, absolute.
        outputs: absolute folders that setuptools writes to.
    """

    root: str
    outputs: FrozenSet[str] = frozenset()


def of_package(folder: str, content: Mapping[str, Any], around: Surroundings) -> Found:
    """The files of a package. Secrets among them are for others to find.

    Args:
        folder: the package's, absolute.
        content: its manifest, as parsed.
        around: where it lies.
    """
    walk = _Walk(folder, content, around)
    walk.into(folder, "", _ignoring_above(folder, around.root), ())
    named = {name for name in _named(folder, content) if os.path.isfile(os.path.join(folder, name))}
    return Found(tuple(sorted({*walk.files, *named})), walk.links)


_Ignoring = Tuple[Tuple[int, Rules], ...]


class _Walk:
    def __init__(self, folder: str, content: Mapping[str, Any], around: Surroundings) -> None:
        self.files: List[str] = []
        self.links: Dict[str, str] = {}
        self._outputs = around.outputs
        package = table(content, "package")
        include, exclude = _strings(package.get("include")), _strings(package.get("exclude"))
        # cargo heeds one of them only, and no .gitignore beside include.
        self._include = gitignore.parse(include) if include else None
        self._exclude = gitignore.parse([".*", _HIDDEN_AND_NEEDED, *exclude])
        self._needed = {name.partition("/")[0] for name in _targets(folder, content)}

    def into(self, folder: str, relative: str, ignoring: _Ignoring, through: Tuple[str, ...]) -> None:
        """Look into a folder.

        Args:
            folder: absolute.
            relative: to the package's folder, "" for that itself, else with a slash at the end.
            ignoring: the rules that hold there, the nearest first, each with the length of the path that it doesn't see.
            through: the real paths of the folders whose links led here.
        """
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        names = {entry.name for entry in entries}
        if relative and not names.isdisjoint(("Cargo.toml", *_OUTPUT_MARKS)):
            return
        if self._include is None and ".gitignore" in names:
            ignoring = (_rules_of(folder), *ignoring)
        for entry in entries:
            name = f"{relative}{entry.name}"
            # A link to itself can't even be asked what it is.
            if entry.is_symlink() and not os.path.exists(entry.path):
                continue
            if entry.is_dir():
                if self._enters(entry, name, ignoring):
                    led = self._led(entry.path, folder, through) if entry.is_symlink() else through
                    if led is not None:
                        self.into(entry.path, f"{name}/", ignoring, led)
            elif entry.is_file() and self._takes(entry, name, ignoring):
                self.files.append(name)
                if through or entry.is_symlink():
                    self.links[name] = os.path.realpath(entry.path)

    @staticmethod
    def _led(link: str, folder: str, through: Tuple[str, ...]) -> Optional[Tuple[str, ...]]:
        """``through``, one link further; None for a link that leads back to a folder which it lies in."""
        target, led = os.path.realpath(link), (*through, os.path.realpath(folder))
        return None if any(place == target or place.startswith(os.path.join(target, "")) for place in led) else led

    def _enters(self, entry: os.DirEntry[str], name: str, ignoring: _Ignoring) -> bool:
        if entry.name in _OTHERS or name == "target" or name.endswith(".egg-info"):
            return False
        if entry.path in self._outputs:
            return name in self._needed
        if os.path.dirname(entry.path) in self._outputs and entry.name.startswith(_OF_SETUPTOOLS):
            return False
        if self._include is not None:
            return True
        return self._exclude.decide(name, is_folder=True) is not True and not _ignored(entry.path, ignoring, is_folder=True)

    def _takes(self, entry: os.DirEntry[str], name: str, ignoring: _Ignoring) -> bool:
        if name == "Cargo.toml":
            return True
        # The lock is the workspace's, and is added with that.
        if name == "Cargo.lock" or entry.name.endswith(_BUILT):
            return False
        if self._include is not None:
            return self._include.decide_with_parents(name)
        if self._exclude.decide(name, is_folder=False) is True:
            return False
        # git may track what it would ignore. Of sources that counts; of the rest only git itself could tell.
        return name.endswith(".rs") or not _ignored(entry.path, ignoring, is_folder=False)


def _ignoring_above(folder: str, root: str) -> _Ignoring:
    """The rules that hold for a package because of where it lies, the nearest first."""
    start = root if _inside(folder, root) else folder
    # A repository that begins above the project ignores for it too.
    repository = next((above for above in upwards(start) if os.path.lexists(os.path.join(above, ".git"))), start)
    parents = [above for above in list(upwards(folder))[1:] if _inside(above, repository)]
    found = tuple(_rules_of(above) for above in parents if os.path.isfile(os.path.join(above, ".gitignore")))
    if any(
        _ignored(above, found, is_folder=True) for above in upwards(start) if above != repository and _inside(above, repository)
    ):
        # Somebody's home may be a repository that ignores everything in it, this project too.
        return tuple((length, rules) for length, rules in found if length >= len(os.path.join(start, "")))
    return found


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _rules_of(folder: str) -> Tuple[int, Rules]:
    return len(os.path.join(folder, "")), gitignore.parse(_lines(os.path.join(folder, ".gitignore")))


def _ignored(path: str, ignoring: _Ignoring, *, is_folder: bool) -> bool:
    for length, rules in ignoring:
        said = rules.decide(path[length:].replace(os.sep, "/"), is_folder=is_folder)
        if said is not None:
            return said
    return False


def _named(folder: str, content: Mapping[str, Any]) -> Iterator[str]:
    """Files that the manifest names: they belong to the package, whatever it excludes. Those of other folders are not looked at."""
    package = table(content, "package")
    names = [package.get("license-file"), *_targets(folder, content)]
    readme = package.get("readme")
    names += [readme] if isinstance(readme, str) else ["README.md", "README.txt", "README"] if readme is not False else []
    for name in names:
        if isinstance(name, str):
            relative = os.path.normpath(name).replace(os.sep, "/")
            if not relative.startswith("../") and not os.path.isabs(name):
                yield relative


# https://doc.rust-lang.org/cargo/reference/cargo-targets.html#target-auto-discovery
_TARGET_FOLDERS = {"bin": "src/bin", "example": "examples", "test": "tests", "bench": "benches"}


def _targets(folder: str, content: Mapping[str, Any]) -> Set[str]:
    """The main files of the targets that the manifest names: cargo reads no manifest of which one is missing."""
    build = table(content, "package").get("build")
    found = {build if isinstance(build, str) else "build.rs", str(table(content, "lib").get("path", "src/lib.rs"))}
    for kind, place in _TARGET_FOLDERS.items():
        targets = content.get(kind)
        for target in targets if isinstance(targets, list) else ():
            name = target.get("name") if isinstance(target, dict) else None
            path = target.get("path") if isinstance(target, dict) else None
            found.update([path] if isinstance(path, str) else [f"{place}/{name}.rs", f"{place}/{name}/main.rs"])
    return {name for name in found if os.path.isfile(os.path.join(folder, name))}


def _strings(value: Any) -> List[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _lines(path: str) -> List[str]:
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            return file.read().split("\n")
    except OSError:
        return []
