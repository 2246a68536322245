"""What cargo says on its standard output, kept as far as it matters and read when somebody asks."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, List, Mapping, Optional, Sequence, Tuple

from . import process

if TYPE_CHECKING:
    from ..mind.messages import Artifact, ScriptRun

_FRESH = b'"fresh":true'
_COMPILED = b'"fresh":false'


class Heard:
    """One run of cargo: its messages, its exit code (negative for a signal), and its last words where they were hidden.

    Args:
        links: paths that messages name as they lead to, each with the path that it leads to.
    """

    def __init__(self, links: Sequence[Tuple[str, str]] = ()) -> None:
        self._links = [(_in_json(path), _in_json(place)) for path, place in links]
        self.code = 0
        self.errors = b""
        self.lines: List[bytes] = []
        self._read: Optional[Tuple[List[Artifact], List[ScriptRun]]] = None

    def line(self, line: bytes) -> None:
        """Take one line. Procedural macros print there too, any amount of it: what is no message is let go."""
        if line.startswith(b"{") and (b'"compiler-artifact"' in line or b'"build-script-executed"' in line):
            for path, place in self._links:
                line = line.replace(path, place)
            self.lines.append(line)

    def digest(self) -> str:
        """The same for two runs that ended with the same artifacts, whether or not they had to be compiled."""
        lines = sorted(line.replace(_COMPILED, _FRESH) for line in self.lines)
        return hashlib.sha256(b"".join(lines)).hexdigest()

    @property
    def artifacts(self) -> List[Artifact]:
        """What was compiled, now or earlier."""
        return self._messages()[0]

    @property
    def scripts(self) -> List[ScriptRun]:
        """The build scripts that were run, now or earlier."""
        return self._messages()[1]

    def _messages(self) -> Tuple[List[Artifact], List[ScriptRun]]:
        if self._read is None:
            # Read late: a run that said what was expected, word for word, needs no reading.
            from ..mind import messages

            found = [messages.read(line, os.fsdecode) for line in self.lines]
            artifacts = [one for one in found if isinstance(one, messages.Artifact)]
            self._read = artifacts, [one for one in found if isinstance(one, messages.ScriptRun)]
        return self._read

    def pyo3_cfgs(self) -> Tuple[str, ...]:
        """What PyO3's build script decided; pyo3-ffi's, or pyo3's own before 0.16. () where none ran."""
        for name in ("pyo3-ffi", "pyo3"):
            for script in self.scripts:
                if script.package == name and script.cfgs:
                    return script.cfgs
        return ()


def _in_json(path: str) -> bytes:
    """How a folder's path stands in messages, before what is in the folder."""
    import json

    return os.fsencode(json.dumps(os.path.join(path, ""), ensure_ascii=False)[1:-1])


def run(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, quiet: bool, links: Sequence[Tuple[str, str]] = ()) -> Heard:
    """Run cargo.

    Args:
        argv: program and arguments.
        env: the whole environment.
        cwd: where to run.
        quiet: hide what it writes to standard error.
        links: see :class:`Heard`.

    Raises:
        OSError: it can't be started.
        Terminated: SIGTERM or SIGHUP arrived; cargo and all that it started have been killed.
    """
    heard = Heard(links)
    heard.code, heard.errors = process.stream(argv, env=env, cwd=cwd, on_line=heard.line, hide_errors=quiet)
    return heard
