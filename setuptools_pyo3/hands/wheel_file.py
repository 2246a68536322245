"""Reading wheels and the trees they are made from: their tags, and what their native files are."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
import zlib
from typing import Iterator, List, Tuple

from ..errors import ArtifactProblem
from ..mind import wheel_tag
from ..mind.native_file import NativeFile
from ..mind.wheel_truth import Wheel
from . import binary, native_files


def wheel(path: str) -> Wheel:
    """A wheel, with what was read from its native files.

    Raises:
        ArtifactProblem: it isn't a wheel, or can't be read.
    """
    name = os.path.basename(path)
    parts = name[: -len(".whl")].split("-")
    if len(parts) not in (5, 6):
        raise ArtifactProblem("it isn't named like a wheel", where=path, hint="wheels are NAME-VERSION-PYTHON-ABI-PLATFORM.whl")
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            written, purelib = _said(archive, path)
            files = tuple(_members(archive, folder))
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # The last two are zipfile's for ways of compression that it doesn't know, and for encrypted files.
        raise ArtifactProblem("the wheel can't be read", where=path, why=str(error)) from error
    return Wheel(name, wheel_tag.tags(*parts[-3:]), written, purelib, files)


def _said(archive: zipfile.ZipFile, path: str) -> Tuple[Tuple[str, ...], bool]:
    """The single tags that the WHEEL file lists, and whether it says that the wheel is pure.

    Raises:
        ArtifactProblem: there is no such file.
    """
    name = next((n for n in archive.namelist() if n.endswith(".dist-info/WHEEL") and n.count("/") == 1), "")
    if not name:
        raise ArtifactProblem("it isn't a wheel", where=path, why="it has no WHEEL file in a .dist-info folder")
    lines = archive.read(name).decode("utf-8", "replace").splitlines()
    fields = [(key, value.strip()) for key, _, value in (line.partition(":") for line in lines)]
    listed = [value.split("-") for key, value in fields if key == "Tag"]
    single = {one for parts in listed if len(parts) == 3 for one in wheel_tag.tags(*parts).expanded}
    return tuple(sorted(single)), ("Root-Is-Purelib", "true") in fields


def _members(archive: zipfile.ZipFile, folder: str) -> Iterator[NativeFile]:
    copy = os.path.join(folder, "member")
    for name in sorted(archive.namelist()):
        with archive.open(name) as member:
            if not binary.format_of(member) and not native_files.is_named_as_module(name):
                continue
        with archive.open(name) as member, open(copy, "wb") as file:
            shutil.copyfileobj(member, file)
        found = native_files.read(copy, name)
        if found is not None:
            yield found


def in_folder(folder: str) -> Tuple[NativeFile, ...]:
    """The native files below a folder, by their paths in it.

    Raises:
        ArtifactProblem: one can't be read.
    """
    found: List[NativeFile] = []
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            file = native_files.read(path, os.path.relpath(path, folder).replace(os.sep, "/"))
            found += [file] if file is not None else []
    return tuple(sorted(found))
