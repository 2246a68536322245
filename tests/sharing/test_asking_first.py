"""When sccache is asked whether it works, and what becomes of a build in which it doesn't: with stand-ins of that name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List

import pytest

from ..faults.ground import Before, answer_of, module, project_of, script
from ..support import Project
from .conftest import Checkouts

_WARNING = "WARNING: building without sccache, because "


class StandIn:
    """A program named sccache that notes what it is to run, and runs it.

    Args:
        folder: where it is put.
        text: what it does first, as a shell script.
    """

    def __init__(self, folder: Path, text: str = "") -> None:
        self._log = folder / "log"
        self.path = script(folder / "sccache", f'echo "$@" >> "{self._log}"\n{text}\nexec "$@"\n')

    def calls(self) -> List[str]:
        """The crates that it was asked to compile since this was asked last."""
        text = self._log.read_text() if self._log.exists() else ""
        self._log.unlink(missing_ok=True)
        words = [line.split() for line in text.splitlines()]
        return [line[line.index("--crate-name") + 1] for line in words if "--crate-name" in line and "___" not in line]


def _said(project: Project, project_change: str = "") -> str:
    if project_change:
        (project.folder / "src/lib.rs").write_text(project_change)
    return project.setup("build_ext", "--inplace").stdout


@pytest.mark.parametrize("where", ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "configuration"])
def test_it_is_asked_once_before_rustc_has_to_run_and_never_else(checkout: Checkouts, tmp_path: Path, where: str) -> None:
    project = project_of(checkout("project"), f"asking-{where.lower().replace('_', '-')}")
    stand_in = StandIn(tmp_path / "own tools")
    if where == "configuration":
        project.write({".cargo/config.toml": f'[build]\nrustc-wrapper = "{stand_in.path}"\n'})
    else:
        project.env[where] = str(stand_in.path)
    crate = f"asking_{where.lower()}"
    _said(project)
    assert stand_in.calls() == ["preflight", crate]
    output = _said(project)
    assert stand_in.calls() == []
    assert "--target-dir" not in output
    _said(project, module(answer=43))
    assert stand_in.calls() == ["preflight", crate]
    assert answer_of(project) == 43


def test_another_wrapper_is_not_asked(checkout: Checkouts, tmp_path: Path) -> None:
    project = project_of(checkout("project"), "asking-another")
    stand_in = StandIn(tmp_path / "tools")
    other = script(tmp_path / "tools" / "my-cache", f'exec "{stand_in.path}" "$@"\n')
    project.env["RUSTC_WRAPPER"] = str(other)
    assert "--target-dir" not in _said(project)
    assert stand_in.calls() == ["asking_another"]


def test_several_commands_ask_once(checkout: Checkouts, tmp_path: Path) -> None:
    extensions = ("RustExtension('pkg._core')", "RustBin('asking-twice', optional=True)")
    project = project_of(checkout("project"), "asking-twice", *extensions).write({"src/main.rs": "fn main() {}\n"})
    stand_in = StandIn(tmp_path / "tools")
    project.env["RUSTC_WRAPPER"] = str(stand_in.path)
    project.setup("build_ext")
    assert stand_in.calls() == ["preflight", "asking_twice", "asking_twice"]


def test_one_that_hangs_is_waited_for_until_a_deadline_and_ended(checkout: Checkouts, tmp_path: Path) -> None:
    project = project_of(checkout("project"), "asking-hangs")
    pids = tmp_path / "pids"
    hanging = f'echo $$ >> "{pids}"; sleep 600 & echo $! >> "{pids}"; wait'
    stand_in = StandIn(tmp_path / "tools", f'case "$*" in *preflight*) {hanging};; esac')
    project.env.update(RUSTC_WRAPPER=str(stand_in.path), SETUPTOOLS_PYO3_SCCACHE_TIMEOUT="2.1")
    output = _said(project)
    assert f"{_WARNING}it gave no answer within 2.1 s" in output
    assert answer_of(project) == 42
    assert stand_in.calls() == ["preflight"]
    assert not [pid for pid in pids.read_text().split() if _runs(pid)]
    # Several builds in a row don't wait that long each.
    assert f"{_WARNING}it gave no answer within 2 s" in _said(project)


def _runs(pid: str) -> bool:
    status = Path("/proc", pid, "status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_one_that_fails_is_left_out_and_its_reason_told(checkout: Checkouts, tmp_path: Path) -> None:
    project = project_of(checkout("project"), "asking-fails")
    said = "sccache: error: Server startup failed: cache storage failed to read\nRun with SCCACHE_LOG=debug"
    stand_in = StandIn(tmp_path / "tools", f"echo '{said}' >&2; exit 2")
    project.env["RUSTC_WRAPPER"] = str(stand_in.path)
    output = _said(project)
    assert f"{_WARNING}Server startup failed: cache storage failed to read; see" in output
    assert "RUSTC_WRAPPER='' " in output
    assert answer_of(project) == 42
    # Not to be asked again would be wrong: it may work by now.
    stand_in.calls()
    _said(project)
    assert stand_in.calls() == ["preflight"]


def test_one_that_is_not_there_is_left_out(checkout: Checkouts, tmp_path: Path) -> None:
    project = project_of(checkout("project"), "asking-missing")
    project.env["RUSTC_WRAPPER"] = str(tmp_path / "sccache")
    assert f"{_WARNING}it can't be started" in _said(project)
    assert answer_of(project) == 42


def test_a_build_ends_where_the_environment_wants_that(checkout: Checkouts, tmp_path: Path) -> None:
    project = project_of(checkout("project"), "asking-stops")
    project.env.update(RUSTC_WRAPPER=str(tmp_path / "sccache"), SETUPTOOLS_PYO3_SCCACHE_FAILURE="stop")
    tells = ["RUSTC_WRAPPER: sccache doesn't work", "why: it can't be started", "next: ", "unset SETUPTOOLS_PYO3_SCCACHE_FAILURE"]
    Before(project).fails("build_ext", "--inplace", tells=tells)


@pytest.mark.parametrize(
    ("variable", "value"), [("SETUPTOOLS_PYO3_SCCACHE_TIMEOUT", "soon"), ("SETUPTOOLS_PYO3_SCCACHE_FAILURE", "perhaps")]
)
def test_a_variable_that_can_not_be_read_is_named(checkout: Checkouts, tmp_path: Path, variable: str, value: str) -> None:
    project = project_of(checkout("project"), "asking-misspelt")
    project.env.update({"RUSTC_WRAPPER": str(StandIn(tmp_path / "tools").path), variable: value})
    Before(project).fails("build_ext", "--inplace", tells=[variable, repr(value)])


def test_it_need_not_be_asked(checkout: Checkouts, tmp_path: Path) -> None:
    project = project_of(checkout("project"), "asking-never")
    stand_in = StandIn(tmp_path / "tools")
    project.env.update(
        RUSTC_WRAPPER=str(stand_in.path), SETUPTOOLS_PYO3_SCCACHE_TIMEOUT="0", SETUPTOOLS_PYO3_SCCACHE_PATHS="off"
    )
    assert "--target-dir" not in _said(project)
    assert stand_in.calls() == ["asking_never"]


def test_a_rustc_that_fails_is_no_fault_of_sccache(checkout: Checkouts, tmp_path: Path) -> None:
    project = project_of(checkout("project"), "asking-rustc")
    broken = script(tmp_path / "tools" / "rustc", "echo 'no such toolchain' >&2\nexit 1\n")
    project.env.update(RUSTC_WRAPPER=str(StandIn(tmp_path / "tools").path), RUSTC=str(broken))
    done = project.setup("build_ext", "--inplace", check=False)
    assert done.returncode == 1
    assert "no such toolchain" in done.stdout
    assert _WARNING not in done.stdout


@pytest.mark.parametrize("key", ["target-dir", "build-dir"])
def test_cargo_writes_where_its_configuration_says(checkout: Checkouts, tmp_path: Path, key: str) -> None:
    project = project_of(checkout("project"), f"asking-{key}")
    if key == "build-dir" and "build_directory" not in _metadata(project):
        pytest.skip("this cargo knows no build-dir")
    project.write({".cargo/config.toml": f'[build]\n{key} = "else where"\n'})
    project.env["RUSTC_WRAPPER"] = str(StandIn(tmp_path / "tools").path)
    output = _said(project)
    assert str(tmp_path / "cache" / "links" / f"asking-{key}-0") in output
    assert answer_of(project) == 42
    assert project.files("else where/debug/deps/libasking*.so")
    assert os.path.realpath(tmp_path / "cache" / "links" / f"asking-{key}-0") == str(project.folder / "else where")
    assert _said(project, module(answer=43))
    assert answer_of(project) == 43


def _metadata(project: Project) -> str:
    return project.run("cargo", "metadata", "--format-version=1", "--no-deps").stdout
