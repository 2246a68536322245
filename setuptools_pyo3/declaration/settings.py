"""The settings model: every key a declaration can have, with its type, default and meaning.

It is the one source of what ``RustExtension`` and the tables in ``pyproject.toml`` accept, of the messages about misspelt
keys and wrong types, and of the reference page.
"""

from __future__ import annotations

from typing import Callable, Dict, FrozenSet, List, Mapping, NamedTuple, Tuple

from ..errors import DeclarationProblem, Problem
from . import names

MODULE = "ext-modules"
BIN = "bins"
_BOTH = frozenset({MODULE, BIN})
_MODULE_ONLY = frozenset({MODULE})


class Kind(NamedTuple):
    """A type of value: how it is called in messages and which values belong to it.

    ``fault`` returns what is wrong with a value as ``(sub-key, description of what was found)``, or None.
    """

    label: str
    fault: Callable[[object], "Fault | None"]


class Fault(NamedTuple):
    """Where inside a value it is wrong ("" for the whole), and what stands there."""

    key: str
    found: str


class Setting(NamedTuple):
    """One key of a declaration.

    Args:
        name: as the Python keyword; tables write it with dashes.
        kind: the type of its value.
        default: shown in the reference, as Python writes it.
        scope: the tables that know the key.
        since_incumbent: True for the vocabulary that setuptools-rust 1.13 has too.
        doc: one or two sentences for the reference.
    """

    name: str
    kind: Kind
    default: str
    scope: FrozenSet[str]
    since_incumbent: bool
    doc: str

    @property
    def key(self) -> str:
        """The name as it is written in pyproject.toml."""
        return self.name.replace("_", "-")


def _found(value: object) -> str:
    return f"{type(value).__name__} {value!r}"


def _hostile(text: str) -> str:
    if "\0" in text:
        return "a NUL byte"
    if "\n" in text or "\r" in text:
        return "a newline"
    return ""


def _text(value: object, key: str = "") -> Fault | None:
    if not isinstance(value, str):
        return Fault(key, _found(value))
    bad = _hostile(value)
    return Fault(key, f"{bad} in {value!r}") if bad else None


def _word(value: object, key: str = "") -> Fault | None:
    fault = _text(value, key)
    if fault is None and str(value).startswith("-"):
        return Fault(key, f"a leading dash in {value!r}")
    return fault


def _each(check: Callable[[object, str], "Fault | None"]) -> Callable[[object], "Fault | None"]:
    def fault(value: object) -> Fault | None:
        if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__iter__"):
            return Fault("", _found(value))
        faults = (check(item, f"[{index}]") for index, item in enumerate(value))
        return next((found for found in faults if found), None)

    return fault


def _map(
    value_check: Callable[[object, str], "Fault | None"], key_check: Callable[[object, str], "Fault | None"] = _text
) -> Callable[[object], "Fault | None"]:
    def fault(value: object) -> Fault | None:
        if not isinstance(value, Mapping):
            return Fault("", _found(value))
        faults = (key_check(key, _at(key)) or value_check(item, _at(key)) for key, item in value.items())
        return next((found for found in faults if found), None)

    return fault


def _at(key: object) -> str:
    """A key as part of a path in messages."""
    return f".{key}" if isinstance(key, str) and key.isprintable() else f"[{key!r}]"


def _variable(name: object, key: str) -> Fault | None:
    fault = _text(name, key)
    if fault is None and ("=" in str(name) or not name):
        return Fault(key, f"{name!r}, which can't be the name of a variable")
    return fault


def _or_none(check: Callable[..., "Fault | None"]) -> Callable[..., "Fault | None"]:
    return lambda value, *key: None if value is None else check(value, *key)


def _is_bool(value: object) -> Fault | None:
    return None if isinstance(value, bool) else Fault("", _found(value))


def _environment(value: object, key: str) -> Fault | None:
    # A newline in an environment variable is legal and used; a NUL byte can't be passed on.
    if not isinstance(value, str):
        return Fault(key, _found(value))
    return Fault(key, f"a NUL byte in {value!r}") if "\0" in value else None


def _target(value: object) -> Fault | None:
    return _map(_word)(value) if isinstance(value, Mapping) else _word(value)


def _one_of(names: Tuple[str, ...]) -> Callable[[object], "Fault | None"]:
    def fault(value: object) -> Fault | None:
        name = getattr(value, "name", value)
        return None if name in names else Fault("", _found(value))

    return fault


def _platform_tags(value: object) -> Fault | None:
    return _platform_tag(value) if isinstance(value, str) else _each(_platform_tag)(value)


def _platform_tag(value: object, key: str = "") -> Fault | None:
    fault = _text(value, key)
    return fault or (None if names.platform_tag_parts(str(value)) else Fault(key, _found(value)))


def _limited_api(value: object) -> Fault | None:
    return None if isinstance(value, bool) or value == "auto" else Fault("", _found(value))


BINDINGS = ("PyO3", "RustCPython", "NoBinding", "Exec")
STRIPS = ("No", "Debug", "All")

_STRING = Kind("a string", _word)
_OPTIONAL_STRING = Kind("a string", _or_none(_word))
_BOOL = Kind("true or false", _is_bool)
_OPTIONAL_BOOL = Kind("true or false", _or_none(_is_bool))
_ARGUMENTS = Kind("a list of strings", _or_none(_each(_text)))
_WORDS = Kind("a list of strings", _or_none(_each(_word)))

SETTINGS: Tuple[Setting, ...] = (
    Setting(
        "target",
        Kind("a string, or a table of binary names and their places", _target),
        "",
        _BOTH,
        True,
        "The module's full dotted name, for example `pkg._core`. For `NoBinding` a path such as `pkg/lib/name` is accepted "
        "too. For executables, the binary's name; a table maps several binaries of the crate to their names.",
    ),
    Setting(
        "path",
        _STRING,
        '"Cargo.toml"',
        _BOTH,
        True,
        "The crate's manifest, relative to the project's root.",
    ),
    Setting("args", _ARGUMENTS, "[]", _BOTH, True, "Further arguments for the cargo command that builds this extension."),
    Setting(
        "cargo_manifest_args",
        _ARGUMENTS,
        "[]",
        _BOTH,
        True,
        "Arguments for every cargo command of this extension, such as `--locked` or `--offline`.",
    ),
    Setting("features", _WORDS, "[]", _BOTH, True, "Cargo features to turn on, beside the crate's defaults."),
    Setting(
        "rustc_flags",
        _ARGUMENTS,
        "[]",
        _MODULE_ONLY,
        True,
        "Flags for rustc that hold for the crate itself, not for its dependencies. They cost a cargo call of their own.",
    ),
    Setting(
        "rust_version",
        _OPTIONAL_STRING,
        "None",
        _BOTH,
        True,
        "The rustc this extension needs, for example `>=1.74`. A crate's own `rust-version` is checked by cargo.",
    ),
    Setting("quiet", _BOOL, "False", _BOTH, True, "Show cargo's output only when it fails."),
    Setting(
        "debug",
        _OPTIONAL_BOOL,
        "None",
        _BOTH,
        True,
        "True builds with cargo's dev profile, False with release. Unset: dev in place and for editable installs, else release.",
    ),
    Setting(
        "binding",
        Kind(f"one of {', '.join(BINDINGS)}", _one_of(BINDINGS)),
        "PyO3",
        _MODULE_ONLY,
        True,
        "What is built: an extension module with PyO3 or rust-cpython, a library without bindings (ctypes, cffi, hand-written), "
        "or an executable inside the package (`Exec`).",
    ),
    Setting(
        "strip",
        Kind(f"one of {', '.join(STRIPS)}", _one_of(STRIPS)),
        "No",
        _BOTH,
        True,
        "Which symbols to strip from release builds: none, the debugging ones, or all that are local.",
    ),
    Setting(
        "script",
        _BOOL,
        "False",
        _MODULE_ONLY,
        True,
        "With `Exec`: also make a console script that runs the executable. `bins` is the better way.",
    ),
    Setting("native", _BOOL, "False", _MODULE_ONLY, True, "Build the crate for this machine's processor (`-Ctarget-cpu=native`)."),
    Setting(
        "optional",
        _BOOL,
        "False",
        _BOTH,
        True,
        "When the build fails, warn and go on without this extension.",
    ),
    Setting(
        "py_limited_api",
        Kind('"auto", true or false', _limited_api),
        '"auto"',
        _MODULE_ONLY,
        True,
        "Whether the module uses the limited API. Leave it at `auto`: the crate's `abi3` features decide. A value that "
        "contradicts them is an error.",
    ),
    Setting(
        "env",
        Kind("a table of strings", _or_none(_map(_or_none(_environment), _variable))),
        "None",
        _BOTH,
        True,
        "Environment variables for cargo, added to the ones there are. In setup.py a value of None removes a variable.",
    ),
    Setting(
        "generated_files",
        Kind("a table of paths and packages", _or_none(_map(_word))),
        "None",
        _MODULE_ONLY,
        True,
        "Files or folders that the crate's build script makes in its `OUT_DIR`, and the package each is copied into.",
    ),
    Setting("profile", _OPTIONAL_STRING, "None", _BOTH, False, "The cargo profile to build with; it goes before `debug`."),
    Setting("no_default_features", _BOOL, "False", _BOTH, False, "Turn the crate's default features off."),
    Setting(
        "locked",
        _OPTIONAL_BOOL,
        "None",
        _BOTH,
        False,
        "Whether Cargo.lock must be up to date (`--locked`). Unset: yes where there is one, unless the build is in place, "
        "editable, or from an unpacked sdist.",
    ),
)

# Keys of the table [tool.setuptools-pyo3] itself: what is said once for all extensions of a project.
PROJECT_SETTINGS: Tuple[Setting, ...] = (
    Setting(
        "cache",
        _BOOL,
        "true",
        frozenset(),
        False,
        "Whether wheels from an unpacked sdist keep what was compiled from registries for the next time "
        "([the cache](../how-to/cache.md)). The environment variable `SETUPTOOLS_PYO3_CACHE` goes before it.",
    ),
    Setting(
        "rebuild_on_import",
        _BOOL,
        "false",
        frozenset(),
        False,
        "Whether an editable installation rebuilds a module that is imported after a change "
        "([rebuild on import](../how-to/rebuild-on-import.md)). The environment variable `SETUPTOOLS_PYO3_REBUILD` and the "
        "frontend's setting `rebuild` go before it.",
    ),
    Setting(
        "platform_tag",
        Kind("the name of a platform tag of Linux, or a list of them", _platform_tags),
        "None",
        frozenset(),
        False,
        "The platform tag that wheels for Linux get, once they have been held against it: `auto` for the one that the most systems "
        "take, a name such as `manylinux_2_28` or `musllinux_1_2`, `linux`, or a list, of which the one for the target's libc "
        "counts ([manylinux](../how-to/manylinux.md)). Unset: setuptools' own. The option `--platform-tag` of `bdist_wheel` and "
        "the environment variable `SETUPTOOLS_PYO3_PLATFORM_TAG` go before it.",
    ),
    Setting(
        "zig",
        _BOOL,
        "false",
        frozenset(),
        False,
        "Whether zig compiles C and links instead of this machine's compiler: for an older glibc, and for targets without a C "
        "compiler ([zig](../how-to/zig.md)). The option `--zig` and the environment variable `SETUPTOOLS_PYO3_ZIG` go before it.",
    ),
    Setting(
        "vendor",
        _BOOL,
        "false",
        frozenset(),
        False,
        "Whether the sdist holds the sources of all crates that it needs, as `setup.py sdist --vendor-crates` does "
        "([build offline](../how-to/build-offline.md)).",
    ),
    Setting(
        "vendor_platforms",
        _WORDS,
        "[]",
        frozenset(),
        False,
        "The target triples whose crates are vendored; by default those of all platforms are.",
    ),
    Setting(
        "metadata_from",
        _STRING,
        "None",
        frozenset(),
        False,
        "The Cargo.toml that the version and other metadata come from which `pyproject.toml` calls `dynamic` "
        "([metadata from Cargo.toml](../how-to/metadata.md)). By default that of the project's root or of its only crate, for what "
        "nobody else gives.",
    ),
    Setting(
        "version_variable",
        Kind("the name of a variable", lambda value: _variable(value, "")),
        "None",
        frozenset(),
        False,
        "An environment variable that build scripts and `option_env!` find the project's version in "
        "([metadata from Cargo.toml](../how-to/metadata.md)).",
    ),
    Setting(
        "hide_paths",
        _BOOL,
        "true",
        frozenset(),
        False,
        "Whether the building machine's paths are taken out of modules and executables that aren't built in place "
        "([reproducible builds](../how-to/reproducible-builds.md)). The environment variable `SETUPTOOLS_PYO3_HIDE_PATHS` goes "
        "before it.",
    ),
    Setting(
        "reproducible",
        _OPTIONAL_BOOL,
        "None",
        frozenset(),
        False,
        "Whether what isn't built in place comes out the same in other folders and for other users "
        "([reproducible builds](../how-to/reproducible-builds.md)). Unset: where `SOURCE_DATE_EPOCH` is set. The environment "
        "variable `SETUPTOOLS_PYO3_REPRODUCIBLE` goes before both.",
    ),
    Setting(
        "sbom",
        _BOOL,
        "true",
        frozenset(),
        False,
        "Whether a wheel gets a bill of materials of the crates in it ([SBOM and licences](../how-to/sbom-and-licences.md)). The "
        "environment variable `SETUPTOOLS_PYO3_SBOM` goes before it.",
    ),
    Setting(
        "sbom_files",
        _WORDS,
        "[]",
        frozenset(),
        False,
        "Further documents that a wheel gets beside that one, relative to the project's root. Those that the environment variable "
        "`SETUPTOOLS_PYO3_SBOM_FILES` names, separated as in `PATH`, are added.",
    ),
    Setting(
        "third_party_licenses",
        _BOOL,
        "false",
        frozenset(),
        False,
        "Whether a wheel gets a file with the licences of the crates in it, beside the project's own "
        "([SBOM and licences](../how-to/sbom-and-licences.md)).",
    ),
)

_BY_NAME: Dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


def nearest(word: str, words: Tuple[str, ...]) -> str:
    """The word of ``words`` that ``word`` is most likely a misspelling of, or ""."""
    import difflib

    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return close[0] if close else ""


def check(values: Mapping[str, object], scope: str, where: str, spelling: Mapping[str, str]) -> List[Problem]:
    """Hold the given values against the model.

    Args:
        values: by Python name.
        scope: ``MODULE`` or ``BIN``.
        where: how messages name the declaration.
        spelling: how each name is written there; empty for Python, where the names are themselves.
    """
    problems: List[Problem] = []
    for name, value in values.items():
        setting = _BY_NAME.get(name)
        spelt = spelling.get(name, name)
        if setting is None or scope not in setting.scope:
            problems.append(_unknown(spelt, scope, where, dashed=bool(spelling)))
            continue
        problems += faults(setting, value, f"{where}.{spelt}")
    return problems


def faults(setting: Setting, value: object, where: str) -> List[Problem]:
    """What is wrong with the value of a setting.

    Args:
        setting: whose value it is.
        value: as it was given.
        where: the full path of the key.
    """
    fault = setting.kind.fault(value)
    if fault is None:
        return []
    return [DeclarationProblem(f"expected {setting.kind.label}, found {fault.found}", where=f"{where}{fault.key}")]


def _unknown(spelt: str, scope: str, where: str, *, dashed: bool) -> Problem:
    known = tuple((s.key if dashed else s.name) for s in SETTINGS if scope in s.scope)
    close = nearest(spelt, known)
    hint = f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
    return DeclarationProblem(f"unknown key {spelt!r}", where=where, hint=hint)
