"""cargo's JSON messages: which of them matter, and what they say.

https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages
"""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple


class Artifact(NamedTuple):
    """A finished compilation.

    Args:
        manifest_path: of its package, as cargo writes it.
        package_id: cargo's name for the package.
        kinds: of the target (``cdylib``, ``bin``, ...).
        name: of the target.
        filenames: all files it made.
        executable: for a binary.
        fresh: nothing had to be compiled.
        features: of the package, as they were on for this target.
    """

    manifest_path: str
    package_id: str
    kinds: Tuple[str, ...]
    name: str
    filenames: Tuple[str, ...]
    executable: str
    fresh: bool
    features: Tuple[str, ...] = ()


class ScriptRun(NamedTuple):
    """A build script that ran (now or earlier): its package, the ``cfg``s it set and its ``OUT_DIR``."""

    package_id: str
    cfgs: Tuple[str, ...]
    out_dir: str

    @property
    def package(self) -> str:
        """The package's name, from either form that package ids have had."""
        return package_name(self.package_id)


def package_name(package_id: str) -> str:
    """The package's name in a package id, old form (``name 1.0 (path+file:...)``) or new (``path+file:...#name@1.0``)."""
    if " (" in package_id:
        return package_id.partition(" ")[0]
    url, _, fragment = package_id.partition("#")
    name, at, _ = fragment.rpartition("@")
    return name if at else url.partition("?")[0].rpartition("/")[2]


class Package(NamedTuple):
    """What a package id says.

    Args:
        name: the package's.
        version: its full version.
        source: as in Cargo.lock, without the commit that a git repository was at; "" for a local one.
    """

    name: str
    version: str
    source: str


def package(package_id: str) -> Package:
    """A package id taken apart, in the old form or the new (https://doc.rust-lang.org/cargo/reference/pkgid-spec.html)."""
    if " (" in package_id:
        words, _, source = package_id.rstrip(")").partition(" (")
        version = words.partition(" ")[2]
    else:
        source, _, fragment = package_id.partition("#")
        version = fragment.rpartition("@")[2]
    source = "" if is_local(package_id) else source.partition("#")[0]
    return Package(package_name(package_id), version, source)


def is_local(package_id: str) -> bool:
    """Whether a package lies in the file system and is somebody's to edit: it is from no registry and no git repository."""
    source = package_id.partition(" (")[2] or package_id
    return not source.startswith(("registry+", "sparse+", "git+"))


def _replacing(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def read(line: bytes, decode: Callable[[bytes], str] = _replacing) -> "Artifact | ScriptRun | None":
    """What one line of cargo's standard output says; None for what doesn't matter, procedural macros' output included.

    Args:
        line: as it came.
        decode: how paths are decoded, ``os.fsdecode`` if they are to be used.
    """
    if not line.startswith(b"{"):
        return None
    if b'"compiler-artifact"' not in line and b'"build-script-executed"' not in line:
        return None
    message = _parse(decode(line))
    reason = message.get("reason")
    if reason == "compiler-artifact":
        return _artifact(message)
    if reason == "build-script-executed":
        return ScriptRun(_text(message, "package_id"), _texts(message, "cfgs"), _text(message, "out_dir"))
    return None


def _parse(text: str) -> Dict[str, Any]:
    # Imported while cargo is running, not before it is started.
    import json

    try:
        message = json.loads(text)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _artifact(message: Dict[str, Any]) -> Optional[Artifact]:
    target = message.get("target")
    if not isinstance(target, dict):
        return None
    return Artifact(
        manifest_path=_text(message, "manifest_path"),
        package_id=_text(message, "package_id"),
        kinds=_texts(target, "kind"),
        name=_text(target, "name"),
        filenames=_texts(message, "filenames"),
        executable=_text(message, "executable"),
        fresh=message.get("fresh") is True,
        features=_texts(message, "features"),
    )


def _text(message: Dict[str, Any], key: str) -> str:
    value = message.get(key)
    return value if isinstance(value, str) else ""


def _texts(message: Dict[str, Any], key: str) -> Tuple[str, ...]:
    value = message.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


SHARED_LIBRARY = (".so", ".dylib", ".dll", ".wasm")


def library_file(artifact: Artifact) -> str:
    """The shared library among an artifact's files, "" where it made none."""
    return next((name for name in artifact.filenames if name.endswith(SHARED_LIBRARY)), "")
