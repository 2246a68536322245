"""Putting a built file in its place: complete and checked before anybody can see it there."""

from __future__ import annotations

import glob
import os
import shutil
from typing import Callable, List, Mapping, Optional, Sequence

from ..declaration.extension import Strip
from ..errors import ArtifactProblem
from . import files, process


def is_current(source: str, place: str, strip: Strip) -> bool:
    """Whether the place already holds this very file. A stripped one can't be told by its size, so it is made again."""
    return strip is Strip.No and _same_state(source, place)


def _same_state(one: str, other: str) -> bool:
    """Whether two files agree in size and time of modification; False where either is missing."""
    try:
        first, second = os.stat(one), os.stat(other)
    except OSError:
        return False
    return first.st_size == second.st_size and first.st_mtime_ns == second.st_mtime_ns


def put(
    source: str, place: str, *, strip: Strip, environ: Mapping[str, str], name: str, finish: Optional[Callable[[str], None]] = None
) -> None:
    """Copy a file to its place; whoever has the old one open keeps it.

    Args:
        source: the built file.
        place: where it goes.
        strip: which symbols to take out on the way.
        environ: the environment, for finding ``strip``; ``STRIP`` names another one.
        name: the extension's, for messages.
        finish: what else is done to the copy.

    Raises:
        ArtifactProblem: it can't be written; what was there before is untouched.
    """

    def fill(temporary: str) -> None:
        shutil.copyfile(source, temporary)
        _strip(temporary, strip, environ)
        if finish:
            finish(temporary)
        mode = os.stat(source).st_mode
        os.chmod(temporary, mode | (mode & 0o444) >> 2)
        times = os.stat(source)
        os.utime(temporary, ns=(times.st_atime_ns, times.st_mtime_ns))

    files.sweep(os.path.dirname(place))
    try:
        files.replace_whole(place, fill)
    except OSError as error:
        raise ArtifactProblem(
            f"{place} can't be written",
            where=name,
            why=str(error),
            hint="make room or set its permissions, and build again; on Windows, end the processes that have it loaded",
        ) from error


_STRIP_OPTIONS = {Strip.Debug: "-S", Strip.All: "-x"}


def _strip(path: str, strip: Strip, environ: Mapping[str, str]) -> None:
    option = _STRIP_OPTIONS.get(strip)
    if option is None or os.name == "nt":
        return
    try:
        finished = process.capture([environ.get("STRIP") or "strip", option, path], env=environ, cwd=os.path.dirname(path) or ".")
    except OSError as error:
        hint = "install strip (binutils), or set strip = true in the cargo profile"
        raise ArtifactProblem("the symbols can't be stripped", why=str(error), hint=hint) from error
    if finished.returncode:
        raise ArtifactProblem("the symbols can't be stripped", why=finished.stderr.decode("utf-8", "replace").strip())


def shadows(place: str, suffixes: Sequence[str], own_suffix: str) -> List[str]:
    """Files that this interpreter would import instead of the one at ``place``.

    Args:
        place: the module's file.
        suffixes: the interpreter's, in the order it tries them.
        own_suffix: the one that ``place`` ends in.
    """
    if own_suffix not in suffixes:
        # A file for another platform; nothing here is imported instead of it.
        return []
    stem = place[: -len(own_suffix)]
    found = []
    for suffix in suffixes:
        if suffix == own_suffix:
            break
        if os.path.exists(stem + suffix):
            found.append(stem + suffix)
    return found


def same_module(place: str, own_suffix: str) -> List[str]:
    """All other extension module files for the module at ``place``, whatever Python they are for."""
    folder, stem = os.path.split(place[: -len(own_suffix)])
    name = os.path.basename(place)
    return [os.path.join(folder, entry) for entry in files.names(folder or ".") if entry != name and is_module_file(entry, stem)]


def is_module_file(file_name: str, module: str) -> bool:
    """Whether a file name is that of an extension module called ``module``, for any Python on any platform."""
    stem, dot, _ = file_name.partition(".")
    return bool(dot) and stem == module and file_name.endswith((".so", ".pyd", ".dylib", ".dll"))


def copy_generated(source: str, folder: str) -> List[str]:
    """Copy a generated file, or a folder's content as a folder, into a package; returns the files.

    Raises:
        OSError: something can't be copied.
    """
    target = os.path.join(folder, os.path.basename(os.path.normpath(source)))
    if os.path.isfile(source):
        files.replace_whole(target, lambda temporary: _copy_with_mode(source, temporary))
        return [target]
    copied = []
    for name in sorted(os.listdir(source)):
        copied += copy_generated(os.path.join(source, name), target)
    return copied


def _copy_with_mode(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    shutil.copystat(source, target)


def renew_links(root: str, module: str, file: str) -> None:
    """Put a module into the link trees of strict editable installations, where hard links stand for what symbolic ones can't.

    Args:
        root: the project's folder.
        module: the module's full name.
        file: its file, which has been replaced.

    Raises:
        OSError: a link can't be replaced.
    """
    relative = os.path.join(*module.split(".")[:-1], os.path.basename(file))
    for link in glob.glob(os.path.join(glob.escape(root), "build", "__editable__.*", glob.escape(relative))):
        if not os.path.islink(link) and not os.path.samefile(link, file):
            files.replace_whole(link, lambda temporary: _copy_with_mode(file, temporary))
