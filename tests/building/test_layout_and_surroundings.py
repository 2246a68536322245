"""What a project says about its folders and its environment holds in every command, not only while cargo builds."""

from __future__ import annotations

import json

import pytest

from ..crates import crate, pyproject
from ..support import Project


@pytest.mark.parametrize(
    ("cfg", "folder", "target"),
    [
        ("[options]\npackages = laid_out\npackage_dir =\n    = lib/python\n", "lib/python/laid_out", "laid_out.laid_out"),
        ("[options]\npackages = laid_out\npackage_dir =\n    laid_out = elsewhere\n", "elsewhere", "laid_out.laid_out"),
        ("[options]\npackages = find:\n[options.packages.find]\nwhere = code\n", "code/laid_out", "laid_out.laid_out"),
        ("[options]\npy_modules = other\n", "laid_out_not", "laid_out"),
    ],
)
def test_a_found_crate_goes_into_the_package_that_setup_cfg_places(project: Project, cfg: str, folder: str, target: str) -> None:
    project.write(
        {
            **crate("laid_out"),
            "pyproject.toml": '[build-system]\nrequires = ["setuptools", "setuptools-pyo3"]\n[tool.setuptools-pyo3]\n',
            "setup.cfg": "[metadata]\nname = laid-out\nversion = 1.0\n" + cfg,
            f"{folder}/__init__.py": "",
        }
    )
    plan = json.loads(project.run(project.python, "-m", "setuptools_pyo3", "plan", "--json").stdout)
    (call,) = plan["calls"]
    assert [built["name"] for built in call["builds"]] == [target]


def test_generated_files_of_another_package_are_among_the_outputs_in_place(project: Project) -> None:
    project.write(
        {
            **crate("generates_elsewhere"),
            "build.rs": """
                fn main() {
                    let place = std::path::Path::new(&std::env::var("OUT_DIR").unwrap()).join("table.txt");
                    std::fs::write(place, "made").unwrap();
                }
            """,
            "pyproject.toml": pyproject("demo"),
            "one/__init__.py": "",
            "two/__init__.py": "",
            "setup.py": """
                from setuptools import setup
                from setuptools_pyo3 import RustExtension, build_rust

                class told(build_rust):
                    def run(self):
                        super().run()
                        mapping = self.get_finalized_command("build_ext").get_output_mapping()
                        print("mapping", sorted(value.replace("\\\\", "/") for value in mapping.values()))

                setup(packages=["one", "two"], cmdclass={"build_rust": told},
                      rust_extensions=[RustExtension("one.generates_elsewhere", generated_files={"table.txt": "two"})])
            """,
        }
    )
    output = project.setup("build_ext", "--inplace").stdout
    assert "'two/table.txt'" in output
    assert (project.folder / "two" / "table.txt").read_text() == "made"


def test_clean_rust_goes_where_the_extension_builds(project: Project) -> None:
    project.write(
        {
            **crate("cleans_elsewhere"),
            "pyproject.toml": pyproject("demo"),
            "setup.py": """
                from setuptools import setup
                from setuptools_pyo3 import RustExtension

                setup(rust_extensions=[RustExtension("cleans_elsewhere", env={"CARGO_TARGET_DIR": "own-target"})])
            """,
            "own-target/debug/left.txt": "as if it had been built",
            "own-target/CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55",
        }
    )
    output = project.setup("clean_rust").stdout
    assert "CARGO_TARGET_DIR=own-target" in output
    assert not (project.folder / "own-target" / "debug").exists()


def test_rust_version_is_held_against_the_rustc_that_the_extension_names(project: Project) -> None:
    project.write(
        {
            **crate("own_rustc"),
            "pyproject.toml": pyproject("demo"),
            "setup.py": """
                from setuptools import setup
                from setuptools_pyo3 import RustExtension

                setup(rust_extensions=[RustExtension("own_rustc", rust_version=">=1.70", env={"RUSTC": "./old-rustc"})])
            """,
            "old-rustc": "#!/bin/sh\necho 'rustc 1.60.0 (0 2022-01-01)'\n",
        }
    )
    (project.folder / "old-rustc").chmod(0o755)
    done = project.setup("build_rust", check=False)
    assert done.returncode
    assert "rustc 1.60.0 does not fit rust_version >=1.70" in done.stdout
