"""What our commands share about one distribution: its extensions, their crates, and what has become of them.

At the top is imported what every run needs. The rest is imported where it is used: a build that is known again needs none of it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple

from setuptools import Distribution
from setuptools.errors import CompileError, PlatformError, SetupError

from ..declaration.extension import Binding, RustBin, RustExtension
from ..errors import DeclarationProblem, Problem, ToolchainProblem
from ..hands import files
from ..hands.locking import for_place, gate

if TYPE_CHECKING:
    from ..hands.hearing import Heard
    from ..hands.reading import Crates
    from ..mind.abi import Abi
    from ..mind.expectation import Expectation
    from ..mind.interpreter import Interpreter
    from ..mind.situation import Situation
    from ..mind.target import TargetFacts
    from . import targets
    from .cached import Choice
    from .outcome import Outcome


class Session:
    """The state that belongs to a distribution while its commands run."""

    def __init__(self, distribution: Distribution) -> None:
        self.distribution = distribution
        self._crates: Optional[Crates] = None
        self._outcomes: Dict[RustExtension, Outcome] = {}
        self._remembered: Dict[str, Mapping[str, Any]] = {}
        # What the build that runs now expects; asked for once for every path that setuptools is asked for.
        self.expected: Dict[RustExtension, Abi] = {}
        # Those that came from anywhere but ext_modules.
        self.declared: List[RustExtension] = []
        # What the project says in the table [tool.setuptools-pyo3] itself.
        self.settings: Mapping[str, object] = {}
        self.cached: Optional[Choice] = None
        # What the build that runs has to close when it ends.
        self._running: Optional[contextlib.ExitStack] = None
        self.adopted = False
        # What cargo said last, by the arguments it was run with.
        self.heard: Dict[Tuple[str, ...], Heard] = {}
        # The arguments of the cargo command that built each extension, by its key.
        self.built_by: Dict[str, Tuple[str, ...]] = {}
        self._told: Set[str] = set()
        self._targets: targets.Known = {}

    def tell(self, notice: str) -> None:
        """Show the user a notice, once."""
        if notice not in self._told:
            self._told.add(notice)
            say(f"setuptools-pyo3: {notice}")

    @property
    def crates(self) -> Crates:
        """The crates of the project, read once."""
        if self._crates is None:
            from ..hands import reading

            self._crates = reading.Crates()
        return self._crates

    @property
    def outcomes(self) -> Dict[RustExtension, Outcome]:
        """What has become of the extensions that were built, or tried."""
        if self._remembered:
            from .outcome import Outcome

            remembered, self._remembered = self._remembered, {}
            self._outcomes.update((ext, Outcome.from_plain(remembered[ext.key])) for ext in self.extensions)
        return self._outcomes

    def remember(self, outcomes: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over what became of the extensions, by their keys, in an earlier build."""
        self._remembered = dict(outcomes)

    @property
    def extensions(self) -> List[RustExtension]:
        """All Rust extensions of the distribution, in the order they were declared."""
        return list(getattr(self.distribution, "rust_extensions", None) or ())

    @property
    def modules(self) -> List[RustExtension]:
        """Those that are libraries."""
        return [ext for ext in self.extensions if not ext.is_executable]

    @property
    def scripts(self) -> List[RustBin]:
        """Those that go to the environment's scripts."""
        return [ext for ext in self.extensions if isinstance(ext, RustBin)]

    @property
    def nothing_native(self) -> bool:
        """Whether every extension is Rust, was tried, and failed (being optional), so that all that is left is Python."""
        extensions = self.extensions
        others = [ext for ext in self.distribution.ext_modules or () if not isinstance(ext, RustExtension)]
        if not extensions or others or self.distribution.has_c_libraries():
            return False
        return all(ext in self.outcomes and self.outcomes[ext].abi is None for ext in extensions)

    @property
    def root(self) -> str:
        """The project's folder."""
        return os.path.abspath(self.distribution.src_root or os.curdir)

    def interpreter(self, environ: Mapping[str, str]) -> Interpreter:
        """The interpreter to build for.

        Raises:
            Problem: as for :meth:`target_facts`.
        """
        return self.target_facts(environ).interpreter

    def target_facts(self, environ: Mapping[str, str]) -> TargetFacts:
        """What is built for: the interpreter, live or described, and its platform.

        Raises:
            Problem: the interpreter that the environment names is not there, or what is said of the target contradicts itself.
        """
        from . import targets

        older = environ.get("PYTHON_SYS_EXECUTABLE", "")
        wanted = environ.get("PYO3_PYTHON") or (older if older and self._has_old_pyo3() else "")
        facts = targets.facts(self, wanted, environ, self._targets)
        for path in facts.read:
            self.crates.seen.look(path)
        return facts

    def _has_old_pyo3(self) -> bool:
        """Whether a crate's PyO3 is of the age that reads PYTHON_SYS_EXECUTABLE (before 0.14)."""
        from ..mind import lockfile

        for ext in self.extensions:
            crate = self.crate(ext)
            own = crate.manifest.dependency("pyo3") if crate else None
            version = lockfile.chosen((crate.lock if crate else "") or "", "pyo3", own.requirement) if own else None
            if version is not None and version < (0, 14):
                return True
        return False

    def crate(self, ext: RustExtension) -> Any:
        """The extension's crate, or None where it can't be read."""
        try:
            return self.crates.read(os.path.join(self.root, ext.path), ext.where)
        except DeclarationProblem:
            return None

    def situation(self, **asked: Any) -> Situation:
        """The circumstances of a build, with the environment as it is now.

        Args:
            asked: what the command line decides, by the names of :class:`Situation`.

        Raises:
            Problem: as for :meth:`target_facts`.
        """
        from ..mind.situation import Situation

        environ = dict(os.environ)
        facts = self.target_facts(environ)
        throwaway = self._is_unpacked_sdist()
        # A tree that modules are put into isn't thrown away.
        cached = self._cached_target(environ) if throwaway and not asked.get("inplace") else ()
        remap, cargo_files = self._remap(environ, cached) if not asked.get("inplace") else ((), ())
        return Situation(
            interpreter=facts.interpreter,
            target=facts.target,
            build_python=facts.build_python,
            notices=facts.notices,
            tools=facts.tools,
            cargo_files=facts.cargo_files or cargo_files,
            zig=facts.zig,
            environ=environ,
            cache_dir=self.cache_dir(environ),
            root=self.root,
            limited_api=self.limited_api(),
            throwaway=throwaway,
            cached=cached,
            remap=remap,
            **asked,
        )

    def _remap(self, environ: Mapping[str, str], cached: Tuple[str, ...]) -> Tuple[Tuple[Tuple[str, str], ...], Tuple[Any, ...]]:
        """What rustc is to call this machine's folders, where the build is to be reproducible, and cargo's configuration."""
        declared = self.settings.get("reproducible")
        if not (declared or environ.get("SOURCE_DATE_EPOCH") or environ.get("SETUPTOOLS_PYO3_REPRODUCIBLE")):
            return (), ()
        from ..hands import remapped_folders
        from ..mind import remapping
        from ..mind.situation import is_on

        wanted = bool(environ.get("SOURCE_DATE_EPOCH")) if declared is None else declared is True
        if not is_on(environ, remapping.VARIABLE, wanted):
            return (), ()
        return remapped_folders.find(self.root, environ, cached)

    def hides_paths(self, environ: Mapping[str, str]) -> bool:
        """Whether what isn't built in place has the building machine's paths taken out.

        Raises:
            DeclarationProblem: the variable says neither yes nor no.
        """
        from ..mind import hidden_paths
        from ..mind.situation import is_on

        return is_on(environ, hidden_paths.VARIABLE, self.settings.get("hide_paths") is not False)

    def cache_dir(self, environ: Mapping[str, str]) -> str:
        """The folder for what lasts longer than a build: the user's cache, or one in the build folder where there is none."""
        build_base = self.distribution.get_command_obj("build").build_base or "build"
        cache = files.cache_folder(environ, sys.platform)
        return files.usable_folder(cache, os.path.join(self.root, build_base, "setuptools-pyo3"))

    def _cached_target(self, environ: Mapping[str, str]) -> Tuple[str, ...]:
        # Overrides of our commands may change the environment until the build begins.
        if self.cached is None or (self.cached.target is None and self.cached.environ != environ):
            from .cached import Choice

            self.cached = Choice(self, environ)
        return self.cached.options(self._running)

    def limited_api(self) -> str:
        """bdist_wheel's ``py_limited_api``, from wherever it was set; "" where it isn't."""
        command = self.distribution.get_command_obj("bdist_wheel", create=False)
        value = getattr(command, "py_limited_api", None)
        if value is None or value is False:
            value = self.distribution.get_option_dict("bdist_wheel").get("py_limited_api", (None, ""))[1]
        return str(value or "")

    def _is_unpacked_sdist(self) -> bool:
        there = self.crates.seen.there
        vcs = any(there(os.path.join(self.root, name)) for name in (".git", ".hg"))
        return there(os.path.join(self.root, "PKG-INFO")) and not vcs

    def expectation(self, ext: RustExtension, situation: Situation) -> Expectation:
        """What an extension will become.

        Raises:
            DeclarationProblem: its crate can't be read, or can't give what is declared.
        """
        from ..mind.expectation import expect

        crate = self.crates.read(os.path.join(situation.root, ext.path), ext.where)
        return expect(ext, crate, situation)

    def abi(self, ext: RustExtension) -> Abi:
        """The ABI of what was built, or, before that, of what is expected. Works without cargo and rustc."""
        outcome = self.outcomes.get(ext)
        if outcome is not None and outcome.abi is not None:
            return outcome.abi
        if ext in self.expected:
            return self.expected[ext]
        try:
            return self.expectation(ext, self.situation()).abi
        except Problem:
            from ..mind import abi

            return abi.Abi(abi.NONE if ext.binding is Binding.NoBinding else abi.SPECIFIC)

    def suffix(self, ext: RustExtension, found: Abi) -> str:
        """What the file of a module ends in; ``SETUPTOOLS_EXT_SUFFIX`` decides for version-specific ones, as in setuptools.

        Raises:
            ToolchainProblem: it names another Python than the one that is built for, or nothing tells how modules are named.
        """
        from ..hands import probe
        from ..mind import abi

        try:
            interpreter = self.interpreter(os.environ)
        except Problem:
            interpreter = probe.running()
        given = os.environ.get("SETUPTOOLS_EXT_SUFFIX")
        if given and found.kind == abi.SPECIFIC:
            from ..mind import evidence

            evidence.check_suffix(given, "SETUPTOOLS_EXT_SUFFIX", interpreter)
            return given
        return abi.suffix(found, interpreter)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep two builds in one tree apart, and two that share a target folder."""
        shared = os.environ.get("CARGO_TARGET_DIR")
        cache = self.cache_dir(os.environ)
        # Always in this order, so that no two builds can wait for each other.
        with contextlib.ExitStack() as stack:
            for place in (self.root, *([os.path.join(self.root, shared)] if shared else [])):
                stack.enter_context(for_place(cache, place))
            if self._running is None:
                with gate(cache):
                    self._running = stack
                stack.callback(setattr, self, "_running", None)
            yield


_ATTRIBUTE = "_setuptools_pyo3"


def of(distribution: Distribution) -> Session:
    """The session of a distribution, made at the first call."""
    session = getattr(distribution, _ATTRIBUTE, None)
    if not isinstance(session, Session):
        session = Session(distribution)
        setattr(distribution, _ATTRIBUTE, session)
    return session


def say(line: str) -> None:
    """Show the user a line, where cargo shows its own."""
    print(line, file=sys.stderr, flush=True)


def as_setuptools_error(problem: Problem) -> Exception:
    """The problem as the kind of exception that setuptools shows without a traceback."""
    if isinstance(problem, DeclarationProblem):
        return SetupError(str(problem))
    if isinstance(problem, ToolchainProblem):
        return PlatformError(str(problem))
    return CompileError(str(problem))


def unique(items: Iterable[str]) -> Tuple[str, ...]:
    """The items without repetitions, in order."""
    return tuple(dict.fromkeys(items))
