"""The command that has cargo build the extensions, and puts what it made in place.

What plans and installs is imported where it is used: a build that is known again needs none of it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, List, Optional, Sequence, Tuple

from setuptools import Command
from setuptools.errors import CompileError

from ..declaration.extension import RustExtension
from ..errors import ArtifactProblem, Problem
from . import options, recall
from . import session as sessions
from .guard import guarded_lock
from .session import say

if TYPE_CHECKING:
    from ..mind.plan import Plan
    from ..mind.situation import Situation
    from .outcome import BuiltModule
    from .run import Run


class build_rust(Command):
    """Build all Rust extensions of a project: one cargo command for each group that can be built together.

    It can be subclassed and given as ``cmdclass={"build_rust": ...}``; ``run``, ``build_extension`` and ``install_extension`` are
    there to be extended. The environment is read when ``run`` of this class starts, so that an override may change it first.
    """

    description = "build Rust extensions with cargo"

    user_options: ClassVar[List[Tuple[str, Optional[str], str]]] = options.BUILD_RUST
    boolean_options: ClassVar[List[str]] = options.BUILD_RUST_BOOLEAN

    def initialize_options(self) -> None:
        """Set all options to their defaults."""
        self.extensions: List[RustExtension] = []
        self.inplace: Any = None
        self.debug: Any = None
        self.release: Any = None
        self.profile: Optional[str] = None
        self.qbuild: Any = None
        self.plat_name: Optional[str] = None
        self.build_temp: Optional[str] = None
        self.target: Optional[str] = None
        self.zig: Any = None
        self.parallel: Optional[int] = None
        self._current: Optional[Run] = None
        # build_ext asks for single extensions too, maybe with other options.
        self._current_for: Tuple[str, ...] = ()

    def finalize_options(self) -> None:
        """Take over what ``build`` and ``build_ext`` were told."""
        self.set_undefined_options("build", ("plat_name", "plat_name"))
        self.set_undefined_options(
            "build_ext", ("build_temp", "build_temp"), ("debug", "debug"), ("inplace", "inplace"), ("parallel", "parallel")
        )
        self.extensions = sessions.of(self.distribution).extensions

    def run(self) -> None:
        """Build and install every extension.

        Raises:
            setuptools.errors.BaseError: something is wrong; the message says what, where, why and what next.
        """
        if not self.extensions:
            return
        self._current = None
        with guarded_lock(sessions.of(self.distribution).lock()):
            attempt = recall.Attempt(self)
            if attempt.succeeds():
                return
            run = self._prepare()
            run.ran.update(attempt.ran)
            for ext in run.in_order():
                self._build_and_install(ext)
            build: Any = self.get_finalized_command("build")
            run.record.save(self.get_finalized_command("build_ext").build_lib, build.build_scripts)
            results = self._results(run)
            for line in results:
                say(line)
            attempt.note(run, results)

    def _build_and_install(self, ext: RustExtension) -> None:
        try:
            self.run_for_extension(ext)
        except (Problem, CompileError, OSError) as error:
            if not ext.optional:
                raise self._presentable(error, ext) from None
            say(f"setuptools-pyo3: WARNING: the optional extension {ext.name} is left out, because building it failed\n{error}")
            from . import placement
            from .outcome import Outcome

            sessions.of(self.distribution).outcomes[ext] = Outcome(None, ())
            placement.clear(self, ext)

    @staticmethod
    def _presentable(error: Exception, ext: RustExtension) -> Exception:
        if isinstance(error, Problem):
            return sessions.as_setuptools_error(error)
        if isinstance(error, OSError):
            return CompileError(str(ArtifactProblem(str(error), where=ext.name)))
        return error

    def _results(self, run: Run) -> List[str]:
        """What is said at the end, a line for each call."""
        outcomes = sessions.of(self.distribution).outcomes
        results: List[str] = []
        for call in run.plan.calls if not self._quiet() else ():
            keys = {item.key for item in call.items}
            built = [ext.name for ext, outcome in outcomes.items() if ext.key in keys and outcome.abi]
            if built:
                results.append(f"setuptools-pyo3: {', '.join(built)}: built with cargo's {call.profile} profile")
        return results

    def run_for_extension(self, ext: RustExtension) -> None:
        """Build and install one extension; its whole group is built at the first of them."""
        modules, out_dir = self.build_extension(ext)
        self.install_extension(ext, modules, out_dir)

    def build_extension(self, ext: RustExtension, *legacy: object) -> Tuple[List[BuiltModule], Optional[str]]:
        """Build an extension without installing it, with all others that share its cargo command.

        Args:
            ext: the extension.
            legacy: accepted and ignored, as older incumbents passed a target triple.

        Returns:
            The built files, and the crate's ``OUT_DIR`` where it has a build script.

        Raises:
            Problem: it can't be built.
        """
        from .outcome import BuiltModule

        built = self._prepare().built(ext)
        modules = [BuiltModule(place, file) for _, place, file in built.files]
        return modules, built.out_dir or None

    def install_extension(self, ext: RustExtension, modules: Sequence[BuiltModule], out_dir: Optional[str] = None) -> None:
        """Check what was built and put it in its place.

        Args:
            ext: the extension.
            modules: as :meth:`build_extension` returned them.
            out_dir: likewise.

        Raises:
            Problem: it isn't what was declared, or can't be put in place.
        """
        from . import placement

        run = self._prepare()
        run.session.outcomes[ext] = placement.install(self, run, ext, modules, out_dir)

    def plan(self) -> Plan:
        """What this command would run, without running it.

        Raises:
            Problem: an extension can't be built as it is declared.
        """
        return self._prepare().plan

    def _prepare(self) -> Run:
        asked = tuple(repr(getattr(self, name)) for name in options.DECISIVE)
        if self._current is None or asked != self._current_for:
            from .record import Record
            from .run import Run

            self.ensure_finalized()
            hides_paths = not self.inplace and sessions.of(self.distribution).hides_paths(os.environ)
            record = Record(self.build_temp or "build", enabled=not self.inplace, hides_paths=hides_paths)
            self._current = Run(self.distribution, self.extensions, self._situation(), record)
            self._current_for = asked
        return self._current

    def _situation(self) -> Situation:
        jobs = self.parallel if isinstance(self.parallel, int) and not isinstance(self.parallel, bool) else None
        return sessions.of(self.distribution).situation(
            inplace=bool(self.inplace),
            debug=False if self.release else (True if self.debug else None),
            profile=self.profile or "",
            quiet=self._quiet(),
            verbosity=max(0, getattr(self.distribution, "verbose", 1) - 1),
            jobs=jobs,
        )

    def _quiet(self) -> bool:
        # `--quiet` before a command is the distribution's, after it the command's own.
        return bool(self.qbuild) or not self.verbose or not getattr(self.distribution, "verbose", 1)
