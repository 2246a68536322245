"""One build's use of a cached target folder: what came from registries stays in it, local crates are compiled anew."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from typing import Callable, Iterable, List, Optional, Sequence, Set, Tuple

from ..mind import caching
from ..mind.messages import Artifact, ScriptRun, is_local, package_name
from . import cache
from .locking import for_place
from .remains import Remains


class CachedTarget:
    """The use, from :meth:`begin` to :meth:`end`. Nobody else uses or removes the folder meanwhile.

    Args:
        cache_dir: the user's cache folder.
        name: the entry's.
        project: whose it is.
        limit: how many bytes the whole cache may hold.
        say: shows a line to the user.
    """

    def __init__(self, cache_dir: str, name: str, project: str, limit: int, say: Callable[[str], None]) -> None:
        self.folder = cache.target(cache_dir, name)
        self._cache_dir, self._name, self._project, self._limit, self._say = cache_dir, name, project, limit, say
        self._lock = for_place(cache_dir, self.folder)
        self._remains = Remains()
        self._compiled: Set[Tuple[object, ...]] = set()
        # None while it isn't known, because something was compiled that stays.
        self._size: Optional[int] = None
        self._doubted = False

    def begin(self) -> None:
        """Lock the folder; others that use it are waited for.

        Raises:
            OSError: nothing can be written there.
        """
        if not self._lock.take(wait=False):
            self._say(f"setuptools-pyo3: waiting for another build of {self._project}, which uses {self.folder}")
            self._lock.take()
        try:
            if not self._lock.is_real:
                raise OSError("it can't be locked")
            if not os.path.isdir(self.folder) and not cache.has_room(self._cache_dir):
                raise OSError("the disk is full")
            known = cache.state(self._cache_dir, self._name)
            self._size = known.size if known else None
            # Without a size, for the case that this build is killed.
            cache.note(self._cache_dir, self._name, cache.State(self._project, None))
        except OSError:
            self._lock.release()
            raise

    def vendor(self, name: str, source: str) -> None:
        """Keep a copy of vendored crates at a place of their own: cargo compiles crates anew whose path has changed.

        Args:
            name: of the source in cargo's configuration.
            source: the folder, whose content is in the entry's name.

        Raises:
            OSError: they can't be copied.
        """
        place = vendored(self.folder, name)
        if not os.path.isdir(place):
            going = f"{place}.tmp"
            shutil.rmtree(going, ignore_errors=True)
            shutil.copytree(source, going, symlinks=True)
            os.rename(going, place)

    def note(self, artifacts: Sequence[Artifact], scripts: Sequence[ScriptRun]) -> None:
        """Note what cargo said, whether or not it succeeded."""
        compiled = [artifact for artifact in artifacts if not artifact.fresh]
        self._remains.note(artifacts, scripts)
        self._compiled.update(_unit(artifact) for artifact in compiled)
        if not all(is_local(artifact.package_id) for artifact in compiled):
            self._size = None

    def stale(self, artifacts: Iterable[Artifact]) -> List[str]:
        """The local packages that cargo takes for compiled though this build has not compiled them.

        It judges by the times of their sources, which are those of the archive: long ago.
        """
        found = (a for a in artifacts if a.fresh and is_local(a.package_id) and _unit(a) not in self._compiled)
        return list(dict.fromkeys(package_name(artifact.package_id) for artifact in found))

    def doubt(self) -> None:
        """cargo can't be brought to compile a local crate anew."""
        self._doubted = True

    def trouble(self) -> str:
        """Why the folder may be to blame for a failure; "" if it isn't."""
        if self._doubted:
            return "cargo takes crates for compiled there that aren't"
        return "" if cache.has_room(self._cache_dir) else "the disk is full"

    def give_up(self) -> None:
        """Remove the folder, which makes room, and let others go on."""
        cache.remove(self._cache_dir, self._name)
        self._lock.release()

    def end(self) -> None:
        """Leave only what came from registries, keep the cache within its limit, and let others go on."""
        try:
            with contextlib.suppress(OSError):
                self._remains.remove(self.folder)
                self._settle()
        finally:
            self._lock.release()

    def _settle(self) -> None:
        grown = self._size is None
        size = cache.measure(self.folder) if self._size is None else self._size
        cache.note(self._cache_dir, self._name, cache.State(self._project, size))
        if size > self._limit:
            self._say(
                f"setuptools-pyo3: {self.folder} is not kept: it has {caching.shown(size)}, and the cache may have "
                f"{caching.shown(self._limit)} (set {caching.SIZE_VARIABLE} to more)"
            )
        if grown or cache.is_due(self._cache_dir):
            cache.prune(self._cache_dir, self._limit)


def vendored(folder: str, name: str) -> str:
    """Where a target folder keeps a copy of vendored crates, by the name of their source in cargo's configuration."""
    return os.path.join(folder, "vendored", hashlib.sha256(name.encode()).hexdigest()[:8])


def _unit(artifact: Artifact) -> Tuple[object, ...]:
    return artifact.package_id, artifact.kinds, artifact.name, artifact.filenames
