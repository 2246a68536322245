"""The licences of crates as texts: a table, and a file with all that they want to be said where they are given on."""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Sequence, Tuple

FILE_NAME = "THIRD-PARTY-LICENSES.txt"
_LINE = "-" * 80


class Licensed(NamedTuple):
    """A crate with its licence.

    Args:
        name: the package's.
        version: its full version.
        license: an SPDX expression, or what the crate says instead; "" where it says nothing.
        repository: a URL or "".
        texts: the name and content of each file that a licence stands in, where they were read.
    """

    name: str
    version: str
    license: str
    repository: str
    texts: Tuple[Tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"


def table(crates: Sequence[Licensed]) -> str:
    """A line for each crate, in order of names."""
    found = sorted(crates)
    name = max((len(crate.name) for crate in found), default=0)
    version = max((len(crate.version) for crate in found), default=0)
    return "".join(f"{crate.name:{name}}  {crate.version:{version}}  {crate.license or 'unknown'}\n" for crate in found)


def full(title: str, crates: Sequence[Licensed]) -> str:
    """All crates with their licences and the texts of these, each text once.

    Args:
        title: what they are linked into.
        crates: with their texts.
    """
    found = sorted(crates)
    parts = [f"{title} contains these crates, each under its own licence.\n\n{table(found)}"]
    without = [crate.title for crate in found if not crate.texts]
    if without:
        parts.append(f"No text of a licence comes with {', '.join(without)}.\n")
    parts += [f"{_LINE}\n{_owners(owners)}\n{_LINE}\n\n{text}\n" for text, owners in _grouped(found)]
    return "\n".join(parts)


def _grouped(crates: Iterable[Licensed]) -> List[Tuple[str, List[str]]]:
    """The texts, in order of those who have them first."""
    found: Dict[str, List[str]] = {}
    for crate in crates:
        for name, text in crate.texts:
            # Line endings and indentation of the last line say nothing.
            normal = "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
            if normal:
                found.setdefault(normal, []).append(f"{crate.title} ({name})")
    return list(found.items())


def _owners(owners: Sequence[str]) -> str:
    return "\n".join(owners)


def with_license_file(metadata: str, name: str) -> str:
    """The text of a METADATA file that lists one more file in the folder ``licenses`` (https://peps.python.org/pep-0639/)."""
    headers, separator, body = metadata.partition("\n\n")
    line = f"License-File: {name}"
    lines = headers.rstrip("\n").split("\n")
    if line in lines:
        return metadata
    last = max((i for i, text in enumerate(lines) if text.startswith("License-File:")), default=len(lines) - 1)
    return "\n".join([*lines[: last + 1], line, *lines[last + 1 :]]) + (separator + body if separator else "\n")
