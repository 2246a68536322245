"""Our part of ``sdist``: complete for cargo, free of what must not be shipped, and never half there."""

from __future__ import annotations

import contextlib
import copy
import os
import re
import shutil
import tempfile
from typing import TYPE_CHECKING, Any, Iterator, List, Optional, Tuple

from . import session as sessions
from .guard import guarded

if TYPE_CHECKING:
    from ..hands.sdist_contents import Contents
    from ..mind.manifest_template import Template
    from .session import Session

OPTIONS: Tuple[Tuple[str, Optional[str], str], ...] = (
    ("vendor-crates", None, "put the sources of all crates into it, for building without a network"),
)


# setuptools takes it away while it copies.
_link = getattr(os, "link", None)


class SDist:
    """Mixed in before a project's own ``sdist`` class."""

    distribution: Any
    filelist: Any
    dist_dir: str
    formats: List[str]
    template: str
    _contents: Optional[Contents] = None
    _roots: Tuple[str, ...] = ()

    def initialize_options(self) -> None:
        """Set our options to their defaults."""
        self.vendor_crates: Any = None
        super().initialize_options()  # type: ignore[misc]

    def make_distribution(self) -> None:
        """Complete setuptools' list, then have the archives made of it."""
        session = sessions.of(self.distribution)
        if not session.extensions:
            super().make_distribution()  # type: ignore[misc]  # setuptools' class comes after us
            return
        with guarded():
            self._contents = self._collect(session)
        for notice in self._contents.notices:
            session.tell(notice)
        # A list of our own: build_py takes package data from egg_info's, and what a crate needs is none.
        self.filelist = copy.copy(self.filelist)
        self.filelist.files = self._files(session.root, self._contents)
        with self._normalized_name(), self._nothing_half():
            super().make_distribution()  # type: ignore[misc]

    def _collect(self, session: Session) -> Contents:
        from ..hands import bundle, lock_check, sdist_contents

        # An optional extension may lack its crate.
        needed = [ext for ext in session.extensions if not ext.optional or session.crate(ext) is not None]
        crates = [session.crates.read(os.path.join(session.root, ext.path), ext.where) for ext in needed]
        notices = lock_check.notices(session.crates, crates, dict(os.environ), session.root)
        manifests = sorted({crate.manifest.path for crate in crates})
        # Crates for tests would be most of what is vendored.
        shipment = bundle.shipment(session.root, manifests, with_dev=not self._vendors(session))
        self._roots = shipment.roots
        found = sdist_contents.contents(shipment, self._asked(session, crates))
        return found._replace(notices=(*notices, *found.notices))

    def _asked(self, session: Session, crates: List[Any]) -> Any:
        from ..hands.sdist_contents import Asked

        listed = frozenset(_place(name) for name in self.filelist.files)
        workspaces = sessions.unique(crate.root.folder for crate in crates)
        target = os.environ.get("CARGO_TARGET_DIR")
        targets = [os.path.join(session.root, target)] if target else [os.path.join(folder, "target") for folder in workspaces]
        return Asked(
            around=surroundings(self),
            listed=listed,
            template=read_template(self.template),
            workspaces=workspaces,
            target_folders=tuple(targets),
            built=frozenset(name for name in listed if _is_module(name, session)),
            documents=_documents(session),
        )

    def _files(self, root: str, found: Contents) -> List[str]:
        """setuptools' list without what is left out, and with what lies in its place already."""
        kept = [name for name in self.filelist.files if _place(name) not in found.left_out]
        in_place = [place.replace("/", os.sep) for place, path in found.copied.items() if path == os.path.join(root, place)]
        return sorted({*kept, *in_place})

    def make_release_tree(self, base_dir: str, files: List[str]) -> None:
        """Gather everything in a folder: setuptools what lies under the root, we the rest."""
        # What a killed run has left would end up in the archive.
        shutil.rmtree(base_dir, ignore_errors=True)
        found, listed = self._contents, {_place(name) for name in files}
        if found is not None and self.formats == ["gztar"]:
            _link_sources(base_dir, [name for name in files if name.endswith(".rs")])
        super().make_release_tree(base_dir, files)  # type: ignore[misc]
        if found is None:
            return
        for place, path in found.copied.items():
            if place not in listed:
                self._put(os.path.join(base_dir, place), path, None)
        for place, content in found.written.items():
            self._put(os.path.join(base_dir, place), "", content)
        with guarded():
            self._vendor(base_dir, sessions.of(self.distribution))

    def _vendors(self, session: Session) -> bool:
        """Whether crates are to be vendored: the command line or setup.cfg decides, else the project's table."""
        from ..mind.situation import ON

        given = self.vendor_crates
        return session.settings.get("vendor") is True if given is None else given == 1 or str(given).lower() in ON

    def _vendor(self, base_dir: str, session: Session) -> None:
        from ..hands import vendoring

        environ = dict(os.environ)
        known = vendoring.known(session.root, environ)
        vendoring.take_along(base_dir, session.root, known)
        if self._vendors(session) and not known:
            platforms: Any = session.settings.get("vendor_platforms") or ()
            asked = vendoring.Asked(session.root, self._roots, tuple(platforms), environ, sessions.say)
            vendoring.vendor(os.path.abspath(base_dir), asked)

    @staticmethod
    def _put(target: str, source: str, content: Optional[bytes]) -> None:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if content is None:
            shutil.copy2(source, target)
            return
        # What is there may be a link.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target)
        with open(target, "wb") as file:
            file.write(content)

    def make_archive(self, base_name: str, format: str, *args: Any, **kwargs: Any) -> str:
        """Make an archive that is seen only when it is whole; a ``gztar`` is the same file wherever it is made."""
        folder = os.path.dirname(base_name) or os.curdir
        os.makedirs(folder, exist_ok=True)
        if format == "gztar" and self._contents is not None:
            from ..hands import archive
            from ..mind import source_date

            with guarded():
                archive.write_tar_gz(f"{base_name}.tar.gz", kwargs["base_dir"], time=source_date.of(os.environ))
            return f"{base_name}.tar.gz"
        aside = tempfile.mkdtemp(prefix=".setuptools-pyo3-", dir=folder)
        try:
            made: str = super().make_archive(  # type: ignore[misc]
                os.path.join(aside, os.path.basename(base_name)), format, *args, **kwargs
            )
            place = os.path.join(folder, os.path.basename(made))
            os.replace(made, place)
            return place
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    @contextlib.contextmanager
    def _nothing_half(self) -> Iterator[None]:
        """Remove the gathered files where something fails; setuptools leaves them in the project."""
        try:
            yield
        except BaseException:
            shutil.rmtree(self.distribution.get_fullname(), ignore_errors=True)
            raise

    @contextlib.contextmanager
    def _normalized_name(self) -> Iterator[None]:
        """Have the archive named as PEP 625 wants it; setuptools before 69.3 doesn't by itself."""
        name, version = self.distribution.get_name(), self.distribution.get_version()
        full = f"{re.sub('[-_.]+', '_', name).lower()}-{version.replace('-', '_')}"
        if self.distribution.get_fullname() != f"{name}-{version}" or full == f"{name}-{version}":
            yield
            return
        self.distribution.get_fullname = lambda: full
        try:
            yield
        finally:
            del self.distribution.get_fullname


def read_template(path: str = "MANIFEST.in") -> Template:
    """A project's ``MANIFEST.in``; one that says nothing where there is no such file."""
    from distutils.text_file import TextFile

    from ..mind import manifest_template

    if not os.path.isfile(path):
        return manifest_template.Template()
    file = TextFile(path, strip_comments=1, skip_blanks=1, join_lines=1, lstrip_ws=1, rstrip_ws=1, collapse_join=1)
    try:
        return manifest_template.parse(file.readlines())
    finally:
        file.close()


def surroundings(command: Any) -> Any:
    """Where a project's packages lie, by any of its commands."""
    from ..hands.crate_files import Surroundings

    distribution = command.distribution
    root = sessions.of(distribution).root
    sdist = distribution.get_command_obj("sdist", create=False)
    outputs = ["dist", getattr(sdist, "dist_dir", None) or "dist", command.get_finalized_command("build").build_base]
    return Surroundings(root, frozenset(os.path.normpath(os.path.join(root, folder)) for folder in outputs))


def _link_sources(base_dir: str, names: List[str]) -> None:
    """Link Rust sources to their places; setuptools then takes them for copied, which is most of what an sdist would cost.

    Nobody changes them there, as they may other files; and what packs them as ``gztar`` doesn't change the tree.
    """
    for name in names:
        place = os.path.join(base_dir, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        # Over a link, or where links can't be made, setuptools copies as ever.
        with contextlib.suppress(OSError):
            if _link is not None and not os.path.islink(name):
                _link(name, place)


def _documents(session: Session) -> Tuple[str, ...]:
    declared: Any = session.settings.get("sbom_files") or ()
    return tuple(declared)


def _place(name: str) -> str:
    return os.path.normpath(name).replace(os.sep, "/")


def _is_module(name: str, session: Session) -> bool:
    from ..hands import install

    return any(install.is_module_file(os.path.basename(name), ext.name.rpartition(".")[2]) for ext in session.modules)
