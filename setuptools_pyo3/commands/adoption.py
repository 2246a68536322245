"""Taking over the extensions that a distribution declares, wherever it does so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple

from setuptools import Distribution
from setuptools.errors import SetupError

from ..declaration.extension import RustExtension
from ..errors import DeclarationProblem, Problem, raise_all
from ..hands import files
from . import discovery, mixing
from . import session as sessions
from .session import Session

if TYPE_CHECKING:
    from ..declaration.tables import ProjectTable
    from ..hands.discovery import Layout

_PYPROJECT = "pyproject.toml"


def adopt(distribution: Distribution) -> None:
    """Take over what a distribution declares, once.

    Raises:
        setuptools.errors.SetupError: a declaration can't be right.
    """
    session = getattr(distribution, "_setuptools_pyo3", None)
    if session is not None and session.adopted:
        return
    try:
        _adopt(distribution)
    except Problem as problem:
        raise SetupError(f"setuptools-pyo3: {problem}") from None


def _adopt(distribution: Any) -> None:
    table = _table(distribution)
    keyword = _from_keyword(distribution)
    modules = [ext for ext in _ext_modules(distribution) if isinstance(ext, RustExtension)]
    if not (keyword or modules or table):
        return
    session = sessions.of(distribution)
    session.adopted = True
    session.settings = table.settings if table else {}
    declared = [*keyword, *(table.extensions if table else ())]
    if table is not None and table.discover and not declared and not modules:
        from ..hands import discovery as crate_discovery

        raise_all(table.problems)
        declared = crate_discovery.extensions(session.root, _layout(distribution, session), session.crates)
    everything = list(dict.fromkeys([*keyword, *modules, *declared]))
    raise_all([*(table.problems if table else ()), *(p for ext in everything for p in ext.problems)])
    raise_all(_twice(everything, _ext_modules(distribution)))
    if everything:
        _follow_moved(session.root, everything)
        _take_over(distribution, session, everything, declared)


def _follow_moved(root: str, everything: Iterable[RustExtension]) -> None:
    """Find the crates that lay outside the project when its source distribution was made."""
    for ext in everything:
        if os.path.normpath(ext.path).startswith(os.pardir):
            from ..hands import moved_manifests

            ext.path = moved_manifests.place(root, ext.path)


def _take_over(distribution: Any, session: Session, everything: List[RustExtension], declared: List[RustExtension]) -> None:
    session.declared = declared
    distribution.rust_extensions = everything
    # A list of our own: the project may hand the same one to several distributions.
    others = [ext for ext in _ext_modules(distribution) if not isinstance(ext, RustExtension)]
    modules = [ext for ext in everything if not ext.is_executable]
    distribution.ext_modules = [*others, *modules] or distribution.ext_modules
    has_ext_modules = distribution.has_ext_modules
    # Executables are native too, though they aren't in ext_modules; what could not be built isn't.
    distribution.has_ext_modules = lambda: not session.nothing_native and bool(has_ext_modules() or everything)
    if session.settings.get("metadata_from") or _may_want_metadata(session.root):
        from . import metadata

        metadata.fill(distribution, session)
    _follow_configuration(distribution, session, everything)


def _follow_configuration(distribution: Any, session: Session, everything: List[RustExtension]) -> None:
    """Come back when setuptools reads setup.cfg and pyproject.toml, which may declare scripts.

    setuptools makes its package discovery after the finalizers have run, so that is replaced then too.
    """
    parse_config_files = distribution.parse_config_files
    mixing.mix_in(distribution)

    def parse(*args: Any, **kwargs: Any) -> None:
        discovery.install(distribution)
        parse_config_files(*args, **kwargs)
        _add_entry_points(distribution, everything)
        if distribution.metadata.version is None or session.settings.keys() & {"metadata_from", "version_variable"}:
            _complete_metadata(distribution, session)

    distribution.parse_config_files = parse


# What a crate can give beside the version, which is looked at when all others have had their say.
_METADATA = (b"description", b"readme", b"license", b"authors", b"keywords", b"urls")


def _may_want_metadata(root: str) -> bool:
    """Whether pyproject.toml calls metadata dynamic that may be a crate's, by a cheap look."""
    for after in files.content(os.path.join(root, _PYPROJECT)).split(b"dynamic")[1:]:
        names = after.partition(b"]")[0]
        if names.lstrip(b"\"' \t").startswith(b"=") and any(name in names for name in _METADATA):
            return True
    return False


def _complete_metadata(distribution: Any, session: Session) -> None:
    from . import metadata

    try:
        metadata.complete(distribution, session)
    except Problem as problem:
        # Nobody makes a message of an exception that is raised where setuptools reads its configuration.
        raise SystemExit(f"error: setuptools-pyo3: {problem}") from None


def _ext_modules(distribution: Any) -> Iterable[Any]:
    modules = distribution.ext_modules
    # Whatever else a project hands over is setuptools' to judge.
    return modules if isinstance(modules, (list, tuple)) else ()


def _from_keyword(distribution: Any) -> List[RustExtension]:
    value = getattr(distribution, "rust_extensions", None)
    if value is None:
        return []
    if isinstance(value, (str, bytes, Mapping, RustExtension)) or not hasattr(value, "__iter__"):
        raise DeclarationProblem(
            f"expected a list of RustExtension, found {type(value).__name__}", where="setup.py: rust_extensions"
        )
    found = list(value)
    if found and all(type(ext).__module__.partition(".")[0] == "setuptools_rust" for ext in found):
        # The keyword is setuptools-rust's too, and this is its project.
        distribution.rust_extensions = found
        return []
    for index, ext in enumerate(found):
        if not isinstance(ext, RustExtension):
            raise DeclarationProblem(
                f"expected a RustExtension or RustBin, found {type(ext).__name__} {ext!r}",
                where=f"setup.py: rust_extensions[{index}]",
                hint="import RustExtension from setuptools_pyo3",
            )
    # A generator can be read once only.
    distribution.rust_extensions = found
    return found


def _table(distribution: Any) -> Optional[ProjectTable]:
    path = os.path.join(distribution.src_root or os.curdir, _PYPROJECT)
    try:
        with open(path, "rb") as file:
            if not _may_have_table(file.read()):
                return None
    except OSError:
        return None
    from ..declaration import tables
    from ..hands import reading

    return tables.read(reading.toml(path), _PYPROJECT)


def _may_have_table(content: bytes) -> bool:
    """Whether a pyproject.toml names us otherwise than as a requirement, by a cheap look: parsing costs, and few have a table."""
    before, *rest = content.split(b"setuptools-pyo3")
    for after in rest:
        if before.rstrip(b"\"' \t").endswith(b".") or after.lstrip(b"\"' \t").startswith((b"=", b".")):
            return True
        before = after
    return False


def _twice(everything: List[RustExtension], ext_modules: Iterable[Any]) -> Iterable[Problem]:
    """A problem for each module, executable or script that is declared more than once."""
    seen: Dict[object, RustExtension] = {}
    others = {getattr(ext, "name", None) for ext in ext_modules if not isinstance(ext, RustExtension)}
    for ext in everything:
        if ext.name in others and not ext.is_executable:
            yield DeclarationProblem(
                f"{ext.name!r} is declared twice",
                where=ext.where,
                why=f"it is declared by {_origin(ext)} (crate {ext.path}) and by another extension in ext_modules",
                hint="remove one of the two, or give it another target",
            )
    for ext in everything:
        places = (
            [(type(ext).__name__ == "RustBin", place) for place in ext.binaries().values()] if ext.is_executable else [ext.name]
        )
        for place in places:
            first = seen.setdefault(place, ext)
            if first is not ext:
                name = place[1] if isinstance(place, tuple) else place
                yield DeclarationProblem(
                    f"{name!r} is declared twice",
                    where=ext.where,
                    why=f"it is declared by {_origin(first)} (crate {first.path}) and by {_origin(ext)} (crate {ext.path})",
                    hint="remove one of the two, or give it another target",
                )


def _origin(ext: RustExtension) -> str:
    return ext.where if ".toml" in ext.where else f"setup.py: {ext.where}"


def _layout(distribution: Any, session: Session) -> Layout:
    """Where Python packages may lie, before setuptools has read its configuration."""
    from ..hands import reading
    from ..hands.discovery import Layout
    from ..mind.toml import table

    configuration = table(reading.toml(os.path.join(session.root, _PYPROJECT)), "tool", "setuptools")
    said, where = _setup_cfg(os.path.join(session.root, "setup.cfg"))
    package_dir = {**said, **table(configuration, "package-dir"), **(distribution.package_dir or {})}
    found = table(configuration, "packages", "find").get("where")
    folders = [package_dir.get("", os.curdir), *(found if isinstance(found, list) else ()), *where]
    roots = sessions.unique([os.curdir, "src", "python", *(folder for folder in folders if isinstance(folder, str))])
    return Layout(roots, frozenset(package_dir))


def _setup_cfg(path: str) -> Tuple[Dict[str, str], List[str]]:
    """``package_dir`` and ``where`` of a setup.cfg; nothing where it can't be read, which setuptools will complain about."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return {}, []
    lines = parser.get("options", "package_dir", fallback="").replace(",", "\n").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    where = parser.get("options.packages.find", "where", fallback="").replace(",", "\n").split()
    return {package.strip(): folder.strip() for package, _, folder in pairs}, where


def _add_entry_points(distribution: Any, everything: List[RustExtension]) -> None:
    scripts = [script for ext in everything for script in ext.entry_points()]
    if not scripts:
        return
    points = distribution.entry_points or {}
    if isinstance(points, str):
        distribution.entry_points = points.rstrip() + "\n[console_scripts]\n" + "\n".join(scripts) + "\n"
        return
    existing = points.get("console_scripts") or []
    existing = existing.splitlines() if isinstance(existing, str) else list(existing)
    distribution.entry_points = {**points, "console_scripts": [*existing, *(s for s in scripts if s not in existing)]}
