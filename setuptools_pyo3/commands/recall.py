"""Trying to know a build of ``build_rust`` again, and noting what is needed for that next time."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING, Any, Dict, Sequence, Tuple

from .. import __version__
from ..errors import Problem
from ..hands import files, recollection
from ..hands.hearing import Heard
from . import options
from . import session as sessions
from .session import say

if TYPE_CHECKING:
    from .run import Run

# Variables that differ from build to build and that nothing we start builds anything by.
_VOLATILE = frozenset({"_", "SHLVL", "OLDPWD", "COLUMNS", "LINES", "PIP_BUILD_TRACKER", "PYTEST_CURRENT_TEST"})
# Methods that a project may have extended, and then wants to be called.
_EXTENSIBLE = ("run_for_extension", "build_extension", "install_extension")

# Seconds after which cargo is taken to be compiling.
_PATIENCE = 0.08
# What they declare is in the question, what their code does is not.
PROJECT_FILES = ("setup.py", "setup.cfg", "pyproject.toml")


class Attempt:
    """One build, held against what is known of the last one like it.

    Args:
        command: build_rust, finalized.
    """

    def __init__(self, command: Any) -> None:
        self.command = command
        self.session = sessions.of(command.distribution)
        # What came of cargo commands that were run, by their arguments.
        self.ran: Dict[Tuple[str, ...], Heard] = {}
        self.question = self._question()
        self.path = self._path()
        self.known = recollection.load(self.path) if self._may_be_known() else None

    def succeeds(self) -> bool:
        """Whether the build was known, has been run, and ended as before; if not, ``ran`` holds what was run of it."""
        known = self.known
        if known is None or not known.fits(self.question):
            return False
        for notice in known.content["notices"]:
            self.session.tell(notice)
        if not self._ended_as_before(known):
            return False
        self.session.remember(known.content["outcomes"])
        self.session.heard.update(self.ran)
        for call in known.content["calls"]:
            self.session.built_by.update(dict.fromkeys(call["items"], tuple(call["argv"][1:])))
        for line in known.content["last"]:
            say(line)
        return True

    def _ended_as_before(self, known: recollection.Recollection) -> bool:
        """Run what is known; if cargo takes longer than it does where nothing has changed, get ready for the rest meanwhile."""
        timer = threading.Timer(_PATIENCE, self._get_ready)
        timer.start()
        try:
            ended_as_before = known.run(os.environ, self.session.root, say, self.ran)
        finally:
            timer.cancel()
        if not ended_as_before:
            timer.join()
        return ended_as_before

    def _get_ready(self) -> None:
        """Import what planning and judging take, and read the manifests."""
        # Imported for those who do so next.
        import json  # noqa: F401

        from ..hands import binary, hidden_paths, probe, signs  # noqa: F401
        from . import placement, run, targets  # noqa: F401

        binary.get_ready()
        for ext in self.session.extensions:
            # What is wrong with one is said when it is planned.
            with contextlib.suppress(Problem):
                self.session.crates.read(os.path.join(self.session.root, ext.path), ext.where)

    def _may_be_known(self) -> bool:
        """Not where the project's own class takes part in it."""
        from .build_rust import build_rust

        return all(getattr(type(self.command), name) is getattr(build_rust, name) for name in _EXTENSIBLE)

    def _question(self) -> Dict[str, Any]:
        """All that a build depends on and that is no file."""
        command, distribution = self.command, self.command.distribution
        build_ext = distribution.get_command_obj("build_ext")
        return {
            "version": __version__,
            "python": [sys.version, sys.executable, *EXTENSION_SUFFIXES],
            "root": self.session.root,
            "extensions": [[type(ext).__name__, *(f"{k}={v!r}" for k, v in vars(ext).items())] for ext in self.session.extensions],
            "options": {name: repr(getattr(command, name, None)) for name in options.DECISIVE},
            "verbose": repr(getattr(distribution, "verbose", None)),
            "limited_api": self.session.limited_api(),
            "places": [
                str(build_ext.build_lib),
                str(distribution.get_command_obj("build").build_scripts),
                *(repr(getattr(distribution, name, None)) for name in ("package_dir", "ext_package")),
                *(f"{cls.__module__}.{cls.__qualname__}" for cls in type(build_ext).__mro__),
            ],
            "environ": {name: value for name, value in os.environ.items() if name not in _VOLATILE},
        }

    def _path(self) -> str:
        own = (self.session.root, sys.executable, self.question["options"]["inplace"], self.question["places"][0])
        return os.path.join(self.session.cache_dir(os.environ), "builds", files.name_for(repr(own)))

    def note(self, run: Run, results: Sequence[str]) -> None:
        """Keep what came of a build, if the next one like it can be known by it.

        Args:
            run: all of it.
            results: what was said at the end.
        """
        if self._may_be_known() and run.can_be_known_again():
            behind = self.known.behind(os.environ) if self.known else None
            known = run.recollection(PROJECT_FILES, behind)
            recollection.save(self.path, {"question": self.question, **known, "last": list(results)})
