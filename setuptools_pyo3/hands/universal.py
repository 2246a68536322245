"""One file for both processors of the Mac: a build for each, merged."""

from __future__ import annotations

import os
import shutil
from typing import List, Mapping, Sequence, Tuple

from ..errors import ArtifactProblem, ToolchainProblem
from ..mind import plan
from ..mind.manifest import Manifest
from ..mind.plan import Call
from . import build, files, process
from .build import Built, Result, Surroundings
from .hearing import Heard

# Apple's, LLVM's, and LLVM's as Debian names it.
_TOOLS = ("lipo", "llvm-lipo", *(f"llvm-lipo-{version}" for version in range(25, 10, -1)))


def run(call: Call, around: Surroundings, manifests: Sequence[Manifest]) -> Result:
    """Run a call for each of its triples, and merge what comes out; arguments and result as for :func:`build.run`.

    Raises:
        ToolchainProblem: there is nothing to merge with.
        Problem: a build failed, or the files can't be merged.
    """
    tool = _tool(around.environ, call)
    halves = [build.run(one, around, manifests) for one in plan.each_triple(call)]
    built = {key: _merged(tool, [half.built[key] for half in halves], call, around) for key in halves[0].built}
    heard = Heard()
    heard.lines = [line for half in halves for line in half.heard.lines]
    return Result(built, heard, tuple(note for half in halves for note in half.notes))


def _tool(environ: Mapping[str, str], call: Call) -> str:
    found = next((path for name in _TOOLS for path in [shutil.which(name, path=environ.get("PATH"))] if path), "")
    if found:
        return found
    raise ToolchainProblem(
        f"there is nothing to merge the builds for {' and '.join(call.slices)} with",
        where=", ".join(item.name for item in call.items),
        why="neither lipo nor llvm-lipo is on PATH",
        hint="install Xcode's command line tools or LLVM, or build for one processor with ARCHFLAGS='-arch arm64'",
    )


def _merged(tool: str, halves: List[Built], call: Call, around: Surroundings) -> Built:
    merged: List[Tuple[str, str, str]] = []
    for parts in zip(*(half.files for half in halves)):
        name, place, first = parts[0]
        merged.append((name, place, _merge(tool, [file for _, _, file in parts], _place(first, call.slices[0]), around)))
    return halves[0]._replace(files=tuple(merged), compiled=any(half.compiled for half in halves))


def _place(file: str, triple: str) -> str:
    """Where cargo would put it, if it knew such a target: beside the folders of the two triples."""
    folder, name = os.path.split(file)
    words = folder.split(os.sep)
    if triple not in words:
        return os.path.join(folder, "universal2", name)
    position = len(words) - 1 - words[::-1].index(triple)
    return os.sep.join([*words[:position], "universal2-apple-darwin", *words[position + 1 :], name])


def _merge(tool: str, parts: List[str], place: str, around: Surroundings) -> str:
    newest = max(os.stat(part).st_mtime_ns for part in parts)
    try:
        if os.stat(place).st_mtime_ns == newest:
            return place
    except OSError:
        pass

    def fill(temporary: str) -> None:
        argv = [tool, "-create", "-output", temporary, *parts]
        finished = process.capture(argv, env=around.environ, cwd=around.root)
        if finished.returncode:
            why = finished.stderr.decode("utf-8", "replace").strip()
            raise ArtifactProblem("the builds for two processors can't be merged", where=place, why=why)
        os.utime(temporary, ns=(newest, newest))

    try:
        files.replace_whole(place, fill)
    except OSError as error:
        raise ArtifactProblem("the builds for two processors can't be merged", where=place, why=str(error)) from error
    return place
