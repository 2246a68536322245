"""One run of build_rust: its plan, and what of it has been carried out."""

from __future__ import annotations

from typing import Dict, Iterable, List, Sequence

from setuptools import Distribution

from ..declaration.extension import RustExtension
from ..errors import Problem, ToolchainProblem, raise_all
from ..hands import build, toolchain
from ..mind import plan as planning
from ..mind.expectation import Expectation
from ..mind.situation import Situation
from . import session as sessions
from .record import Record
from .session import say


class Run:
    """The plan of some extensions in one situation. Making it checks all declarations and runs nothing but, at need, rustc.

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
        self._built: Dict[str, build.Built] = {}
        # cargo writes some libraries of different calls to one file; the last call that did has its own there.
        self._last_writer: Dict[str, planning.Call] = {}
        self.expectations = self._expect()
        self.plan = planning.make(self.expectations, situation)
        self._check_rustc()
        for notice in self.plan.notices:
            say(f"setuptools-pyo3: {notice}")

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

    def _check_rustc(self) -> None:
        """Hold rustc against ``rust_version``, where a build hasn't done so before: cargo alone runs when nothing has changed."""
        demanding = [ext for ext in self.extensions if ext.rust_version and ext.key not in self.failed]
        requirements = sorted({ext.rust_version for ext in demanding if ext.rust_version})
        if not requirements or self.record.rustc_is_good(requirements):
            return
        version = toolchain.rustc_version(self.situation.environ, self.plan.cargo, self.situation.root)
        for ext in demanding:
            try:
                toolchain.check(version, ext.rust_version or "", ext.name)
            except ToolchainProblem as problem:
                if not ext.optional:
                    raise
                self.failed[ext.key] = problem
        if not any(ext.key in self.failed for ext in demanding):
            self.record.note_rustc(requirements)

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
                self._run(call)
        if ext.key in self.failed:
            raise self.failed[ext.key]
        return self._built[ext.key]

    def _run(self, call: planning.Call) -> None:
        paths = {item.manifest_path for item in call.items}
        crates = [e.crate for e in self.expectations if e.crate.manifest.path in paths]
        manifests = list({m.folder: m for crate in crates for m in crate.manifests.values()}.values())
        around = build.Surroundings(self.plan.cargo, self.situation.environ, self.situation.root, self.situation.cache_dir, say)
        self._last_writer.update((name, call) for name in _libraries(call))
        with self.record.lock_file(call, keep=self.situation.inplace):
            try:
                self._built.update(build.run(call, around, manifests))
            except Problem as problem:
                self.failed.update({item.key: problem for item in call.items})


def _libraries(call: planning.Call) -> Iterable[str]:
    return (leaf.library for leaf in call.leaves)
