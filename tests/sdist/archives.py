"""Source distributions, opened for looking at and for building from."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import List

from ..support import Project

IDENTITY = ("-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "protocol.file.allow=always")


class Sdist:
    """A source distribution.

    Args:
        path: of the archive.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def names(self) -> List[str]:
        """The files in it, below its one folder, without what setuptools makes up; sorted."""
        with tarfile.open(self.path) as archive:
            members = [member for member in archive.getmembers() if not member.isdir()]
        assert {member.name.partition("/")[0] for member in members} == {self.path.name[: -len(".tar.gz")]}
        assert all(member.isreg() for member in members)
        found = sorted(member.name.partition("/")[2] for member in members)
        return [name for name in found if ".egg-info/" not in name and name not in ("PKG-INFO", "setup.cfg")]

    def read(self, name: str) -> str:
        """The text of a file."""
        with tarfile.open(self.path) as archive:
            file = archive.extractfile(f"{self.path.name[: -len('.tar.gz')]}/{name}")
            assert file is not None
            return file.read().decode("utf-8")

    def unpack(self, folder: Path, project: Project) -> Project:
        """The project in it, unpacked as pip does, built as another is."""
        with tarfile.open(self.path) as archive:
            archive.extractall(folder, filter="data")
        return Project(folder / self.path.name[: -len(".tar.gz")], project.python, project.env)


def sdist(project: Project) -> Sdist:
    """Make a project's source distribution with ``setup.py sdist``."""
    project.setup("sdist")
    return made(project)


def made(project: Project) -> Sdist:
    """The one that was made."""
    (path,) = (project.folder / "dist").glob("*.tar.gz")
    return Sdist(path)


def commit(project: Project) -> None:
    """Make the project a git repository, with everything in it that git doesn't ignore."""
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        project.run("git", *IDENTITY, *command)
