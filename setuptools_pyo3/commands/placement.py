"""Putting built files where they go, and what has to make way for them. setuptools' own commands are asked for every path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Sequence, Tuple

from ..declaration import names
from ..declaration.extension import Binding, RustBin, RustExtension, Strip, launcher_name
from ..errors import ArtifactProblem
from ..hands import binary, files
from ..hands import install as installing
from ..mind import abi, artifact
from ..mind.abi import Abi
from . import session as sessions
from .outcome import BuiltModule, Outcome
from .session import say

if TYPE_CHECKING:
    from .run import Run


def place(command: Any, ext: RustExtension, name: str, found: Abi) -> str:
    """Where the file for a module, executable or script goes.

    Args:
        command: build_rust, finalized.
        ext: the extension.
        name: the dotted name, or the script's.
        found: the file's ABI, which decides its suffix.
    """
    session = sessions.of(command.distribution)
    exe_suffix = session.interpreter(os.environ).exe_suffix
    if isinstance(ext, RustBin):
        return os.path.join(command.get_finalized_command("build_scripts").build_dir, name + exe_suffix)
    dotted = names.dotted(name)
    full = full_path(command, dotted)
    build_ext = command.get_finalized_command("build_ext")
    if not ext.is_executable and getattr(build_ext, "names_files_itself", False):
        return full
    suffix = exe_suffix if ext.is_executable else session.suffix(ext, found)
    return os.path.join(os.path.dirname(full), dotted.rpartition(".")[2] + suffix)


def full_path(command: Any, dotted: str) -> str:
    """Where build_ext would put a module; it knows package_dir, ext_package and the build folder."""
    build_ext = command.get_finalized_command("build_ext")
    before = build_ext.inplace
    build_ext.inplace = bool(command.inplace)
    try:
        return str(build_ext.get_ext_fullpath(dotted))
    finally:
        build_ext.inplace = before


def make_way(command: Any, ext: RustExtension, file: str) -> None:
    """Remove what would be imported instead of a new module, or would get into the wheel beside it."""
    if ext.is_executable:
        return
    suffix = os.path.basename(file)[len(ext.name.rpartition(".")[2]) :]
    if not command.inplace:
        for stale in installing.same_module(file, suffix):
            os.unlink(stale)
        return
    suffixes = sessions.of(command.distribution).interpreter(os.environ).extension_suffixes
    for stale in installing.shadows(file, suffixes, suffix):
        os.unlink(stale)
        say(f"setuptools-pyo3: removed {os.path.relpath(stale)}, which would be imported instead of {os.path.basename(file)}")


def install(command: Any, run: Run, ext: RustExtension, modules: Sequence[BuiltModule], out_dir: Optional[str]) -> Outcome:
    """Check what was built for an extension, and put it in its place.

    Args:
        command: build_rust, finalized.
        run: what was planned and built.
        ext: the extension.
        modules: the built files.
        out_dir: the ``OUT_DIR`` of the crate's build script, where it has one.

    Raises:
        Problem: it isn't what was declared, or can't be put in place.
    """
    abis: List[Abi] = []
    placed: List[str] = []
    architectures: List[str] = []
    for module in modules:
        found, file = _install(command, run, ext, module, architectures)
        abis.append(found)
        placed += [file, *install_launcher(ext, file)]
    placed += install_generated(command, ext, out_dir)
    if not architectures and run.situation.target.platform.endswith("universal2"):
        # Of files that were in place already; only a universal2 Python leaves more than one possible.
        architectures = [name for module in modules for name in binary.inspect(module.path).architectures]
    run.record.note_places(placed)
    return Outcome(abi.combine(abis), tuple(placed), tuple(architectures))


def _install(command: Any, run: Run, ext: RustExtension, module: BuiltModule, architectures: List[str]) -> Tuple[Abi, str]:
    strip = Strip.No if run.item(ext).debug else ext.strip
    found = _in_place_already(command, run, ext, module, strip)
    if found is None:
        read = binary.inspect(module.path)
        architectures += read.architectures
        found = _judge(run, ext, module, read)
        file = place(command, ext, module.module_name, found)
        environ = {**dict(run.situation.tools), **run.situation.environ}
        finish = _hiding(run, ext, read) if run.record.hides_paths else None
        installing.put(module.path, file, strip=strip, environ=environ, name=ext.name, finish=finish)
    else:
        file = place(command, ext, module.module_name, found)
    run.record.note(module.path, file, found)
    make_way(command, ext, file)
    return found, file


def _in_place_already(command: Any, run: Run, ext: RustExtension, module: BuiltModule, strip: Strip) -> Optional[Abi]:
    """The ABI of the file, where this very file is in its place: it was looked at when it was put there."""
    found = run.record.abi(module.path)
    if found is None and command.inplace:
        found = run.built(ext).abi or run.item(ext).abi
    if found is None or _is_for_something_else(found, run.item(ext).abi, run.built(ext).abi):
        return None
    return found if installing.is_current(module.path, place(command, ext, module.module_name, found), strip) else None


def _is_for_something_else(found: Abi, expected: Abi, reported: Optional[Abi]) -> bool:
    """Whether a file that says nothing of the limited API itself, having no PyO3, was put in place under other settings."""
    return reported is None and found != expected and abi.ABI3 in (found.kind, expected.kind)


def _hiding(run: Run, ext: RustExtension, read: artifact.Binary) -> Callable[[str], None]:
    """What takes the paths of this machine out of a finished copy."""
    # Imported here: builds in place have no use for it.
    from ..hands import hidden_paths

    hidden = run.hidden_paths(ext)
    return lambda file: hidden_paths.hide(file, hidden, read.searched)


def _judge(run: Run, ext: RustExtension, module: BuiltModule, read: artifact.Binary) -> Abi:
    return artifact.judge(
        read,
        run.item(ext),
        module.module_name,
        run.situation.target,
        run.situation.interpreter,
        binds=ext.binding is not Binding.NoBinding,
        cfgs=run.built(ext).cfgs,
    )


def clear(command: Any, ext: RustExtension) -> None:
    """Remove every file of an extension that an earlier build put in its place."""
    session = sessions.of(command.distribution)
    kinds = (abi.NONE,) if ext.is_executable else (abi.SPECIFIC, abi.ABI3, abi.ABI3T, abi.NONE)
    own = ext.binaries().values() if ext.is_executable else (ext.name,)
    for file in dict.fromkeys(place(command, ext, name, Abi(kind)) for name in own for kind in kinds):
        if os.path.exists(file):
            os.unlink(file)
            say(f"setuptools-pyo3: removed {os.path.relpath(file, session.root)}, which an earlier build left there")


def install_launcher(ext: RustExtension, file: str) -> Tuple[str, ...]:
    """Write the module that a console script runs an executable by, where the extension asks for one."""
    if not ext.script or isinstance(ext, RustBin) or not ext.is_executable:
        return ()
    folder, file_name = os.path.split(file)
    module = os.path.join(folder, launcher_name(os.path.splitext(file_name)[0]) + ".py")
    files.write_whole(module, _LAUNCHER.format(executable=file_name).encode())
    return (module,)


def install_generated(command: Any, ext: RustExtension, out_dir: Optional[str]) -> List[str]:
    """Copy what the build script generated into its packages.

    Raises:
        ArtifactProblem: something that is declared isn't there.
    """
    placed: List[str] = []
    missing = []
    for source, package in ext.generated_files.items():
        full = os.path.join(out_dir or "", source)
        if out_dir is None or not os.path.exists(full):
            missing.append(source)
            continue
        folder = os.path.dirname(full_path(command, f"{package}._" if package else "_"))
        placed += installing.copy_generated(full, folder)
    if missing:
        raise ArtifactProblem(
            f"the build script did not generate {', '.join(missing)}",
            where=ext.name,
            why=f"its OUT_DIR is {out_dir}" if out_dir else "the crate has no build script",
            hint="check generated_files and the crate's build.rs",
        )
    return placed


_LAUNCHER = '''\
"""Runs the executable beside this module. Generated by setuptools-pyo3."""

import os
import sys


def run():
    file = os.path.join(os.path.dirname(os.path.abspath(__file__)), {executable!r})
    if os.name == "nt":
        import subprocess

        sys.exit(subprocess.call([file, *sys.argv[1:]]))
    os.execv(file, [file, *sys.argv[1:]])
'''
