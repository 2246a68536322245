"""Wheels put together by hand, and what the other auditors say of a wheel."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any, Dict, Mapping

from ..support import Project, Wheel


def assemble(folder: Path, tag: str, files: Mapping[str, Path], *, written: str = "") -> Path:
    """A wheel with these files.

    Args:
        folder: where it goes.
        tag: that of its name.
        files: by their paths in it.
        written: the tag in its WHEEL file, "" for the same.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"demo-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, source in files.items():
            archive.write(source, name)
        said = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {written or tag}\n"
        archive.writestr("demo-1.0.dist-info/WHEEL", said)
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        # auditwheel looks at the files that are listed here, and at no others.
        archive.writestr("demo-1.0.dist-info/RECORD", "".join(f"{name},,\n" for name in files))
    return path


def renamed(wheel: Wheel, folder: Path, tag: str) -> Path:
    """A copy of a wheel, in a folder, under the name of another tag."""
    name, version, *_ = wheel.path.name.split("-")
    path = folder / f"{name}-{version}-{tag}.whl"
    shutil.copyfile(wheel.path, path)
    return path


def audit(project: Project, *arguments: object) -> Dict[str, Any]:
    """What our own audit says of one wheel or file, as JSON, with its exit code as ``code``."""
    done = project.run(project.python, "-m", "setuptools_pyo3", "audit", "--json", *arguments, check=False)
    (report,) = json.loads(done.stdout)["reports"]
    assert report["ok"] == (done.returncode == 0)
    return {**report, "code": done.returncode}


def rules(report: Mapping[str, Any], level: str = "error") -> "list[str]":
    """The rules of a report's findings."""
    return [finding["rule"] for finding in report["findings"] if finding["level"] == level]


def auditwheel(project: Project, wheel: Path) -> str:
    """The platform tag that auditwheel finds a wheel to be consistent with."""
    # It logs to the same stream.
    said = project.run(project.python, "-m", "auditwheel", "show", "--json", wheel).stdout
    return str(json.loads(said[said.index("{") :])["overall_tag"])


def abi3audit(project: Project, wheel: Path) -> Dict[str, Any]:
    """What abi3audit says of a wheel's one module."""
    said = project.run(project.python, "-m", "abi3audit", "--report", wheel, check=False).stdout
    (kind,) = json.loads(said[said.index("{") :])["specs"].values()
    (found,) = kind["wheel"]
    return dict(found["result"])
