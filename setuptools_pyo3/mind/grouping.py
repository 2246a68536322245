"""Which extensions can be built by one cargo command without changing what any of them is.

cargo unifies the features of everything that one command builds, and a command has one profile, one environment and one set of
options. Extensions that agree in all of that, and whose features survive being built together, share a command.
"""

from __future__ import annotations

import os
from typing import Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from . import abi, cargo, identity, linking, lockfile, pyo3_config, remapping
from .expectation import Expectation
from .interpreter import dotted_version
from .situation import PROFILE_VARIABLE, Situation

Change = Tuple[str, Optional[str]]

LIBRARY = "library"
EXECUTABLES = "executables"


class Way(NamedTuple):
    """How an extension has to be built; extensions that agree in all of it can share a command.

    Args:
        root: the workspace's folder.
        kind: ``LIBRARY`` or ``EXECUTABLES``.
        command: ``build`` or ``rustc``.
        profile: cargo's profile.
        quiet: show output only on failure.
        arguments: the project's own, and the crate type.
        after: arguments for rustc, behind ``--``.
        lock: what is said about Cargo.lock.
        changes: to the environment, whether or not they are in it already.
        config: the text of PyO3's config file, "" where it isn't ours to give.
        identity: options that keep its PyO3 apart from those of other configurations.
        pyo3_features: those of PyO3, which cargo would unify.
        default_features: whether default features are on.
        shared_features: those that hold for all packages of a command, such as ``pyo3/extension-module``.
        apart: names the extension where it can't share a command at all, and tells groups apart whose crates would change each
            other's features; else "".
    """

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
    identity: Tuple[str, ...]
    pyo3_features: Tuple[str, ...]
    default_features: bool
    shared_features: Tuple[str, ...]
    apart: str


def groups(expectations: Sequence[Expectation], situation: Situation) -> Dict[Way, List[Expectation]]:
    """The extensions by the way they are built, in the order they were declared."""
    found: Dict[Way, List[Expectation]] = {}
    namesakes = _namesakes(expectations)
    for expectation in expectations:
        way = _way(expectation, situation, namesakes)
        found.setdefault(_fitting(way, expectation, found), []).append(expectation)
    return found


def _namesakes(expectations: Sequence[Expectation]) -> FrozenSet[str]:
    """Names of libraries that several crates have: cargo writes all of them to one file."""
    owners: Dict[str, Set[str]] = {}
    for expectation in expectations:
        library = expectation.crate.manifest.library
        if library is not None and not expectation.extension.is_executable:
            owners.setdefault(library.name, set()).add(expectation.crate.manifest.folder)
    return frozenset(name for name, folders in owners.items() if len(folders) > 1)


def _fitting(way: Way, expectation: Expectation, found: Mapping[Way, List[Expectation]]) -> Way:
    """The way itself, or the same one with a number where the members so far would change this crate's features."""
    numbered, count = way, 0
    while numbered in found and not all(_agree(expectation, member) for member in found[numbered]):
        count += 1
        numbered = way._replace(apart=f"{way.apart}#{count}")
    return numbered


def _agree(one: Expectation, other: Expectation) -> bool:
    """Whether two crates, built together, keep the features each has on its own."""
    ours, theirs = one.resolved.crates, other.resolved.crates
    return all(ours[folder] == theirs[folder] for folder in ours if folder in theirs)


def _way(expectation: Expectation, situation: Situation, namesakes: FrozenSet[str]) -> Way:
    extension, crate = expectation.extension, expectation.crate
    profile = profile_of(expectation, situation)
    command, types = _command(expectation, profile, situation)
    config = _config(expectation, situation)
    options, flags = _rustflags(expectation, situation)
    changes = tuple(sorted({**dict(_changes(expectation, situation, config)), **dict(flags)}.items()))
    return Way(
        root=crate.root.folder,
        kind=EXECUTABLES if extension.is_executable else LIBRARY,
        command=command,
        profile=remapping.profile(profile) if situation.remap else profile,
        quiet=extension.quiet or situation.quiet,
        arguments=(*extension.cargo_manifest_args, *expectation.options.rest, *types, *options),
        after=_rustc_arguments(expectation, situation, command),
        lock=_lock_options(expectation, situation),
        changes=changes,
        config=config,
        identity=_identity(expectation, profile, situation, config, changes),
        pyo3_features=tuple(sorted(expectation.resolved.pyo3)),
        default_features=expectation.default_features,
        shared_features=tuple(f for f in expectation.features if "/" in f),
        apart=_apart(expectation, command, namesakes),
    )


def _apart(expectation: Expectation, command: str, namesakes: FrozenSet[str]) -> str:
    extension, manifest = expectation.extension, expectation.crate.manifest
    if extension.is_executable and not extension.optional:
        # The executables of one crate share a command; with other crates' they would share the names of binaries.
        return manifest.folder
    alone = (
        command == "rustc"
        # An optional one that fails must not take others with it.
        or extension.optional
        or (_chooses_features(expectation) and not _features_reach_packages(expectation))
        or (manifest.library is not None and manifest.library.name in namesakes)
        # `--package` would be ambiguous.
        or lockfile.occurrences(expectation.crate.lock or "", manifest.name) > 1
    )
    return f"{manifest.folder}|{extension.name}" if alone else ""


def _chooses_features(expectation: Expectation) -> bool:
    options = expectation.options
    return bool(expectation.features or options.features or options.all_features or not expectation.default_features)


def _features_reach_packages(expectation: Expectation) -> bool:
    """Whether feature options reach the packages that ``--package`` names.

    With the resolver of edition 2018 and older they are for the root package alone, unless the workspace has none.
    """
    root = expectation.crate.root
    resolver = root.workspace.resolver if root.workspace else ""
    return not root.name or resolver in ("2", "3") or (not resolver and root.edition not in ("", "2015", "2018"))


def profile_of(expectation: Expectation, situation: Situation) -> str:
    """The cargo profile: the environment's, the command line's, the declaration's, or what the kind of build suggests."""
    extension = expectation.extension
    declared = extension.profile or expectation.options.profile
    named = situation.environ.get(PROFILE_VARIABLE) or situation.profile
    if named:
        return named
    if situation.debug:
        return "dev"
    if situation.debug is False:
        # `--release` means "not dev"; a profile that the project chose is no less of an answer to that.
        return declared if declared and declared != "dev" else "release"
    if declared:
        return declared
    debug = situation.inplace if extension.debug is None else extension.debug
    return "dev" if debug else "release"


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
    if expectation.extension.rustc_flags or linking.needs_arguments(situation.target):
        return "rustc", types if mixed else ()
    return "build", ()


def _link_time_optimised(expectation: Expectation, profile: str, situation: Situation) -> bool:
    tables = identity.inherited(profile, expectation.crate.root.profiles)
    settings = (
        situation.environ.get(f"CARGO_PROFILE_{name.upper().replace('-', '_')}_LTO", table.get("lto")) for name, table in tables
    )
    return next((setting for setting in settings if setting is not None), False) not in (False, "off", "false")


def _rustc_arguments(expectation: Expectation, situation: Situation, command: str) -> Tuple[str, ...]:
    if command != "rustc":
        return ()
    file_name = expectation.extension.name.rpartition(".")[2] + abi.suffix(expectation.abi, situation.interpreter)
    environ = _environ(expectation, situation)
    return (*expectation.extension.rustc_flags, *linking.module_arguments(situation.target, file_name, environ))


def _environ(expectation: Expectation, situation: Situation) -> Dict[str, str]:
    """The environment that the extension asks for."""
    given = {**situation.environ, **expectation.extension.env}
    return {name: value for name, value in given.items() if value is not None}


def _rustflags(expectation: Expectation, situation: Situation) -> Tuple[Tuple[str, ...], Tuple[Change, ...]]:
    """Options and changes that have musl's C library shared, zig link for this machine, and folders called by other names."""
    # A program that has no use for Python may have musl as it likes.
    musl = situation.interpreter.libc == "musl" and (not expectation.extension.is_executable or bool(expectation.pyo3))
    environ = _environ(expectation, situation)
    native = [] if _has_linker_of_its_own(situation) else [zig for zig in situation.zig if zig.linker_variable not in environ]
    if not (musl or native or situation.remap):
        return (), ()
    # Imported here: other builds have no use for it.
    from . import rustflags

    flags = [rustflags.SHARED_MUSL] if musl else []
    flags += [rustflags.Flag(f"-Clinker={zig.cc.path}") for zig in native]
    prefixes = remapping.prefixes(situation.remap, expectation.crate.root.folder, throwaway=situation.throwaway)
    flags += [rustflags.Flag(text) for text in remapping.flags(prefixes)]
    return rustflags.added(flags, situation.target.triple, environ, situation.cargo_files)


def _has_linker_of_its_own(situation: Situation) -> bool:
    """Whether cargo can be told of the linker; with this machine's own target, it would build the build scripts anew."""
    return situation.target.crossed or bool(situation.target.slices)


def _lock_options(expectation: Expectation, situation: Situation) -> Tuple[str, ...]:
    extension = expectation.extension
    given = (*extension.cargo_manifest_args, *extension.args)
    if cargo.settles_lock(given) or extension.locked is False:
        return ()
    automatic = expectation.crate.lock is not None and not situation.inplace and not situation.throwaway
    return ("--locked",) if extension.locked or automatic else ()


def _pyo3_version(expectation: Expectation) -> Tuple[int, int]:
    pyo3 = expectation.pyo3
    return pyo3.version if pyo3 and pyo3.version else pyo3_config.NEWEST


def _config(expectation: Expectation, situation: Situation) -> str:
    version = _pyo3_version(expectation)
    given = _environ(expectation, situation).get("PYO3_CONFIG_FILE")
    if given or not expectation.knows_python or not pyo3_config.understands_config_file(version):
        return ""
    return pyo3_config.text(situation.interpreter, expectation.abi, version, embeds=expectation.extension.is_executable)


def _from_anywhere(interpreter: str) -> str:
    """What names an interpreter for build scripts too, which run elsewhere; "" for a path relative to the project's folder."""
    return "" if os.path.dirname(interpreter) and not os.path.isabs(interpreter) else interpreter


def _identity(
    expectation: Expectation, profile: str, situation: Situation, config: str, changes: Tuple[Change, ...]
) -> Tuple[str, ...]:
    if not expectation.knows_python or not identity.wanted(situation.environ):
        return ()
    crate = expectation.crate
    environ = {**situation.environ, **dict(changes)}
    # Without a config file of ours, PyO3 reads the user's or looks at the interpreter itself.
    configuration = config or environ.get("PYO3_CONFIG_FILE") or situation.interpreter.described
    named = identity.packages(crate.lock or "", _pyo3_version(expectation) if expectation.pyo3 or not crate.lock else None)
    return identity.options(identity.key(configuration, environ), named, profile, crate.root.profiles)


def _changes(expectation: Expectation, situation: Situation, config: str) -> Tuple[Change, ...]:
    environ = situation.environ
    executable = situation.python
    changes: Dict[str, Optional[str]] = {
        name: _from_anywhere(environ.get(name, "")) or executable for name in ("PYO3_PYTHON", "PYTHON_SYS_EXECUTABLE")
    }
    if config:
        changes["PYO3_CONFIG_FILE"] = os.path.join(situation.cache_dir, pyo3_config.file_name(config))
    if expectation.extension.is_executable:
        changes["PYO3_BUILD_EXTENSION_MODULE"] = None
    elif expectation.knows_python:
        changes["PYO3_BUILD_EXTENSION_MODULE"] = environ.get("PYO3_BUILD_EXTENSION_MODULE") or "1"
    changes.update((name, value) for name, value in _target_variables(expectation, situation) if not environ.get(name))
    # A project may hand us a copy of the whole environment; what is in it already is no change.
    changes.update((name, value) for name, value in expectation.extension.env.items() if value != environ.get(name))
    return tuple(changes.items())


def _target_variables(expectation: Expectation, situation: Situation) -> Iterator[Tuple[str, str]]:
    """What a cross build's tools, the linker's idea of the system's release, and PyO3 without a config file are told by."""
    yield from situation.tools
    for zig in situation.zig:
        yield from zig.variables
        if _has_linker_of_its_own(situation):
            yield zig.linker_variable, zig.cc.path
    version = expectation.pyo3.version if expectation.pyo3 else None
    if situation.target.crossed and not pyo3_config.understands_config_file(version):
        yield "PYO3_CROSS_PYTHON_VERSION", dotted_version(situation.interpreter.version)
        if situation.interpreter.lib_dir:
            yield "PYO3_CROSS_LIB_DIR", situation.interpreter.lib_dir
    if situation.target.is_macos and situation.target.crossed:
        yield "MACOSX_DEPLOYMENT_TARGET", situation.target.platform.partition("-")[2].partition("-")[0]
