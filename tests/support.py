"""What the tests share: interpreters, virtual environments, and throwaway projects that are really built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"

# One target folder for all tests: PyO3 is compiled once for each version and configuration, not once for each test.
TARGET = Path(os.environ.get("SETUPTOOLS_PYO3_TEST_TARGET") or ROOT / "target" / "tests")

# Variables of the caller that would change what a build does.
_FOREIGN = (
    "CARGO",
    "CARGO_BUILD_TARGET",
    "CONDA_PREFIX",
    "PYO3_CONFIG_FILE",
    "PYO3_PYTHON",
    "PYTHONPATH",
    "PYTHON_SYS_EXECUTABLE",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "SETUPTOOLS_PYO3_CARGO_PROFILE",
    "VIRTUAL_ENV",
)


def base_environment(wheelhouse: Path) -> Dict[str, str]:
    """The environment that builds run in; isolated builds find this very setuptools-pyo3 in the wheelhouse."""
    env = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    env.update(
        CARGO_TARGET_DIR=str(TARGET),
        SETUPTOOLS_PYO3_CACHE_DIR=str(TARGET / "cache"),
        CARGO_TERM_COLOR="never",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_FIND_LINKS=str(wheelhouse),
        UV_FIND_LINKS=str(wheelhouse),
        UV_PYTHON_DOWNLOADS="never",
        PYTHONDONTWRITEBYTECODE="1",
    )
    return env


def run(argv: Sequence[object], *, cwd: Path, env: Mapping[str, str], check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it says, both streams together in ``stdout``."""
    done = subprocess.run(
        [str(word) for word in argv],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(map(str, argv))} failed with {done.returncode}:\n{done.stdout}")
    return done


class Environments:
    """Virtual environments, each made once: by Python version and by what is installed in it."""

    def __init__(self, folder: Path, wheelhouse: Path) -> None:
        self.folder = folder
        self.env = base_environment(wheelhouse)
        self._made: Dict[tuple[str, ...], Path] = {}

    def interpreter(self, version: str) -> Optional[Path]:
        """An interpreter of this version (``3.9``), or None where the machine has none; a path is taken as it is."""
        if os.path.isabs(version):
            return Path(version)
        if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
            return Path(sys.executable)
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        for folder in sorted(pyenv.glob(f"{version}.*"), reverse=True):
            if (folder / "bin" / "python").exists():
                return folder / "bin" / "python"
        found = shutil.which(f"python{version}")
        return Path(found) if found else None

    def make(self, *requirements: str, python: str = "", fresh: bool = False) -> Path:
        """A virtual environment's interpreter.

        Args:
            requirements: what to install in it beside setuptools-pyo3 itself; ``setuptools`` and ``pip`` come with it anyway.
            python: its version or its path, "" for the one that runs the tests.
            fresh: make a new one that no other test uses, for tests that install into it.
        """
        version = python or f"{sys.version_info[0]}.{sys.version_info[1]}"
        key = (version, *sorted(requirements))
        if fresh or key not in self._made:
            folder = self.folder / f"{os.path.basename(version)}-{len(list(self.folder.iterdir()))}"
            interpreter = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
            base = self.interpreter(version)
            assert base is not None, f"no Python {version} on this machine"
            run(["uv", "venv", "--quiet", "--python", base, folder], cwd=self.folder, env=self.env)
            names = [r.partition("=")[0] for r in requirements]
            plain = [name for name in ("setuptools", "wheel", "pip") if name not in names]
            run(
                ["uv", "pip", "install", "--quiet", "--python", interpreter, "setuptools-pyo3", *plain, *requirements],
                cwd=self.folder,
                env=self.env,
            )
            if fresh:
                return interpreter
            self._made[key] = interpreter
        return self._made[key]


class Project:
    """A throwaway project in a folder of its own.

    Args:
        folder: where it lies.
        python: the interpreter that builds it, with setuptools and setuptools-pyo3 installed.
        env: the environment of everything that is run for it; tests may change it.
    """

    def __init__(self, folder: Path, python: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.python = python
        self.env = dict(env)

    def write(self, files: Mapping[str, str]) -> Project:
        """Write files by their path in the project; the texts are dedented."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    def run(self, *argv: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run any command in the project's folder."""
        return run(argv, cwd=self.folder, env=self.env, check=check)

    def setup(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``python setup.py ...``; a project without setup.py gets setuptools' own."""
        script = ["setup.py"] if (self.folder / "setup.py").exists() else ["-c", "import setuptools; setuptools.setup()"]
        return self.run(self.python, *script, *arguments, check=check)

    def wheel(self, *options: str) -> Wheel:
        """Build a wheel with ``pip wheel`` in this environment, and open it."""
        self.pip_wheel(*options)
        return self.built_wheel()

    def pip_wheel(self, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``pip wheel --no-build-isolation --no-deps`` and show what the build says."""
        return self.run(
            self.python, "-m", "pip", "wheel", "-v", "--no-build-isolation", "--no-deps", "-w", "dist", *options, ".", check=check
        )

    def built_wheel(self) -> Wheel:
        """The newest wheel in ``dist``."""
        wheels = sorted((self.folder / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime_ns)
        assert wheels, "no wheel was built"
        return Wheel(wheels[-1])

    def evaluate(self, code: str, *, python: Optional[Path] = None, cwd: Optional[Path] = None) -> str:
        """What a Python says when it runs some code in the project's folder, stripped."""
        folder = cwd or self.folder
        return run([python or self.python, "-c", textwrap.dedent(code)], cwd=folder, env=self.env).stdout.strip()

    def files(self, pattern: str) -> List[str]:
        """Paths in the project that match, relative to it, with slashes, sorted."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob(pattern))


class Wheel:
    """A wheel file, opened for looking at."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def tag(self) -> str:
        """``cp311-cp311-linux_x86_64``."""
        return "-".join(self.path.stem.split("-")[-3:])

    @property
    def names(self) -> List[str]:
        """All names in it, sorted."""
        with zipfile.ZipFile(self.path) as archive:
            return sorted(archive.namelist())

    @property
    def content(self) -> List[str]:
        """The names outside dist-info."""
        return [name for name in self.names if ".dist-info/" not in name]

    def read(self, name: str) -> str:
        """The text of a member, or of the one in dist-info whose name ends so."""
        with zipfile.ZipFile(self.path) as archive:
            found = name if name in archive.namelist() else next(n for n in archive.namelist() if n.endswith(name))
            return archive.read(found).decode("utf-8")

    def unpack(self, folder: Path) -> Path:
        """Unpack it, so that it can be imported from there."""
        with zipfile.ZipFile(self.path) as archive:
            archive.extractall(folder)
        return folder


def compiled(output: str) -> List[str]:
    """The crates that cargo says it compiled."""
    return [line.split()[1] for line in output.splitlines() if line.strip().startswith("Compiling ")]


def cargo_calls(output: str) -> List[str]:
    """The cargo commands that were echoed."""
    return [line for line in output.splitlines() if " cargo build " in line or " cargo rustc " in line]


# Runs setup.py, then tells whether anything was planned.
_WATCHED = """\
import runpy, sys
from setuptools_pyo3.mind import plan
made, make = [], plan.make
plan.make = lambda *arguments: made.append(arguments) or make(*arguments)
sys.argv = ["setup.py", {arguments}]
runpy.run_path("setup.py", run_name="__main__")
print("planned:", bool(made))
"""


def watched(project: Project, *arguments: str, check: bool = True) -> str:
    """Run setup.py, and return what it says, which ``planned`` reads."""
    words = ", ".join(map(repr, arguments))
    return project.run(project.python, "-c", _WATCHED.format(arguments=words), check=check).stdout


def planned(output: str) -> bool:
    """Whether a build that was watched was planned, and so was not known again."""
    assert "planned: " in output, output
    return "planned: True" in output


def copy_tree(source: Path, target: Path) -> None:
    """Copy a project without its outputs. Times are new: cargo judges by them, and tests share a target folder."""
    ignored = shutil.ignore_patterns("target", "build", "dist", "*.egg-info", "__pycache__", "*.so")
    shutil.copytree(source, target, ignore=ignored, copy_function=shutil.copyfile, dirs_exist_ok=True)
