"""Mixing our part into the command classes that a distribution uses, whoever they come from."""

from __future__ import annotations

from typing import Any, List, Tuple

from setuptools import Distribution
from setuptools.errors import BaseError

from . import bdist_wheel, build_ext, build_py, scripts
from .build_rust import build_rust
from .clean_rust import clean_rust

_PARTS: Tuple[Tuple[str, type, Tuple[Any, ...]], ...] = (
    ("build_ext", build_ext.BuildExt, build_ext.OPTIONS),
    ("build_py", build_py.BuildPy, ()),
    ("bdist_wheel", bdist_wheel.BdistWheel, bdist_wheel.OPTIONS),
    ("install", scripts.Install, ()),
    ("install_scripts", scripts.InstallScripts, ()),
)


def mix_in(distribution: Distribution) -> None:
    """Make each command class of the distribution a subclass that begins with our part. Doing so again changes nothing."""
    # By name, not by entry point: setuptools-rust may be in the same environment and has commands of the same names.
    distribution.cmdclass.setdefault("build_rust", build_rust)
    distribution.cmdclass.setdefault("clean_rust", clean_rust)
    for name, part, options in _PARTS:
        try:
            base: Any = distribution.get_command_class(name)
        except BaseError:  # bdist_wheel is in the wheel package before setuptools 70.1, which may be absent
            continue
        if issubclass(base, part):
            continue
        known = {option[0] for option in base.user_options}
        added: List[Any] = [option for option in options if option[0] not in known]
        # A class of the same name, so that "running build_ext" and get_command_name stay right.
        mixed = type(base.__name__, (part, base), {"user_options": [*base.user_options, *added], "__module__": base.__module__})
        distribution.cmdclass[name] = mixed
