"""The plan: which cargo commands build the declared extensions, as a value that can be printed and compared."""

from __future__ import annotations

import hashlib
import os
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple

from . import cargo, remapping
from .abi import Abi
from .expectation import Expectation
from .grouping import EXECUTABLES, LIBRARY, Change, Way, groups
from .interpreter import Interpreter
from .situation import Situation, from_root
from .target import Target

__all__ = ["EXECUTABLES", "LIBRARY", "Call", "Item", "Leaf", "LocalCrate", "Plan", "each_triple", "make", "without_identity"]


class Leaf(NamedTuple):
    """A local crate whose library cargo writes to a file without a hash in its name, as it does where a cdylib is among its types.

    Args:
        package: the crate's name.
        library: the library's name in cargo.
        identity: changes whenever cargo would build something else from it.
        knows_python: whether PyO3 is in it, so that no build but ours, with our configuration, makes the same file.
    """

    package: str
    library: str
    identity: str
    knows_python: bool


class LocalCrate(NamedTuple):
    """A crate that lies in the file system: its package's name and its folder."""

    package: str
    folder: str


class Item(NamedTuple):
    """One extension in a call.

    Args:
        key: tells it from all others; a module and an executable may share a name.
        name: the extension's.
        kind: ``LIBRARY`` or ``EXECUTABLES``.
        manifest_path: of its crate.
        package: the crate's name.
        targets: the names of the cargo targets that are wanted, each with its place (module or script).
        abi: what is expected.
        debug: whether it is a debug build, which is never stripped.
    """

    key: str
    name: str
    kind: str
    manifest_path: str
    package: str
    targets: Tuple[Tuple[str, str], ...]
    abi: Abi
    debug: bool


class Call(NamedTuple):
    """One cargo command.

    Args:
        arguments: all after ``cargo``.
        identity: those of them that keep its PyO3 apart from those of other configurations; it builds the same without them.
        changes: to the environment, None for a variable that is removed; the folder put before PATH is separate.
        bin_folder: put before PATH, so that build scripts find the interpreter's scripts.
        config_file: where ``config`` is stored before cargo runs, "" for nowhere.
        config: the text of PyO3's config file.
        items: what comes out of it.
        leaves: the libraries that it builds, or that what it builds depends on, whose files have no hash in their names.
        crates: all local crates that it compiles, dependencies included.
        quiet: show output only on failure.
        profile: cargo's profile.
        workspace: the folder of the workspace.
        lock_path: the Cargo.lock it reads.
        has_lock: whether that file exists.
        triple: the target that cargo builds for, "" for its own choice.
        slices: the triples of a universal2 build, for which it is run one after the other; else ().
    """

    arguments: Tuple[str, ...]
    identity: Tuple[str, ...]
    changes: Tuple[Change, ...]
    bin_folder: str
    config_file: str
    config: str
    items: Tuple[Item, ...]
    leaves: Tuple[Leaf, ...]
    crates: Tuple[LocalCrate, ...]
    quiet: bool
    profile: str
    workspace: str
    lock_path: str
    has_lock: bool
    triple: str = ""
    slices: Tuple[str, ...] = ()


class Plan(NamedTuple):
    """All that will be run, in order.

    Args:
        cargo: the program.
        interpreter: what is built for.
        target: its platform.
        calls: the cargo commands.
        notices: what the user is told first.
    """

    cargo: str
    interpreter: Interpreter
    target: Target
    calls: Tuple[Call, ...]
    notices: Tuple[str, ...]


def make(expectations: Sequence[Expectation], situation: Situation) -> Plan:
    """The plan for these extensions.

    Args:
        expectations: one for each extension, in the order they were declared.
        situation: the circumstances.
    """
    notices = [*situation.notices]
    notices += [notice for expectation in expectations for notice in expectation.notices]
    user_file = situation.environ.get("PYO3_CONFIG_FILE")
    if user_file:
        notices.append(f"PYO3_CONFIG_FILE={user_file} is set and decides what PyO3 builds for")
    return Plan(
        cargo=cargo.program(situation.environ),
        interpreter=situation.interpreter,
        target=situation.target,
        calls=tuple(_call(way, members, situation) for way, members in groups(expectations, situation).items()),
        notices=tuple(dict.fromkeys(notices)),
    )


def _call(way: Way, members: Sequence[Expectation], situation: Situation) -> Call:
    crate = members[0].crate
    changes = dict(way.changes)
    return Call(
        arguments=tuple(_arguments(way, members, situation)),
        identity=way.identity,
        changes=tuple(change for change in way.changes if change[1] != situation.environ.get(change[0])),
        bin_folder=_bin_folder(situation),
        config_file=changes.get("PYO3_CONFIG_FILE") or "" if way.config else "",
        config=way.config,
        items=tuple(_item(way, member) for member in members),
        leaves=tuple(dict.fromkeys(leaf for member in members for leaf in _leaves(way, member, situation))),
        crates=tuple(dict.fromkeys(LocalCrate(m.crate.manifests[f].name, f) for m in members for f in m.resolved.crates)),
        quiet=way.quiet,
        profile=way.profile,
        workspace=crate.root.folder,
        lock_path=crate.lock_path,
        has_lock=crate.lock is not None,
        triple=situation.target.triple,
        slices=situation.target.slices,
    )


def each_triple(call: Call) -> Tuple[Call, ...]:
    """The call for each triple of a universal2 build; itself for any other."""
    position = next((i for i, word in enumerate(call.arguments) if word.startswith("--message-format")), 0) + 1
    before, after = call.arguments[:position], call.arguments[position:]
    slices = (call._replace(arguments=(*before, f"--target={triple}", *after), triple=triple, slices=()) for triple in call.slices)
    return tuple(slices) or (call,)


def without_identity(call: Call) -> Call:
    """The same call for a cargo that can't take the options that keep PyO3 apart: it builds the same, at other times again."""
    return call._replace(arguments=tuple(word for word in call.arguments if word not in call.identity), identity=())


def _bin_folder(situation: Situation) -> str:
    """The interpreter's folder, unless PATH begins with it anyway."""
    folder = os.path.dirname(situation.python)
    first = situation.environ.get("PATH", "").split(os.pathsep)[0]
    return "" if folder == first else folder


def _arguments(way: Way, members: Sequence[Expectation], situation: Situation) -> Iterable[str]:
    several = len({member.crate.manifest.folder for member in members}) > 1
    manifest = members[0].crate.root.path if several else members[0].crate.manifest.path
    yield way.command
    if way.kind == LIBRARY:
        yield "--lib"
    yield f"--manifest-path={from_root(manifest, situation.root)}"
    yield "--message-format=json-render-diagnostics"
    yield from cargo.profile_option(way.profile)
    yield from _packages(members, several=several)
    if way.kind == EXECUTABLES and not members[0].options.binaries:
        yield from (f"--bin={name}" for name in dict.fromkeys(n for m in members for n in m.extension.binaries()))
    yield from _feature_options(way, members, several=several)
    if situation.target.asked and not _has_option(way.arguments, "--target"):
        yield f"--target={situation.target.asked}"
    yield from situation.cached
    yield from way.lock
    if way.quiet:
        yield "--quiet"
    elif situation.verbosity:
        yield f"-{'v' * min(situation.verbosity, 2)}"
    if situation.jobs:
        yield f"--jobs={situation.jobs}"
    yield from way.identity
    yield from way.arguments
    if way.after:
        yield "--"
        yield from way.after


def _has_option(arguments: Sequence[str], name: str) -> bool:
    return any(word.partition("=")[0] == name for word in arguments)


def _packages(members: Sequence[Expectation], *, several: bool) -> Iterable[str]:
    if several:
        return [f"--package={name}" for name in dict.fromkeys(m.crate.manifest.name for m in members)]
    manifest = members[0].crate.manifest
    # Where the root package has default-members beside it, cargo would build those.
    own = manifest.workspace
    return [f"--package={manifest.name}"] if own and own.default_members else []


def _feature_options(way: Way, members: Sequence[Expectation], *, several: bool) -> Iterable[str]:
    if not way.default_features and not _has_option(way.arguments, "--no-default-features"):
        yield "--no-default-features"
    features = [
        f"{member.crate.manifest.name}/{feature}" if several else feature
        for member in members
        for feature in member.features
        if "/" not in feature
    ]
    features += way.shared_features
    if features:
        yield f"--features={','.join(dict.fromkeys(features))}"


def _item(way: Way, member: Expectation) -> Item:
    extension, manifest = member.extension, member.crate.manifest
    if way.kind == LIBRARY and manifest.library is not None:
        targets: Tuple[Tuple[str, str], ...] = ((manifest.library.name, extension.name),)
    else:
        targets = tuple(extension.binaries().items())
    return Item(
        key=extension.key,
        name=extension.name,
        kind=way.kind,
        manifest_path=manifest.path,
        package=manifest.name,
        targets=targets,
        abi=member.abi,
        debug=remapping.base(way.profile) == "dev",
    )


# Options that say how cargo may get at things, not what it builds.
_WITHOUT_EFFECT = frozenset({"--locked", "--frozen", "--offline", "--quiet", "-q", "--verbose", "-v", "-vv"})
# Build scripts of old PyO3 apart, these don't change what is built, and they differ in every isolated build.
_VOLATILE = frozenset({"PYO3_PYTHON", "PYTHON_SYS_EXECUTABLE", "SETUPTOOLS_PYO3_CARGO_ZIGBUILD", "CARGO_ZIGBUILD_PYTHON_PATH"})


def _leaves(way: Way, member: Expectation, situation: Situation) -> Iterable[Leaf]:
    """The crate itself and its local dependencies, as far as a cdylib is among what cargo makes of them."""
    own = member.crate.manifest.folder
    for folder, features in member.resolved.crates.items():
        manifest = member.crate.manifests[folder]
        library = manifest.library
        is_root = folder == own and way.kind == LIBRARY
        if library is None or not ("cdylib" in library.crate_types or is_root):
            continue
        yield Leaf(
            package=manifest.name,
            library=library.name,
            identity=_identity(way, folder, sorted(features), situation, is_root=is_root),
            knows_python=member.pyo3 is not None,
        )


def _identity(way: Way, folder: str, features: List[str], situation: Situation, *, is_root: bool) -> str:
    arguments = [word for word in way.arguments if word not in _WITHOUT_EFFECT] if is_root else []
    parts: Tuple[Optional[object], ...] = (
        folder,
        features,
        way.command if is_root else "build",
        arguments,
        way.after if is_root else (),
        way.profile,
        way.config,
        way.identity,
        [change for change in way.changes if change[0] not in _VOLATILE],
        situation.target.triple,
        situation.environ.get("PYO3_CONFIG_FILE"),
        # Before config files, PyO3 looks at the interpreter itself.
        None if way.config else situation.interpreter.described,
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
