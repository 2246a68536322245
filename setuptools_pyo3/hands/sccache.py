"""Building where sccache wraps rustc: it has to prove first that it works, and it gets paths that other checkouts have too."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..mind import dep_info, sccache
from ..mind.plan import Call
from . import cargo_config, cargo_files, files, fixed_paths, process, toolchain
from .build import Result, Surroundings, environment
from .hearing import Heard

Build = Callable[[Call, Surroundings, Optional[Heard]], Result]

# Small enough to take no time, and all that a crate needs to be cached.
_SOURCE = "#![no_std]\n"
# After it was silent, it is waited for no longer than this, for so long.
_SOON, _SILENT_SECONDS = 2.0, 300


class Use:
    """The use of sccache in one run of build_rust.

    Args:
        inplace: modules go beside their sources.
    """

    def __init__(self, *, inplace: bool) -> None:
        self._inplace = inplace
        # Why it doesn't work, "" where it does.
        self._answers: Dict[Tuple[str, ...], str] = {}
        self._repeatable: Dict[Call, Call] = {}
        # What has to be as it was, for a build to be one in which rustc is not run: then sccache needs not be asked.
        self.inputs: List[str] = []

    def run(self, wrappers: Mapping[str, str], call: Call, around: Surroundings, ran: Optional[Heard], build: Build) -> Result:
        """Run a call.

        Args:
            wrappers: sccache, by the variable of cargo's that would replace it.
            call: what to run.
            around: what it runs in.
            ran: what came of its command, where it has been run already.
            build: runs it.

        Raises:
            Problem: it fails, or sccache does and the environment says that the build ends then.
        """
        env = environment(call, around.environ)
        policy = sccache.policy(env)
        self._repeatable[call] = repeatable = self._with_sources(call, around, env) if policy.fixes_paths else call
        if ran is not None and not ran.code and repeatable == call:
            result = build(call, around, ran)
        else:
            working = self._answering(wrappers, repeatable, around, policy)
            place = _target(working, around) if policy.fixes_paths else None
            result = _through(place, working, around, build) if place else build(working, around, None)
        self.inputs += [*cargo_files.configuration_files(env, around.root), *_inputs(result)]
        return result

    def repeatable(self, call: Call) -> Call:
        """A call as it has to be run when nothing has changed."""
        return self._repeatable.get(call, call)

    @property
    def works(self) -> bool:
        """Whether it did, as far as it was asked."""
        return not any(self._answers.values())

    def _with_sources(self, call: Call, around: Surroundings, env: Mapping[str, str]) -> Call:
        # In place, plain cargo works in the same target folder, and crates at another path would be compiled again in turn.
        # A cached target folder has a copy of its own, at a path that is the same everywhere too.
        if self._inplace or around.cached is not None:
            return call
        sources = fixed_paths.sources(cargo_config.read(around.root, env), around.cache_dir)
        options = [sccache.config_option(("source", name, "directory"), path) for name, path in sources]
        return call._replace(arguments=sccache.with_options(call.arguments, options))

    def _answering(self, wrappers: Mapping[str, str], call: Call, around: Surroundings, policy: sccache.Policy) -> Call:
        """The call without an sccache that doesn't work.

        Raises:
            ToolchainProblem: it doesn't, and the build is to end then.
        """
        env = environment(call, around.environ)
        for variable, program in wrappers.items():
            reason = self._reason(program, around, env, policy.timeout)
            if reason and policy.stops:
                raise sccache.problem(variable, program, reason)
            if reason:
                around.say(sccache.warning(reason))
                call = call._replace(changes=tuple(sorted({**dict(call.changes), variable: ""}.items())))
        return call

    def _reason(self, program: str, around: Surroundings, env: Mapping[str, str], timeout: float) -> str:
        settings = sorted(f"{name}={value}" for name, value in env.items() if name.startswith("SCCACHE_"))
        asked = (program, *settings)
        if asked not in self._answers:
            silence = _Silence(around.cache_dir, asked)
            self._answers[asked] = _ask(program, around, env, silence.patience(timeout)) if timeout else ""
            silence.note(bool(self._answers[asked]))
        return self._answers[asked]


class _Silence:
    """The memory of an sccache that was silent a moment ago: several builds in a row shall not wait so long for it each time.

    Args:
        cache_dir: where it is kept.
        asked: the program and its settings.
    """

    def __init__(self, cache_dir: str, asked: Sequence[str]) -> None:
        self._path = os.path.join(cache_dir, "sccache", files.name_for(repr(asked)))

    def patience(self, timeout: float) -> float:
        """For how many seconds it is waited for: one that runs and works answers at once."""
        return min(timeout, _SOON) if self._lasts() else timeout

    def note(self, silent: bool) -> None:
        """Keep whether it is silent, and since when."""
        with contextlib.suppress(OSError):
            if not silent:
                os.unlink(self._path)
            elif not self._lasts():
                files.write_whole(self._path, b"")

    def _lasts(self) -> bool:
        found = files.state(self._path)
        return found is not None and time.time_ns() - found[1] < _SILENT_SECONDS * 10**9


def _ask(program: str, around: Surroundings, env: Mapping[str, str], timeout: float) -> str:
    """Have sccache compile something, by way of its server and its storage. Returns why it failed, "" if it didn't."""
    source = os.path.join(around.cache_dir, "sccache", f"{files.name_for(_SOURCE)}.rs")
    rustc = toolchain.rustc(env, around.program, around.root)
    with contextlib.suppress(OSError), tempfile.TemporaryDirectory(prefix="setuptools-pyo3-") as folder:
        files.write_whole(source, _SOURCE.encode())
        options = ["--crate-type", "rlib", "--emit=dep-info,metadata,link", "--out-dir", folder]
        argv = [program, rustc, "--crate-name", "preflight", source, *options]
        try:
            finished = process.within(argv, env=env, cwd=around.root, seconds=timeout)
        except OSError as error:
            return f"it can't be started ({error})"
        if finished is None:
            return f"it gave no answer within {timeout:g} s"
        if finished[0] and not _fails(argv[1:], around, env, timeout):
            return sccache.reason(finished[1].decode("utf-8", "replace"))
    return ""


def _fails(argv: Sequence[str], around: Surroundings, env: Mapping[str, str], timeout: float) -> bool:
    """Whether rustc itself fails, which is cargo's to say."""
    finished = process.within(argv, env=env, cwd=around.root, seconds=timeout)
    return finished is None or finished[0] != 0


class _Place(NamedTuple):
    """A target folder, a link that leads to it, and the option that tells cargo to go that way."""

    folder: str
    link: str
    option: str


def _target(call: Call, around: Surroundings) -> Optional[_Place]:
    """Where cargo will write, and how it gets there by a path that other checkouts have too; None where it doesn't."""
    env = environment(call, around.environ)
    if not sccache.may_fix_target(call.arguments, env):
        return None
    named = [word for word in call.arguments if word.startswith(("--manifest-path=", "--config="))]
    argv = [around.program, "metadata", "--format-version=1", "--no-deps", *named]
    try:
        finished = process.capture(argv, env=env, cwd=around.root)
        known = json.loads(finished.stdout) if not finished.returncode else {}
    except (OSError, ValueError):
        return None
    folder = str(known.get("build_directory") or known.get("target_directory") or "")
    link = fixed_paths.link(around.cache_dir, call.items[0].package, folder) if folder else ""
    if not link:
        return None
    apart = known.get("build_directory") not in (None, known.get("target_directory"))
    return _Place(folder, link, sccache.config_option(("build", "build-dir"), link) if apart else f"--target-dir={link}")


def _through(place: _Place, call: Call, around: Surroundings, build: Build) -> Result:
    """Run a call that writes to its target folder through a link; all that remains of it names the folder itself."""
    call = call._replace(arguments=sccache.with_options(call.arguments, [place.option]))
    result = build(call, around._replace(links=((place.link, place.folder),)), None)
    for path in _dep_infos(result):
        text = os.fsdecode(files.content(path))
        moved = dep_info.moved(text, place.link, place.folder)
        if moved != text:
            with contextlib.suppress(OSError):
                files.write_whole(path, os.fsencode(moved))
    return result


def _dep_infos(result: Result) -> Iterator[str]:
    for built in result.built.values():
        for _, _, file in built.files:
            yield f"{os.path.splitext(file)[0]}.d"


def _inputs(result: Result) -> Iterator[str]:
    """What was built, and the local files that it was built from."""
    for built in result.built.values():
        yield from (file for _, _, file in built.files)
    for path in _dep_infos(result):
        yield from dep_info.files(os.fsdecode(files.content(path)))
