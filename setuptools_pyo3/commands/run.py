"""One run of build_rust: its plan, and what of it has been carried out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from setuptools import Distribution

from ..declaration.extension import RustExtension
from ..errors import Problem, raise_all
from ..hands import build, files, pyo3_manifest, rustup, toolchain, wrappers
from ..hands.hearing import Heard
from ..mind import plan as planning
from ..mind.expectation import Expectation
from ..mind.manifest import Manifest
from ..mind.situation import Situation
from . import session as sessions
from .record import Record
from .session import say

if TYPE_CHECKING:
    from ..hands.sccache import Use
    from ..mind.hidden_paths import Hidden


class Run:
    """The plan of some extensions in one situation. Making it checks all declarations and runs nothing.

    Args:
        distribution: whose extensions they are.
        extensions: what to build.
        situation: the circumstances.
        record: what earlier builds left.

    Raises:
        Problem: extensions that are not optional can't be built as they are declared; all that is wrong is told at once.
    """

    def __init__(
        self, distribution: Distribution, extensions: Sequence[RustExtension], situation: Situation, record: Record
    ) -> None:
        self.session = sessions.of(distribution)
        self.extensions = extensions
        self.situation = situation
        self.record = record
        self.failed: Dict[str, Problem] = {}
        # What came of commands that have been run already, by their arguments.
        self.ran: Dict[Tuple[str, ...], Heard] = {}
        self._heard: Dict[planning.Call, Heard] = {}
        self._notes: List[str] = []
        self._sccache: Optional[Use] = None
        self._built: Dict[str, build.Built] = {}
        # cargo writes some libraries of different calls to one file; the last call that did has its own there.
        self._last_writer: Dict[str, planning.Call] = {}
        self.expectations = self._expect()
        self.plan = planning.make(self.expectations, situation)
        for notice in self.plan.notices:
            self.session.tell(notice)

    def _expect(self) -> List[Expectation]:
        expectations, problems = [], []
        for ext in self.extensions:
            try:
                expectations.append(self.session.expectation(ext, self.situation))
                self.session.expected[ext] = expectations[-1].abi
            except Problem as problem:
                self.failed[ext.key] = problem
                if not ext.optional:
                    problems.append(problem)
        raise_all(problems)
        return expectations

    def in_order(self) -> List[RustExtension]:
        """The extensions call by call, so that each call's results are in place before the next one runs."""
        position = {item.key: index for index, call in enumerate(self.plan.calls) for item in call.items}
        return sorted(self.extensions, key=lambda ext: position.get(ext.key, -1))

    def item(self, ext: RustExtension) -> planning.Item:
        """What is planned for an extension."""
        return next(item for item in self._call(ext).items if item.key == ext.key)

    def _call(self, ext: RustExtension) -> planning.Call:
        return next(call for call in self.plan.calls if any(item.key == ext.key for item in call.items))

    def built(self, ext: RustExtension) -> build.Built:
        """What was built for an extension; its call is run when it hasn't been, or when another has written over its file.

        Raises:
            Problem: it can't be built.
        """
        if ext.key not in self.failed:
            call = self._call(ext)
            if ext.key not in self._built or any(self._last_writer[name] is not call for name in _libraries(call)):
                self._attempt(ext)
        if ext.key in self.failed:
            raise self.failed[ext.key]
        return self._built[ext.key]

    def hidden_paths(self, ext: RustExtension) -> Tuple[Hidden, ...]:
        """The paths of this machine that may stand in what was built for an extension."""
        from ..hands import hidden_paths

        call, situation = self._call(ext), self.situation
        environ = build.environment(call, situation.environ)
        return hidden_paths.of_build(self._heard[call], (situation.root, call.workspace), environ, situation.cache_dir)

    def _attempt(self, ext: RustExtension) -> None:
        """Run the call of an extension; again, in cargo's own target folder, where a cached one is to blame for a failure."""
        cached = self.session.cached if self.situation.cached else None
        if cached is not None and cached.target is None:
            # Somebody asks outside of a build, when nothing keeps others out of it.
            self._leave_cache()
        call = self._call(ext)
        self._run(call)
        if ext.key in self.failed and cached is not None and cached.gives_up():
            for item in call.items:
                del self.failed[item.key]
            self._leave_cache()
            self._run(self._call(ext))

    def _leave_cache(self) -> None:
        self.situation = self.situation._replace(cached=())
        self.plan = planning.make(self.expectations, self.situation)

    def _run(self, call: planning.Call) -> None:
        paths = {item.manifest_path for item in call.items}
        crates = [e.crate for e in self.expectations if e.crate.manifest.path in paths]
        ran = self.ran.pop(call.arguments, None)
        manifests = list({m.folder: m for crate in crates for m in crate.manifests.values()}.values())
        situation = self.situation
        cached = self.session.cached.target if situation.cached and self.session.cached else None
        around = build.Surroundings(self.plan.cargo, situation.environ, situation.root, situation.cache_dir, say, cached)
        self._last_writer.update((name, call) for name in _libraries(call))
        with self.record.lock_file(call, keep=self.situation.inplace):
            try:
                self._write_scripts(call)
                asked = self._check_rustc(call, even_if_it_was_good=False)
                for one in self.expectations:
                    if one.crate.manifest.path in paths and not one.extension.is_executable:
                        # What no Python would import by is told before it is compiled.
                        self.session.suffix(one.extension, one.abi)
                # A config file of the user's own may be for any Python.
                for one in self.expectations if call.config else ():
                    if one.crate.manifest.path in paths:
                        pyo3_manifest.check(one, self.situation)
                result = self._build(call, around, manifests, ran)
                if not asked and any(one.compiled for one in result.built.values()):
                    # Something made cargo compile; it may be another rustc than last time's.
                    self._check_rustc(call, even_if_it_was_good=True)
                self._built.update(result.built)
                self._heard[call] = self.session.heard[call.arguments] = result.heard
                self.session.built_by.update((item.key, call.arguments) for item in call.items)
                self._notes += result.notes
            except Problem as problem:
                self.failed.update({item.key: problem for item in call.items})

    def _build(
        self, call: planning.Call, around: build.Surroundings, manifests: Sequence[Manifest], ran: Optional[Heard]
    ) -> build.Result:
        found = wrappers.find(build.environment(call, around.environ), around.root)
        if not found:
            return _build(call, around, ran, manifests)
        if self._sccache is None:
            # Imported here: only a build with sccache has a use for it.
            from ..hands import sccache

            self._sccache = sccache.Use(inplace=self.situation.inplace)
        return self._sccache.run(found, call, around, ran, lambda c, a, r: _build(c, a, r, manifests))

    def _write_scripts(self, call: planning.Call) -> None:
        if not self.situation.zig:
            return
        # Imported here: most builds have no use for it.
        from ..hands import zig

        env = build.environment(call, self.situation.environ)
        for one in self.situation.zig:
            self._notes += zig.write(one, env, ", ".join(item.name for item in call.items))

    # -- for knowing the build again

    def can_be_known_again(self) -> bool:
        """Whether another build like this one could be carried out by running the same commands once more."""
        calls = self.plan.calls
        libraries = {leaf.library for call in calls for leaf in call.leaves}
        identities = {(leaf.library, leaf.identity) for call in calls for leaf in call.leaves}
        return (
            # The tree of an unpacked sdist is thrown away.
            not self.situation.throwaway
            # What is merged from several commands is none of theirs.
            and not self.situation.target.slices
            # It has to be asked again.
            and (self._sccache is None or self._sccache.works)
            and all(self.session.outcomes[ext].abi and not ext.generated_files for ext in self.extensions)
            # Commands that write to one file need their results put in place in between.
            and len(libraries) == len(identities)
            # A lock that cargo made is kept elsewhere.
            and all(os.path.exists(call.lock_path) for call in calls)
        )

    def recollection(self, project_files: Iterable[str], behind: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
        """What has to be known of this build; see :mod:`setuptools_pyo3.hands.recollection`.

        Args:
            project_files: further ones that it depends on, relative to the project's folder.
            behind: what is known of the cargo behind rustup's proxy, and still holds.
        """
        outcomes = {ext.key: self.session.outcomes[ext] for ext in self.extensions}
        placed = [file for outcome in outcomes.values() for file in outcome.files]
        sources = [file for built in self._built.values() for _, _, file in built.files]
        seen = self.session.crates.seen
        own = [self.record.path, self.situation.interpreter.executable, *(c.config_file for c in self.plan.calls if c.config_file)]
        # Where rustc has to run, sccache is asked first, and that is planned.
        own += self._sccache.inputs if self._sccache else ()
        for path in (*own, *self._notes, *(os.path.join(self.situation.root, name) for name in project_files)):
            seen.look(path)
        # Where something is put beside a module, it may be imported instead of it.
        seen.states.update((folder, files.state(folder)) for folder in map(os.path.dirname, map(os.path.abspath, placed)))
        return {
            "states": seen.states,
            "presence": seen.presence,
            "calls": [self._recollected(call) for call in self.plan.calls],
            "behind": behind or self._cargo_behind_proxy(),
            "results": {path: files.state(path) for path in (*placed, *sources)},
            "outcomes": {key: outcome.as_plain() for key, outcome in outcomes.items()},
            "notices": self.plan.notices,
        }

    def _cargo_behind_proxy(self) -> Optional[Mapping[str, Any]]:
        """The cargo that the next build may start itself. Asked for where it costs nothing beside what was compiled."""
        if not any(one.compiled for one in self._built.values()):
            return None
        found = rustup.behind(self.plan.cargo, self.situation.environ, self.situation.root)
        return found._asdict() if found else None

    def _recollected(self, call: planning.Call) -> Dict[str, Any]:
        heard = self._heard[call]
        call = self._sccache.repeatable(call) if self._sccache else call
        return {
            "argv": [self.plan.cargo, *call.arguments],
            "changes": dict(call.changes),
            "bin_folder": call.bin_folder,
            "echo": "" if call.quiet else build.echo(call, self.plan.cargo, self.situation.environ),
            "digest": heard.digest(),
            "items": [item.key for item in call.items],
        }

    def _check_rustc(self, call: planning.Call, *, even_if_it_was_good: bool) -> bool:
        """Hold rustc against the ``rust_version`` of a call's extensions; returns whether it was asked.

        Raises:
            Problem: there is none, or it doesn't fit.
        """
        keys = {item.key for item in call.items}
        demands = {ext.name: ext.rust_version for ext in self.extensions if ext.rust_version and ext.key in keys}
        checked = toolchain.Checked(self.situation.cache_dir, self.situation.root, sorted(set(demands.values())))
        if not demands:
            return False
        if checked.before() and not even_if_it_was_good:
            self._notes.append(checked.path)
            return False
        env = build.environment(call, self.situation.environ)
        version = toolchain.rustc_version(env, self.plan.cargo, self.situation.root, ", ".join(demands))
        for name, requirement in demands.items():
            toolchain.check(version, requirement, name)
        checked.note()
        self._notes.append(checked.path)
        return True


def _build(call: planning.Call, around: build.Surroundings, ran: Optional[Heard], manifests: Sequence[Manifest]) -> build.Result:
    if not call.slices:
        return build.run(call, around, manifests, ran)
    # Imported here: only a universal2 build has a use for it.
    from ..hands import universal

    return universal.run(call, around, manifests)


def _libraries(call: planning.Call) -> Iterable[str]:
    return (leaf.library for leaf in call.leaves)
