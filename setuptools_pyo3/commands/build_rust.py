"""The command that has cargo build the extensions, and puts what it made in place."""

from __future__ import annotations

from typing import Any, ClassVar, List, NamedTuple, Optional, Sequence, Tuple

from setuptools import Command
from setuptools.errors import CompileError

from ..declaration.extension import Binding, RustExtension, Strip
from ..errors import ArtifactProblem, Problem
from ..hands import install
from ..mind import abi
from ..mind.abi import Abi
from ..mind.plan import Plan
from ..mind.situation import Situation
from . import options, placement
from . import session as sessions
from .guard import guarded_lock
from .record import Record
from .run import Run
from .session import Outcome, say

_NOTHING = Outcome(None, ())


class BuiltModule(NamedTuple):
    """A built file: the dotted name (or script name) it is for, and where it is now."""

    module_name: str
    path: str


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
        self.parallel: Optional[int] = None
        self._current: Optional[Run] = None

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
            run = self._prepare()
            for ext in run.in_order():
                self._build_and_install(ext)
            build: Any = self.get_finalized_command("build")
            run.record.save(self.get_finalized_command("build_ext").build_lib, build.build_scripts)
            self._say_result(run)

    def _build_and_install(self, ext: RustExtension) -> None:
        try:
            self.run_for_extension(ext)
        except (Problem, CompileError, OSError) as error:
            if not ext.optional:
                raise self._presentable(error, ext) from None
            say(f"setuptools-pyo3: WARNING: the optional extension {ext.name} is left out, because building it failed\n{error}")
            sessions.of(self.distribution).outcomes[ext] = Outcome(None, ())
            placement.clear(self, ext)

    @staticmethod
    def _presentable(error: Exception, ext: RustExtension) -> Exception:
        if isinstance(error, Problem):
            return sessions.as_setuptools_error(error)
        if isinstance(error, OSError):
            return CompileError(str(ArtifactProblem(str(error), where=ext.name)))
        return error

    def _say_result(self, run: Run) -> None:
        outcomes = sessions.of(self.distribution).outcomes
        for call in run.plan.calls:
            keys = {item.key for item in call.items}
            built = [ext.name for ext in self.extensions if ext.key in keys and outcomes.get(ext, _NOTHING).abi]
            if built and not self._quiet():
                say(f"setuptools-pyo3: {', '.join(built)}: built with cargo's {call.profile} profile")

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
        run = self._prepare()
        abis: List[Abi] = []
        placed: List[str] = []
        architectures: List[str] = []
        for module in modules:
            found, file = self._install(ext, module, run, architectures)
            abis.append(found)
            placed += [file, *placement.install_launcher(ext, file)]
        placed += placement.install_generated(self, ext, out_dir)
        if not architectures and run.situation.target.platform.endswith("universal2"):
            architectures = self._architectures(modules)
        run.record.note_places(placed)
        run.session.outcomes[ext] = Outcome(abi.combine(abis), tuple(placed), tuple(architectures))

    @staticmethod
    def _architectures(modules: Sequence[BuiltModule]) -> List[str]:
        """The processors of files that were in place already; only a universal2 Python leaves more than one possible."""
        from ..hands import binary

        return [name for module in modules for name in binary.inspect(module.path).architectures]

    def _install(self, ext: RustExtension, module: BuiltModule, run: Run, architectures: List[str]) -> Tuple[Abi, str]:
        strip = Strip.No if run.item(ext).debug else ext.strip
        found = self._in_place_already(ext, module, run, strip)
        if found is None:
            found = self._judge(ext, module, run, architectures)
            file = placement.place(self, ext, module.module_name, found)
            install.put(module.path, file, strip=strip, environ=run.situation.environ, name=ext.name)
        file = placement.place(self, ext, module.module_name, found)
        run.record.note(module.path, file, found)
        placement.make_way(self, ext, file)
        return found, file

    def _in_place_already(self, ext: RustExtension, module: BuiltModule, run: Run, strip: Strip) -> Optional[Abi]:
        """The ABI of the file, where this very file is in its place: it was looked at when it was put there."""
        found = run.record.abi(module.path)
        if found is None and self.inplace:
            found = run.built(ext).abi or run.item(ext).abi
        if found is None:
            return None
        return found if install.is_current(module.path, placement.place(self, ext, module.module_name, found), strip) else None

    @staticmethod
    def _judge(ext: RustExtension, module: BuiltModule, run: Run, architectures: List[str]) -> Abi:
        # Imported here: a build in which nothing changed has nothing to judge.
        from ..hands import binary
        from ..mind import artifact

        read = binary.inspect(module.path)
        architectures += read.architectures
        return artifact.judge(
            read,
            run.item(ext),
            module.module_name,
            run.situation.target,
            run.situation.interpreter,
            binds=ext.binding is not Binding.NoBinding,
            reported=run.built(ext).abi,
        )

    def plan(self) -> Plan:
        """What this command would run, without running it.

        Raises:
            Problem: an extension can't be built as it is declared.
        """
        return self._prepare().plan

    def _prepare(self) -> Run:
        if self._current is None:
            self.ensure_finalized()
            record = Record(self.build_temp or "build", enabled=not self.inplace)
            self._current = Run(self.distribution, self.extensions, self._situation(), record)
        return self._current

    def _situation(self) -> Situation:
        jobs = self.parallel if isinstance(self.parallel, int) and not isinstance(self.parallel, bool) else None
        return sessions.of(self.distribution).situation(
            inplace=bool(self.inplace),
            debug=False if self.release else (True if self.debug else None),
            profile=self.profile or "",
            quiet=self._quiet(),
            verbosity=max(0, getattr(self.distribution, "verbose", 1) - 1),
            triple=self.target or "",
            jobs=jobs,
        )

    def _quiet(self) -> bool:
        # `--quiet` before a command is the distribution's, after it the command's own.
        return bool(self.qbuild) or not self.verbose or not getattr(self.distribution, "verbose", 1)
