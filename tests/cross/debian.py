"""A private apt: fetches Debian's packages for any suite and processor and unpacks them, without root, beside the system's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import MappingProxyType
from typing import Dict, Iterator, List, Mapping, NamedTuple, Sequence, Set, Tuple

from ..support import run

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Unavailable(Exception):
    """Something can't be had on this machine; its text is the reason why a test is skipped."""


class Source(NamedTuple):
    """One of the machine's own apt sources.

    Args:
        uri: of the mirror.
        suites: those that are asked there.
        keyring: the file that its signatures are checked against.
    """

    uri: str
    suites: Tuple[str, ...]
    keyring: str


def sources(folder: Path = Path("/etc/apt")) -> List[Source]:
    """The machine's apt sources, in both of apt's formats (sources.list(5))."""
    parts = folder / "sources.list.d"
    found = [source for path in sorted(parts.glob("*.sources")) for source in _stanzas(path.read_text(encoding="utf-8"))]
    lists = [path for path in (folder / "sources.list", *sorted(parts.glob("*.list"))) if path.is_file()]
    return found + [source for path in lists for source in _lines(path.read_text(encoding="utf-8"))]


def _stanzas(text: str) -> Iterator[Source]:
    for stanza in text.split("\n\n"):
        pairs = (line.partition(":") for line in stanza.splitlines() if not line.startswith(("#", " ")))
        fields = {name.strip().lower(): value.split() for name, _, value in pairs}
        if "deb" in fields.get("types", ()):
            keyring = " ".join(fields.get("signed-by", [])) or _KEYRING
            yield from (Source(uri, tuple(fields.get("suites", ())), keyring) for uri in fields.get("uris", ()))


def _lines(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        words = (rest.partition("]")[2] if rest.lstrip().startswith("[") else rest).split()
        if kind == "deb" and len(words) > 1:
            yield Source(words[0], (words[1],), _KEYRING)


class Debian:
    """Debian's archive, as the mirror that this machine uses has it.

    Args:
        folder: for apt's lists.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._updated: Set[Path] = set()

    def unpack(self, suite: str, architecture: str, packages: Sequence[str], into: Path) -> Dict[str, str]:
        """Fetch packages and unpack them over one another.

        Args:
            suite: ``bookworm``, ``bookworm-security``, ``sid``...
            architecture: Debian's name of the processor.
            packages: their names (``name=version`` too); what they depend on is not fetched.
            into: the folder that stands for ``/``.

        Returns:
            The version of each package.

        Raises:
            Unavailable: the machine has no such mirror, or one of the packages is not there.
        """
        downloads = into.with_name(f"{into.name}.debs")
        downloads.mkdir(parents=True)
        self._apt(suite, architecture, "download", *packages, cwd=downloads)
        into.mkdir(exist_ok=True)
        versions = {}
        for file in sorted(downloads.iterdir()):
            execute(["dpkg-deb", "--extract", file, into], downloads)
            name, version, _ = file.name.split("_")
            versions[name] = version.replace("%3a", ":")
        shutil.rmtree(downloads)
        _make_links_relative(into)
        return versions

    def source(self, suite: str, package: str, into: Path) -> Path:
        """Fetch a package's original source.

        Returns:
            The archive.

        Raises:
            Unavailable: the machine has no such mirror, or the package is not there.
        """
        into.mkdir(parents=True)
        self._apt(suite, "amd64", "source", "--download-only", package, cwd=into)
        return next(path for path in into.iterdir() if ".orig.tar" in path.name and path.suffix != ".asc")

    def _apt(self, suite: str, architecture: str, *words: str, cwd: Path) -> None:
        kinds = ("deb-src",) if "source" in words else ("deb",)
        root = self.folder / f"{suite}-{architecture}-{kinds[0]}"
        options = {
            "Dir::Etc::SourceList": root / "sources.list",
            "Dir::Etc::SourceParts": root / "parts",
            "Dir::State::Lists": root / "lists",
            "Dir::State::status": root / "status",
            "Dir::Cache": root / "cache",
            "APT::Architecture": architecture,
            "APT::Architectures": architecture,
            "Acquire::Languages": "none",
            # A mirror that doesn't answer costs a skipped test, and not half an hour.
            "Acquire::Retries": "1",
            "Acquire::http::Timeout": "30",
            "Acquire::https::Timeout": "30",
        }
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # The user that apt changes to can't write into our folders.
            options["APT::Sandbox::User"] = "root"
        command = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
        if root not in self._updated:
            for part in ("parts", "lists/partial", "cache/archives/partial"):
                (root / part).mkdir(parents=True, exist_ok=True)
            (root / "status").touch()
            source = _mirror(suite)
            entry = f"[signed-by={source.keyring}] {source.uri} {suite} main\n"
            (root / "sources.list").write_text("".join(f"{kind} {entry}" for kind in kinds), encoding="utf-8")
            execute([*command, "update"], cwd)
            self._updated.add(root)
        execute([*command, *words], cwd)


def _mirror(suite: str) -> Source:
    """The machine's source for a suite; security updates have one of their own."""
    security = suite.endswith("-security")
    for source in sources():
        if "debian" in source.uri and any(name.endswith("-security") for name in source.suites) == security:
            return source
    raise Unavailable(f"no mirror of Debian's {suite} is configured in /etc/apt")


def _make_links_relative(root: Path) -> None:
    """Links to absolute paths mean this root's files, not the machine's."""
    for folder, folders, files in os.walk(root):
        for path in (Path(folder, name) for name in (*folders, *files)):
            if path.is_symlink() and os.path.isabs(os.readlink(path)) and not os.readlink(path).startswith(f"{root}/"):
                target = os.path.relpath(f"{root}{os.readlink(path)}", folder)
                path.unlink()
                path.symlink_to(target)


def execute(words: Sequence[object], cwd: Path, variables: Mapping[str, str] = MappingProxyType({})) -> None:
    """Run a command that belongs to an installation.

    Raises:
        Unavailable: it isn't on this machine, or it fails.
    """
    if shutil.which(str(words[0])) is None:
        raise Unavailable(f"{words[0]} is not on this machine")
    done = run(words, cwd=cwd, env={**os.environ, "LC_ALL": "C", **variables}, check=False)
    if done.returncode:
        raise Unavailable(f"{words[0]} failed: {done.stdout.strip()[-500:]}")
