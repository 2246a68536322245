"""What an extension is expected to become: the crate it comes from, the features it gets, the ABI it will have.

This is where a declaration, a crate and a Python are held against each other, and where contradictions between them are found.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from ..declaration.extension import Binding, RustExtension
from ..errors import DeclarationProblem
from . import abi, cargo, features, lockfile
from .abi import Abi, LimitedApi
from .crate import Crate, Pyo3Use, pyo3_use
from .interpreter import dotted_version
from .pyo3_config import FIRST_WITH_RAW_DYLIB
from .situation import Situation, from_root

# PyO3 takes PYO3_BUILD_EXTENSION_MODULE since 0.26; before, only its feature says that libpython is not linked.
FIRST_WITH_EXTENSION_VARIABLE = (0, 26)
# PyO3 can make Windows' import library itself since 0.17, by a feature.
FIRST_WITH_IMPORT_LIBRARY = (0, 17)
_PYTHON_CRATES = frozenset({"pyo3", "pyo3-ffi", "cpython", "python3-sys"})


class Expectation(NamedTuple):
    """One extension, seen through its crate.

    Args:
        extension: the declaration.
        crate: what was read about the crate.
        options: its ``args``, read.
        features: all features to ask cargo for.
        default_features: whether the crate's default features are on.
        resolved: what cargo will turn on.
        pyo3: the use of PyO3, None where there is none.
        knows_python: whether anything in the build asks for an interpreter.
        abi: the ABI expected of what is built.
        notices: what the user should be told.
    """

    extension: RustExtension
    crate: Crate
    options: cargo.Options
    features: Tuple[str, ...]
    default_features: bool
    resolved: features.Resolved
    pyo3: Optional[Pyo3Use]
    knows_python: bool
    abi: Abi
    notices: Tuple[str, ...]


def expect(extension: RustExtension, crate: Crate, situation: Situation) -> Expectation:
    """Work out what an extension will become.

    Raises:
        DeclarationProblem: the crate can't give what is declared, or two settings contradict each other.
    """
    _check_crate(extension, crate, situation)
    options = cargo.read_options(extension.args)
    default = options.default_features and not extension.no_default_features
    asked = (*options.features, *extension.features)
    if options.all_features:
        asked = (*asked, *crate.manifest.features, *(d.key for d in crate.manifest.dependencies if d.optional))
    resolved = features.resolve(crate.manifest.folder, crate.manifests, asked, default=default)
    pyo3 = pyo3_use(crate, resolved)
    own, expected, notices = _binding(extension, crate, pyo3, resolved, situation)
    return Expectation(
        extension=extension,
        crate=crate,
        options=options,
        features=tuple(dict.fromkeys((*extension.features, *own))),
        default_features=default,
        resolved=resolved,
        pyo3=pyo3,
        knows_python=pyo3 is not None or extension.binding in (Binding.PyO3, Binding.RustCPython),
        abi=expected,
        notices=notices,
    )


def _check_crate(extension: RustExtension, crate: Crate, situation: Situation) -> None:
    manifest = from_root(crate.manifest.path, situation.root)
    if not crate.manifest.name:
        members = ", ".join(from_root(member, situation.root) for member in crate.members) or "none"
        raise DeclarationProblem(
            f"{manifest} is a virtual manifest, a workspace without a package of its own",
            where=extension.where,
            why=f"its members are: {members}",
            hint="set path to the Cargo.toml of the member that holds the library",
        )
    if crate.manifest.library is None and not extension.is_executable:
        raise DeclarationProblem(
            f"the crate {crate.manifest.name!r} has no library target",
            where=extension.where,
            why=f"{manifest} has no [lib] table, and there is no src/lib.rs beside it",
            hint="add one, or declare an executable with RustBin (a [[tool.setuptools-pyo3.bins]] table)",
        )


def _binding(
    extension: RustExtension, crate: Crate, pyo3: Optional[Pyo3Use], resolved: features.Resolved, situation: Situation
) -> Tuple[Tuple[str, ...], Abi, Tuple[str, ...]]:
    """Features to add for the binding, the ABI to expect, and what to tell the user."""
    if extension.is_executable:
        return (), Abi(abi.SPECIFIC if pyo3 else abi.NONE), ()
    if extension.binding is Binding.RustCPython:
        return ("cpython/python3-sys", "cpython/extension-module"), Abi(abi.SPECIFIC), ()
    asked = abi.parse_python_tag(situation.limited_api)
    if pyo3 is None and extension.binding is Binding.NoBinding:
        return (), _unbound(extension, resolved, asked, situation), ()
    found = abi.limited_api(pyo3.features if pyo3 else ())
    own = _module_features(extension, crate, pyo3, situation)
    extra: Tuple[str, ...] = ()
    if abi.supports_limited_api(situation.interpreter):
        extra, found = _settle(extension, pyo3, found, asked, situation)
        _check_minimum(extension, found, situation)
    outcome = abi.of_module(found, situation.interpreter)
    in_vain = outcome.kind == abi.SPECIFIC and (found.enabled or found.threaded or asked is not None)
    return (*own, *extra), outcome, _specific_notice(extension, situation) if in_vain else ()


def _module_features(extension: RustExtension, crate: Crate, pyo3: Optional[Pyo3Use], situation: Situation) -> Tuple[str, ...]:
    """Features by which PyO3 leaves libpython out, or makes the import library that it has to be linked with."""
    if pyo3 is None or pyo3.version is None:
        return ()
    old = pyo3.version < FIRST_WITH_EXTENSION_VARIABLE and bool(pyo3.key) and "extension-module" not in pyo3.features
    own = (f"{pyo3.key}/extension-module",) if old else ()
    needs_library = situation.target.is_windows and situation.target.crossed and not situation.interpreter.lib_dir
    if not needs_library or pyo3.version >= FIRST_WITH_RAW_DYLIB or "generate-import-lib" in pyo3.features:
        return own
    if not pyo3.key or pyo3.version < FIRST_WITH_IMPORT_LIBRARY or _lock_forbids(extension, crate, situation):
        raise DeclarationProblem(
            "modules for Windows are linked with Python's import library, and it isn't here",
            where=extension.where,
            why=f"PyO3 {dotted_version(pyo3.version)} doesn't link without it; 0.29 and newer do",
            hint="set PYO3_CROSS_LIB_DIR to the folder that holds it (libs), use a newer PyO3, "
            "or turn on PyO3's feature generate-import-lib in Cargo.toml and update Cargo.lock",
        )
    return (*own, f"{pyo3.key}/generate-import-lib")


def _lock_forbids(extension: RustExtension, crate: Crate, situation: Situation) -> bool:
    """Whether the feature needs a crate that a lock which must not change doesn't hold."""
    fixed = crate.lock is not None and not situation.inplace and extension.locked is not False
    return fixed and not lockfile.occurrences(crate.lock or "", "python3-dll-a")


def _unbound(extension: RustExtension, resolved: features.Resolved, asked: Optional[abi.Version], situation: Situation) -> Abi:
    interpreter = situation.interpreter
    if (asked or extension.py_limited_api is True) and abi.supports_limited_api(interpreter):
        return Abi(abi.ABI3, asked or interpreter.version)
    return Abi(abi.SPECIFIC if _PYTHON_CRATES & resolved.packages else abi.NONE)


def _specific_notice(extension: RustExtension, situation: Situation) -> Tuple[str, ...]:
    why = "has no limited API" if situation.interpreter.implementation == "cpython" else "has no stable ABI"
    return (
        f"{extension.name}: {situation.interpreter.described} {why} that this crate's PyO3 could use, "
        "so the module and its wheel are built for this version only",
    )


def _check_minimum(extension: RustExtension, found: LimitedApi, situation: Situation) -> None:
    minimum = found.minimum
    if minimum is None or minimum <= situation.interpreter.version:
        return
    raise DeclarationProblem(
        f"the limited API of Python {dotted_version(minimum)} is asked for, but the build is for {situation.interpreter.described}",
        where=extension.where,
        hint=f"build with Python {dotted_version(minimum)} or newer, or lower the crate's abi3-py{minimum[0]}{minimum[1]}",
    )


def _settle(
    extension: RustExtension,
    pyo3: Optional[Pyo3Use],
    found: LimitedApi,
    asked: Optional[abi.Version],
    situation: Situation,
) -> Tuple[Tuple[str, ...], LimitedApi]:
    """Bring the crate's features and the two settings together: features to add, and what then holds."""
    said = extension.py_limited_api
    features_say = _features_say(found)
    if said is False and (found.enabled or asked):
        other = features_say if found.enabled else f"bdist_wheel's py_limited_api is {situation.limited_api}"
        raise _contradiction(extension, "py_limited_api is false", other)
    if asked and found.minimum and asked != found.minimum:
        raise _contradiction(extension, f"bdist_wheel's py_limited_api is {situation.limited_api}", features_say)
    if found.enabled and (found.minimum or not asked):
        return (), found
    key = pyo3.key if pyo3 else ""
    if asked and key:
        return (f"{key}/abi3-py{asked[0]}{asked[1]}",), found._replace(enabled=True, minimum=asked)
    if pyo3 is None and (asked or said is True):
        # PyO3 is reached through a crate from a registry, whose features we don't know: the setting is all there is.
        return (), found._replace(enabled=True, minimum=asked)
    if asked or said is True:
        setting = f"bdist_wheel's py_limited_api is {situation.limited_api}" if asked else "py_limited_api is true"
        if found.enabled:
            return (), found
        raise _contradiction(extension, setting, features_say)
    return (), found


def _features_say(found: LimitedApi) -> str:
    if not found.enabled:
        return "the crate's features do not turn PyO3's abi3 on"
    feature = f"abi3-py{found.minimum[0]}{found.minimum[1]}" if found.minimum else "abi3"
    since = f" (Python {dotted_version(found.minimum)} and newer)" if found.minimum else ""
    return f"the crate's features turn PyO3's {feature} on{since}"


def _contradiction(extension: RustExtension, setting: str, features_say: str) -> DeclarationProblem:
    return DeclarationProblem(
        "two settings disagree about the limited API",
        where=extension.where,
        why=f"{setting}, but {features_say}",
        hint="leave py_limited_api out everywhere: the crate's features alone decide",
    )
