"""Running one call of the plan, and finding what it built in cargo's own messages."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import ArtifactProblem, BuildProblem, DeclarationProblem, Problem, ToolchainProblem
from ..mind import cargo, identity, lockfile, messages
from ..mind.abi import Abi, from_cfgs
from ..mind.manifest import Manifest
from ..mind.plan import LIBRARY, Call, Item, without_identity
from . import cargo_files, files, folders, hearing, leaves, owners, process, reading
from .hearing import Heard

if TYPE_CHECKING:
    from .cached_target import CachedTarget

# The time that config files bear: cargo compares it, and a file of one content must never look changed (2000-01-01).
_CONFIG_MTIME_NS = 946_684_800 * 10**9

Say = Callable[[str], None]


class Built(NamedTuple):
    """What one item became.

    Args:
        item: what was planned.
        files: for each target its name, its place and the file that holds it.
        cfgs: what PyO3's build script reported, () where none ran.
        out_dir: the ``OUT_DIR`` of the crate's build script, "" without one.
        compiled: whether anything of the crate itself had to be compiled.
    """

    item: Item
    files: Tuple[Tuple[str, str, str], ...]
    cfgs: Tuple[str, ...]
    out_dir: str
    compiled: bool

    @property
    def abi(self) -> Optional[Abi]:
        """What PyO3 was compiled for, None where it wasn't."""
        return from_cfgs(self.cfgs) if self.cfgs else None


class Result(NamedTuple):
    """What came of a call.

    Args:
        built: by the item's key.
        heard: what cargo said in its last run.
        notes: the files in which it is noted whose artifacts lie in the folder.
    """

    built: Dict[str, Built]
    heard: Heard
    notes: Tuple[str, ...]


class Surroundings(NamedTuple):
    """What a call runs in.

    Args:
        program: cargo.
        environ: the environment that the call's changes are made to.
        root: the project's folder, where cargo runs.
        cache_dir: for remembering where cargo writes.
        say: shows a line to the user.
        cached: the cached target folder that it builds into, where it does.
        links: paths that cargo is to write through, each with the path that it leads to and that is known to everybody else.
    """

    program: str
    environ: Mapping[str, str]
    root: str
    cache_dir: str
    say: Say
    cached: Optional[CachedTarget] = None
    links: Tuple[Tuple[str, str], ...] = ()


def run(call: Call, around: Surroundings, manifests: Sequence[Manifest], ran: Optional[Heard] = None) -> Result:
    """Run a call.

    Args:
        call: what to run.
        around: what it runs in.
        manifests: the local crates, for explaining a failure.
        ran: what came of its command, where it has been run already.

    Raises:
        ToolchainProblem: cargo can't be started.
        BuildProblem: cargo failed.
        ArtifactProblem: cargo succeeded, but what was wanted is not among what it made.
    """
    place = around.cached.folder if around.cached else call.workspace
    known = folders.Folders(around.cache_dir, around.environ, place)
    # What has been run already was run with everything in its place, and may have written something new there.
    if ran is None:
        if identity.wanted(around.environ):
            leaves.prepare(known.of(call), call.leaves)
        _forget(owners.strangers(known.of(call), call.crates), call, around)
    heard = _run(call, around, manifests, ran)
    found = {item.key: _collect(item, heard) for item in call.items}
    doubtful = [package for folder in _folders(found.values(), heard) for package in _doubtful(folder, call, heard)]
    if around.cached is not None:
        doubtful += around.cached.stale(heard.artifacts)
    if doubtful:
        # Built again, the crate itself and never its dependencies from elsewhere.
        _forget(doubtful, call, around)
        heard = _run(call, around, manifests)
        found = {item.key: _collect(item, heard) for item in call.items}
        _insist(call, around, heard)
    notes: List[str] = []
    for folder in _folders(found.values(), heard):
        known.note(call, folder)
        notes += owners.note(folder, call.crates)
        # What is made of local crates doesn't stay in a cached target folder.
        keep = identity.wanted(around.environ) and around.cached is None
        notes += leaves.mark(folder, call.leaves, keep=keep)
    return Result(found, heard, tuple(notes))


def _insist(call: Call, around: Surroundings, heard: Heard) -> None:
    """Don't let anything pass that an earlier build of another source tree has left in a cached target folder.

    Raises:
        BuildProblem: cargo has been told to forget it, and still takes it for what it should build.
    """
    stale = around.cached.stale(heard.artifacts) if around.cached else ()
    if around.cached and stale:
        around.cached.doubt()
        raise BuildProblem(f"cargo can't be brought to compile {', '.join(stale)}", where=", ".join(i.name for i in call.items))


def _folders(found: Iterable[Built], heard: Heard) -> List[str]:
    """The folders that cargo compiled into: one, unless the project's own arguments do something odd."""
    places = dict.fromkeys(os.path.dirname(file) for built in found for _, _, file in built.files)
    return list(dict.fromkeys(_home(place, heard) for place in places))


def _home(place: str, heard: Heard) -> str:
    """The folder that cargo compiled into what lies finished in another."""
    return folders.home(place, (name for artifact in heard.artifacts for name in artifact.filenames))


def _keep_what_was_compiled(call: Call, heard: Heard) -> None:
    """Note the libraries that cargo finished before it failed: nobody is to wait for them twice."""
    for artifact in heard.artifacts:
        package, file = messages.package_name(artifact.package_id), messages.library_file(artifact)
        for leaf in call.leaves:
            if not artifact.fresh and file and (leaf.package, leaf.library) == (package, artifact.name):
                leaves.mark(_home(os.path.dirname(file), heard), [leaf])


def _doubtful(folder: str, call: Call, heard: Heard) -> Iterable[str]:
    """Packages that cargo calls fresh and that may be another way's, another crate's or another source folder's."""
    fresh = {os.path.dirname(os.path.realpath(a.manifest_path)) for a in heard.artifacts if a.fresh}
    crates = [crate for crate in call.crates if os.path.realpath(crate.folder) in fresh]
    names = {crate.package for crate in crates}
    for leaf in call.leaves:
        lying = leaves.current(folder, leaf.library)
        if leaf.package in names and lying != leaf.identity and (lying or leaf.knows_python):
            yield leaf.package
    # Inside the workspace, a target folder has its own crates; one elsewhere may be anybody's.
    if not os.path.realpath(folder).startswith(os.path.join(os.path.realpath(call.workspace), "")):
        yield from owners.unknown(folder, crates)


def write_config(path: str, content: str) -> None:
    """Write PyO3's config file, unless it is there already.

    Args:
        path: its place, named by the content's hash.
        content: its text.

    Raises:
        ArtifactProblem: it can't be written.
    """
    try:
        with open(path, "rb") as file:
            if file.read() == content.encode():
                return
    except OSError:
        pass
    try:
        files.write_whole(path, content.encode(), mtime_ns=_CONFIG_MTIME_NS)
    except OSError as error:
        raise ArtifactProblem(
            "PyO3's config file can't be written", where=path, why=str(error), hint="set SETUPTOOLS_PYO3_CACHE_DIR"
        ) from error


def _run(call: Call, around: Surroundings, manifests: Sequence[Manifest], ran: Optional[Heard] = None) -> Heard:
    heard = ran or _start(call, around)
    if around.cached is not None:
        around.cached.note(heard.artifacts, heard.scripts)
    if not heard.code:
        return heard
    if call.identity and not heard.artifacts:
        from . import obstacle

        reason = obstacle.reason(call, around.program, environment(call, around.environ), around.root)
        if reason:
            around.say(f"setuptools-pyo3: {reason}, so PyO3 is compiled again whenever the Python that is built for changes")
            return _run(without_identity(call), around, manifests)
    if identity.wanted(around.environ):
        _keep_what_was_compiled(call, heard)
    if heard.errors:
        around.say(heard.errors.decode("utf-8", "replace").rstrip())
    raise _failure(call, heard, around, manifests)


def _start(call: Call, around: Surroundings) -> Heard:
    if call.config_file:
        write_config(call.config_file, call.config)
    argv = [around.program, *call.arguments]
    if not call.quiet:
        around.say(echo(call, around.program, around.environ))
    try:
        return hearing.run(argv, env=environment(call, around.environ), cwd=around.root, quiet=call.quiet, links=around.links)
    except OSError as error:
        raise _not_started(around.program, error, call) from error


def environment(call: Call, environ: Mapping[str, str]) -> Dict[str, str]:
    """The environment that a call's command runs in."""
    return process.environment(environ, dict(call.changes), call.bin_folder)


def echo(call: Call, program: str, environ: Mapping[str, str]) -> str:
    """A call's command as it can be pasted. The caller's own compilers are cargo's, and are shown so that nobody wonders."""
    env = {**environ, **dict(call.changes)}
    compilers = {name: env[name] for name in ("RUSTC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER") if env.get(name) is not None}
    return cargo.echo([program, *call.arguments], {**compilers, **dict(call.changes)}, call.bin_folder)


def _forget(packages: Sequence[str], call: Call, around: Surroundings) -> None:
    """Have cargo remove what it made of local crates."""
    if not packages:
        return
    named = [f"--package={package}" for package in dict.fromkeys(packages)]
    manifest = call.items[0].manifest_path
    # cargo resolves the workspace for it, and must not touch a lock that the build would not.
    lock = [word for word in call.arguments if word in ("--locked", "--frozen", "--offline")]
    # The same folder as the build's, too.
    options = [*cargo.profile_option(call.profile), *cargo.places(call.arguments), *lock, "--quiet"]
    argv = [around.program, "clean", f"--manifest-path={manifest}", *named, *options]
    around.say(cargo.echo(argv, {}, ""))
    with contextlib.suppress(OSError):  # the build that follows says it better
        process.capture(argv, env=environment(call, around.environ), cwd=around.root)


def _not_started(program: str, error: OSError, call: Call) -> ToolchainProblem:
    names = ", ".join(item.name for item in call.items)
    if isinstance(error, FileNotFoundError):
        return ToolchainProblem(
            f"cargo was not found ({program})",
            where=names,
            why="it is written in Rust, which cargo builds",
            hint="install Rust, for example with rustup, and put cargo on PATH (or set CARGO to it)",
        )
    hint = "put a working cargo on PATH, or set CARGO to it"
    return ToolchainProblem(f"cargo can't be started ({program})", where=names, why=str(error), hint=hint)


def _failure(call: Call, heard: Heard, around: Surroundings, manifests: Sequence[Manifest]) -> Problem:
    names = ", ".join(item.name for item in call.items)
    ending = f"signal {-heard.code}" if heard.code < 0 else f"exit code {heard.code}"
    if not heard.artifacts:
        reason = _before_compiling(call, around, manifests)
        if reason is not None:
            return ToolchainProblem(
                reason[0], where=names, why=f"cargo failed with {ending}; its own message is above", hint=reason[1]
            )
    return BuildProblem(f"cargo failed with {ending}", where=names, why="its own messages are above")


def _before_compiling(call: Call, around: Surroundings, manifests: Sequence[Manifest]) -> Optional[Tuple[str, str]]:
    """Why nothing at all was compiled, where that can be told without reading cargo's words, and what to do."""
    rustc = around.environ.get("RUSTC") or "rustc"
    if shutil.which(rustc, path=around.environ.get("PATH")) is None:
        return f"rustc was not found ({rustc})", "install Rust, for example with rustup, and put rustc on PATH"
    if "--locked" in call.arguments and call.has_lock:
        lock = _lock(call.lock_path)
        missing = (lockfile.lacks(lock, manifests) or _missing_of_members(call)) if lock is not None else ()
        if missing:
            path = os.path.relpath(call.lock_path, around.root)
            manifest = os.path.relpath(os.path.join(call.workspace, "Cargo.toml"), around.root)
            return (
                f"{path} is out of date: it lacks {', '.join(missing)}",
                f"run `cargo update --workspace --manifest-path={manifest}` and commit the lock",
            )
    pinned = next(filter(os.path.isfile, cargo_files.toolchain_files(around.root)), "")
    if pinned:
        return (
            f"the toolchain may be missing: {pinned} pins one",
            "run `rustup show` in the project's folder; it names what is missing",
        )
    return None


def _missing_of_members(call: Call) -> Sequence[str]:
    # Imported here: what other members of the workspace want of the lock is looked at only when cargo has refused it.
    from . import lock_check

    return lock_check.lacking(call.items[0].manifest_path)


def _lock(path: str) -> Optional[str]:
    """The text of a sound lock; None where there is none, or where cargo has other things to say of it than that it is old."""
    try:
        packages = reading.toml(path).get("package", [])
        sound = all({"name", "version"} <= set(package) for package in packages)
        with open(path, encoding="utf-8") as file:
            return file.read() if sound else None
    except (OSError, TypeError, DeclarationProblem):
        return None


def _collect(item: Item, heard: Heard) -> Built:
    """What cargo made of an item.

    Raises:
        ArtifactProblem: there is nothing that fits.
    """
    own = [a for a in heard.artifacts if a.manifest_path == item.manifest_path]
    # Resolving links takes many calls to the system, and cargo nearly always spells the path as we do.
    own = own or [a for a in heard.artifacts if files.same(a.manifest_path, item.manifest_path)]
    found: List[Tuple[str, str, str]] = []
    compiled = False
    for name, place in item.targets:
        artifact, file = _artifact(item, name, own)
        compiled = compiled or not artifact.fresh
        found.append((name, place, file))
    ids = {artifact.package_id for artifact in own}
    out_dir = next((script.out_dir for script in heard.scripts if script.package_id in ids), "")
    return Built(item, tuple(found), heard.pyo3_cfgs(), out_dir, compiled)


def _artifact(item: Item, name: str, own: Sequence[messages.Artifact]) -> Tuple[messages.Artifact, str]:
    for artifact in own:
        if item.kind == LIBRARY and {"cdylib", "dylib"} & set(artifact.kinds):
            file = messages.library_file(artifact)
            if file:
                return artifact, file
        elif item.kind != LIBRARY and "bin" in artifact.kinds and artifact.name == name:
            return artifact, artifact.executable or artifact.filenames[0]
    wanted = "a shared library" if item.kind == LIBRARY else f"an executable {name!r}"
    made = sorted({a.name for a in own if "custom-build" not in a.kinds})
    raise ArtifactProblem(
        f"cargo made no {wanted.partition(' ')[2]}",
        where=item.name,
        why=f"of {item.package} it made: {', '.join(made) or 'nothing'}",
        hint="check the targets in its Cargo.toml and the extension's args",
    )
