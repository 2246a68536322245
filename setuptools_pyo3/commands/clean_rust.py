"""The command that has cargo remove what it built."""

from __future__ import annotations

import os
from typing import ClassVar, Dict, List, Mapping, Optional, Tuple

from setuptools import Command

from ..declaration.extension import RustExtension
from ..errors import ToolchainProblem
from ..hands import process
from ..mind import cargo
from . import options
from . import session as sessions
from .guard import guarded
from .session import say


class clean_rust(Command):
    """Run ``cargo clean`` for the crates of all Rust extensions."""

    description = "remove what cargo built for Rust extensions"
    user_options: ClassVar[List[Tuple[str, Optional[str], str]]] = options.CLEAN_RUST

    def initialize_options(self) -> None:
        """There are no options."""

    def finalize_options(self) -> None:
        """There are no options."""

    def run(self) -> None:
        """Run cargo once for each workspace.

        Raises:
            setuptools.errors.PlatformError: cargo can't be started.
        """
        session = sessions.of(self.distribution)
        roots: Dict[str, RustExtension] = {}
        for ext in session.extensions:
            crate = session.crate(ext)
            if crate is not None:
                roots.setdefault(crate.root.path, ext)
        program = cargo.program(os.environ)
        for path, ext in roots.items():
            manifest = f"--manifest-path={os.path.relpath(path, session.root)}"
            # Where cargo writes may be said in the extension's arguments and environment.
            argv = [program, "clean", manifest, *ext.cargo_manifest_args, *cargo.places(ext.args)]
            changes = {name: value for name, value in ext.env.items() if value != os.environ.get(name)}
            say(cargo.echo(argv, changes, ""))
            with guarded():
                self._clean(argv, process.environment(os.environ, changes), session.root)

    @staticmethod
    def _clean(argv: List[str], env: Mapping[str, str], root: str) -> None:
        try:
            code, _ = process.stream(argv, env=env, cwd=root, on_line=lambda line: None)
        except OSError as error:
            raise ToolchainProblem(f"cargo can't be started ({argv[0]})", why=str(error)) from error
        if code:
            say(f"setuptools-pyo3: WARNING: cargo clean failed with exit code {code}")
