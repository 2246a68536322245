"""The bill of materials of a wheel: a CycloneDX document of the crates that are linked into its extensions.

https://cyclonedx.org/docs/1.5/json/, and for its place in a wheel https://peps.python.org/pep-0770/
"""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import quote

FILE_NAME = "setuptools-pyo3.cdx.json"
VARIABLE = "SETUPTOOLS_PYO3_SBOM"

_CRATES_IO = ("registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/")
# Any fixed one: documents of equal content are to have equal numbers.
_NAMESPACE = uuid.UUID("0f8d7c0e-3d5b-5f0f-9d5e-6f0a1b5c7d21")


class Component(NamedTuple):
    """A crate, as the document needs it.

    Args:
        name: the package's.
        version: its full version.
        source: where it comes from, as in Cargo.lock; "" for a local one.
        checksum: SHA-256 of its archive, "" where there is none.
        license: an SPDX expression, "" where there is none.
        license_name: what is said of its licence otherwise.
        description: one line.
        repository: a URL or "".
        dependencies: references of those that are linked into it.
    """

    name: str
    version: str
    source: str
    checksum: str
    license: str
    license_name: str
    description: str
    repository: str
    dependencies: Tuple[str, ...]

    @property
    def reference(self) -> str:
        """What others refer to it by, within the document."""
        return reference(self.name, self.version, self.source)


class Subject(NamedTuple):
    """What the document is about: the wheel's project."""

    name: str
    version: str


def reference(name: str, version: str, source: str) -> str:
    """What a crate is referred to by, within the document: its package URL, or what stands in its place for a local one."""
    return purl(name, version, source) or f"cargo:{name}@{version}"


def purl(name: str, version: str, source: str) -> str:
    """A crate's package URL (https://github.com/package-url/purl-spec); "" for a local one, which no one else could find.

    Args:
        name: the package's.
        version: its full version.
        source: as in Cargo.lock.
    """
    if not source:
        return ""
    plain = f"pkg:cargo/{quote(name)}@{quote(version)}"
    if source in _CRATES_IO:
        return plain
    kind, _, url = source.partition("+")
    if kind != "git":
        return f"{plain}?repository_url={quote(url, safe='')}"
    place, _, commit = url.partition("#")
    repository = f"git+{place.partition('?')[0]}{'@' if commit else ''}{commit}"
    return f"{plain}?vcs_url={quote(repository, safe='')}"


def document(
    subject: Subject,
    extensions: Mapping[str, str],
    components: Sequence[Component],
    tool_version: str,
    time: Optional[int],
    programs: Collection[str] = (),
) -> bytes:
    """The document, the same for the same content.

    Args:
        subject: the wheel's project.
        extensions: by the name of each, the reference of its crate.
        components: all crates, each once.
        tool_version: of setuptools-pyo3.
        time: seconds since the epoch to be told as the time of its making, None for none.
        programs: the names of those extensions that are executables.
    """
    own = f"pkg:pypi/{quote(subject.name)}@{quote(subject.version)}"
    types = {name: "application" if name in programs else "library" for name in sorted(extensions)}
    modules = [
        {"type": kind, "bom-ref": f"extension:{name}", "name": name, "version": subject.version} for name, kind in types.items()
    ]
    metadata: Dict[str, Any] = {
        "lifecycles": [{"phase": "build"}],
        "tools": {"components": [{"type": "application", "name": "setuptools-pyo3", "version": tool_version}]},
        "component": {"type": "library", "bom-ref": own, "name": subject.name, "version": subject.version, "purl": own},
    }
    if time is not None:
        moment = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
        metadata["timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    edges = {own: [f"extension:{name}" for name in extensions]}
    edges.update((f"extension:{name}", [root]) for name, root in extensions.items())
    edges.update((component.reference, list(component.dependencies)) for component in components)
    content: Dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": metadata,
        "components": [*modules, *map(_component, sorted(components, key=lambda c: (c.name, c.version, c.source)))],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(edges[ref]))} for ref in sorted(edges)],
    }
    number = uuid.uuid5(_NAMESPACE, json.dumps(content, sort_keys=True))
    return (json.dumps({**content, "serialNumber": number.urn}, indent=2, sort_keys=True) + "\n").encode("ascii")


def _component(component: Component) -> Dict[str, Any]:
    licenses: List[Dict[str, Any]] = []
    if component.license:
        licenses = [{"expression": component.license}]
    elif component.license_name:
        licenses = [{"license": {"name": component.license_name}}]
    own = purl(component.name, component.version, component.source)
    found: Dict[str, Any] = {
        "type": "library",
        "bom-ref": component.reference,
        "name": component.name,
        "version": component.version,
        "scope": "required",
        "description": component.description,
        "purl": own,
        "licenses": licenses,
        "hashes": [{"alg": "SHA-256", "content": component.checksum}] if component.checksum else [],
        "externalReferences": [{"type": "vcs", "url": component.repository}] if component.repository else [],
    }
    return {key: value for key, value in found.items() if value}
