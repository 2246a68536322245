"""The command that plans the build, has cargo run, and puts what it made in place."""

from __future__ import annotations

import os
from typing import Any, ClassVar, Dict, List, NamedTuple, Optional, Sequence, Tuple

from setuptools import Command
from setuptools.errors import CompileError

from ..declaration import names
from ..declaration.extension import Binding, RustBin, RustExtension, Strip, launcher_name
from ..errors import ArtifactProblem, Problem, ToolchainProblem, raise_all
from ..hands import binary, build, files, install, toolchain
from ..mind import abi, artifact
from ..mind import plan as planning
from ..mind.abi import Abi
from ..mind.expectation import Expectation
from ..mind.plan import Plan
from ..mind.situation import Situation
from . import session as sessions
from .guard import guarded_lock
from .record import Record
from .session import Outcome, say


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

    user_options: ClassVar[List[Tuple[str, Optional[str], str]]] = [
        ("inplace", "i", "put modules beside their sources, and build with the dev profile"),
        ("debug", "d", "build with cargo's dev profile"),
        ("release", "r", "build with cargo's release profile"),
        ("profile=", None, "build with this cargo profile"),
        ("qbuild", None, "show cargo's output only when it fails"),
        ("build-temp=", "t", "accepted for compatibility; set CARGO_TARGET_DIR to move cargo's output"),
        ("target=", None, "build for this target triple"),
    ]
    boolean_options: ClassVar[List[str]] = ["inplace", "debug", "release", "qbuild"]

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
        self._ready: Optional[_Ready] = None

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
        session = sessions.of(self.distribution)
        self._ready = None
        with guarded_lock(session.lock()):
            self._build_all()

    def _build_all(self) -> None:
        ready = self._prepare()
        for ext in self.extensions:
            try:
                self.run_for_extension(ext)
            except (Problem, CompileError, OSError) as error:
                if not ext.optional:
                    raise self._presentable(error, ext) from None
                self._do_without(ext, error)
        ready.record.save()
        self._say_result(ready)

    def _say_result(self, ready: _Ready) -> None:
        profiles = sessions.unique(call.profile for call in ready.plan.calls)
        built = [name for ext in self.extensions for name in [ext.name] if self._outcome(ext).abi is not None]
        if built and not self._quiet():
            say(f"setuptools-pyo3: {', '.join(built)} built with cargo profile {', '.join(profiles)}")

    def _outcome(self, ext: RustExtension) -> Outcome:
        return sessions.of(self.distribution).outcomes.get(ext, Outcome(None, ()))

    @staticmethod
    def _presentable(error: Exception, ext: RustExtension) -> Exception:
        if isinstance(error, Problem):
            return sessions.as_setuptools_error(error)
        if isinstance(error, OSError):
            return CompileError(str(ArtifactProblem(str(error), where=ext.name)))
        return error

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
        ready = self._prepare()
        outcomes = [self._install(ext, module, ready) for module in modules]
        places = [file for outcome in outcomes for file in outcome.files]
        places += self._install_generated(ext, out_dir)
        found = abi.combine(outcome.abi for outcome in outcomes if outcome.abi is not None)
        ready.session.outcomes[ext] = Outcome(found, tuple(places))

    # -- the plan

    def plan(self) -> Plan:
        """What this command would run, without running it.

        Raises:
            Problem: an extension can't be built as it is declared.
        """
        return self._prepare().plan

    def _prepare(self) -> _Ready:
        if self._ready is None:
            self.ensure_finalized()
            self._ready = _Ready(self, self._situation())
        return self._ready

    def _situation(self) -> Situation:
        debug = False if self.release else (True if self.debug else None)
        return sessions.of(self.distribution).situation(
            inplace=bool(self.inplace),
            debug=debug,
            profile=self.profile or "",
            quiet=self._quiet(),
            verbosity=max(0, getattr(self.distribution, "verbose", 1) - 1),
            triple=self.target or "",
            jobs=self.parallel if isinstance(self.parallel, int) and not isinstance(self.parallel, bool) else None,
        )

    def _quiet(self) -> bool:
        return bool(self.qbuild) or not getattr(self.distribution, "verbose", 1)

    # -- putting things in place

    def _install(self, ext: RustExtension, module: BuiltModule, ready: _Ready) -> Outcome:
        item = ready.item(ext)
        strip = Strip.No if item.debug else ext.strip
        found = self._in_place_already(ext, module, ready, strip)
        if found is None:
            found = artifact.judge(
                binary.inspect(module.path),
                item,
                module.module_name,
                ready.situation.target,
                ready.situation.interpreter,
                binds=ext.binding is not Binding.NoBinding,
                found=ready.built(ext).abi,
            )
            place = self.place(ext, module.module_name, found)
            install.put(module.path, place, strip=strip, environ=ready.situation.environ, name=ext.name)
        place = self.place(ext, module.module_name, found)
        ready.record.note(module.path, place, found)
        self._make_way(ext, place, ready)
        return Outcome(found, (place, *self._install_launcher(ext, place)))

    def _in_place_already(self, ext: RustExtension, module: BuiltModule, ready: _Ready, strip: Strip) -> Optional[Abi]:
        """The ABI of the file, where this very file is in its place: it was looked at when it was put there."""
        found = ready.record.abi(module.path)
        if found is None and self.inplace:
            found = ready.built(ext).abi or ready.item(ext).abi
        if found is None:
            return None
        return found if install.is_current(module.path, self.place(ext, module.module_name, found), strip) else None

    def place(self, ext: RustExtension, name: str, found: Abi) -> str:
        """Where the file for a module, executable or script goes.

        Args:
            ext: the extension.
            name: the dotted name, or the script's.
            found: the file's ABI, which decides its suffix.
        """
        session = sessions.of(self.distribution)
        exe_suffix = session.interpreter(os.environ).exe_suffix
        if isinstance(ext, RustBin):
            folder: str = self.get_finalized_command("build_scripts").build_dir  # type: ignore[attr-defined]
            return os.path.join(folder, name + exe_suffix)
        dotted = names.dotted(name)
        build_ext: Any = self.get_finalized_command("build_ext")
        if not ext.is_executable and getattr(build_ext, "names_files_itself", False):
            return self._full_path(dotted)
        suffix = exe_suffix if ext.is_executable else session.suffix(ext, found)
        return os.path.join(os.path.dirname(self._full_path(dotted)), dotted.rpartition(".")[2] + suffix)

    def _full_path(self, dotted: str) -> str:
        """Where build_ext would put a module; it knows package_dir, ext_package and the build folder."""
        build_ext: Any = self.get_finalized_command("build_ext")
        before = build_ext.inplace
        build_ext.inplace = bool(self.inplace)
        try:
            return str(build_ext.get_ext_fullpath(dotted))
        finally:
            build_ext.inplace = before

    def _make_way(self, ext: RustExtension, place: str, ready: _Ready) -> None:
        """Remove what would be imported instead of the new module."""
        if ext.is_executable:
            return
        suffix = os.path.basename(place)[len(ext.name.rpartition(".")[2]) :]
        if not self.inplace:
            for stale in install.same_module(place, suffix):
                os.unlink(stale)
            return
        for stale in install.shadows(place, ready.situation.interpreter.extension_suffixes, suffix):
            os.unlink(stale)
            say(f"setuptools-pyo3: removed {os.path.relpath(stale)}, which would be imported instead of {os.path.basename(place)}")

    def _install_launcher(self, ext: RustExtension, place: str) -> Tuple[str, ...]:
        if not ext.script or isinstance(ext, RustBin) or not ext.is_executable:
            return ()
        folder, file_name = os.path.split(place)
        module = os.path.join(folder, launcher_name(os.path.splitext(file_name)[0]) + ".py")
        files.write_whole(module, _LAUNCHER.format(executable=file_name).encode())
        return (module,)

    def _install_generated(self, ext: RustExtension, out_dir: Optional[str]) -> List[str]:
        places: List[str] = []
        missing = []
        for source, package in ext.generated_files.items():
            full = os.path.join(out_dir or "", source)
            if out_dir is None or not os.path.exists(full):
                missing.append(source)
                continue
            places += install.copy_generated(full, os.path.dirname(self._full_path(f"{package}._" if package else "_")))
        if missing:
            raise ArtifactProblem(
                f"the build script did not generate {', '.join(missing)}",
                where=ext.name,
                why=f"its OUT_DIR is {out_dir}" if out_dir else "the crate has no build script",
                hint="check generated_files and the crate's build.rs",
            )
        return places

    def _do_without(self, ext: RustExtension, error: Exception) -> None:
        """Go on without an optional extension, and leave nothing behind that looks like it."""
        lines = str(error)
        say(f"setuptools-pyo3: WARNING: the optional extension {ext.name} is left out, because building it failed\n{lines}")
        session = sessions.of(self.distribution)
        session.outcomes[ext] = Outcome(None, ())
        if ext.is_executable or not self.extensions:
            return
        for kind in (abi.SPECIFIC, abi.ABI3, abi.NONE):
            suffix = session.suffix(ext, Abi(kind))
            place = os.path.join(os.path.dirname(self._full_path(ext.name)), ext.name.rpartition(".")[2] + suffix)
            if os.path.exists(place):
                os.unlink(place)
                say(f"setuptools-pyo3: removed {os.path.relpath(place)}, which an earlier build left there")


_LAUNCHER = '''\
"""Runs the executable beside this module. Generated by setuptools-pyo3."""

import os
import sys


def run():
    file = os.path.join(os.path.dirname(os.path.abspath(__file__)), {executable!r})
    if os.name == "nt":
        import subprocess

        sys.exit(subprocess.call([file, *sys.argv[1:]]))
    os.execv(file, [file, *sys.argv[1:]])
'''


class _Ready:
    """One run's plan, and what of it has been carried out."""

    def __init__(self, command: build_rust, situation: Situation) -> None:
        self.session = sessions.of(command.distribution)
        self.situation = situation
        self.record = Record(command.build_temp or "build", enabled=not command.inplace)
        self.failed: Dict[str, Problem] = {}
        self._built: Dict[str, build.Built] = {}
        self._called: List[planning.Call] = []
        extensions = command.extensions or self.session.extensions
        self.expectations = self._expect(extensions)
        self.plan = planning.make(self.expectations, situation)
        self._check_toolchain(extensions)
        for notice in self.plan.notices:
            say(f"setuptools-pyo3: {notice}")

    def _expect(self, extensions: Sequence[RustExtension]) -> List[Expectation]:
        expectations, problems = [], []
        for ext in extensions:
            try:
                expectations.append(self.session.expectation(ext, self.situation))
            except Problem as problem:
                self.failed[ext.name] = problem
                if not ext.optional:
                    problems.append(problem)
        raise_all(problems)
        return expectations

    def _check_toolchain(self, extensions: Sequence[RustExtension]) -> None:
        wanted = {ext.name: ext.rust_version for ext in extensions if ext.rust_version and ext.name not in self.failed}
        if not wanted or self.record.rustc_is_good(sorted(set(wanted.values()))):
            return
        version = toolchain.rustc_version(self.situation.environ, self.plan.cargo, self.situation.root)
        for name, requirement in wanted.items():
            try:
                toolchain.check(version, requirement, name)
            except ToolchainProblem as problem:
                optional = next(ext.optional for ext in extensions if ext.name == name)
                if not optional:
                    raise
                self.failed[name] = problem
        if not self.failed:
            self.record.note_rustc(sorted(set(wanted.values())))

    def item(self, ext: RustExtension) -> planning.Item:
        """What is planned for an extension."""
        return next(item for call in self.plan.calls for item in call.items if item.name == ext.name)

    def built(self, ext: RustExtension) -> build.Built:
        """What was built for an extension; its call is run when it hasn't been.

        Raises:
            Problem: it can't be built.
        """
        if ext.name in self.failed:
            raise self.failed[ext.name]
        if ext.name not in self._built:
            call = next(call for call in self.plan.calls if any(item.name == ext.name for item in call.items))
            self._run(call)
        if ext.name in self.failed:
            raise self.failed[ext.name]
        return self._built[ext.name]

    def _run(self, call: planning.Call) -> None:
        paths = {item.manifest_path for item in call.items}
        manifests = [e.crate.manifest for e in self.expectations if e.crate.manifest.path in paths]
        with self.record.lock_file(call, keep=self.situation.inplace):
            try:
                self._built.update(
                    build.run(
                        call,
                        self.plan.cargo,
                        environ=self.situation.environ,
                        root=self.situation.root,
                        manifests=manifests,
                        say=say,
                    )
                )
            except Problem as problem:
                self.failed.update({item.name: problem for item in call.items})
