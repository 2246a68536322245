"""The extension descriptors: ``RustExtension``, ``RustBin`` and the two enumerations they use."""

from __future__ import annotations

import os
from enum import IntEnum
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from setuptools import Extension

from ..errors import DeclarationProblem, Problem
from . import names, settings


class Binding(IntEnum):
    """What a crate's artifact is to Python.

    Attributes:
        PyO3: an extension module written with PyO3 (or pyo3-ffi).
        RustCPython: an extension module written with rust-cpython.
        NoBinding: a library that brings its own bindings, or none (ctypes, cffi).
        Exec: an executable inside the package.
    """

    PyO3 = 1
    RustCPython = 2
    NoBinding = 3
    Exec = 4

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class Strip(IntEnum):
    """Which symbols are stripped from a release build.

    Attributes:
        No: none.
        Debug: debugging symbols (``strip -S``).
        All: local symbols too (``strip -x``).
    """

    No = 1
    Debug = 2
    All = 3

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class RustExtension(Extension):
    """A Rust extension module, declared in ``ext_modules`` or ``rust_extensions``.

    The names and meanings of setuptools-rust 1.13 are kept; ``profile``, ``no_default_features`` and ``locked`` are ours. Every
    setting is explained in the reference, which is made from :mod:`setuptools_pyo3.declaration.settings`.

    A wrong value doesn't raise here: mistakes are collected in ``problems`` and reported together, without a traceback, once
    setuptools takes the declaration over.

    Args:
        target: the module's dotted name (``str``), or a mapping of binary names to dotted names for ``Binding.Exec``.
        path: the crate's ``Cargo.toml``, relative to the project's root.
        args: further arguments for cargo.
        cargo_manifest_args: arguments for every cargo command (``--locked``, ``--offline``).
        features: cargo features to turn on.
        rustc_flags: rustc flags for the crate itself.
        rust_version: the rustc that is needed, as a version specification (``>=1.74``).
        quiet: show cargo's output only when it fails.
        debug: True for cargo's dev profile, False for release, None to let the kind of build decide.
        binding: what the artifact is to Python.
        strip: which symbols to strip from a release build.
        script: make a console script for an ``Exec`` executable.
        native: build for this machine's processor.
        optional: on failure warn and go on.
        py_limited_api: "auto", True or False; leave it at "auto".
        env: variables added to cargo's environment; None removes one.
        generated_files: paths in the build script's ``OUT_DIR``, each with the package it is copied into.
        profile: the cargo profile, before ``debug``.
        no_default_features: turn the crate's default features off.
        locked: whether Cargo.lock must be up to date.
    """

    _scope = settings.MODULE

    # setuptools declares a bool; the third value is the incumbent's and ours.
    py_limited_api: Any

    def __init__(
        self,
        target: Union[str, Mapping[str, str]],
        path: str = "Cargo.toml",
        args: Optional[Sequence[str]] = (),
        cargo_manifest_args: Optional[Sequence[str]] = (),
        features: Optional[Sequence[str]] = (),
        rustc_flags: Optional[Sequence[str]] = (),
        rust_version: Optional[str] = None,
        quiet: bool = False,
        debug: Optional[bool] = None,
        binding: Union[Binding, str] = Binding.PyO3,
        strip: Union[Strip, str] = Strip.No,
        script: bool = False,
        native: bool = False,
        optional: bool = False,
        py_limited_api: Union[str, bool] = "auto",
        env: Optional[Mapping[str, Optional[str]]] = None,
        generated_files: Optional[Mapping[str, str]] = None,
        profile: Optional[str] = None,
        no_default_features: bool = False,
        locked: Optional[bool] = None,
        **unknown: object,
    ) -> None:
        given = {name: value for name, value in locals().items() if name in _NAMES}
        given.update(unknown)
        self._take(given, where=f"{type(self).__name__}({target!r})", spelling={})

    @classmethod
    def from_table(cls, table: Mapping[str, object], where: str) -> RustExtension:
        """Make a descriptor from a table of pyproject.toml.

        Args:
            table: as parsed; its keys are written with dashes (underscores are accepted).
            where: the table's place, for messages.
        """
        self = cls.__new__(cls)
        spelling = {key.replace("-", "_"): key for key in table}
        given = {**_DEFAULTS, **{name: table[key] for name, key in spelling.items()}}
        self._take(given, where=where, spelling=spelling)
        return self

    def _take(self, given: Dict[str, Any], *, where: str, spelling: Mapping[str, str]) -> None:
        given = {name: _plain(value) for name, value in given.items()}
        problems: List[Problem] = []
        if "target" not in given:
            problems.append(DeclarationProblem("the key 'target' is missing", where=where, hint='write target = "package.module"'))
        faulty = set()
        for name, value in given.items():
            # A default is right; and a bin has no binding to give, but the attribute is there for those who read it.
            found = settings.check({name: value}, self._scope, where, spelling) if _was_given(name, value) else ()
            if found:
                faulty.add(name)
                problems += found
        self.where = where
        # What is wrong in itself is left at its default, so that the rest can still be looked at together.
        sound = {name: value for name, value in given.items() if name not in faulty}
        self._assign({**_DEFAULTS, "target": "unreadable", **sound})
        problems += _contradictions(self) if "target" not in faulty and "target" in sound else []
        self.problems: Tuple[Problem, ...] = tuple(problems)

    def _assign(self, given: Mapping[str, Any]) -> None:
        target = given["target"]
        self.target: Dict[str, str] = dict(target) if isinstance(target, Mapping) else {"": target}
        super().__init__(_extension_name(target, given["binding"]), [], optional=bool(given["optional"]))
        self.path = _relative(given["path"])
        self.args = tuple(given["args"] or ())
        self.cargo_manifest_args = tuple(given["cargo_manifest_args"] or ())
        self.features = tuple(given["features"] or ())
        native = ("-Ctarget-cpu=native",) if given["native"] else ()
        self.rustc_flags = (*(given["rustc_flags"] or ()), *native)
        self.rust_version: Optional[str] = given["rust_version"]
        self.quiet: bool = given["quiet"]
        self.debug: Optional[bool] = given["debug"]
        self.binding = _member(Binding, given["binding"])
        self.strip = _member(Strip, given["strip"])
        self.script: bool = given["script"]
        self.native: bool = given["native"]
        self.py_limited_api = given["py_limited_api"]
        self.env: Dict[str, Optional[str]] = dict(given["env"] or {})
        self.generated_files: Dict[str, str] = dict(given["generated_files"] or {})
        self.profile: Optional[str] = given["profile"]
        self.no_default_features: bool = given["no_default_features"]
        self.locked: Optional[bool] = given["locked"]

    # Newer setuptools make Extension a dataclass, which compares by value and can't be hashed. A declaration is itself.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} of {self.path}>"

    @property
    def is_executable(self) -> bool:
        """Whether executables are built, not a library."""
        return self.binding is Binding.Exec

    @property
    def key(self) -> str:
        """Tells it from all others of a project: a module and an executable may share a name."""
        return f"{'script' if self._scope == settings.BIN else 'module'}:{self.name}"

    def binaries(self) -> Dict[str, str]:
        """For executables: the name of each cargo binary, and its place (a dotted name, or a script's name)."""
        return {binary or place.split(".")[-1]: place for binary, place in self.target.items()}

    def entry_points(self) -> List[str]:
        """The console scripts that ``script=True`` asks for, in the syntax of entry points."""
        if not (self.script and self.is_executable):
            return []
        scripts = []
        for place in self.binaries().values():
            package, _, name = place.rpartition(".")
            module = ".".join(filter(None, (package, launcher_name(name))))
            scripts.append(f"{name}={module}:run")
        return scripts


class RustBin(RustExtension):
    """A Rust executable that is installed among the environment's scripts.

    Args:
        target: the binary's name in cargo (``str``), or a mapping of binary names to the names they are installed under.
        path, args, cargo_manifest_args, features, rust_version, quiet, debug, strip, optional, env, profile,
            no_default_features, locked: as for :class:`RustExtension`.
    """

    _scope = settings.BIN

    def __init__(
        self,
        target: Union[str, Mapping[str, str]],
        path: str = "Cargo.toml",
        args: Optional[Sequence[str]] = (),
        cargo_manifest_args: Optional[Sequence[str]] = (),
        features: Optional[Sequence[str]] = (),
        rust_version: Optional[str] = None,
        quiet: bool = False,
        debug: Optional[bool] = None,
        strip: Union[Strip, str] = Strip.No,
        optional: bool = False,
        env: Optional[Mapping[str, Optional[str]]] = None,
        profile: Optional[str] = None,
        no_default_features: bool = False,
        locked: Optional[bool] = None,
        **unknown: object,
    ) -> None:
        given = {name: value for name, value in locals().items() if name in _NAMES}
        given.update(unknown)
        self._take(given, where=f"{type(self).__name__}({target!r})", spelling={})

    def _assign(self, given: Mapping[str, Any]) -> None:
        super()._assign({**given, "binding": Binding.Exec, "py_limited_api": False})

    def binaries(self) -> Dict[str, str]:
        """The name of each cargo binary, and the name it is installed under."""
        return {binary or place: place for binary, place in self.target.items()}

    def entry_points(self) -> List[str]:
        """None: the executable itself is installed."""
        return []


_NAMES = frozenset(setting.name for setting in settings.SETTINGS)
_DEFAULTS: Dict[str, Any] = {
    "path": "Cargo.toml",
    "args": (),
    "cargo_manifest_args": (),
    "features": (),
    "rustc_flags": (),
    "rust_version": None,
    "quiet": False,
    "debug": None,
    "binding": Binding.PyO3,
    "strip": Strip.No,
    "script": False,
    "native": False,
    "optional": False,
    "py_limited_api": "auto",
    "env": None,
    "generated_files": None,
    "profile": None,
    "no_default_features": False,
    "locked": None,
}


def launcher_name(executable: str) -> str:
    """The module that ``script=True`` generates for an executable: ``_gen_hello_world`` for ``hello-world``."""
    return "_gen_" + executable.replace("-", "_")


def _was_given(name: str, value: object) -> bool:
    # By identity: True is equal to 1, which is Strip.No.
    return name not in _DEFAULTS or value is not _DEFAULTS[name]


def _member(enumeration: Any, value: Any) -> Any:
    # By name: setuptools-rust's own enumerations mean the same, and its Binding has members of other values.
    return enumeration[getattr(value, "name", value)]


def _plain(value: Any) -> Any:
    """Iterables are read once, into an order that doesn't change from run to run; path objects become paths."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (set, frozenset)):
        return tuple(sorted(value, key=str))
    if isinstance(value, (str, bytes, Mapping, tuple, list)) or not hasattr(value, "__iter__") or isinstance(value, type):
        return value
    return tuple(value)


def _relative(path: str) -> str:
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return path


def _extension_name(target: Union[str, Mapping[str, str]], binding: object) -> str:
    if isinstance(target, Mapping):
        return "; ".join(f"{binary}={place}" for binary, place in target.items())
    return names.dotted(target) if getattr(binding, "name", binding) == "NoBinding" else target


def _contradictions(ext: RustExtension) -> List[Problem]:
    """What is wrong in the values taken together, each being of the right type."""
    problems: List[Problem] = [
        DeclarationProblem(f"{place!r} can't be a target", where=ext.where, why=fault, hint=_target_hint(ext))
        for place in ext.target.values()
        for fault in [_place_fault(ext, place)]
        if fault
    ]
    if "" not in ext.target and not ext.is_executable:
        problems.append(
            DeclarationProblem(
                "a table of binaries makes sense for executables only",
                where=ext.where,
                hint='give the target as a string, or use binding "Exec" or RustBin',
            )
        )
    if len(set(ext.target.values())) < len(ext.target):
        problems.append(DeclarationProblem("two binaries are given the same name", where=ext.where))
    if not ext.target:
        problems.append(DeclarationProblem("the table of binaries is empty", where=ext.where))
    if ext.generated_files and len(ext.target) > 1:
        problems.append(
            DeclarationProblem("generated files can't be combined with several targets", where=ext.where, hint="declare one each")
        )
    for source, package in ext.generated_files.items():
        fault = module_or_root_fault(package)
        if fault:
            problems.append(DeclarationProblem(f"{package!r} is no package for {source!r}", where=ext.where, why=fault))
        if _leaves(source):
            problems.append(DeclarationProblem(f"{source!r} leads out of the build script's OUT_DIR", where=ext.where))
    return problems


def module_or_root_fault(package: str) -> str:
    """As :func:`names.module_fault`, with "" standing for the root of the package tree."""
    return names.module_fault(package) if package else ""


def _leaves(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return os.path.isabs(path) or ".." in parts or parts[0] == ""


def _place_fault(ext: RustExtension, place: str) -> str:
    if isinstance(ext, RustBin):
        return names.script_fault(place)
    if ext.is_executable:
        return names.executable_fault(place)
    return names.library_fault(place) if ext.binding is Binding.NoBinding else names.module_fault(place)


def _target_hint(ext: RustExtension) -> str:
    if isinstance(ext, RustBin):
        return "give the name of the binary, such as my-tool"
    return "give the full dotted name of the module, such as package.module"
