"""What the modules of an editable installation were made from, noted so that an import can tell by a few looks what has changed."""

from __future__ import annotations

import marshal
import os
import time
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Set, Tuple

from ..mind import dep_info, messages
from ..mind.messages import ScriptRun
from . import cargo_files, files, sources
from .files import State
from .hearing import Heard

_MODULES = "modules"
# Nothing ever is in this state: what was written while it was being read.
_DOUBTFUL = [-1, -1]


class Module(NamedTuple):
    """A module that is watched.

    Args:
        name: its full dotted name.
        manifest_path: of its crate.
        files: what was put in place for it, none where it is optional and could not be built.
    """

    name: str
    manifest_path: str
    files: Tuple[str, ...]


class Before(NamedTuple):
    """What was known before a build.

    Args:
        nanoseconds: when it began.
        states: of the files that were known to matter: a change during the build must count as one.
    """

    nanoseconds: int
    states: Mapping[str, State]


def look(folder: str, common: Iterable[str]) -> Before:
    """To be called before a build.

    Args:
        folder: where earlier builds noted what they did.
        common: files that are known to matter anyway.
    """
    now = time.time_ns()
    paths = {*common, *(path for name in _names(folder) for path in _load(folder, name).get("states", ()))}
    return Before(now, {path: files.state(path) for path in paths})


def note(
    folder: str,
    modules: Sequence[Module],
    heard: Iterable[Heard],
    common: Iterable[str],
    before: Before,
    environ: Mapping[str, str],
    remembered: Mapping[str, str],
) -> None:
    """To be called after a build.

    Args:
        folder: where it is noted.
        modules: that were built.
        heard: what cargo said.
        common: further files that all of them depend on; they may be missing as long as they stay so.
        before: what :func:`look` returned.
        environ: the environment that they were built in.
        remembered: the part of it that later builds will get where theirs has nothing else.

    Raises:
        OSError: it can't be written.
    """
    said = _Said(heard)
    variables = said.variables()
    shared = [*common, *said.packages()]
    for module in modules:
        known = _load(folder, module.name) if not module.files else {}
        paths = known.get("states", ()) or [*shared, *said.sources(module.manifest_path)]
        content = {
            "files": list(module.files),
            "states": {path: _state(path, before) for path in sorted(set(paths))},
            "environ": {name: environ.get(name) for name in variables},
            "remembered": {name: remembered[name] for name in variables if name in remembered},
        }
        files.write_whole(os.path.join(folder, _MODULES, module.name), marshal.dumps(content))
    names = {module.name for module in modules}
    for name in _names(folder):
        if name not in names:
            os.unlink(os.path.join(folder, _MODULES, name))


def _names(folder: str) -> List[str]:
    return [name for name in files.names(os.path.join(folder, _MODULES)) if not name.startswith(".")]


def _load(folder: str, name: str) -> Dict[str, Any]:
    return files.plain(os.path.join(folder, _MODULES, name))


def _state(path: str, before: Before) -> State:
    found = files.state(path)
    if os.path.basename(path) == "Cargo.lock":
        # cargo itself writes it.
        return found
    if path in before.states:
        return before.states[path]
    return _DOUBTFUL if found is not None and found[1] >= before.nanoseconds else found


def surroundings(root: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The files, there or not, by which cargo and rustup are configured for a folder."""
    yield from cargo_files.toolchain_files(root)
    for names in cargo_files.configuration_places(environ, root):
        yield from names


class _Said:
    """What cargo's messages say about local crates, and where to read on."""

    def __init__(self, heard: Iterable[Heard]) -> None:
        runs = list(heard)
        artifacts = [artifact for run in runs for artifact in run.artifacts]
        scripts = [script for run in runs for script in run.scripts if messages.is_local(script.package_id)]
        self._deps = dep_info.deps_folder(artifacts)
        self._local = [artifact for artifact in artifacts if messages.is_local(artifact.package_id)]
        self._outputs = {script.package_id: dep_info.script(_text(_output(script))) for script in scripts}
        self._out_dirs = [os.path.join(script.out_dir, "") for script in scripts]

    def variables(self) -> List[str]:
        """The environment variables that crates and build scripts read."""
        found: Set[str] = set()
        for artifact in self._local:
            path = dep_info.rustc_file(artifact, self._deps)
            found.update(dep_info.variables(_text(path)) if path else ())
        return sorted(found.union(*(output.variables for output in self._outputs.values())))

    def packages(self) -> Iterator[str]:
        """All files of packages whose build scripts don't say what they depend on."""
        folders = {a.package_id: os.path.dirname(a.manifest_path) for a in self._local}
        for package, output in self._outputs.items():
            if output.whole_package and package in folders:
                yield from sources.of_package(folders[package])

    def sources(self, manifest_path: str) -> Iterator[str]:
        """What a crate's library was made from: local crates' sources, included files, and what build scripts named."""
        for artifact in self._local:
            file = messages.library_file(artifact) if {"cdylib", "dylib"} & set(artifact.kinds) else ""
            if file and files.same(artifact.manifest_path, manifest_path):
                # What lies among the outputs was made by the build.
                outputs = (*self._out_dirs, os.path.join(os.path.dirname(file), ""))
                for path in dep_info.files(_text(f"{os.path.splitext(file)[0]}.d")):
                    if not path.startswith(outputs):
                        yield from _with_content(path)


def _output(script: ScriptRun) -> str:
    return os.path.join(os.path.dirname(script.out_dir), "output")


def _with_content(path: str) -> Iterator[str]:
    """A path, and all that is below it: for a folder cargo looks at the times of all that it holds."""
    yield path
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not sources.is_output(os.path.join(folder, name)))
        yield from (os.path.join(folder, name) for name in (*folders, *names))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
