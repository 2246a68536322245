"""A crate that has every kind of path of the building machine written into it, and compiles in no time."""

from __future__ import annotations

from typing import Dict

from .. import crates

_LIB = """\
include!(concat!(env!("OUT_DIR"), "/made.rs"));

#[no_mangle]
pub extern "C" fn answer(index: usize) -> usize {
    let mut numbers: smallvec::SmallVec<[usize; 4]> = smallvec::smallvec![1, 2, 42];
    numbers.insert(index, made(index));
    numbers.remove(3)
}
"""
_NAMED = """
#[no_mangle]
pub extern "C" fn folder() -> *const std::os::raw::c_char {
    concat!(env!("CARGO_MANIFEST_DIR"), "/data\\0").as_ptr().cast()
}
"""
_BUILD = """\
fn main() {
    let made = "fn made(i: usize) -> usize { if i > 9 { panic!(\\"made\\") } else { i } }";
    println!("cargo:rerun-if-changed=build.rs");
    std::fs::write(format!("{}/made.rs", std::env::var("OUT_DIR").unwrap()), made).unwrap();
}
"""


def crate(name: str, *, names_its_folder: bool = False, debug: bool = True) -> Dict[str, str]:
    """The files of a project with such a crate: sources from a registry, made ones, and debug information.

    Args:
        name: the project's and the crate's.
        names_its_folder: whether the crate asks for its own folder, which rustc gives no other name.
        debug: with debug information.
    """
    module = name.replace("-", "_")
    table = f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = "{module}"\nbinding = "NoBinding"\n'
    return {
        "pyproject.toml": crates.pyproject(name, table),
        "Cargo.toml": f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\ncrate-type = ["cdylib"]\n\n'
        f'[dependencies]\nsmallvec = "1"\n\n[profile.release]\ndebug = {int(debug)}\n',
        "src/lib.rs": _LIB + (_NAMED if names_its_folder else ""),
        "build.rs": _BUILD,
    }
