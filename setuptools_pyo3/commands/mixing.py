"""Mixing our part into the command classes that a distribution uses, whoever they come from."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Tuple

from setuptools import Distribution

# Each is imported when its command is asked for: a look-up scans the whole environment, and most runs need one or two of them.
_PARTS: Dict[str, Tuple[str, str]] = {
    "build_ext": ("build_ext", "BuildExt"),
    "build_py": ("build_py", "BuildPy"),
    "bdist_wheel": ("bdist_wheel", "BdistWheel"),
    "editable_wheel": ("editable_wheel", "EditableWheel"),
    "sdist": ("sdist", "SDist"),
    "install": ("scripts", "Install"),
    "install_scripts": ("scripts", "InstallScripts"),
}
# By name, not by entry point: setuptools-rust may be in the same environment and has commands of the same names.
_OWN = ("build_rust", "clean_rust")
_ASKED = "_setuptools_pyo3_plain_get_command_class"


def mix_in(distribution: Distribution) -> None:
    """Let each command class that the distribution hands out be a subclass that begins with our part, whoever set it and when.

    Doing so again changes nothing.
    """
    target: Any = distribution
    if _ASKED in vars(target):
        return
    plain = target.get_command_class
    setattr(target, _ASKED, plain)

    def get_command_class(command: str) -> Any:
        if command in _OWN and command not in target.cmdclass:
            target.cmdclass[command] = getattr(importlib.import_module(f".{command}", __package__), command)
        base: Any = plain(command)
        return _mixed(target, command, base) if command in _PARTS else base

    target.get_command_class = get_command_class


def _mixed(distribution: Any, command: str, base: Any) -> Any:
    module_name, class_name = _PARTS[command]
    module = importlib.import_module(f".{module_name}", __package__)
    part = getattr(module, class_name)
    if issubclass(base, part):
        return base
    known = {option[0] for option in base.user_options}
    options = getattr(module, "OPTIONS", ())
    added: List[Any] = [option for option in options if option[0] not in known]
    # A class of the same name, so that "running build_ext" and get_command_name stay right.
    mixed = type(base.__name__, (part, base), {"user_options": [*base.user_options, *added], "__module__": base.__module__})
    distribution.cmdclass[command] = mixed
    return mixed
