"""What the tests of rebuilding on import share: installing a project in editable mode, and importing from it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict, List, NamedTuple

from ..faults.ground import crate, pyproject
from ..support import Project

TABLE = 'target = "pkg._core"'
ASK = "import pkg._core; print(pkg._core.ANSWER)"


class Said(NamedTuple):
    """What a process said.

    Args:
        code: its exit code.
        out, err: its streams, stripped.
    """

    code: int
    out: str
    err: str

    @property
    def rebuilds(self) -> int:
        """How many rebuilds it started."""
        return self.err.count("is built again\n")

    @property
    def compiled(self) -> List[str]:
        """The crates that cargo compiled."""
        return [line.split()[1] for line in self.err.splitlines() if line.strip().startswith("Compiling ")]


class Editable(Project):
    """A project that is installed in editable mode."""

    def with_crate(self, name: str, *tables: str, extra: str = "", **options: str) -> Editable:
        """Fill it with one crate at its root, by default with the module ``pkg._core``."""
        files = {"pkg/__init__.py": "", "pyproject.toml": pyproject(*(tables or (TABLE,)), extra=extra)}
        self.write({**files, **crate(name, **options)})
        return self

    def install(self, *options: str) -> str:
        """Install it with uv, without isolation, and return what the build says."""
        command = ["uv", "pip", "install", "-v", "--python", self.python, "--no-build-isolation", "--no-deps"]
        return self.run(*command, *options, "-e", ".").stdout

    def start(self, code: str = ASK, **env: str) -> "subprocess.Popen[str]":
        """Start this environment's Python elsewhere than in the project."""
        return subprocess.Popen(
            [self.python, "-c", code],
            cwd=self.folder.parent,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def imports(self, code: str = ASK, **env: str) -> Said:
        """Run some code, by default one that prints the module's answer."""
        return said(self.start(code, **env))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace some text in a file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def site_packages(self) -> Path:
        """Where things are installed."""
        return Path(self.evaluate("import sysconfig; print(sysconfig.get_path('purelib'))"))

    def installed(self) -> Dict[str, int]:
        """All that is in the environment, and the size of each."""
        root = self.site_packages
        return {str(path.relative_to(root)): path.stat().st_size for path in root.rglob("*") if path.is_file()}


def said(process: "subprocess.Popen[str]") -> Said:
    """Wait for a process."""
    out, err = process.communicate()
    return Said(process.returncode, out.strip(), err.strip() + "\n")
