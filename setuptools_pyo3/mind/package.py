"""What a crate's ``[package]`` table says to people: version, description, licence, authors and the like.

https://doc.rust-lang.org/cargo/reference/manifest.html#the-package-section
"""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from .toml import table


class Description(NamedTuple):
    """The table, with what it inherits from its workspace; "" and () for what it doesn't say.

    Args:
        name: the package's.
        version: its full version.
        description: as it was written.
        license: an SPDX expression, or what stands in its place.
        license_file: absolute path.
        authors: as they were written, ``Name <address>`` or a part of it.
        readme: absolute path; None where it is left to cargo, which takes one of the usual names.
        homepage: a URL.
        repository: a URL.
        documentation: a URL.
        keywords: as they were written.
    """

    name: str
    version: str
    description: str
    license: str
    license_file: str
    authors: Tuple[str, ...]
    readme: Optional[str]
    homepage: str
    repository: str
    documentation: str
    keywords: Tuple[str, ...]


def describe(content: Mapping[str, Any], folder: str, shared: Mapping[str, Any], workspace: str) -> Description:
    """Read the table.

    Args:
        content: the parsed manifest.
        folder: that it lies in, absolute.
        shared: the ``[workspace.package]`` table, {} where there is none.
        workspace: the folder that lies in; inherited paths are relative to it.
    """
    own = table(content, "package")
    found: Dict[str, Any] = {}
    bases: Dict[str, str] = {}
    for key, value in own.items():
        inherited = isinstance(value, Mapping) and value.get("workspace") is True
        found[key], bases[key] = (shared.get(key), workspace) if inherited else (value, folder)
    return Description(
        name=_text(found.get("name")),
        version=_text(found.get("version")),
        description=_text(found.get("description")),
        license=_text(found.get("license")),
        license_file=_path(found, bases, "license-file"),
        authors=_texts(found.get("authors")),
        readme=_readme(found, bases),
        homepage=_text(found.get("homepage")),
        repository=_text(found.get("repository")),
        documentation=_text(found.get("documentation")),
        keywords=_texts(found.get("keywords")),
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Any) -> Tuple[str, ...]:
    return tuple(item.strip() for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _path(found: Mapping[str, Any], bases: Mapping[str, str], key: str) -> str:
    value = _text(found.get(key))
    return os.path.normpath(os.path.join(bases[key], value)) if value else ""


def _readme(found: Mapping[str, Any], bases: Mapping[str, str]) -> Optional[str]:
    value = found.get("readme")
    if value is False:
        return ""
    if value is True:
        return os.path.join(bases["readme"], "README.md")
    return _path(found, bases, "readme") or None


def person(text: str) -> Tuple[str, str]:
    """The name and the address of an author, each "" where it isn't told.

    cargo takes everything before ``<`` for the name, commas too, which separate people in mail:
    https://doc.rust-lang.org/cargo/reference/manifest.html#the-authors-field
    """
    both = re.fullmatch(r"([^<>]*)<([^<>\s]+@[^<>\s]+)>", text.strip())
    if both:
        return both.group(1).strip().strip('"'), both.group(2)
    return ("", text.strip()) if re.fullmatch(r"[^<>\s]+@[^<>\s]+", text.strip()) else (text.strip(), "")


_IDENTIFIER = re.compile(r"[A-Za-z0-9.-]+\+?")


def spdx(license: str) -> str:
    """A licence as an SPDX expression (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/); "" where it is none.

    Only its form is looked at. The slash that stood for OR before expressions were known is still in many manifests.
    """
    words = re.sub(r"\s*/\s*", " OR ", license).replace("(", " ( ").replace(")", " ) ").split()
    depth, operand = 0, True
    for word in words:
        upper = word.upper()
        if operand:
            if word == "(":
                depth += 1
            elif upper in ("AND", "OR", "WITH", ")") or not _IDENTIFIER.fullmatch(word):
                return ""
            else:
                operand = False
        elif word == ")":
            depth -= 1
        elif upper in ("AND", "OR", "WITH"):
            operand = True
        else:
            return ""
    if depth or operand:
        return ""
    normal = (word.upper() if word.upper() in ("AND", "OR", "WITH") else word for word in words)
    return " ".join(normal).replace("( ", "(").replace(" )", ")")
