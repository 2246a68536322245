"""Fault rows 30-41: builds that run out of room, are killed or interrupted, meet another build, or talk a lot."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

import pytest

from ..support import Project, Wheel
from .ground import (
    EXT_SUFFIX,
    Before,
    answer_of,
    content,
    function,
    leftovers,
    lock,
    manifest,
    module,
    project_of,
    script,
    setup_py,
)
from .stage import PATIENCE, Waiting, in_foreground, small_disk, together, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses /proc, mounts and signals as Linux has them")

# -- rows 30 and 31: no room


@pytest.mark.parametrize("strip", ["Strip.No", "Strip.All"])
def test_fault_30_no_space_while_the_module_is_installed(ground: Project, strip: str) -> None:
    project_of(ground, "fault-30", f"RustExtension('pkg._core', strip={strip}, debug=False)")
    with small_disk(ground.folder / "pkg", "64k"):
        ground.write({"pkg/__init__.py": ""})
        before = Before(ground)
        before.fails("build_ext", "--inplace", tells=[f"pkg/_core{EXT_SUFFIX}", "pkg._core", "No space left", "next: make room"])
        assert ground.files("pkg/*") == ["pkg/__init__.py", f"pkg/_core{EXT_SUFFIX}"]
        subprocess.run(["mount", "-o", "remount,size=64m", str(ground.folder / "pkg")], check=True)
        ground.setup("build_ext", "--inplace")
        assert answer_of(ground) == 42


def test_fault_30_no_space_for_generated_files(ground: Project) -> None:
    path = 'std::env::var("OUT_DIR").unwrap() + "/table.txt"'
    writes = f'fn main() {{\n    std::fs::write({path}, "x".repeat(1 << 17)).unwrap();\n}}\n'
    project_of(ground, "fault-30-generated", "RustExtension('pkg._core', generated_files={'table.txt': 'pkg.data'})").write(
        {"build.rs": writes}
    )
    with small_disk(ground.folder / "pkg" / "data", "64k"):
        ground.write({"pkg/data/__init__.py": "", "pkg/data/table.txt": "the table of an earlier build"})
        before = Before(ground)
        done = ground.setup("build_ext", "--inplace", check=False)
        assert done.returncode != 0
        assert "Traceback" not in done.stdout
        for told in ("table.txt", "pkg._core", "No space left"):
            assert told in done.stdout
        assert (ground.folder / "pkg/data/table.txt").read_text() == "the table of an earlier build"
        assert not leftovers(ground.folder)
        assert set(content(ground.folder)) == set(before.files)


def test_fault_31_no_space_in_the_target_folder(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-31")
    with small_disk(tmp_path / "target", "200k"):
        Before(ground).fails("bdist_wheel", tells=["pkg._core"])
        subprocess.run(["mount", "-o", "remount,size=256m", str(tmp_path / "target")], check=True)
        ground.setup("build_ext", "--inplace")
        assert answer_of(ground) == 42


# -- rows 33, 34 and 41: killed, interrupted, hanging

@pytest.fixture
def waiting(ground: Project, tmp_path: Path) -> Iterator[Waiting]:
    """A project whose build waits; whatever happens in the test, nothing of it stays behind."""
    project_of(ground, "fault-34")
    build = Waiting(ground, tmp_path)
    yield build
    build.let_go()
    until(lambda: not build.survivors(), "the end of the build")


@pytest.mark.parametrize(
    ("number", "whole_group"),
    [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGHUP, True)],
    ids=["int-alone", "int-group", "term-alone", "term-group", "hup-group"],
)
@pytest.mark.parametrize("command", [("bdist_wheel",), ("build_ext", "--inplace")], ids=["wheel", "inplace"])
def test_fault_34_41_interrupted(waiting: Waiting, number: signal.Signals, whole_group: bool, command: Tuple[str, ...]) -> None:
    """Ctrl-C and a terminal that is closed reach the whole foreground group, SIGTERM mostly one process.

    A build script that hangs is no different.
    """
    before = Before(waiting.project)
    process = waiting.start(waiting.project.python, "setup.py", *command)
    assert waiting.survivors()
    if whole_group:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "Traceback" not in output
    until(lambda: not waiting.survivors(), "the end of every process")
    before.is_unharmed()
    # The next build is none the worse for it.
    waiting.let_go()
    waiting.project.setup("build_ext", "--inplace")
    assert answer_of(waiting.project) == 42


def test_fault_34_interrupted_under_pip(waiting: Waiting) -> None:
    before = Before(waiting.project)
    pip = [waiting.project.python, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w", "dist", "."]
    process = waiting.start(*pip)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    until(lambda: not waiting.survivors(), "the end of every process")
    before.is_unharmed()


def test_fault_34_a_second_interrupt_while_the_first_is_dealt_with(waiting: Waiting) -> None:
    process = waiting.start(waiting.project.python, "setup.py", "bdist_wheel")
    for _ in range(3):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    until(lambda: not waiting.survivors(), "the end of every process")


def test_fault_34_while_symbols_are_stripped(ground: Project, tmp_path: Path) -> None:
    """Interrupted between the copy and the move: the old module stays, and no half one beside it."""
    project_of(ground, "fault-34-strip", "RustExtension('pkg._core', strip=Strip.All, debug=False)")
    before = Before(ground)
    process = _start_and_hold_in_strip(ground, tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    (tmp_path / "strip-gate").touch()
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "Traceback" not in output, output
    before.is_unharmed()


def _start_and_hold_in_strip(project: Project, tmp_path: Path, *command: str) -> subprocess.Popen[str]:
    """Start a build whose ``strip`` waits, and return once it does."""
    gate, reached = tmp_path / "strip-gate", tmp_path / "strip-reached"
    tool = script(
        tmp_path / "tools" / "strip",
        f'trap "" INT\n: > "{reached}"\nwhile [ ! -e "{gate}" ]; do sleep 0.05; done\nexec /usr/bin/strip "$@"\n',
    )
    words = [project.python, "setup.py", *(command or ("build_ext", "--inplace"))]
    process = in_foreground(project, words, {**project.env, "PATH": f"{tool.parent}:{project.env['PATH']}"})
    until(lambda: reached.exists() or process.poll() is not None, "strip")
    assert process.poll() is None, process.stdout.read() if process.stdout else ""
    return process


def test_fault_33_killed_in_cargo_then_again(waiting: Waiting) -> None:
    """SIGKILL leaves cargo to itself; the next build takes over from it and ends with a good module."""
    before = Before(waiting.project)
    process = waiting.start(waiting.project.python, "setup.py", "build_ext", "--inplace")
    process.kill()
    # Not communicate: cargo, which lives on, has the same standard error.
    process.wait(timeout=PATIENCE)
    before.is_unharmed()
    waiting.let_go()
    waiting.project.setup("build_ext", "--inplace")
    assert answer_of(waiting.project) == 42
    assert not leftovers(waiting.project.folder)


@pytest.mark.parametrize("command", [("build_ext", "--inplace"), ("bdist_wheel",)], ids=["inplace", "wheel"])
def test_fault_33_killed_while_the_module_is_installed_then_again(
    ground: Project, tmp_path: Path, command: Tuple[str, ...]
) -> None:
    project_of(ground, "fault-33", "RustExtension('pkg._core', strip=Strip.All, debug=False)")
    before = Before(ground)
    process = _start_and_hold_in_strip(ground, tmp_path, *command)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    module_file = ground.folder / "pkg" / f"_core{EXT_SUFFIX}"
    assert module_file.read_bytes() == before.files[f"pkg/_core{EXT_SUFFIX}"]
    ground.setup(*command)
    where: Optional[Path] = None
    if command == ("bdist_wheel",):
        (new,) = [path for path in (ground.folder / "dist").glob("*.whl") if "cp3" in path.name]
        assert Wheel(new).content == ["pkg/__init__.py", f"pkg/_core{EXT_SUFFIX}"]
        where = Wheel(new).unpack(tmp_path / "unpacked")
    assert answer_of(ground, cwd=where) == 42
    # What the killed build left in the middle of its work is cleared away by the next one.
    assert not leftovers(ground.folder)


# -- row 35: two builds at once


def _setup(project: Project, *arguments: str) -> List[object]:
    return [project.python, "setup.py", *arguments]


def _pip(project: Project, folder: str) -> List[object]:
    return [project.python, "-m", "pip", "wheel", "-v", "--no-build-isolation", "--no-deps", "-w", folder, "."]


@pytest.mark.parametrize("attempt", range(3))
def test_fault_35_two_wheels_at_once(ground: Project, tmp_path: Path, attempt: int) -> None:
    project_of(ground, "fault-35")
    together(ground, _setup(ground, "bdist_wheel", "--dist-dir=one"), _setup(ground, "bdist_wheel", "--dist-dir=two"))
    _assert_same_good_wheels(ground, tmp_path)


@pytest.mark.parametrize("attempt", range(3))
def test_fault_35_two_wheels_at_once_through_pip(ground: Project, tmp_path: Path, attempt: int) -> None:
    project_of(ground, "fault-35-pip")
    together(ground, _pip(ground, "one"), _pip(ground, "two"))
    _assert_same_good_wheels(ground, tmp_path)


def _assert_same_good_wheels(project: Project, tmp_path: Path, *more: str) -> None:
    for name in ("one", "two"):
        (path,) = (project.folder / name).glob("*.whl")
        wheel = Wheel(path)
        assert wheel.content == sorted(["pkg/__init__.py", f"pkg/_core{EXT_SUFFIX}", *more])
        assert answer_of(project, cwd=wheel.unpack(tmp_path / name)) == 42
    assert not leftovers(project.folder)


def test_fault_35_with_a_target_folder_each(ground: Project, tmp_path: Path) -> None:
    """The two share the tree all the same: its build folder, and its egg-info."""
    project_of(ground, "fault-35-targets")
    # Many files, so that the two are at work in the build folder for a while.
    modules = [f"pkg/module_{number}.py" for number in range(500)]
    ground.write(dict.fromkeys(modules, "a = 1\n"))
    one, two = (
        ["env", f"CARGO_TARGET_DIR={tmp_path / name}", *_setup(ground, "bdist_wheel", f"--dist-dir={name}")]
        for name in ("one", "two")
    )
    together(ground, one, two)
    _assert_same_good_wheels(ground, tmp_path / "unpacked", *modules)


def test_fault_35_a_wheel_and_a_module_in_place_at_once(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-35-mixed")
    del ground.env["CARGO_TARGET_DIR"]
    together(
        ground, _setup(ground, "bdist_wheel"), _setup(ground, "build_ext", "--inplace"), _setup(ground, "build_rust", "--inplace")
    )
    assert answer_of(ground) == 42
    assert answer_of(ground, cwd=ground.built_wheel().unpack(tmp_path / "unpacked")) == 42


# -- row 37: replaced while in use

_KEEPS_USING = """\
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
print(library.answer(), flush=True)
for line in sys.stdin:
    print(library.answer(), library.late(), flush=True)
"""


def test_fault_37_replaced_while_a_process_uses_it(ground: Project) -> None:
    declared = "RustExtension('pkg._core', binding=Binding.NoBinding)"
    late = '\n#[no_mangle]\npub extern "C" fn late() -> i32 {\n    std::hint::black_box([7i32; 4096])[17]\n}\n'
    project_of(ground, "fault-37", declared, source=function(1) + late)
    ground.setup("build_ext", "--inplace")
    library = ground.folder / "pkg" / "_core.so"
    user = subprocess.Popen(
        [str(ground.python), "-c", _KEEPS_USING, str(library)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert user.stdout is not None
    assert user.stdout.readline() == "1\n"
    first = library.stat().st_ino
    ground.write({"src/lib.rs": function(2) + late})
    ground.setup("build_ext", "--inplace")
    assert library.stat().st_ino != first
    output, _ = user.communicate("again\n", timeout=PATIENCE)
    assert user.returncode == 0
    assert output == "1 7\n"
    assert ground.evaluate(f"import ctypes; print(ctypes.CDLL({str(library)!r}).answer())") == "2"


def test_fault_37_stripped_before_it_is_put_in_place(ground: Project, tmp_path: Path) -> None:
    """While strip works, the old module is in its place, whole; and what strip works on doesn't look like a module."""
    project_of(ground, "fault-37-strip", "RustExtension('pkg._core', strip=Strip.All, debug=False)")
    before = Before(ground)
    process = _start_and_hold_in_strip(ground, tmp_path)
    place = f"pkg/_core{EXT_SUFFIX}"
    assert (ground.folder / place).read_bytes() == before.files[place]
    assert ground.files("pkg/*.so") == [place]
    (tmp_path / "strip-gate").touch()
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    assert answer_of(ground) == 42
    assert os.access(ground.folder / place, os.X_OK)
    assert not leftovers(ground.folder)


# -- row 38: a lot of output

_TALKS = """\
use proc_macro::TokenStream;
use std::io::Write;

#[proc_macro]
pub fn talk(_: TokenStream) -> TokenStream {
    let lines: usize = std::env::var("FAULT_38_LINES").unwrap().parse().unwrap();
    let line = "x".repeat(999) + "\\n";
    for _ in 0..lines {
        std::io::STREAM().write_all(line.as_bytes()).unwrap();
    }
    TokenStream::new()
}
"""
_PEAK = """\
import atexit
def peak():
    with open("/proc/self/status") as status:
        print("PEAK", next(line for line in status if line.startswith("VmHWM")).split()[1])
atexit.register(peak)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("stream", "quiet"), [("stdout", False), ("stdout", True), ("stderr", True)])
def test_fault_38_a_hundred_megabytes_of_output(ground: Project, stream: str, quiet: bool) -> None:
    dependency = '[dependencies]\nfault-38-macro = { path = "macro" }\n'
    declared = f"RustExtension('pkg._core', quiet={quiet})"
    project_of(ground, "fault-38", extra=dependency, source="fault_38_macro::talk!();\n" + module())
    macro = manifest("fault-38-macro", types='"lib"').replace('crate-type = ["lib"]', "proc-macro = true")
    ground.write(
        {
            "setup.py": setup_py(declared, before=_PEAK),
            "Cargo.lock": lock("fault-38", "fault-38-macro"),
            "macro/Cargo.toml": macro,
            "macro/src/lib.rs": _TALKS.replace("STREAM", stream),
        }
    )
    peaks = []
    for lines in (1, 100_000):
        ground.env["FAULT_38_LINES"] = str(lines)
        ground.write({"src/lib.rs": f"// {lines}\nfault_38_macro::talk!();\n" + module()})
        output = ground.setup("build_ext", "--inplace").stdout
        peaks.append(int(output.partition("PEAK ")[2].split()[0]))
    small, large = peaks
    assert large - small < 20_000, f"{small} kB became {large} kB"


# -- rows 39 and 40: warnings and panics

_UNUSED = "\nfn this_is_never_used() {}\n"


@pytest.mark.parametrize("command", [("bdist_wheel",), ("build_ext", "--inplace"), ("pip",)])
def test_fault_39_warnings_only(ground: Project, command: Tuple[str, ...]) -> None:
    project_of(ground, "fault-39", source=module() + _UNUSED)
    done = ground.pip_wheel() if command == ("pip",) else ground.setup(*command)
    assert done.stdout.count("function `this_is_never_used` is never used") == 1
    # cargo repeats them when nothing has to be compiled, and so do we.
    again = ground.pip_wheel() if command == ("pip",) else ground.setup(*command)
    assert again.stdout.count("function `this_is_never_used` is never used") == 1


def test_fault_39_quiet_hides_warnings(ground: Project) -> None:
    project_of(ground, "fault-39-quiet", "RustExtension('pkg._core', quiet=True)", source=module() + _UNUSED)
    assert "this_is_never_used" not in ground.setup("build_ext", "--inplace").stdout
    assert answer_of(ground) == 42


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize("command", [("bdist_wheel",), ("pip",)])
def test_fault_40_a_panicking_build_script(ground: Project, quiet: bool, command: Tuple[str, ...]) -> None:
    panics = 'fn main() {\n    panic!("the {} is missing", "moon");\n}\n'
    project_of(ground, "fault-40", f"RustExtension('pkg._core', quiet={quiet})").write({"build.rs": panics})
    output = Before(ground).fails(*command, tells=["error: pkg._core"])
    assert output.count("the moon is missing") == 1


@pytest.mark.parametrize("quiet", [False, True])
def test_fault_40_a_compile_error_is_shown_once(ground: Project, quiet: bool) -> None:
    project_of(
        ground, "fault-40-error", f"RustExtension('pkg._core', quiet={quiet})", source=module() + 'fn f() -> i32 { "text" }\n'
    )
    output = Before(ground).fails("bdist_wheel", tells=["error: pkg._core"])
    assert output.count("error[E0308]") == 1
