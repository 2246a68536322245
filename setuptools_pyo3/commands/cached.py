"""The cached target folder that a build of a throwaway source tree uses, if any."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Mapping, Optional, Tuple

from ..hands import cache, cargo_config, files, provenance
from ..hands.cached_target import CachedTarget, vendored
from ..mind import caching
from . import session as sessions

if TYPE_CHECKING:
    from .session import Session


class Choice:
    """The choice for one distribution in one environment.

    Args:
        session: the distribution's.
        environ: the environment.

    Raises:
        DeclarationProblem: a variable of ours is wrong.
    """

    def __init__(self, session: Session, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.target: Optional[CachedTarget] = None
        self._session = session
        self._cache_dir = files.cache_folder(environ, sys.platform)
        self._limit = caching.limit(environ)
        # Vendored crates in the source tree, by the names of their sources.
        self._vendored: Mapping[str, str] = {}
        self._name = self._choose()

    def _choose(self) -> str:
        """The name of the folder; "" where none is used."""
        session, environ = self._session, self.environ
        if not caching.wanted(environ, session.settings.get("cache") is not False):
            return ""
        configurations = cargo_config.read(session.root, environ, caching.config_options(session.extensions))
        if caching.target_is_decided(environ, [found.table("build") for found in configurations], session.extensions):
            return ""
        self._vendored = provenance.vendored(configurations, session.root)
        crates = [crate for ext in session.extensions for crate in [session.crate(ext)] if crate is not None]
        roots = {crate.root.path for crate in crates}
        return caching.entry_name(session.distribution.get_name(), provenance.of(configurations, roots))

    def options(self, build: Optional[contextlib.ExitStack]) -> Tuple[str, ...]:
        """The options that have cargo build into the folder; () for where cargo and the user want it.

        Args:
            build: what is to be closed when the build that runs ends, until which it uses the folder; None where none runs.
        """
        if self._name and self.target is None and build is not None:
            self._begin(build)
        if not self._name:
            return ()
        folder = cache.target(self._cache_dir, self._name)
        return caching.options(folder, {name: vendored(folder, name) for name in self._vendored})

    def _begin(self, build: contextlib.ExitStack) -> None:
        target = CachedTarget(self._cache_dir, self._name, self._session.distribution.get_name(), self._limit, sessions.say)
        if not os.path.isabs(self._cache_dir):
            self._do_without("nobody knows a home folder for it")
            return
        try:
            target.begin()
        except OSError as error:
            self._do_without(error.strerror or str(error))
            return
        self.target = target
        build.callback(self._end)
        try:
            for name, source in self._vendored.items():
                target.vendor(name, source)
        except OSError:
            # They are compiled where they are, each time.
            self._vendored = {}

    def _end(self) -> None:
        if self.target is not None:
            self.target.end()
            self.target = None

    def gives_up(self) -> bool:
        """Whether the folder is to blame for a failure. If so, it is given up, with a notice."""
        reason = self.target.trouble() if self.target is not None else ""
        if self.target is None or not reason:
            return False
        self.target.give_up()
        self.target = None
        self._do_without(reason)
        return True

    def _do_without(self, reason: str) -> None:
        self._name = ""
        sessions.say(
            f"setuptools-pyo3: the cache in {self._cache_dir} can't be used ({reason}), so cargo builds in the source tree "
            f"({caching.SWITCH_VARIABLE}=off or another {files.CACHE_VARIABLE} spares this line)"
        )
