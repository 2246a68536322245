"""Values that the unit tests are made of: interpreters, crates and situations that need nothing of this machine."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple

from setuptools_pyo3.declaration.extension import RustExtension
from setuptools_pyo3.mind import manifest as manifests
from setuptools_pyo3.mind import plan
from setuptools_pyo3.mind.crate import Crate
from setuptools_pyo3.mind.expectation import Expectation, expect
from setuptools_pyo3.mind.interpreter import Interpreter, from_facts
from setuptools_pyo3.mind.manifest import Manifest, Workspace
from setuptools_pyo3.mind.situation import Situation
from setuptools_pyo3.mind.target import Target

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = "/project"


def toml(text: str) -> Dict[str, Any]:
    """TOML, parsed."""
    content: Dict[str, Any] = tomllib.loads(text)
    return content


def facts(**changes: Any) -> Dict[str, Any]:
    """What the probe says about a CPython 3.11 on Linux, with some of it changed; ``config`` is merged."""
    told: Dict[str, Any] = {
        "executable": "/opt/python/bin/python3.11",
        "implementation": "cpython",
        "version": [3, 11],
        "suffixes": [".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so"],
        "platform": "linux-x86_64",
        "pointer_width": 64,
        "lib_dir": "/opt/python/lib",
    }
    config = {
        "EXT_SUFFIX": ".cpython-311-x86_64-linux-gnu.so",
        "SOABI": "cpython-311-x86_64-linux-gnu",
        "Py_ENABLE_SHARED": 1,
        "Py_GIL_DISABLED": None,
        "Py_DEBUG": 0,
        "LDVERSION": "3.11",
        "PYTHONFRAMEWORK": "",
        "EXE": "",
    }
    config.update(changes.pop("config", {}))
    return {**told, **changes, "config": config}


def linux(version: Tuple[int, int] = (3, 11), *, threaded: bool = False, **changes: Any) -> Interpreter:
    """A CPython on x86_64 Linux, free-threaded if asked; ``changes`` are those of :func:`facts`."""
    digits, thread = f"{version[0]}{version[1]}", "t" if threaded else ""
    soabi = f"cpython-{digits}{thread}-x86_64-linux-gnu"
    config = {
        "EXT_SUFFIX": f".{soabi}.so",
        "SOABI": soabi,
        "Py_GIL_DISABLED": 1 if threaded else None,
        "LDVERSION": f"{version[0]}.{version[1]}{thread}",
        **changes.pop("config", {}),
    }
    told = {
        "executable": f"/opt/python/bin/python{version[0]}.{version[1]}",
        "version": list(version),
        "suffixes": [f".{soabi}.so", *_stable_suffixes(version, threaded=threaded), ".so"],
        **changes,
    }
    return from_facts(facts(config=config, **told))


def _stable_suffixes(version: Tuple[int, int], *, threaded: bool) -> Tuple[str, ...]:
    # Since 3.15 both stable ABIs have a form with the platform's name, which older Pythons don't know and which comes first.
    if version < (3, 15):
        return (".abi3.so",)
    both = (".abi3-x86_64-linux-gnu.so", ".abi3.so", ".abi3t-x86_64-linux-gnu.so", ".abi3t.so")
    return both[2:] if threaded else both


def macos() -> Interpreter:
    """A framework build of CPython 3.11 on macOS, for Apple silicon."""
    suffix = ".cpython-311-darwin.so"
    config = {"EXT_SUFFIX": suffix, "SOABI": "cpython-311-darwin", "Py_ENABLE_SHARED": 0, "PYTHONFRAMEWORK": "Python"}
    return from_facts(
        facts(
            executable="/Library/Frameworks/Python.framework/Versions/3.11/bin/python3.11",
            suffixes=[suffix, ".abi3.so", ".so"],
            platform="macosx-11.0-arm64",
            lib_dir="/Library/Frameworks/Python.framework/Versions/3.11/lib",
            config=config,
        )
    )


def windows(version: Tuple[int, int] = (3, 11), *, threaded: bool = False, **changes: Any) -> Interpreter:
    """A CPython on x86_64 Windows. Its paths have slashes, which Windows takes as well and this machine can split."""
    digits, thread = f"{version[0]}{version[1]}", "t" if threaded else ""
    suffix = f".cp{digits}{thread}-win_amd64.pyd"
    config = {
        "EXT_SUFFIX": suffix,
        "SOABI": None,
        "Py_ENABLE_SHARED": None,
        # The string "0" is what some builds give for a variable that is off.
        "Py_GIL_DISABLED": 1 if threaded else "0",
        "LDVERSION": None,
        "EXE": ".exe",
        **changes.pop("config", {}),
    }
    told = {
        "executable": f"C:/Python{digits}/python.exe",
        "version": list(version),
        "suffixes": [suffix, ".pyd"],
        "platform": "win-amd64",
        "lib_dir": f"C:/Python{digits}/libs",
        **changes,
    }
    return from_facts(facts(config=config, **told))


def pypy(**changes: Any) -> Interpreter:
    """A PyPy 3.11 on Linux."""
    soabi = "pypy311-pp80-x86_64-linux-gnu"
    config = {"EXT_SUFFIX": f".{soabi}.so", "SOABI": soabi, "LDVERSION": None, "Py_ENABLE_SHARED": None}
    config.update(changes.pop("config", {}))
    told = {"executable": "/opt/pypy/bin/pypy3.11", "implementation": "pypy", "suffixes": [f".{soabi}.so"], **changes}
    return from_facts(facts(config=config, **told))


def graalpy() -> Interpreter:
    """A GraalPy 25 (Python 3.12) on Linux."""
    soabi = "graalpy250-312-native-x86_64-linux"
    return from_facts(
        facts(
            executable="/opt/graalpy/bin/graalpy",
            implementation="graalpy",
            version=[3, 12],
            suffixes=[f".{soabi}.so", ".so"],
            config={"EXT_SUFFIX": f".{soabi}.so", "SOABI": soabi, "LDVERSION": None, "Py_ENABLE_SHARED": None},
        )
    )


def parsed(text: str, folder: str = "", *, library: bool = True, inherited: Optional[Workspace] = None) -> Manifest:
    """A manifest from the text of a Cargo.toml.

    Args:
        text: TOML.
        folder: relative to the project.
        library: whether there is a ``src/lib.rs``.
        inherited: the workspace it is a member of.
    """
    return manifests.parse(toml(text), _absolute(folder), has_lib_rs=library, inherited=inherited)


def local(texts: Mapping[str, str], *, without_library: Iterable[str] = ()) -> Dict[str, Manifest]:
    """Manifests by absolute folder; those below a workspace in the project's root are its members.

    Args:
        texts: Cargo.toml by folder, relative to the project.
        without_library: folders that have no ``src/lib.rs``.
    """
    empty = set(without_library)
    root = parsed(texts.get("", ""), library="" not in empty).workspace
    read = {folder: parsed(text, folder, library=folder not in empty, inherited=root) for folder, text in texts.items()}
    return {_absolute(folder): manifest for folder, manifest in read.items()}


def crate(
    texts: "str | Mapping[str, str]", folder: str = "", *, lock: Optional[str] = "", without_library: Iterable[str] = ()
) -> Crate:
    """A crate with its surroundings.

    Args:
        texts: its Cargo.toml, or several by folder, relative to the project.
        folder: which of them is the crate.
        lock: Cargo.lock's text, None for no such file.
        without_library: folders that have no ``src/lib.rs``.
    """
    found = local({"": texts} if isinstance(texts, str) else texts, without_library=without_library)
    own, top = found[_absolute(folder)], found.get(ROOT)
    return Crate(own, found, top if top is not None and top.workspace is not None else own, lock)


def _absolute(folder: str) -> str:
    return os.path.normpath(os.path.join(ROOT, folder))


def package(name: str = "demo", *, tables: str = "", edition: str = "2021", types: str = '"cdylib"') -> str:
    """The Cargo.toml of a cdylib; ``tables`` are appended."""
    head = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "{edition}"\n'
    return f"{head}[lib]\ncrate-type = [{types}]\n{tables}"


def with_pyo3(version: str = "0.30", *features: str, name: str = "demo", tables: str = "", **options: str) -> str:
    """The Cargo.toml of a cdylib that depends on this PyO3 with these features; ``tables`` are appended."""
    asked = ", ".join(f'"{feature}"' for feature in features)
    dependency = f'[dependencies]\npyo3 = {{ version = "{version}", features = [{asked}] }}\n'
    return package(name, tables=dependency + tables, **options)


def locked(*packages: str) -> str:
    """A Cargo.lock that holds these packages, each as ``name version``."""
    entries = (f'[[package]]\nname = "{name}"\nversion = "{version}"\n' for name, version in map(str.split, packages))
    return "\n".join(["version = 4\n", *entries])


def situation(
    interpreter: Optional[Interpreter] = None, *, triple: str = "", target: Optional[Target] = None, **changes: Any
) -> Situation:
    """The circumstances of a plain build; ``changes`` are the fields of :class:`Situation`."""
    python = interpreter or linux()
    values: Dict[str, Any] = {"environ": {"PATH": "/usr/bin"}, "cache_dir": "/cache", "root": ROOT, **changes}
    own = Target(triple, python.platform, python.pointer_width, asked=triple)
    return Situation(python, target or own, **values)


def expected(
    extension: RustExtension, of: "Crate | str", interpreter: Optional[Interpreter] = None, **circumstances: Any
) -> Expectation:
    """What an extension will become; a crate may be given as the text of its Cargo.toml."""
    assert not extension.problems, extension.problems
    return expect(extension, crate(of) if isinstance(of, str) else of, situation(interpreter, **circumstances))


def planned(
    *builds: "Tuple[RustExtension, Crate | str]", interpreter: Optional[Interpreter] = None, **circumstances: Any
) -> plan.Plan:
    """The plan for extensions, each given with its crate."""
    expectations = [expected(extension, of, interpreter, **circumstances) for extension, of in builds]
    return plan.make(expectations, situation(interpreter, **circumstances))


def only_call(*builds: "Tuple[RustExtension, Crate | str]", **circumstances: Any) -> plan.Call:
    """The one call that these extensions are built by; arguments as for :func:`planned`."""
    (call,) = planned(*builds, **circumstances).calls
    return call
