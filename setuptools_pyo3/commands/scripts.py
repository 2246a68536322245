"""Our part of ``install`` and ``install_scripts``: Rust executables are scripts too."""

from __future__ import annotations

import os
from typing import Any, List

from ..declaration.extension import Strip
from ..hands import install as installing
from . import session as sessions


class Install:
    """Mixed in before a project's own ``install`` class."""

    distribution: Any

    def run(self) -> None:
        """Install as ever; setuptools leaves scripts out where the project has none but ours."""
        super().run()  # type: ignore[misc]
        if sessions.of(self.distribution).scripts:
            self.run_command("install_scripts")  # type: ignore[attr-defined]


class InstallScripts:
    """Mixed in before a project's own ``install_scripts`` class."""

    distribution: Any
    build_dir: str
    install_dir: str
    outfiles: List[str]

    def run(self) -> None:
        """Install as ever, then copy the executables that were built."""
        super().run()  # type: ignore[misc]
        session = sessions.of(self.distribution)
        suffix = session.interpreter(os.environ).exe_suffix
        for ext in session.scripts:
            for name in ext.binaries().values():
                self._install(name + suffix)

    def _install(self, name: str) -> None:
        source, place = os.path.join(self.build_dir, name), os.path.join(self.install_dir, name)
        if not os.path.exists(source):
            return
        if os.path.abspath(source) != os.path.abspath(place):
            installing.put(source, place, strip=Strip.No, environ=os.environ, name=name)
        self.outfiles.append(place)
