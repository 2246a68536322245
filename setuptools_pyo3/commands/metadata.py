"""Metadata that ``pyproject.toml`` calls dynamic, from a crate's manifest; and the version that a crate is told.

setuptools wants dynamic values to be there before it reads pyproject.toml, except for the version, which others may give until it
has been read. So the version is the crate's where nobody has given one by then, or where the project says that it is the crate's.
"""

from __future__ import annotations

import os
import re
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Set, Tuple

import setuptools

from ..errors import DeclarationProblem, Problem, raise_all
from ..hands import files, reading
from ..hands.manifests import Manifests
from ..mind import package
from ..mind.package import Description
from ..mind.toml import table
from ..mind.version import to_python
from .session import Session

_PYPROJECT = "pyproject.toml"
_SETTING = f"{_PYPROJECT}: tool.setuptools-pyo3.metadata-from"
_READMES = ("README.md", "README.txt", "README")
_TYPES = {".md": "text/markdown", ".rst": "text/x-rst"}

# By the names in setuptools' metadata.
Values = Dict[str, Any]


class Source(NamedTuple):
    """The manifest that metadata come from: its path relative to the project's root, its folder, and what it says."""

    path: str
    folder: str
    says: Description


def fill(distribution: Any, session: Session) -> None:
    """Set what has to be there before setuptools reads pyproject.toml.

    Raises:
        Problem: it isn't there, can't be a Python project's, or contradicts what somebody else says.
    """
    fields, elsewhere = _dynamic(session)
    explicit = bool(session.settings.get("metadata_from"))
    in_setup_cfg = _in_setup_cfg(session.root, fields)
    if explicit:
        owners = dict.fromkeys(in_setup_cfg, "setup.cfg")
        owners.update({"version": "tool.setuptools.dynamic"} if "version" in elsewhere else {})
        raise_all(_two_owners(name, f"{owner} gives it, too") for name, owner in sorted(owners.items()))
    given = {name for name in fields if _given(distribution.metadata, name)} | in_setup_cfg
    wanted = [name for name in fields if name not in elsewhere and (explicit or not (name == "version" or name in given))]
    if wanted:
        source = _source(session)
        raise_all(problem for name in wanted for problem in _take(distribution.metadata, name, source))


def complete(distribution: Any, session: Session) -> None:
    """Set the version where nobody has, when setuptools has read all of its configuration, and tell it to the crates.

    Raises:
        Problem: as for :func:`fill`.
    """
    metadata = distribution.metadata
    fields, _ = _dynamic(session)
    if "version" in fields and (metadata.version is None or session.settings.get("metadata_from")):
        raise_all(_take(metadata, "version", _source(session)))
    variable = session.settings.get("version_variable")
    if variable:
        for ext in session.extensions:
            ext.env = {str(variable): str(metadata.version or "0.0.0"), **ext.env}


def _dynamic(session: Session) -> Tuple[List[str], Mapping[str, Any]]:
    """The fields that are dynamic and can be a crate's, and what setuptools itself is told to get for dynamic ones."""
    try:
        pyproject: Mapping[str, Any] = reading.toml(os.path.join(session.root, _PYPROJECT))
    except OSError:
        pyproject = {}
    named = table(pyproject, "project").get("dynamic")
    fields = [name for name in named if name in _FIELDS] if isinstance(named, list) else []
    return fields, table(pyproject, "tool", "setuptools", "dynamic")


def _given(metadata: Any, field: str) -> bool:
    return any(getattr(metadata, name, None) for name in _FIELDS[field][1])


def _take(metadata: Any, field: str, source: Source) -> Iterator[Problem]:
    """Set a field, unless it has another value already or the crate's can't be one; what is wrong is returned."""
    try:
        values = _FIELDS[field][0](source)
    except Problem as problem:
        yield problem
        return
    for name, value in values.items():
        before = getattr(metadata, name, None)
        if before and str(before) != str(value):
            yield _two_owners(field, f"{source.path} says {value!r}, setup.py or another plugin {before!r}")
        setattr(metadata, name, value)


def _two_owners(field: str, why: str) -> DeclarationProblem:
    return DeclarationProblem(f"the {field} has two owners", where=_SETTING, why=why, hint="remove one of the two")


def _in_setup_cfg(root: str, fields: List[str]) -> Set[str]:
    """The fields that setup.cfg gives."""
    path = os.path.join(root, "setup.cfg")
    if b"[metadata]" not in files.content(path):
        return set()
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return set()
    return {name for name in fields if any(parser.has_option("metadata", option) for option in _FIELDS[name][1])}


def _source(session: Session) -> Source:
    """The manifest that is named, or else the project's own or its only crate's.

    Raises:
        DeclarationProblem: there is none, or several and nobody says which.
    """
    named = str(session.settings.get("metadata_from") or "")
    if os.path.normpath(named).startswith(os.pardir):
        from ..hands import moved_manifests

        named = moved_manifests.place(session.root, named)
    crates = list(dict.fromkeys(os.path.normpath(ext.path) for ext in session.extensions))
    for path in [named] if named else ["Cargo.toml", *(crates if len(crates) == 1 else ())]:
        full = os.path.join(session.root, path)
        if named or os.path.isfile(full):
            says = Manifests().read(full)[1]
            if named or says.name or says.version:
                return Source(path, os.path.dirname(full), says)
    raise DeclarationProblem(
        "metadata are dynamic that nobody gives, and there are several crates that might",
        where=f"{_PYPROJECT}: project.dynamic",
        why=", ".join(crates),
        hint=f'say which: [tool.setuptools-pyo3] metadata-from = "{crates[0] if crates else "Cargo.toml"}"',
    )


def _lacking(source: Source, field: str, key: str, hint: str = "") -> DeclarationProblem:
    return DeclarationProblem(
        f"{_PYPROJECT} calls the {field} dynamic, and nobody gives it",
        where=source.path,
        why=f"package.{key} isn't there",
        hint=hint or f"write it there, or take {field!r} out of project.dynamic",
    )


def _version(source: Source) -> Values:
    text = source.says.version
    if not text:
        raise _lacking(source, "version", "version")
    found = to_python(text)
    if found is None:
        raise DeclarationProblem(
            f"the version {text} has no counterpart in Python",
            where=f"{source.path}: package.version",
            why="pre-releases are alpha, beta, rc and dev, each with one number (https://peps.python.org/pep-0440/)",
            hint="write it like 1.0.0-rc.1, or give the project a version of its own",
        )
    return {"version": found}


def _summary(source: Source) -> Values:
    if not source.says.description:
        raise _lacking(source, "description", "description")
    # It is one line in the metadata (https://packaging.python.org/specifications/core-metadata/#summary).
    return {"description": " ".join(source.says.description.split())}


def _readme(source: Source) -> Values:
    found = (path for name in _READMES for path in [os.path.join(source.folder, name)] if os.path.isfile(path))
    path = next(found, "") if source.says.readme is None else source.says.readme
    if not path:
        raise _lacking(source, "readme", "readme")
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise DeclarationProblem("the readme can't be read", where=path, why=str(error)) from error
    kind = _TYPES.get(os.path.splitext(path)[1].lower(), "text/plain")
    return {"long_description": text, "long_description_content_type": kind}


def _license(source: Source) -> Values:
    if not source.says.license:
        hint = 'write license-files = ["LICENSE*"] in [project] and take license out of project.dynamic'
        raise _lacking(source, "license", "license", hint if source.says.license_file else "")
    found = package.spdx(source.says.license)
    if not found:
        raise DeclarationProblem(
            f"{source.says.license!r} is no SPDX expression", where=f"{source.path}: package.license", hint="write it like MIT"
        )
    # https://setuptools.pypa.io/en/stable/history.html#v77-0-0
    return {"license_expression" if int(setuptools.__version__.partition(".")[0]) >= 77 else "license": found}


def _authors(source: Source) -> Values:
    people = [package.person(text) for text in source.says.authors]
    if not people:
        raise _lacking(source, "authors", "authors")
    names = [name for name, address in people if not address]
    addresses = [f"{_quoted(name)} <{address}>" if name else address for name, address in people if address]
    return {"author": ", ".join(names) or None, "author_email": ", ".join(addresses) or None}


def _quoted(name: str) -> str:
    return '"{}"'.format(re.sub(r'(["\\])', r"\\\1", name)) if re.search(r'[][()<>@,:;\\".]', name) else name


def _keywords(source: Source) -> Values:
    if not source.says.keywords:
        raise _lacking(source, "keywords", "keywords")
    return {"keywords": list(source.says.keywords)}


def _urls(source: Source) -> Values:
    says = source.says
    found = {"Homepage": says.homepage, "Repository": says.repository, "Documentation": says.documentation}
    urls = {label: url for label, url in found.items() if url}
    if not urls:
        raise _lacking(source, "urls", "homepage, repository or documentation")
    return {"project_urls": urls}


# For each field of [project], what it stands for in setuptools' metadata and how that is found.
_FIELDS: Dict[str, Tuple[Callable[[Source], Values], Tuple[str, ...]]] = {
    "version": (_version, ("version",)),
    "description": (_summary, ("description",)),
    "readme": (_readme, ("long_description",)),
    "license": (_license, ("license_expression", "license")),
    "authors": (_authors, ("author", "author_email")),
    "keywords": (_keywords, ("keywords",)),
    "urls": (_urls, ("project_urls", "url")),
}
