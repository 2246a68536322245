"""Sources of crates that lie in folders: a stand-in for the public registry, another registry, and a git repository."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Dict, Mapping, Tuple

from ..support import Project
from .trees import package

_GIT = ("git", "-c", "user.name=tests", "-c", "user.email=tests@example.org")


def _archive(name: str, version: str, files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def _files(name: str, value: int, tables: str) -> Dict[str, str]:
    # Hidden files and keys are part of crates, and cargo insists on them.
    files = {"Cargo.toml": package(name, tables), "src/lib.rs": f"pub const VALUE: i32 = {value};\n"}
    return {**files, ".env": "A=1\n", "tests/key.pem": "-----BEGIN PRIVATE KEY-----\n"}


def _publish(index: Path, crates: Path, name: str, value: int, dependencies: Tuple[str, ...]) -> None:
    tables = "[dependencies]\n" + "".join(f'{other} = "0.1"\n' for other in dependencies)
    content = _archive(name, "0.1.0", _files(name, value, tables))
    crates.mkdir(parents=True, exist_ok=True)
    (crates / f"{name}-0.1.0.crate").write_bytes(content)
    entry = index / name[:2] / name[2:4] / name
    entry.parent.mkdir(parents=True, exist_ok=True)
    need = {"req": "^0.1", "features": [], "optional": False, "default_features": True, "target": None, "kind": "normal"}
    needs = [{"name": other, **need} for other in dependencies]
    line = {"name": name, "vers": "0.1.0", "deps": needs, "features": {}, "yanked": False}
    entry.write_text(json.dumps({**line, "cksum": hashlib.sha256(content).hexdigest()}) + "\n", encoding="utf-8")


class Sources:
    """All of them, below one folder, with a cargo home that knows of no other.

    Args:
        folder: for all of it.
        project: is made to use them.
    """

    def __init__(self, folder: Path, project: Project) -> None:
        self.folder = folder
        home = folder / "cargo-home"
        home.mkdir(parents=True)
        (home / "config.toml").write_text(
            f'[source.crates-io]\nreplace-with = "near"\n[source.near]\nlocal-registry = "{folder / "near"}"\n'
            f'[registries.other]\nindex = "file://{folder / "other"}"\ntoken = "secret"\n',
            encoding="utf-8",
        )
        (folder / "near" / "index").mkdir(parents=True)
        project.env["CARGO_HOME"] = str(home)

    def public(self, name: str, value: int = 1, *dependencies: str) -> None:
        """Publish a crate in the public registry."""
        _publish(self.folder / "near" / "index", self.folder / "near", name, value, dependencies)

    def other(self, name: str, value: int) -> None:
        """Publish a crate in the other registry, which has a git repository as its index."""
        index = self.folder / "other"
        index.mkdir(exist_ok=True)
        configuration = {"dl": f"file://{self.folder}/downloads/{{crate}}-{{version}}.crate"}
        (index / "config.json").write_text(json.dumps(configuration), encoding="utf-8")
        _publish(index, self.folder / "downloads", name, value, ())
        _commit(index)

    def git(self, name: str, value: int) -> str:
        """Put a crate into a git repository, and return its URL."""
        folder = self.folder / "git" / name
        for path, text in _files(name, value, "").items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        _commit(folder)
        return f"file://{folder}"


def _commit(folder: Path) -> None:
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "crates")):
        subprocess.run([*_GIT, *command], cwd=folder, check=True)
