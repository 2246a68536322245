"""Our part of ``build_ext``: Rust extensions are built after all others, and their files are known by their true names."""

from __future__ import annotations

import os
from typing import Any, ClassVar, Dict, Iterator, List, Optional, Tuple

from ..declaration.extension import RustBin, RustExtension
from . import session as sessions
from .guard import guarded_lock

OPTIONS: Tuple[Tuple[str, Optional[str], str], ...] = (
    ("target=", None, "build Rust extensions for this target triple"),
    ("zig", None, "compile and link Rust extensions with zig (setuptools-pyo3[zig])"),
    ("profile=", None, "build Rust extensions with this cargo profile"),
)


# Where build_ext classes come from that leave names as they are.
_KNOWN = frozenset({"setuptools", "distutils", "Cython", "cffi", "setuptools_rust", "setuptools_pyo3", "builtins"})


class BuildExt:
    """Mixed in before a project's own ``build_ext`` class."""

    user_options: ClassVar[List[Tuple[str, Optional[str], str]]]
    distribution: Any
    extensions: List[Any]
    inplace: Any
    build_lib: str
    verbose: Any
    _finalizing = False

    def initialize_options(self) -> None:
        """Set our options to their defaults."""
        super().initialize_options()  # type: ignore[misc]  # setuptools' class comes after us
        self.target: Optional[str] = None
        self.zig: Any = None
        self.profile: Optional[str] = None

    def finalize_options(self) -> None:
        """Keep setuptools from mistaking a C extension for a Rust one of the same last name: its map holds last names too."""
        self._finalizing = True
        super().finalize_options()  # type: ignore[misc]
        self._finalizing = False
        # A project's class may come from distutils or Cython, which know no such map.
        ext_map: Dict[str, Any] = getattr(self, "ext_map", {})
        for ext in self.extensions if ext_map else ():
            if not isinstance(ext, RustExtension):
                ext_map[ext._full_name.rpartition(".")[2]] = ext

    def run(self) -> None:
        """Let the other class build what isn't Rust, then build what is."""
        session = sessions.of(self.distribution)
        with guarded_lock(session.lock()):
            self._run_without_rust()
            if session.extensions:
                self._run_rust()

    def _run_without_rust(self) -> None:
        # A project's own build_ext loops over its extensions and knows nothing of ours; setuptools would want sources of them.
        everything, rust = self.extensions, self.distribution.rust_extensions
        self.extensions = [ext for ext in everything or [] if not isinstance(ext, RustExtension)]
        if any(cls.__module__.partition(".")[0] == "setuptools_rust" for cls in type(self).__mro__):
            # setuptools-rust in the same environment takes the keyword for its own and would build everything once more.
            self.distribution.rust_extensions = []
        try:
            super().run()  # type: ignore[misc]
        finally:
            self.extensions, self.distribution.rust_extensions = everything, rust

    def copy_extensions_to_source(self) -> None:
        """Copy the other extensions, built in place, beside their sources."""
        # For no extension, setuptools would all the same look build_py up, among the entry points of the whole environment.
        if self.extensions or self._extends("copy_extensions_to_source"):
            super().copy_extensions_to_source()  # type: ignore[misc]

    def _run_rust(self) -> None:
        self._rust_command().run()

    def _rust_command(self) -> Any:
        command = self.get_finalized_command("build_rust")  # type: ignore[attr-defined]
        wheel = self.distribution.get_command_obj("bdist_wheel", create=False)
        command.inplace = self.inplace
        command.target = self.target or getattr(wheel, "target", None) or command.target
        command.zig = self.zig or getattr(wheel, "zig", None) or command.zig
        command.profile = self.profile or command.profile
        command.verbose = self.verbose
        return command

    def build_extension(self, ext: Any) -> None:
        """Build one extension, for those who call this themselves."""
        if not isinstance(ext, RustExtension):
            super().build_extension(ext)  # type: ignore[misc]
            return
        with guarded_lock(sessions.of(self.distribution).lock()):
            self._rust_command().run_for_extension(ext)

    # -- names and places

    def get_ext_filename(self, fullname: str) -> str:
        """The file of a module, relative to the package tree."""
        ext = self._rust(fullname)
        if ext is None or self.names_files_itself:
            return super().get_ext_filename(fullname)  # type: ignore[misc,no-any-return]
        if self._finalizing:
            # setuptools looks at the folder only, and what the name ends in takes reading the crate.
            return os.path.join(*fullname.split("."))
        session = sessions.of(self.distribution)
        return os.path.join(*fullname.split(".")) + session.suffix(ext, session.abi(ext))

    def get_ext_fullpath(self, ext_name: str) -> str:
        """The file of a module in its place.

        setuptools looks a module's file name up by the last part of its name, which two modules may share.
        """
        path: str = super().get_ext_fullpath(ext_name)  # type: ignore[misc]
        ext = self._rust(self.get_ext_fullname(ext_name))  # type: ignore[attr-defined]
        if ext is None or self.names_files_itself:
            return path
        session = sessions.of(self.distribution)
        name = ext_name.rpartition(".")[2] + session.suffix(ext, session.abi(ext))
        return os.path.join(os.path.dirname(path), name)

    @property
    def names_files_itself(self) -> bool:
        """Whether the project's own build_ext decides what files are called."""
        return self._extends("get_ext_filename") or self._extends("get_ext_fullpath")

    def _extends(self, method: str) -> bool:
        """Whether a class of the project's own has such a method."""
        return any(method in vars(cls) and cls.__module__.partition(".")[0] not in _KNOWN for cls in type(self).__mro__)

    def _rust(self, fullname: str) -> Optional[RustExtension]:
        for ext in sessions.of(self.distribution).modules:
            if fullname in (ext.name, self.get_ext_fullname(ext.name)):  # type: ignore[attr-defined]
                return ext
        return None

    # -- what setuptools asks, before and after a run

    def get_source_files(self) -> List[str]:
        """The sources of all extensions: for Rust, each crate's manifest, lock and ``.rs`` files inside the project."""
        from ..hands import sources
        from .sdist import surroundings

        session = sessions.of(self.distribution)
        found = list(super().get_source_files())  # type: ignore[misc]
        crates = [crate for ext in session.extensions for crate in [session.crate(ext)] if crate is not None]
        return list(sessions.unique([*found, *sources.of_crates(crates, session.crates, surroundings(self))]))

    def get_outputs(self) -> List[str]:
        """All files that a run makes, as they are called in the build folder."""
        if self.inplace:
            return sorted(self.get_output_mapping())
        return sorted({*super().get_outputs(), *self._extra_outputs()} - set(self._missing()))  # type: ignore[misc]

    def get_output_mapping(self) -> Dict[str, str]:
        """For builds in place: each file in the build folder, and the one beside the sources that stands for it."""
        mapping: Dict[str, str] = dict(super().get_output_mapping())  # type: ignore[misc]
        if not self.inplace:
            return mapping
        mapping.update(self._extra_mapping())
        for missing in self._missing():
            mapping.pop(missing, None)
        return dict(sorted(mapping.items()))

    def _missing(self) -> Iterator[str]:
        """Outputs of optional extensions that could not be built."""
        for ext, outcome in sessions.of(self.distribution).outcomes.items():
            if outcome.abi is None and not ext.is_executable:
                yield os.path.join(self.build_lib, self.get_ext_filename(self.get_ext_fullname(ext.name)))  # type: ignore[attr-defined]

    def _extra_outputs(self) -> Iterator[str]:
        """Files that setuptools doesn't know of: executables in packages, launchers, and, after a run, generated files."""
        known = {os.path.abspath(path) for path in super().get_outputs()}  # type: ignore[misc]
        for ext in self._package_extensions():
            for path in self._files(ext):
                if os.path.abspath(path) not in known:
                    yield path

    def _extra_mapping(self) -> Iterator[Tuple[str, str]]:
        build_py = self.get_finalized_command("build_py")  # type: ignore[attr-defined]
        for ext in self._package_extensions():
            folders = {package: os.path.abspath(build_py.get_package_dir(package)) for package in self._packages_of(ext)}
            for path in map(os.path.abspath, self._files(ext)):
                package = next((name for name, folder in folders.items() if path.startswith(os.path.join(folder, ""))), None)
                if package is not None:
                    relative = os.path.relpath(path, folders[package])
                    yield os.path.join(self.build_lib, *filter(None, package.split(".")), relative), os.path.relpath(path)

    def _package_extensions(self) -> List[RustExtension]:
        return [ext for ext in sessions.of(self.distribution).extensions if not isinstance(ext, RustBin)]

    def _packages_of(self, ext: RustExtension) -> List[str]:
        """The packages that an extension's files go to, a package before the one that it lies in."""
        places = ext.binaries().values() if ext.is_executable else (ext.name,)
        names = (str(self.get_ext_fullname(place)).rpartition(".")[0] for place in places)  # type: ignore[attr-defined]
        return sorted({*names, *ext.generated_files.values()}, reverse=True)

    def _files(self, ext: RustExtension) -> Tuple[str, ...]:
        session = sessions.of(self.distribution)
        outcome = session.outcomes.get(ext)
        if outcome is not None:
            return outcome.files
        if not ext.is_executable:
            return ()
        from . import placement

        command = self.get_finalized_command("build_rust")  # type: ignore[attr-defined]
        command.inplace = self.inplace
        return tuple(placement.place(command, ext, place, session.abi(ext)) for place in ext.binaries().values())
