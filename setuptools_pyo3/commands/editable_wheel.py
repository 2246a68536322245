"""Our part of ``editable_wheel``: a module in the environment that watches the imports of the project's Rust modules."""

from __future__ import annotations

import os
import pkgutil
import re
import sys
from typing import Any, Dict

from ..hands import build_environment, installations
from ..import_hook import VARIABLE
from . import frontend, rebuild
from . import session as sessions
from .guard import guarded_lock
from .session import Session, say


class EditableWheel:
    """Mixed in before a project's own ``editable_wheel`` class."""

    distribution: Any
    dist_info_dir: str

    def _run_build_commands(self, dist_name: str, unpacked_wheel: Any, build_lib: Any, tmp_dir: Any) -> Any:
        """Build as ever, then put our module beside the rest. setuptools has no public place for that."""
        session = sessions.of(self.distribution)
        if session.scripts:
            # Making the metadata has finalized it; only now is told where scripts go, and setuptools tells it if it knows of any.
            self.reinitialize_command("build_scripts")  # type: ignore[attr-defined]
        with guarded_lock(session.lock()):
            folder = rebuild.place(session) if _wanted(session) else ""
            environment = _keep_environment(session, folder) if folder else ""
            before = rebuild.look(folder, session.root) if folder else None
            result = super()._run_build_commands(dist_name, unpacked_wheel, build_lib, tmp_dir)  # type: ignore[misc]
            modules = {module.name: module.files[0] for module in rebuild.modules(self.distribution) if module.files}
            if before:
                rebuild.note(self.distribution, folder, before)
            if session.settings.get("third_party_licenses"):
                from . import materials

                materials.add_licenses(session, os.path.join(str(unpacked_wheel), os.path.basename(self.dist_info_dir)), os.environ)
        if modules:
            self._add_hook(str(unpacked_wheel), session.root, folder, modules, environment)
        return result

    def _add_hook(self, target: str, root: str, folder: str, modules: Dict[str, str], environment: str) -> None:
        project = str(self.distribution.get_name())
        python = "" if build_environment.is_throwaway(sys.executable) else sys.executable
        call = ", ".join(map(ascii, (project, root, folder, modules, python, environment)))
        source = pkgutil.get_data("setuptools_pyo3", "import_hook.py") or b""
        name = f"_setuptools_pyo3_{re.sub('[^0-9a-z]+', '_', project.lower())}"
        # A package, because uv leaves behind what Python has compiled of a single module.
        os.mkdir(os.path.join(target, name))
        with open(os.path.join(target, name, "__init__.py"), "wb") as file:
            file.write(source + f"\n\ninstall({call})\n".encode("ascii"))
        with open(os.path.join(target, f"{name}.pth"), "wb") as file:
            file.write(f"import {name}\n".encode("ascii"))
        if folder:
            say(f"setuptools-pyo3: {', '.join(modules)}: built again on import after a change, unless {VARIABLE}=0")


def _wanted(session: Session) -> bool:
    """Whether modules are to be rebuilt on import: as the frontend was told, else the environment, else the project."""
    asked = (
        frontend.switch(frontend.config_settings().get("rebuild"), "--config-settings rebuild"),
        frontend.switch(os.environ.get(VARIABLE) or None, VARIABLE),
        session.settings.get("rebuild_on_import"),
    )
    return bool(next((value for value in asked if value is not None), False))


def _keep_environment(session: Session, folder: str) -> str:
    """Note what rebuilds need, and return the folder of packages that will build, "" for those of the interpreter."""
    cache = session.cache_dir(os.environ)
    sources = build_environment.folders(sys.path)
    environment = build_environment.place(cache, sources) if sources else ""
    # Noted first, so that nobody sweeps it away.
    installations.note(folder, session.root, environment, rebuild.remembered(os.environ))
    if sources:
        build_environment.keep(sources, environment)
    installations.sweep(cache)
    return environment
