"""Taking the building machine's paths out of a compiled file."""

from __future__ import annotations

import os
from typing import Iterable, Iterator, List, Mapping, Sequence, Tuple

from ..mind import hidden_paths
from ..mind.hidden_paths import Base, Hidden
from . import cargo_files
from .hearing import Heard

# ELF and Windows. On a Mac the linker signs what it writes, and a file that is changed afterwards isn't run.
_KINDS = (b"\x7fELF", b"MZ")


def of_build(heard: Heard, places: Iterable[str], environ: Mapping[str, str], cache_dir: str) -> Tuple[Hidden, ...]:
    """What may stand in what cargo has just made.

    Args:
        heard: what it said.
        places: the project's folder and the workspace's.
        environ: the environment that it ran in.
        cache_dir: ours, where it may have worked.
    """
    cargo_home = cargo_files.home(environ)
    # <target folder>/<profile>/build/<package>/out
    targets = {_above(script.out_dir, 4) for script in heard.scripts if script.out_dir}
    bases = [Base(path, "/cargo") for path in _spellings([cargo_home])]
    bases += [Base(path, "/target") for path in _spellings(sorted(targets, key=len, reverse=True))]
    bases += [Base(path, "/project") for path in _spellings(sorted(set(places), key=len, reverse=True))]
    bases += [Base(path, "/cache") for path in _spellings([cache_dir])]
    crates = {os.path.dirname(artifact.manifest_path) for artifact in heard.artifacts if artifact.manifest_path}
    # Those from a registry lie beside each other.
    sources = {os.path.dirname(crate) if hidden_paths.lies_in(crate, cargo_home) else crate for crate in crates}
    made = {_above(script.out_dir, 2) for script in heard.scripts if script.out_dir}
    folders = _spellings([*sources, *made, *targets, *places, cache_dir])
    return hidden_paths.find(folders, bases, os.path.expanduser("~"))


def _above(path: str, levels: int) -> str:
    for _ in range(levels):
        path = os.path.dirname(path)
    return path


def _spellings(folders: Iterable[str]) -> Iterator[str]:
    """Each folder as it is named, and as links lead to it."""
    for folder in folders:
        yield from dict.fromkeys([folder, os.path.realpath(folder)])


def hide(file: str, hidden: Sequence[Hidden], kept: Sequence[str] = ()) -> None:
    """Take paths out of a file; what is no library or program, or is signed, is left as it is.

    Args:
        file: to be changed.
        hidden: what to take out.
        kept: whole texts that stay: tools such as auditwheel look for libraries in the folders that they name.

    Raises:
        OSError: it can't be read or written.
    """
    with open(file, "rb") as opened:
        before = opened.read()
    if not hidden or not before.startswith(_KINDS):
        return
    parts = _apart(before, kept)
    # Every other one is kept.
    parts[::2] = [_replaced(part, hidden) for part in parts[::2]]
    after = b"".join(parts)
    if after != before:
        with open(file, "wb") as opened:
            opened.write(after)


def _apart(content: bytes, kept: Sequence[str]) -> List[bytes]:
    """What is between the texts that are kept, and these."""
    if not kept:
        return [content]
    import re

    return re.split(b"(" + b"|".join(re.escape(os.fsencode(text)) + b"\0" for text in kept) + b")", content)


def _replaced(content: bytes, hidden: Sequence[Hidden]) -> bytes:
    for one in hidden:
        content = content.replace(os.fsencode(one.path), os.fsencode(one.instead))
    return content
