"""The plan: which cargo commands build the declared extensions, as a value that can be printed and compared.

Crates of one workspace that are built the same way share one command. They don't share one where that would change what a crate
is: cargo unifies the features of everything it builds together.
"""

from __future__ import annotations

import hashlib
import os
from typing import Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from . import abi, cargo, linking, lockfile, pyo3_config
from .abi import Abi
from .expectation import Expectation
from .interpreter import Interpreter
from .situation import PROFILE_VARIABLE, Situation

Change = Tuple[str, Optional[str]]

LIBRARY = "library"
EXECUTABLES = "executables"

# The value of pyo3-ffi's debug setting that keeps an embedding build's PyO3 apart from the modules' in one target folder: a
# profile override is part of a package's identity for cargo, and pyo3-ffi holds next to no code that it could change.
_EMBEDDING_SLOT = "line-tables-only"
_NEWEST = (99, 0)


class Item(NamedTuple):
    """One extension in a call.

    Args:
        name: the extension's.
        kind: ``LIBRARY`` or ``EXECUTABLES``.
        manifest_path: of its crate.
        package: the crate's name.
        targets: the names of the cargo targets that are wanted, each with its place (module or script).
        abi: what is expected.
        identity: changes whenever cargo would build something else; names the kept copy of the artifact.
        alone_in_place: nothing else that is built writes to cargo's file for it, so that a fresh one needs no proof.
        debug: whether it is a debug build, which is never stripped.
    """

    name: str
    kind: str
    manifest_path: str
    package: str
    targets: Tuple[Tuple[str, str], ...]
    abi: Abi
    identity: str
    alone_in_place: bool
    debug: bool


class Call(NamedTuple):
    """One cargo command.

    Args:
        arguments: all after ``cargo``.
        changes: to the environment, None for a variable that is removed; PATH is separate.
        bin_folder: put before PATH, so that build scripts find the interpreter's scripts.
        config_file: where ``config`` is stored before cargo runs, "" for nowhere.
        config: the text of PyO3's config file.
        items: what comes out of it.
        quiet: show output only on failure.
        profile: cargo's profile.
        lock_path: the Cargo.lock it reads.
        has_lock: whether that file exists.
    """

    arguments: Tuple[str, ...]
    changes: Tuple[Change, ...]
    bin_folder: str
    config_file: str
    config: str
    items: Tuple[Item, ...]
    quiet: bool
    profile: str
    lock_path: str
    has_lock: bool


class Plan(NamedTuple):
    """All that will be run, in order.

    Args:
        cargo: the program.
        interpreter: what is built for.
        calls: the cargo commands.
        notices: what the user is told first.
    """

    cargo: str
    interpreter: Interpreter
    calls: Tuple[Call, ...]
    notices: Tuple[str, ...]


class _Way(NamedTuple):
    """How one extension has to be built; extensions that agree in all of it can be built by one command."""

    root: str
    kind: str
    command: str
    profile: str
    quiet: bool
    arguments: Tuple[str, ...]
    after: Tuple[str, ...]
    lock: Tuple[str, ...]
    changes: Tuple[Change, ...]
    config: str
    slot: str
    # What cargo would unify: PyO3's features, and those of local crates that several of the extensions may share.
    pyo3_features: Tuple[str, ...]
    default_features: bool
    # Features that only make sense for all packages of the command at once, such as pyo3/extension-module.
    shared_features: Tuple[str, ...]
    # Another declared crate or another variant of this one writes to the same file of cargo's.
    shares_file: bool
    alone: str


def make(expectations: Sequence[Expectation], situation: Situation) -> Plan:
    """The plan for these extensions.

    Args:
        expectations: one for each extension, in the order they were declared.
        situation: the circumstances.
    """
    groups: Dict[_Way, List[Expectation]] = {}
    shared = _shared_libraries(expectations)
    for expectation in expectations:
        way = _way(expectation, situation, shared)
        groups.setdefault(_fitting(way, expectation, groups), []).append(expectation)
    notices = [notice for expectation in expectations for notice in expectation.notices]
    user_file = situation.environ.get("PYO3_CONFIG_FILE")
    if user_file:
        notices.append(f"PYO3_CONFIG_FILE={user_file} is set and decides what PyO3 builds for")
    return Plan(
        cargo=situation.environ.get("CARGO") or "cargo",
        interpreter=situation.interpreter,
        calls=tuple(_call(way, members, situation) for way, members in groups.items()),
        notices=tuple(dict.fromkeys(notices)),
    )


def _shared_libraries(expectations: Sequence[Expectation]) -> FrozenSet[str]:
    """Names of libraries that several crates, or several variants of one, have: cargo writes all of them to one file."""
    owners: Dict[str, Set[Tuple[object, ...]]] = {}
    for expectation in expectations:
        library, extension = expectation.crate.manifest.library, expectation.extension
        if library is not None and not extension.is_executable:
            variant = (expectation.features, extension.args, extension.rustc_flags, extension.no_default_features)
            owners.setdefault(library.name, set()).add((expectation.crate.manifest.folder, *variant))
    return frozenset(name for name, variants in owners.items() if len(variants) > 1)


def profile_of(expectation: Expectation, situation: Situation) -> str:
    """The cargo profile: the environment's, the command line's, the declaration's, or what the kind of build suggests."""
    extension = expectation.extension
    declared = extension.profile or expectation.options.profile
    named = situation.environ.get(PROFILE_VARIABLE) or situation.profile
    if named:
        return named
    if situation.debug is not None:
        forced = "dev" if situation.debug else "release"
        # `--release` means "not dev"; a profile that the project chose is no less of an answer to that.
        return forced if situation.debug else declared or forced
    if declared:
        return declared
    debug = situation.inplace if extension.debug is None else extension.debug
    return "dev" if debug else "release"


def _way(expectation: Expectation, situation: Situation, shared: FrozenSet[str]) -> _Way:
    extension, crate = expectation.extension, expectation.crate
    kind = EXECUTABLES if extension.is_executable else LIBRARY
    profile = profile_of(expectation, situation)
    command, types = _command(expectation, profile, situation)
    config = _config(expectation, situation, embeds=extension.is_executable)
    plain = tuple(f for f in expectation.features if "/" not in f)
    library = crate.manifest.library
    alone = (
        command == "rustc"
        # An optional one that fails must not take others with it.
        or extension.optional
        or bool(plain and not _unifies_by_package(expectation))
        or (library is not None and library.name in shared)
        or lockfile.occurrences(crate.lock or "", crate.manifest.name) > 1
    )
    return _Way(
        root=crate.root.folder,
        kind=kind,
        command=command,
        profile=profile,
        quiet=extension.quiet or situation.quiet,
        arguments=(*extension.cargo_manifest_args, *expectation.options.rest, *types),
        after=_rustc_arguments(expectation, situation, command),
        lock=_lock_options(expectation, situation),
        changes=_changes(expectation, situation, config),
        config=config,
        slot=expectation.pyo3.build_script if kind == EXECUTABLES and expectation.pyo3 else "",
        pyo3_features=tuple(sorted(expectation.resolved.pyo3)),
        default_features=expectation.default_features,
        shared_features=tuple(f for f in expectation.features if "/" in f),
        shares_file=library is not None and library.name in shared,
        alone=_alone(expectation, alone=alone),
    )


def _alone(expectation: Expectation, *, alone: bool) -> str:
    folder = expectation.crate.manifest.folder
    if expectation.extension.is_executable and not expectation.extension.optional:
        return folder
    return f"{folder}|{expectation.extension.name}" if alone else ""


def _fitting(way: _Way, expectation: Expectation, groups: Mapping[_Way, List[Expectation]]) -> _Way:
    """The way itself, or the same one with a number where the members so far would change this crate's features."""
    numbered, count = way, 0
    while numbered in groups and not all(_agree(expectation, member) for member in groups[numbered]):
        count += 1
        numbered = way._replace(alone=f"{way.alone}#{count}")
    return numbered


def _agree(one: Expectation, other: Expectation) -> bool:
    """Whether two crates, built together, keep the features each has on its own."""
    ours, theirs = one.resolved.crates, other.resolved.crates
    return all(ours[folder] == theirs[folder] for folder in ours if folder in theirs)


def _unifies_by_package(expectation: Expectation) -> bool:
    """Whether ``--features package/feature`` reaches just that package: since the resolver of edition 2021."""
    root = expectation.crate.root
    resolver = root.workspace.resolver if root.workspace else ""
    return resolver in ("2", "3") or (not resolver and root.edition in ("2021", "2024"))


def _command(expectation: Expectation, profile: str, situation: Situation) -> Tuple[str, Tuple[str, ...]]:
    """``build`` or ``rustc``, and the option for the crate type."""
    library = expectation.crate.manifest.library
    if expectation.extension.is_executable or library is None:
        return "build", ()
    if expectation.options.crate_type:
        return "rustc", ()
    mixed = len(library.crate_types) > 1
    types = ("--crate-type=cdylib",)
    if "cdylib" not in library.crate_types:
        return "rustc", types
    # With an rlib beside the cdylib in one rustc run, link-time optimisation is silently left out.
    if mixed and _link_time_optimised(expectation, profile, situation):
        return "rustc", types
    if expectation.extension.rustc_flags or situation.target.is_macos:
        return "rustc", types if mixed else ()
    return "build", ()


def _link_time_optimised(expectation: Expectation, profile: str, situation: Situation) -> bool:
    profiles = expectation.crate.root.profiles
    variable = f"CARGO_PROFILE_{profile.upper().replace('-', '_')}_LTO"
    setting: object = situation.environ.get(variable)
    seen = set()
    name: object = profile
    while setting is None and isinstance(name, str) and name not in seen:
        seen.add(name)
        table = profiles.get(name, {})
        setting = table.get("lto") if isinstance(table, Mapping) else None
        name = table.get("inherits") if isinstance(table, Mapping) else None
    return setting not in (None, False, "off", "false")


def _rustc_arguments(expectation: Expectation, situation: Situation, command: str) -> Tuple[str, ...]:
    if command != "rustc":
        return ()
    file_name = expectation.extension.name.rpartition(".")[2] + abi.suffix(expectation.abi, situation.interpreter)
    return (*expectation.extension.rustc_flags, *linking.module_arguments(situation.target, file_name))


def _lock_options(expectation: Expectation, situation: Situation) -> Tuple[str, ...]:
    extension = expectation.extension
    given = (*extension.cargo_manifest_args, *extension.args)
    if cargo.settles_lock(given) or extension.locked is False:
        return ()
    automatic = expectation.crate.lock is not None and not situation.inplace and not situation.throwaway
    return ("--locked",) if extension.locked or automatic else ()


def _config(expectation: Expectation, situation: Situation, *, embeds: bool) -> str:
    """PyO3's config, "" where it isn't ours to give."""
    pyo3 = expectation.pyo3
    version = pyo3.version if pyo3 and pyo3.version else _NEWEST
    if not expectation.knows_python or situation.environ.get("PYO3_CONFIG_FILE"):
        return ""
    if not pyo3_config.understands_config_file(version):
        return ""
    return pyo3_config.text(situation.interpreter, expectation.abi, version, embeds=embeds)


def _changes(expectation: Expectation, situation: Situation, config: str) -> Tuple[Change, ...]:
    environ = situation.environ
    executable = situation.interpreter.executable
    changes: Dict[str, Optional[str]] = {
        "PYO3_PYTHON": environ.get("PYO3_PYTHON") or executable,
        "PYTHON_SYS_EXECUTABLE": environ.get("PYTHON_SYS_EXECUTABLE") or executable,
    }
    if config:
        changes["PYO3_CONFIG_FILE"] = os.path.join(situation.cache_dir, pyo3_config.file_name(config))
    if expectation.extension.is_executable:
        changes["PYO3_BUILD_EXTENSION_MODULE"] = None
    elif expectation.knows_python:
        changes["PYO3_BUILD_EXTENSION_MODULE"] = environ.get("PYO3_BUILD_EXTENSION_MODULE") or "1"
    # A project may hand us a copy of the whole environment; what is in it already is no change.
    changes.update((name, value) for name, value in expectation.extension.env.items() if value != environ.get(name))
    return tuple(sorted(changes.items()))


def _call(way: _Way, members: Sequence[Expectation], situation: Situation) -> Call:
    one = members[0]
    lock = one.crate.lock
    return Call(
        arguments=tuple(_arguments(way, members, situation)),
        changes=tuple(change for change in way.changes if change[1] != situation.environ.get(change[0])),
        bin_folder=_bin_folder(situation),
        config_file=dict(way.changes).get("PYO3_CONFIG_FILE") or "" if way.config else "",
        config=way.config,
        items=tuple(_item(way, member, situation) for member in members),
        quiet=way.quiet,
        profile=way.profile,
        lock_path=one.crate.lock_path,
        has_lock=lock is not None,
    )


def _bin_folder(situation: Situation) -> str:
    """The interpreter's folder, unless PATH begins with it anyway."""
    folder = os.path.dirname(situation.interpreter.executable)
    first = situation.environ.get("PATH", "").split(os.pathsep)[0]
    return "" if folder == first else folder


def _arguments(way: _Way, members: Sequence[Expectation], situation: Situation) -> Iterable[str]:
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
    if situation.target.triple and not _has_option(way.arguments, "--target"):
        yield f"--target={situation.target.triple}"
    yield from way.lock
    if way.quiet:
        yield "--quiet"
    elif situation.verbosity:
        yield f"-{'v' * min(situation.verbosity, 2)}"
    if situation.jobs:
        yield f"--jobs={situation.jobs}"
    if way.slot:
        yield embedding_option(way.profile, way.slot)
    yield from way.arguments
    if way.after:
        yield "--"
        yield from way.after


def embedding_option(profile: str, package: str) -> str:
    """The option that keeps the PyO3 of executables and tests apart from that of extension modules."""
    return f'--config=profile.{profile}.package.{package}.debug="{_EMBEDDING_SLOT}"'


def _has_option(arguments: Sequence[str], name: str) -> bool:
    return any(word.partition("=")[0] == name for word in arguments)


def from_root(path: str, root: str) -> str:
    """The path relative to the project's folder, where cargo runs; absolute on another drive."""
    try:
        return os.path.relpath(path, root)
    except ValueError:
        return path


def _packages(members: Sequence[Expectation], *, several: bool) -> Iterable[str]:
    if several:
        return [f"--package={name}" for name in dict.fromkeys(m.crate.manifest.name for m in members)]
    manifest = members[0].crate.manifest
    # Where the root package has default-members beside it, cargo would build those.
    own = manifest.workspace
    return [f"--package={manifest.name}"] if own and own.default_members else []


def _feature_options(way: _Way, members: Sequence[Expectation], *, several: bool) -> Iterable[str]:
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


def _item(way: _Way, member: Expectation, situation: Situation) -> Item:
    extension, manifest = member.extension, member.crate.manifest
    if way.kind == LIBRARY and manifest.library is not None:
        targets: Tuple[Tuple[str, str], ...] = ((manifest.library.name, extension.name),)
    else:
        targets = tuple(extension.binaries().items())
    return Item(
        name=extension.name,
        kind=way.kind,
        manifest_path=manifest.path,
        package=manifest.name,
        targets=targets,
        abi=member.abi,
        identity=_identity(way, member, situation),
        alone_in_place=member.pyo3 is None and (way.kind == EXECUTABLES or not way.shares_file),
        debug=way.profile == "dev",
    )


_VOLATILE = frozenset({"PYO3_PYTHON", "PYTHON_SYS_EXECUTABLE"})
# Options that say how cargo may get at things, not what it builds.
_WITHOUT_EFFECT = frozenset({"--locked", "--frozen", "--offline", "--quiet", "-q", "--verbose", "-v", "-vv"})


def _identity(way: _Way, member: Expectation, situation: Situation) -> str:
    arguments = [word for word in way.arguments if word not in _WITHOUT_EFFECT]
    parts = (
        member.crate.manifest.folder,
        situation.target.triple,
        *(repr(field) for field in (way.kind, way.command, way.profile, arguments, way.after, way.config, way.slot)),
        repr([change for change in way.changes if change[0] not in _VOLATILE]),
        repr((member.features, member.default_features)),
        situation.environ.get("PYO3_CONFIG_FILE", ""),
        # Before config files, PyO3 looks at the interpreter itself.
        "" if way.config else situation.interpreter.described,
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
