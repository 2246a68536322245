"""What measuring needs: virtual environments, throwaway projects that differ in the build tool only, and timed processes."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent

OURS, INCUMBENT, MATURIN, PLAIN, CARGO = "setuptools-pyo3", "setuptools-rust", "maturin", "plain setuptools", "bare cargo"

# Variables of the caller that would change what is measured; CARGO_HOME only says where crates are.
_FOREIGN = re.compile(
    r"CARGO|CARGO_(?!HOME).*|RUST(C|DOC)(_.*)?|RUSTFLAGS|PYO3_.*|PYTHON.*|"
    r"SCCACHE_.*|VIRTUAL_ENV|CONDA_.*|SETUPTOOLS_.*"
)


# Runs that take a fraction of a second are repeated more often: there, the machine's noise is of the size of what is measured.
SHORT_RUNS = 4
# And those that take a minute less often.
LONG_RUNS = 3

BUILD = ("build_ext",)


class Unmeasurable(Exception):
    """A row can't be measured here; the message says why."""


class Cost(NamedTuple):
    """What one run of a process, with all that it started, took.

    Args:
        wall: seconds by the clock.
        cpu: seconds of all processors, user and system; NaN where the platform doesn't tell.
    """

    wall: float
    cpu: float


class Timed(NamedTuple):
    """One of the things that a row compares.

    Args:
        prepare: brings the project into the state that the run starts from; not timed.
        argv: what is timed.
        folder: where it runs.
        env: its whole environment.
    """

    prepare: Callable[[], None]
    argv: Sequence[str]
    folder: Path
    env: Mapping[str, str]


def run(argv: Sequence[object], folder: Path, env: Mapping[str, str]) -> str:
    """Run a command and return what it says.

    Raises:
        Unmeasurable: it failed or isn't there.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise Unmeasurable(f"{words[0]} can't be run: {error}") from error
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise Unmeasurable(f"`{' '.join(words)}` failed with {done.returncode}:\n{output[-2000:]}")
    return output


def _cpu_of_children() -> float:
    if resource is None:
        return float("nan")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost(timed: Timed) -> Cost:
    """Prepare, run once, and say what the run took."""
    timed.prepare()
    cpu, wall = _cpu_of_children(), time.perf_counter()
    run(timed.argv, timed.folder, timed.env)
    return Cost(time.perf_counter() - wall, _cpu_of_children() - cpu)


def interleaved(contestants: Mapping[str, Timed], runs: int, *, warm_up: bool = True) -> Dict[str, List[Cost]]:
    """Run all contestants in turn, A B C A B C, so that a machine that slows down slows all of them down.

    Args:
        contestants: by name.
        runs: how often each is counted.
        warm_up: run each once before, uncounted.
    """
    costs: Dict[str, List[Cost]] = {name: [] for name in contestants}
    for turn in range(runs + warm_up):
        for name, timed in contestants.items():
            taken = cost(timed)
            if turn >= warm_up:
                costs[name].append(taken)
    return costs


def median(costs: Sequence[Cost]) -> Cost:
    """The medians of both figures, each by itself."""
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def pinned(name: str) -> str:
    """The requirement for a package as it is pinned in requirements-dev.txt, or its bare name."""
    found = re.search(rf"^{re.escape(name)}==\S+", (ROOT / "requirements-dev.txt").read_text(encoding="utf-8"), re.MULTILINE)
    return found[0] if found else name


class Workshop:
    """The folder that everything is made in.

    Args:
        folder: a new one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {name: value for name, value in os.environ.items() if not _FOREIGN.fullmatch(name)}
        # uv may be in the virtual environment of the Python that runs this, which needs not be the active one.
        self.env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), self.env.get("PATH", "")])
        self.env.update(
            UV_FIND_LINKS=str(folder / "wheels"), UV_PYTHON_DOWNLOADS="never", SETUPTOOLS_PYO3_CACHE_DIR=str(folder / "cache")
        )
        self._pythons: Dict[str, Path] = {}

    def uv(self, *arguments: object) -> str:
        """Run uv."""
        return run(["uv", *arguments], self.folder, self.env)

    def build_ourselves(self) -> None:
        """Make the wheel of the code under test: it is measured as users have it, not as an editable install."""
        source, wheels = self.folder / "setuptools-pyo3", self.folder / "wheels"
        shutil.copytree(ROOT / "setuptools_pyo3", source / "setuptools_pyo3", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("setup.cfg", "pyproject.toml", "README.md"):
            shutil.copyfile(ROOT / name, source / name)
        wheels.mkdir()
        self.uv("build", "--quiet", "--wheel", "--out-dir", wheels, source)

    def interpreter(self, version: str) -> str:
        """An interpreter of this version, on PATH or of pyenv; "" where there is none."""
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        for path in (f"python{version}", *sorted(map(str, pyenv.glob(f"{version}.*/bin/python")), reverse=True)):
            try:
                # A shim may be there for a version that isn't.
                run([path, "-c", ""], self.folder, self.env)
            except Unmeasurable:
                continue
            return path
        return ""

    def python(self, tool: str, version: str = "") -> Path:
        """The interpreter of a virtual environment that holds just this tool and setuptools.

        Args:
            tool: its name, and that of its package.
            version: of the interpreter, "" for the one that runs this.
        """
        known = f"{tool} {version}".strip()
        if known not in self._pythons:
            folder = self.folder / "environments" / known.replace(" ", "-")
            python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
            extra = [pinned(tool)] if tool in (OURS, INCUMBENT, MATURIN) else []
            self.uv("venv", "--quiet", "--no-project", "--python", self.interpreter(version) if version else sys.executable, folder)
            # The newest doesn't support the oldest Pythons.
            plain = "setuptools" if version else pinned("setuptools")
            self.uv("pip", "install", "--quiet", "--compile-bytecode", "--python", python, plain, *extra)
            self._pythons[known] = python
        return self._pythons[known]

    def cargo_env(self) -> Dict[str, str]:
        """The environment of a bare cargo that builds extension modules by hand."""
        return {**self.env, "PYO3_PYTHON": str(self.python(PLAIN)), "PYO3_BUILD_EXTENSION_MODULE": "1"}

    def project(self, name: str, tool: str, count: int, dependencies: str = "", more: Optional[Mapping[str, str]] = None) -> Path:
        """A project with some Rust extension modules in a workspace of crates, built by a tool.

        Args:
            name: of its folder; one for each row and tool, so that none finds what another has built.
            tool: that its setup.py or pyproject.toml asks for.
            count: of extension modules.
            dependencies: of each crate beside PyO3, as lines of TOML.
            more: further files, by their path.
        """
        folder = self.folder / "projects" / name / tool.replace(" ", "-")
        files = {**_crates(count, dependencies), "bench/__init__.py": "", **_declaration(tool, count), **(more or {})}
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        # A lock is what real projects have; made here, no run pays for it.
        run(["cargo", "generate-lockfile"], folder, self.env)
        return folder


def _crates(count: int, dependencies: str) -> Dict[str, str]:
    members = ", ".join(f'"crates/m{i}"' for i in range(1, count + 1))
    files = {"Cargo.toml": f'[workspace]\nmembers = [{members}]\nresolver = "2"\n'}
    for i in range(1, count + 1):
        files[f"crates/m{i}/Cargo.toml"] = (
            f'[package]\nname = "m{i}"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\ncrate-type = ["cdylib"]\n\n'
            f'[dependencies]\npyo3 = "0.30"\n{dependencies}'
        )
        files[f"crates/m{i}/src/lib.rs"] = (
            "use pyo3::prelude::*;\n\n#[pyfunction]\nfn number() -> u64 {\n"
            f"    {i}\n}}\n\n#[pymodule]\nfn m{i}(m: &Bound<'_, PyModule>) -> PyResult<()> {{\n"
            "    m.add_function(wrap_pyfunction!(number, m)?)?;\n    Ok(())\n}\n"
        )
    return files


def _declaration(tool: str, count: int) -> Dict[str, str]:
    if tool == MATURIN:
        return {
            "pyproject.toml": (
                f'[build-system]\nrequires = ["{pinned(MATURIN)}"]\nbuild-backend = "maturin"\n\n'
                '[project]\nname = "bench"\nversion = "1.0"\n\n'
                '[tool.maturin]\nmanifest-path = "crates/m1/Cargo.toml"\nmodule-name = "bench.m1"\n'
            )
        }
    requires = [pinned("setuptools"), *([pinned(tool)] if tool in (OURS, INCUMBENT) else [])]
    pyproject = f'[build-system]\nrequires = {requires}\nbuild-backend = "setuptools.build_meta"\n'.replace("'", '"')
    if tool not in (OURS, INCUMBENT):
        setup = 'from setuptools import setup\n\nsetup(name="bench", version="1.0", packages=["bench"])\n'
    else:
        setup = (
            f"from setuptools import setup\nfrom {tool.replace('-', '_')} import RustExtension\n\n"
            'setup(\n    name="bench",\n    version="1.0",\n    packages=["bench"],\n    rust_extensions=[\n'
            f'        RustExtension(f"bench.m{{i}}", f"crates/m{{i}}/Cargo.toml") for i in range(1, {count + 1})\n    ],\n)\n'
        )
    return {"pyproject.toml": pyproject, "setup.py": setup}
