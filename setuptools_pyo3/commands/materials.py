"""What a wheel says about the crates that are linked into it: its bill of materials and their licences."""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Mapping, Optional, Tuple

from .. import __version__
from ..errors import DeclarationProblem
from ..hands import files, linked
from ..hands.linked import Crate, Linked
from ..hands.manifests import Manifests
from ..mind import cfg_expression, notices, package, sbom, source_date
from ..mind.linked import Platform
from ..mind.locked import Locked
from ..mind.notices import Licensed
from ..mind.situation import is_on
from .record import Record
from .session import Session

_FILES_VARIABLE = "SETUPTOOLS_PYO3_SBOM_FILES"


def add(session: Session, dist_info: str, environ: Mapping[str, str]) -> None:
    """Put the bill of materials, and documents of the project's own, into a wheel's ``.dist-info``.

    Args:
        session: the distribution's.
        dist_info: the folder.
        environ: the environment.

    Raises:
        Problem: a setting is wrong, or a file can't be read.
    """
    folder = os.path.join(dist_info, "sboms")
    if is_on(environ, sbom.VARIABLE, session.settings.get("sbom") is not False):
        found = of(session, environ)
        if found is None:
            session.tell("the wheel gets no bill of materials, because nothing was built in this run (--skip-build)")
        else:
            _write(os.path.join(folder, sbom.FILE_NAME), _document(session, found, environ))
    for path in _own_files(session, environ):
        _write(os.path.join(folder, os.path.basename(path)), _content(path))


def add_licenses(session: Session, dist_info: str, environ: Mapping[str, str]) -> None:
    """Put the licences of third parties into a wheel's ``.dist-info``, where the project wants that.

    Raises:
        Problem: a manifest can't be read.
    """
    if not wants_licenses(session):
        return
    found = of(session, environ)
    if found is None:
        raise DeclarationProblem(
            "the licences of third parties can't be put into the wheel, because nothing was built in this run",
            where="third-party-licenses",
            hint="build without --skip-build",
        )
    title = f"{session.distribution.get_name()} {session.distribution.get_version()}"
    text = notices.full(title, licensed(found, texts=True))
    _write(os.path.join(dist_info, "licenses", notices.FILE_NAME), text.encode())


def wants_licenses(session: Session) -> bool:
    """Whether the project wants the licences of third parties in its wheels."""
    return session.settings.get("third_party_licenses") is True and bool(session.extensions)


def announce_licenses(dist_info: str) -> None:
    """List the file with the licences of third parties in METADATA, before or after it is there.

    Args:
        dist_info: the folder of METADATA.

    Raises:
        OSError: it can't be read or written.
    """
    path = os.path.join(dist_info, "METADATA")
    metadata = files.content(path).decode("utf-8")
    _write(path, notices.with_license_file(metadata, notices.FILE_NAME).encode())


def licensed(found: Iterable[Linked], *, texts: bool, own: bool = False) -> List[Licensed]:
    """The licences of the crates that are linked into some extensions, each crate once.

    Args:
        found: what is linked into each.
        texts: read the texts that come with the crates.
        own: with local crates, too.
    """
    crates = {id: crate for one in found for id, crate in one.crates.items() if own or not crate.is_local}
    return [_licensed(crate, texts=texts) for crate in crates.values()]


def _licensed(crate: Crate, *, texts: bool) -> Licensed:
    said = crate.description
    license = package.spdx(said.license) or said.license or os.path.basename(said.license_file)
    return Licensed(crate.name, crate.version, license, said.repository, tuple(linked.texts(crate)) if texts else ())


def of(session: Session, environ: Mapping[str, str]) -> Optional[List[Linked]]:
    """What is linked into each extension that was built in this run; None where cargo wasn't run.

    Raises:
        Problem: a manifest can't be read.
    """
    built = [ext for ext in session.extensions if ext.key in session.built_by]
    if not built:
        return [] if session.nothing_native else None
    facts = session.target_facts(environ)
    platform = Platform(cfg_expression.facts(facts.target, facts.interpreter.libc), facts.target.triple)
    manifests = Manifests()
    found: List[Linked] = []
    locks: Dict[str, Tuple[Locked, ...]] = {}
    for ext in built:
        heard = session.heard[session.built_by[ext.key]]
        path = os.path.join(session.root, ext.path)
        crate = session.crates.read(path, ext.where)
        if crate.lock_path not in locks:
            locks[crate.lock_path] = linked.packages(_lock(session, crate.lock_path))
        lock = locks[crate.lock_path]
        names = sorted(ext.binaries().values()) if ext.is_executable else [ext.name]
        found += [linked.into(name, path, heard.artifacts, lock, platform, manifests) for name in names]
    return found


def _lock(session: Session, lock_path: str) -> str:
    """The text of the lock that was built with, "" for none; one that cargo made is kept in the build folder."""
    build_temp = session.distribution.get_command_obj("build_ext").build_temp or "build"
    kept = Record(build_temp, enabled=False).kept_lock(lock_path)
    return (files.content(lock_path) or files.content(kept)).decode("utf-8", "replace")


def _document(session: Session, found: Iterable[Linked], environ: Mapping[str, str]) -> bytes:
    extensions = {one.extension: one.root for one in found if one.root}
    crates: Dict[str, Crate] = {id: crate for one in found for id, crate in one.crates.items()}
    references = {id: sbom.reference(crate.name, crate.version, crate.source) for id, crate in crates.items()}
    distribution = session.distribution
    return sbom.document(
        sbom.Subject(distribution.get_name(), distribution.get_version()),
        {name: references[root] for name, root in extensions.items()},
        # Two local crates of one name and version are one here.
        list({references[id]: _component(crate, references) for id, crate in crates.items()}.values()),
        __version__,
        source_date.of(environ) if environ.get(source_date.VARIABLE) else None,
        {name for ext in session.extensions if ext.is_executable for name in ext.binaries().values()},
    )


def _component(crate: Crate, references: Mapping[str, str]) -> sbom.Component:
    description = crate.description
    license = package.spdx(description.license)
    return sbom.Component(
        name=crate.name,
        version=crate.version,
        source=crate.source,
        checksum=crate.checksum,
        license=license,
        license_name=description.license or os.path.basename(description.license_file),
        description=" ".join(description.description.split()),
        repository=description.repository,
        dependencies=tuple(references[id] for id in crate.dependencies),
    )


def _own_files(session: Session, environ: Mapping[str, str]) -> List[str]:
    declared = session.settings.get("sbom_files")
    given = environ.get(_FILES_VARIABLE, "").split(os.pathsep)
    named = [*(declared if isinstance(declared, list) else ()), *filter(None, given)]
    paths = [os.path.normpath(os.path.join(session.root, path)) for path in dict.fromkeys(named)]
    names = [sbom.FILE_NAME, *map(os.path.basename, paths)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DeclarationProblem(f"several documents for the wheel are called {', '.join(twice)}", where="sbom-files")
    return paths


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise DeclarationProblem(
            "the document for the wheel can't be read",
            where=path,
            why=str(error),
            hint=f"a path in {_FILES_VARIABLE} is best absolute: frontends build the wheel in an unpacked source distribution",
        ) from error


def _write(path: str, content: bytes) -> None:
    files.write_whole(path, content)
