"""Crates that know nothing of Python, as texts: they compile in a moment, where PyO3 is not the subject."""

from __future__ import annotations

from typing import Dict, Sequence

from ..support import Project


def library(name: str, *, folder: str = "", answer: str = "42", extra: str = "") -> Dict[str, str]:
    """A shared library with one C function ``answer``, for ctypes.

    Args:
        name: the package's.
        folder: where it lies in the project, "" for its root.
        answer: the Rust expression (an i32) that the function returns.
        extra: further tables of its manifest.
    """
    prefix = f"{folder}/" if folder else ""
    head = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'
    return {
        f"{prefix}Cargo.toml": f'{head}\n[lib]\ncrate-type = ["cdylib"]\n\n{extra}\n',
        f"{prefix}src/lib.rs": f'#[no_mangle]\npub extern "C" fn answer() -> i32 {{\n    {answer}\n}}\n',
    }


def binaries(name: str, programs: Sequence[str], *, folder: str = "", says: str = "", extra: str = "") -> Dict[str, str]:
    """A crate with executables; each prints its own name, what it ``says`` and its arguments.

    Args:
        name: the package's.
        programs: the names of the executables.
        folder: where it lies in the project, "" for its root.
        says: a Rust expression that can be displayed.
        extra: further tables of its manifest.
    """
    prefix = f"{folder}/" if folder else ""
    tables = "".join(f'\n[[bin]]\nname = "{program}"\npath = "src/{program}.rs"\n' for program in programs)
    files = {f"{prefix}Cargo.toml": f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{tables}\n{extra}\n'}
    for program in programs:
        words = "std::env::args().skip(1).collect::<Vec<_>>()"
        files[f"{prefix}src/{program}.rs"] = (
            f'fn main() {{\n    println!("{program} {{}} {{:?}}", {says or chr(34) * 2}, {words});\n}}\n'
        )
    return files


DEBUG = "if cfg!(debug_assertions) { 1 } else { 0 }"


def call(project: Project, pattern: str, **options: object) -> int:
    """What ``answer()`` of the one library in the project whose path matches returns."""
    found = project.files(pattern)
    assert len(found) == 1, found
    return int(project.evaluate(f"import ctypes; print(ctypes.CDLL({('./' + found[0])!r}).answer())", **options))  # type: ignore[arg-type]
