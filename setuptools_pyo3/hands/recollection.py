"""Knowing a build again in which nothing has changed, so that cargo can be started without planning anew.

What a plan depends on is kept beside what came of it: the question (declarations, options, environment, interpreter) and the state
of every file that was looked at. If all of it is as it was, the commands are the same. cargo itself always runs, and judges as
ever whether its crates are up to date; if it says what it said last time, word for word, and each file is in its place, nothing is
left to do. A recollection that is lost or doesn't fit costs time, nothing else.
"""

from __future__ import annotations

import contextlib
import marshal
import os
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from . import files, hearing, process
from .hearing import Heard

# What was asked; the files that were looked at; the commands; the cargo behind rustup's proxy, if any; the files that came out and
# what they are; what the user was told before and after.
_PARTS = frozenset({"question", "states", "presence", "calls", "behind", "results", "outcomes", "notices", "last"})
# Projects come and go, and each leaves its recollections behind.
_MOST = 200


class Recollection:
    """What is known of one earlier build.

    Args:
        content: what was saved.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content

    def fits(self, question: Mapping[str, Any]) -> bool:
        """Whether a build that is asked for in these words, with the files as they are now, is the one that is known."""
        known = self.content
        return known.get("question") == question and files.Seen(known["states"], known["presence"]).unchanged()

    def behind(self, environ: Mapping[str, str]) -> Optional[Mapping[str, Any]]:
        """What is known of the cargo behind rustup's proxy, if it holds in this environment."""
        behind: Optional[Mapping[str, Any]] = self.content["behind"]
        known = self.content["question"]["environ"]
        if not behind or any(environ.get(name, value) != value for name, value in known.items()):
            return None
        return behind if files.Seen(behind["states"]).unchanged() else None

    def run(self, environ: Mapping[str, str], root: str, say: Callable[[str], None], ran: Dict[Tuple[str, ...], Heard]) -> bool:
        """Run its commands, and say whether they ended as they did then.

        Args:
            environ: the environment.
            root: the project's folder.
            say: shows a line to the user.
            ran: what came of each command, by its arguments, for those who have to go on from there.
        """
        behind = self.behind(environ)
        for call in self.content["calls"]:
            argv, changes = call["argv"], call["changes"]
            if call["echo"]:
                say(call["echo"])
            if behind:
                argv, changes = [behind["program"], *argv[1:]], {**behind["changes"], **changes}
            env = process.environment(environ, changes, call["bin_folder"])
            try:
                heard = hearing.run(argv, env=env, cwd=root, quiet=not call["echo"])
            except OSError:
                # The plan tells it better.
                return False
            ran[tuple(argv[1:])] = heard
            if heard.code or heard.digest() != call["digest"]:
                return False
        return files.Seen(self.content["results"]).unchanged()


def load(path: str) -> Optional[Recollection]:
    """What is kept in a file; None where there is none, or nothing that can be read."""
    content = files.plain(path)
    return Recollection(content) if content.keys() >= _PARTS else None


def save(path: str, content: Dict[str, Any]) -> None:
    """Keep a recollection, and let those go that have not been made anew for longest."""
    with contextlib.suppress(OSError):
        files.write_whole(path, marshal.dumps(content))
        folder = os.path.dirname(path)
        kept = [os.path.join(folder, name) for name in os.listdir(folder)]
        if len(kept) > _MOST:
            kept.sort(key=os.path.getmtime)
            for old in kept[:-_MOST]:
                os.unlink(old)
