"""Source distributions, against what packing their files takes."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Dict, List

from figures import Figure, Result, details
from workshop import INCUMBENT, MATURIN, OURS, PLAIN, SHORT_RUNS, Cost, Timed, Workshop, interleaved, median, run

_TAR = "tar and gzip"


def source_distribution(shop: Workshop, runs: int) -> Result:
    """An sdist of a workspace of 20 crates beside a target folder of 1 GB, against tar and gzip given the same list of files."""
    outputs = _outputs(shop.folder / "outputs")
    contestants: Dict[str, Timed] = {}
    for tool in (PLAIN, OURS, INCUMBENT, MATURIN):
        folder = shop.project("sdist", tool, 1)
        if tool != PLAIN:
            _grow(folder)
            run(["cargo", "update", "--workspace", "--offline"], folder, shop.env)
            shutil.copytree(outputs, folder / "target", copy_function=os.link)
        if tool == INCUMBENT:
            # Without it, there is no Rust in its sdist.
            (folder / "MANIFEST.in").write_text("include Cargo.toml Cargo.lock\ngraft crates\n", encoding="utf-8")
        python = shop.python(tool)
        argv: List[object] = [python, "setup.py", "--quiet", "sdist"]
        if tool == MATURIN:
            argv = [python.parent / "maturin", "sdist", "--manifest-path", "crates/m1/Cargo.toml"]
        contestants[tool] = Timed(lambda: None, list(map(str, argv)), folder, shop.env)
    folder = contestants[OURS].folder
    names = sorted(path for path in folder.rglob("*") if path.is_file() and "target" not in path.relative_to(folder).parts)
    listed = shop.folder / "list"
    listed.write_text("\n".join(str(path.relative_to(folder)) for path in names), encoding="utf-8")
    contestants[_TAR] = Timed(lambda: None, ["tar", "-czf", str(shop.folder / "list.tar.gz"), "-T", str(listed)], folder, shop.env)
    costs = interleaved(contestants, runs * SHORT_RUNS)
    medians = {name: median(taken) for name, taken in costs.items()}
    base, plain = medians[_TAR], medians[PLAIN]
    wall, cpu = {}, {}
    for tool in (OURS, INCUMBENT, MATURIN):
        # maturin is no setuptools, so all of its time is its own.
        off = Cost(0.0, 0.0) if tool == MATURIN else plain
        wall[tool], cpu[tool] = (medians[tool].wall - off.wall) / base.wall, (medians[tool].cpu - off.cpu) / base.cpu
    return Result(
        [Figure("wall time over tar's and gzip's", wall, 1.1), Figure("CPU time over tar's and gzip's", cpu)],
        details(costs),
        f"tar and gzip {base.wall:.3f} s, plain setuptools {plain.wall:.3f} s, {len(names)} files",
    )


def _outputs(folder: Path) -> Path:
    """A target folder of 1 GB, as many files as a real one has. It is made once; the projects have links to its files."""
    content = os.urandom(1024 * 1024)
    (folder / "release" / "deps").mkdir(parents=True)
    (folder / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n", encoding="utf-8")
    for number in range(1024):
        (folder / "release" / "deps" / f"libcrate-{number:016x}.rlib").write_bytes(content)
    return folder


def _grow(folder: Path) -> None:
    """Make a workspace of one crate one of 20, the first of which depends on the others; 1 MB of source each, in 40 files."""
    numbers, chance = range(2, 21), random.Random(20)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 12))) for _ in range(3000)]
    for number in numbers:
        crate = folder / "crates" / f"m{number}"
        (crate / "src").mkdir(parents=True)
        manifest = f'[package]\nname = "m{number}"\nversion = "0.1.0"\nedition = "2021"\n'
        (crate / "Cargo.toml").write_text(manifest, encoding="utf-8")
        (crate / "src" / "lib.rs").write_text("".join(f"mod part{part};\n" for part in range(40)), encoding="utf-8")
        for part in range(40):
            # As many words to a line, and as few of them, as in sources that people write: it packs to a quarter.
            lines = ("    let " + " ".join(chance.choices(words, k=7)) + ";\n" for _ in range(420))
            (crate / "src" / f"part{part}.rs").write_text("".join(lines), encoding="utf-8")
    members = ", ".join(f'"crates/m{number}"' for number in (1, *numbers))
    (folder / "Cargo.toml").write_text(f'[workspace]\nmembers = [{members}]\nresolver = "2"\n', encoding="utf-8")
    first = folder / "crates" / "m1" / "Cargo.toml"
    paths = "".join(f'm{number} = {{ path = "../m{number}" }}\n' for number in numbers)
    first.write_text(first.read_text(encoding="utf-8") + paths, encoding="utf-8")
