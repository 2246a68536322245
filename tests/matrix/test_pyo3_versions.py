"""Every generation of PyO3 that stable Rust compiles builds: with abi3 and without, however the crate asks for it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Callable, Dict, List, Mapping, NamedTuple

import pytest
from elftools.elf.elffile import ELFFile

from ..support import Environments, Project, Wheel

pytestmark = [pytest.mark.cross, pytest.mark.slow]


class Generation(NamedTuple):
    """One PyO3 to try.

    Args:
        requirement: as in Cargo.toml.
        python: a Python that this PyO3 supports.
        abi3: its feature for the limited API, "" to build for one version; without a version it means that Python's own and newer.
        pins: versions of what it depends on, for generations whose dependencies could move on without it.
    """

    requirement: str
    python: str
    abi3: str = ""
    pins: Mapping[str, str] = MappingProxyType({})

    @property
    def name(self) -> str:
        """Readable, and good for a package name."""
        return "_".join(filter(None, ("pyo3", *self.requirement.strip("=").split(".")[:2], self.abi3.replace("-", "_"))))

    @property
    def has_bound(self) -> bool:
        """Whether modules are handed over as ``Bound``: since 0.21."""
        return int(self.requirement.strip("=").split(".")[1]) >= 21

    @property
    def tag(self) -> str:
        """The Python and ABI part of the wheel's tag."""
        digits = self.python.replace(".", "")
        if self.abi3:
            return f"cp{self.abi3.partition('-py')[2] or digits}-abi3"
        return f"cp{digits}-cp{digits}"


# Without pins, crates that are still maintained would be the only ones of their kind here that change under an unmaintained PyO3.
PINS_0_11 = {
    "ctor": "0.1.26",
    "ghost": "0.1.23",
    "indoc": "0.3.6",
    "inventory": "0.1.11",
    "parking_lot": "0.11.2",
    "paste": "0.1.18",
    "unindent": "0.1.11",
}

GENERATIONS = [
    Generation("=0.11.1", "3.9", pins=PINS_0_11),
    Generation("=0.15.2", "3.9"),
    Generation("=0.15.2", "3.9", "abi3-py37"),
    Generation("=0.20.3", "3.11"),
    Generation("=0.20.3", "3.11", "abi3-py38"),
    Generation("=0.23.5", "3.13"),
    Generation("=0.23.5", "3.13", "abi3-py39"),
    Generation("=0.23.5", "3.13", "abi3"),
    Generation("=0.26.0", "3.13"),
    Generation("=0.26.0", "3.13", "abi3-py310"),
    Generation("0.30", "3.13"),
    Generation("0.30", "3.13", "abi3-py311"),
]

# How crates come to be extension modules and no programs that embed Python: they say so themselves, they leave it to the build
# tool, or they have a feature for it, so that their tests can be built without. Each with pyo3's features and further tables.
SHAPES = {
    "own": (["extension-module"], ""),
    "plain": ([], ""),
    "switch": ([], '[features]\ndefault = ["pyo3/extension-module"]\n'),
}

OLD_MODULE = """\
use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

#[pyfunction]
fn answer() -> i64 {
    42
}

#[pymodule]
fn MODULE(_py: Python, m: &PyModule) -> PyResult<()> {
    m.add_wrapped(wrap_pyfunction!(answer))?;
    Ok(())
}
"""

BOUND_MODULE = """\
use pyo3::prelude::*;

#[pyfunction]
fn answer() -> i64 {
    42
}

#[pymodule]
fn MODULE(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(answer, m)?)?;
    Ok(())
}
"""


def needed(library: Path) -> List[str]:
    """The shared libraries that an ELF file is linked to."""
    with open(library, "rb") as file:
        dynamic = ELFFile(file).get_section_by_name(".dynamic")
        return [tag.needed for tag in dynamic.iter_tags("DT_NEEDED")]


def workspace(generation: Generation) -> Dict[str, str]:
    """The files of a project with one module, and one crate, for each shape."""
    names = {shape: f"{generation.name}_{shape}" for shape in SHAPES}
    tables = "".join(
        f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{name}"\npath = "{shape}/Cargo.toml"\n' for shape, name in names.items()
    )
    files = {
        "pyproject.toml": (
            '[build-system]\nrequires = ["setuptools", "setuptools-pyo3"]\nbuild-backend = "setuptools.build_meta"\n'
            f'[project]\nname = "{generation.name}"\nversion = "1.0"\n[tool.setuptools]\npackages = []\n{tables}'
        ),
        "Cargo.toml": f'[workspace]\nmembers = {[*SHAPES, "pins"]}\nresolver = "2"\n'.replace("'", '"'),
        # Never built: its requirements hold for all crates of the workspace.
        "pins/Cargo.toml": f'[package]\nname = "{generation.name}_pins"\nversion = "0.1.0"\n[dependencies]\n'
        + "".join(f'{name} = "={version}"\n' for name, version in generation.pins.items()),
        "pins/src/lib.rs": "",
    }
    text = BOUND_MODULE if generation.has_bound else OLD_MODULE
    for shape, (features, tables) in SHAPES.items():
        asked = ", ".join(f'"{feature}"' for feature in [*features, *filter(None, [generation.abi3])])
        files[f"{shape}/Cargo.toml"] = (
            f'[package]\nname = "{names[shape]}"\nversion = "0.1.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n'
            f'[dependencies]\npyo3 = {{ version = "{generation.requirement}", features = [{asked}] }}\n{tables}'
        )
        files[f"{shape}/src/lib.rs"] = text.replace("MODULE", names[shape])
    return files


@pytest.fixture
def build(tmp_path: Path, environments: Environments) -> Callable[..., Project]:
    """Makes the project of a generation, to be built by a Python; in cargo's dev profile, which compiles fastest."""

    def make(generation: Generation, python: str) -> Project:
        folder = tmp_path / "project"
        folder.mkdir()
        project = Project(folder, environments.make(python=python), environments.env)
        project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "dev"
        return project.write(workspace(generation))

    return make


def check(wheel: Wheel, generation: Generation, project: Project, python: Path, folder: Path) -> None:
    """Hold a wheel against what the generation promises, and import its modules."""
    assert wheel.tag.startswith(f"{generation.tag}-")
    suffix = project.evaluate("import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))", python=python)
    suffix = ".abi3.so" if generation.abi3 else suffix
    assert wheel.content == sorted(f"{generation.name}_{shape}{suffix}" for shape in SHAPES)
    wheel.unpack(folder)
    for shape in SHAPES:
        module = f"{generation.name}_{shape}"
        assert project.evaluate(f"import {module}; print({module}.answer())", python=python, cwd=folder) == "42"
        assert not [name for name in needed(folder / f"{module}{suffix}") if "python" in name]


@pytest.mark.parametrize("generation", GENERATIONS, ids=lambda generation: generation.name)
def test_each_generation_in_each_shape(generation: Generation, build: Callable[..., Project], tmp_path: Path) -> None:
    project = build(generation, generation.python)
    check(project.wheel(), generation, project, project.python, tmp_path / "unpacked")


def test_python_sys_executable_chooses_the_interpreter_of_the_oldest_pyo3(
    build: Callable[..., Project], environments: Environments, tmp_path: Path
) -> None:
    oldest = GENERATIONS[0]
    project = build(oldest, "3.11")
    chosen = environments.make(python=oldest.python)
    project.env["PYTHON_SYS_EXECUTABLE"] = str(chosen)
    check(project.wheel(), oldest, project, chosen, tmp_path / "unpacked")


def test_python_sys_executable_means_nothing_to_a_new_pyo3(
    build: Callable[..., Project], environments: Environments, tmp_path: Path
) -> None:
    newest = next(g for g in GENERATIONS if g.requirement == "0.30" and not g.abi3)
    project = build(newest, newest.python)
    project.env["PYTHON_SYS_EXECUTABLE"] = str(environments.make(python="3.9"))
    check(project.wheel(), newest, project, project.python, tmp_path / "unpacked")
