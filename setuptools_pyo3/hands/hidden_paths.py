"""Taking the building machine's paths out of a compiled file."""

from __future__ import annotations

import os
from typing import IO, Iterable, Iterator, Mapping, Sequence, Tuple

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


def hide(file: str, hidden: Sequence[Hidden]) -> None:
    """Take paths out of a file; what is no library or program, or is signed, is left as it is.

    Where ELF files name libraries, nothing is changed: tools such as auditwheel look for them there.

    Raises:
        OSError: it can't be read or written.
    """
    with open(file, "rb") as opened:
        before = opened.read()
        if not hidden or not before.startswith(_KINDS):
            return
        start, end = _linking(opened)
    after = before
    for one in hidden:
        after = after.replace(os.fsencode(one.path), os.fsencode(one.instead))
    after = after[:start] + before[start:end] + after[end:]
    if after != before:
        with open(file, "wb") as opened:
            opened.write(after)


def _linking(file: IO[bytes]) -> Tuple[int, int]:
    """Where an ELF file names libraries and the folders to look for them in; (0, 0) for anything else."""
    # Imported here: a build in place has no use for it.
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        strings = ELFFile(file).get_section_by_name(".dynstr")
    except ELFError:
        return 0, 0
    return (strings["sh_offset"], strings["sh_offset"] + strings["sh_size"]) if strings else (0, 0)
