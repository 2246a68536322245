"""Programs and tests that embed Python: how cargo is called so that they link to libpython and find it when they run."""

from __future__ import annotations

import ntpath
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from . import cargo, identity
from .interpreter import Interpreter
from .manifest import Manifest
from .plan import Leaf

_LOADER_PATHS = {"darwin": "DYLD_LIBRARY_PATH", "win32": "PATH"}


def arguments(given: Sequence[str], number: int, packages: Sequence[str], profiles: Mapping[str, Any]) -> Tuple[str, ...]:
    """cargo's arguments, with PyO3 kept apart from those of other configurations in the same target folder.

    Args:
        given: the user's, beginning with the subcommand (after an optional ``+toolchain``).
        number: the configuration's (:func:`setuptools_pyo3.mind.identity.key`).
        packages: those whose build scripts ask for the interpreter, () to leave the arguments as they are.
        profiles: the ``[profile]`` tables of the workspace's root.
    """
    position = next((i for i, word in enumerate(given) if not word.startswith(("+", "-"))), -1) + 1
    own = given[: given.index("--")] if "--" in given else given
    named = cargo.read_options(own).profile
    # cargo's test and bench profiles inherit from these two.
    used = dict.fromkeys(["dev", "release", *([named] if named else [])])
    options = [option for profile in used for option in identity.options(number, packages, profile, profiles)]
    return (*given[:position], *options, *given[position:])


def leaves(members: Iterable[Manifest], number: int) -> Tuple[Leaf, ...]:
    """The libraries of a workspace that programs and tests write to the same files as modules do."""
    with_cdylib = ((m, m.library) for m in members if m.library is not None and "cdylib" in m.library.crate_types)
    own = f"embedding-{number}"
    return tuple(Leaf(manifest.name, library.name, own, knows_python=True) for manifest, library in with_cdylib if library)


def environment(interpreter: Interpreter, environ: Mapping[str, str], config_file: str, platform: str) -> Dict[str, Optional[str]]:
    """What changes in the environment; None removes a variable.

    Args:
        interpreter: the Python to embed.
        environ: the caller's environment.
        config_file: PyO3's config file, "" where it isn't ours to give.
        platform: ``sys.platform``.
    """
    changes: Dict[str, Optional[str]] = {
        "PYO3_PYTHON": environ.get("PYO3_PYTHON") or interpreter.executable,
        "PYTHON_SYS_EXECUTABLE": environ.get("PYTHON_SYS_EXECUTABLE") or interpreter.executable,
        "PYO3_BUILD_EXTENSION_MODULE": None,
    }
    if config_file:
        changes["PYO3_CONFIG_FILE"] = config_file
    changes.update(_loader(interpreter, environ, platform))
    return {name: value for name, value in changes.items() if value != environ.get(name)}


def _loader(interpreter: Interpreter, environ: Mapping[str, str], platform: str) -> Iterable[Tuple[str, str]]:
    """Where the program finds libpython when it runs; on Windows the linker finds the import library by LIB."""
    windows = platform == "win32"
    # The DLL lies beside the base interpreter's python.exe, one above its import libraries.
    dll_dir = ntpath.dirname(interpreter.lib_dir) if windows else interpreter.lib_dir
    if not dll_dir or not interpreter.shared:
        return
    yield _before(_LOADER_PATHS.get(platform, "LD_LIBRARY_PATH"), dll_dir, environ, ";" if windows else ":")
    if windows and interpreter.lib_dir:
        yield _before("LIB", interpreter.lib_dir, environ, ";")


def _before(name: str, folder: str, environ: Mapping[str, str], separator: str) -> Tuple[str, str]:
    rest: List[str] = [entry for entry in environ.get(name, "").split(separator) if entry and entry != folder]
    return name, separator.join([folder, *rest])
