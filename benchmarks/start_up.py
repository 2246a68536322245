"""What a build costs beside cargo: modules that are imported, and memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List, Tuple

from figures import Figure, Result
from workshop import INCUMBENT, OURS, PLAIN, Unmeasurable, Workshop, run

# A line of -X importtime: its own microseconds, those of all that it imports, and the module.
_IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")
_SHOWN = 3


def imports(shop: Workshop, runs: int) -> Result:
    """What a build in which nothing changed imports beyond plain setuptools, by ``python -X importtime``."""
    taken = {tool: _imported(shop, tool) for tool in (PLAIN, OURS, INCUMBENT)}
    plain = {name for name, _ in taken.pop(PLAIN)}
    beyond = {tool: [(name, us) for name, us in found if name not in plain] for tool, found in taken.items()}
    milliseconds = {tool: sum(us for _, us in found) / 1000 for tool, found in beyond.items()}
    slowest = sorted(beyond[OURS], key=lambda one: -one[1])[:_SHOWN]
    return Result(
        [
            Figure("modules beyond plain setuptools'", {tool: float(len(found)) for tool, found in beyond.items()}),
            Figure("ms that importing them takes", milliseconds),
        ],
        {tool: dict(found) for tool, found in beyond.items()},
        "ours that take longest: " + ", ".join(f"{name} {us / 1000:.1f}" for name, us in slowest),
    )


def _imported(shop: Workshop, tool: str) -> List[Tuple[str, int]]:
    folder, python = shop.project("imports", tool, 1), shop.python(tool)
    build = ["setup.py", "build_ext", "--inplace"]
    run([python, *build], folder, shop.env)
    output = run([python, "-X", "importtime", *build], folder, shop.env)
    return [(name, int(us)) for us, name in _IMPORTED.findall(output)]


# Prints as much as it is told to while the crate is compiled.
_TALKS = """\
use proc_macro::TokenStream;
use std::io::Write;

#[proc_macro]
pub fn talk(_: TokenStream) -> TokenStream {
    let lines: usize = std::env::var("LINES_OF_OUTPUT").unwrap().parse().unwrap();
    let line = "x".repeat(999) + "\\n";
    for _ in 0..lines {
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
    TokenStream::new()
}
"""
_MANIFEST = '[package]\nname = "talks"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\nproc-macro = true\n'
_PEAK = """\
import atexit
import resource
import sys


def peak():
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("PEAK", used if sys.platform == "darwin" else 1024 * used)


atexit.register(peak)
"""
_MEGABYTE = 1_000_000
_FEW, _MANY = 1, 100_000


def memory(shop: Workshop, runs: int) -> Result:
    """How much more memory a build needs at 100 MB of cargo's output than at a line."""
    peaks = {tool: _peaks(shop, tool) for tool in (OURS, INCUMBENT)}
    grown = {tool: (many - few) / _MEGABYTE for tool, (few, many) in peaks.items()}
    return Result([Figure("MB more at 100 MB of output", grown, 5)], peaks, "build_ext")


def _peaks(shop: Workshop, tool: str) -> Tuple[int, int]:
    talks = {"crates/talks/Cargo.toml": _MANIFEST, "crates/talks/src/lib.rs": _TALKS}
    folder = shop.project("memory", tool, 1, 'talks = { path = "../talks" }\n', talks)
    setup, source = folder / "setup.py", folder / "crates" / "m1" / "src" / "lib.rs"
    setup.write_text(_PEAK + setup.read_text(encoding="utf-8"), encoding="utf-8")
    code = source.read_text(encoding="utf-8")
    few, many = (_peak(shop, tool, folder, source, code, lines) for lines in (_FEW, _MANY))
    return few, many


def _peak(shop: Workshop, tool: str, folder: Path, source: Path, code: str, lines: int) -> int:
    source.write_text(f"// {lines}\ntalks::talk!();\n{code}", encoding="utf-8")
    output = run([shop.python(tool), "setup.py", "build_ext"], folder, {**shop.env, "LINES_OF_OUTPUT": str(lines)})
    found = re.search(r"PEAK (\d+)", output)
    if found is None:
        raise Unmeasurable("the build didn't say how much memory it needed")
    return int(found[1])
