"""A crate whose module tells how it was built, so that a mixed-up one can't pass for the right one."""

from __future__ import annotations

from typing import Dict

from ..crates import manifest
from ..support import Project

MODULE = """\
use pyo3::prelude::*;

#[pyfunction]
fn built_with() -> (bool, bool, i32) {
    let python = [
        (13, cfg!(Py_3_13)),
        (12, cfg!(Py_3_12)),
        (11, cfg!(Py_3_11)),
        (10, cfg!(Py_3_10)),
        (9, true),
    ];
    let minor = python.iter().find(|(_, on)| *on).map_or(0, |(minor, _)| *minor);
    (cfg!(feature = "loud"), cfg!(Py_LIMITED_API), minor)
}

#[pymodule]
fn NAME(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(built_with, m)?)?;
    Ok(())
}
"""

# Features come from a variable, so that one tree can be built in many ways.
SETUP = """\
import os

from setuptools import setup
from setuptools_pyo3 import RustExtension

features = os.environ.get("WANTED", "").split()
setup(name="NAME", version="1.0", packages=[], ext_modules=[RustExtension("NAME", features=features)])
"""


def telltale(name: str, *, types: str = '"cdylib"', pyo3: str = "0.30") -> Dict[str, str]:
    """The files of a project: ``built_with()`` of its module says whether ``loud`` and abi3 are on, and which Python it is for."""
    extra = f'[build-dependencies]\npyo3-build-config = "{pyo3}"\n[features]\nloud = []\nstable = ["pyo3/abi3-py39"]\n'
    return {
        "Cargo.toml": manifest(name, types=types, dependency=f'"{pyo3}"', extra=extra),
        # Without the second line it would run again for every file that appears in the tree, the module itself for one.
        "build.rs": 'fn main() {\n    pyo3_build_config::use_pyo3_cfgs();\n    println!("cargo:rerun-if-changed=build.rs");\n}\n',
        "src/lib.rs": MODULE.replace("NAME", name),
        "setup.py": SETUP.replace("NAME", name),
    }


def in_dev_profile(project: Project) -> Project:
    """Let wheels be built in the profile that compiles fastest."""
    project.env["SETUPTOOLS_PYO3_CARGO_PROFILE"] = "dev"
    return project
