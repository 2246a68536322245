"""cargo's command lines: what a project's own arguments mean, and how a command is shown."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

import pytest

from setuptools_pyo3.mind import cargo


@pytest.mark.parametrize(
    ("args", "profile", "rest"),
    [
        ([], None, ()),
        (["--release"], "release", ()),
        (["-r"], "release", ()),
        (["--profile=checked"], "checked", ()),
        (["--profile", "checked"], "checked", ()),
        (["--profile", "checked", "--locked"], "checked", ("--locked",)),
        (["--release", "--profile=checked"], "checked", ()),
        (["--profile=checked", "--release"], "checked", ()),
        (["--lib", "--bin", "tool"], None, ("--bin", "tool")),
        (["--config", "profile.release.lto=true", "-Zbuild-std"], None, ("--config", "profile.release.lto=true", "-Zbuild-std")),
    ],
)
def test_the_profile_in_a_projects_arguments(args: List[str], profile: Optional[str], rest: Tuple[str, ...]) -> None:
    options = cargo.read_options(args)
    assert (options.profile, options.rest) == (profile, rest)


@pytest.mark.parametrize(
    "args",
    [
        ["--features=a,b"],
        ["--features", "a,b"],
        ["--features", "a b"],
        ["--features", "a, b"],
        ["--features=a", "--features=b"],
        ["-F", "a,b"],
        ["-F=a,b"],
        ["-Fa,b"],
        ["-Fa", "-F", "b"],
    ],
)
def test_the_features_in_a_projects_arguments(args: List[str]) -> None:
    options = cargo.read_options(args)
    assert options.features == ("a", "b")
    # They still reach cargo, and say the same when they are read again.
    assert cargo.read_options(options.rest).features == ("a", "b")
    assert all(word.startswith("-") for word in options.rest)


@pytest.mark.parametrize(
    ("args", "field", "value"),
    [
        ([], "default_features", True),
        (["--no-default-features"], "default_features", False),
        ([], "all_features", False),
        (["--all-features"], "all_features", True),
        ([], "crate_type", False),
        (["--crate-type=cdylib"], "crate_type", True),
        (["--crate-type", "cdylib"], "crate_type", True),
        (["--features=bin"], "binaries", False),
        (["--bin", "tool"], "binaries", True),
        (["--bin=tool"], "binaries", True),
        (["--bins"], "binaries", True),
    ],
)
def test_other_options_that_change_the_plan(args: List[str], field: str, value: bool) -> None:
    assert getattr(cargo.read_options(args), field) is value


def test_an_option_without_its_value_is_cargos_to_refuse() -> None:
    assert cargo.read_options(["--features"]).features == ()


@pytest.mark.parametrize(("profile", "option"), [("dev", ()), ("release", ("--release",)), ("checked", ("--profile=checked",))])
def test_the_option_for_a_profile(profile: str, option: Tuple[str, ...]) -> None:
    assert cargo.profile_option(profile) == option


@pytest.mark.parametrize(
    ("args", "settles"), [(["--locked"], True), (["--offline", "--frozen"], True), (["--offline"], False), ([], False)]
)
def test_whether_a_project_says_itself_how_to_treat_the_lock(args: List[str], settles: bool) -> None:
    assert cargo.settles_lock(args) is settles


class Shell:
    """A POSIX shell with one program in it, which tells what it was given.

    Args:
        folder: for the program and its answer.
        environ: the shell's environment.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.environ = {"PATH": os.environ["PATH"], **environ}
        self.program = folder / "a cargo"
        self.program.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\" --env--\nexec env -0\n")
        self.program.chmod(0o755)

    def paste(self, line: str) -> "Tuple[List[str], Dict[str, str]]":
        """Run a line; the arguments and the environment that the program got."""
        done = subprocess.run(["sh", "-c", line], env=self.environ, stdout=subprocess.PIPE, check=True)
        words = done.stdout.decode().split("\0")
        middle = words.index("--env--")
        return words[:middle], dict(word.split("=", 1) for word in words[middle + 1 :] if word)


HOSTILE = [
    "plain",
    "with space",
    "it's",
    '"double"',
    "$HOME",
    "`id`",
    "a;b",
    "back\\slash",
    "tab\there",
    "",
    "*",
    "größe",
    "!x",
    "#",
    "~",
]


def test_an_echoed_command_can_be_pasted(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"LEFT": "alone"})
    changes: Dict[str, Optional[str]] = {f"NAME{number}": value for number, value in enumerate(HOSTILE)}
    arguments, environ = shell.paste(cargo.echo([str(shell.program), *HOSTILE], changes, ""))
    assert arguments == HOSTILE
    assert {name: environ[name] for name in changes} == changes
    assert environ["LEFT"] == "alone"


def test_an_echoed_command_removes_variables_too(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"GONE": "1", "ALSO": "2", "LEFT": "alone"})
    _, environ = shell.paste(cargo.echo([str(shell.program)], {"GONE": None, "ALSO": None, "NEW": "$x"}, ""))
    assert {"GONE", "ALSO"}.isdisjoint(environ)
    assert (environ["LEFT"], environ["NEW"]) == ("alone", "$x")


@pytest.mark.parametrize("changes", [{}, {"A": "1"}, {"A": None}])
def test_an_echoed_command_puts_a_folder_before_path(tmp_path: Path, changes: Dict[str, Optional[str]]) -> None:
    shell = Shell(tmp_path, {})
    _, environ = shell.paste(cargo.echo([str(shell.program)], changes, "/my $folder/bin"))
    assert environ["PATH"] == f"/my $folder/bin{os.pathsep}{shell.environ['PATH']}"


@pytest.mark.parametrize("changes", [{}, {"A": None}])
def test_an_echoed_command_keeps_a_path_that_the_project_sets(tmp_path: Path, changes: Dict[str, Optional[str]]) -> None:
    shell = Shell(tmp_path, {})
    project_path = f"/project/bin:{shell.environ['PATH']}"
    _, environ = shell.paste(cargo.echo([str(shell.program)], {**changes, "PATH": project_path}, "/python/bin"))
    assert environ["PATH"] == f"/python/bin:{project_path}"


def test_an_echoed_command_is_one_line_that_is_the_same_each_time() -> None:
    one = cargo.echo(["cargo", "build"], {"B": "2", "A": "1"}, "")
    assert one == "A=1 B=2 cargo build"
    assert one == cargo.echo(["cargo", "build"], {"A": "1", "B": "2"}, "")
