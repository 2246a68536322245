"""The small decisions of rebuilding on import: switches, environments, and what an import tells of a failure."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

import pytest

from setuptools_pyo3 import import_hook
from setuptools_pyo3.commands import frontend, rebuild
from setuptools_pyo3.declaration import tables
from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.hands import build_environment


@pytest.mark.parametrize(
    ("value", "meaning"),
    [(None, None), ("true", True), ("On", True), ("1", True), ("", True), ("off", False), ("0", False), (["0", "yes"], True)],
)
def test_a_switch(value: object, meaning: Optional[bool]) -> None:
    assert frontend.switch(value, "here") is meaning


def test_a_switch_that_is_neither() -> None:
    with pytest.raises(DeclarationProblem) as raised:
        frontend.switch("perhaps", "--config-settings rebuild")
    assert str(raised.value) == "--config-settings rebuild: expected true or false, found 'perhaps'"


def test_settings_are_found_in_the_backends_hook() -> None:
    # The hook of setuptools, as far as it matters: its argument is the only place where the settings are.
    space: Dict[str, Any] = {"__name__": "setuptools.build_meta", "ask": frontend.config_settings}
    exec("def build_editable(wheel_directory, config_settings=None):\n    return ask()", space)
    assert space["build_editable"]("dist", {"rebuild": "true"}) == {"rebuild": "true"}
    assert space["build_editable"]("dist") == {}
    assert frontend.config_settings() == {}


def test_environments_that_frontends_throw_away() -> None:
    away = build_environment.is_throwaway
    assert away(os.path.normpath("/tmp/pip-build-env-x1/overlay/lib/python3.11/site-packages"))
    assert away(os.path.normpath("/home/me/.cache/uv/builds-v0/.tmpAb1/lib/python3.11/site-packages"))
    assert away(os.path.normpath("/tmp/build-env-x1/lib/python3.11/site-packages"))
    assert not away(os.path.normpath("/home/me/project/.venv/lib/python3.11/site-packages"))
    assert not away(os.path.normpath("/home/me/.tmpAb1/project/.venv/lib/python3.11/site-packages"))
    assert not away(os.path.normpath("/project/.tox/.pkg/lib/python3.11/site-packages"))


def test_what_is_remembered_of_an_environment() -> None:
    environ = {
        "CARGO": "cargo-1",
        "CARGO_REGISTRY_TOKEN": "secret",
        "CARGO_REGISTRIES_OWN_CREDENTIAL_PROVIDER": "secret",
        "CARGO_TARGET_DIR": "t",
        "CARGO_TERM_COLOR": "always",
        "HOME": "/home/me",
        "PATH": "/bin",
        "PYO3_PYTHON": "python3",
        "RUSTFLAGS": "-g",
        "SETUPTOOLS_PYO3_REBUILD": "1",
        "SETUPTOOLS_PYO3_CARGO_PROFILE": "quick",
    }
    kept = rebuild.remembered(environ)
    assert sorted(kept) == ["CARGO", "CARGO_TARGET_DIR", "PATH", "PYO3_PYTHON", "RUSTFLAGS", "SETUPTOOLS_PYO3_CARGO_PROFILE"]


def test_an_environment_is_filled_up_and_nothing_in_it_is_changed(tmp_path: Any) -> None:
    folder = str(tmp_path)
    known = {"PATH": os.pathsep.join(["/bin", "/no/such/folder", folder]), "RUSTFLAGS": "-g", "CARGO": "other"}
    environ = {"PATH": "/bin", "CARGO": "mine"}
    rebuild.fill_up(environ, known)
    assert environ == {"PATH": os.pathsep.join(["/bin", folder]), "CARGO": "mine", "RUSTFLAGS": "-g"}
    bare: Dict[str, str] = {}
    rebuild.fill_up(bare, known)
    # An empty entry would stand for the current folder.
    assert bare["PATH"] == os.pathsep.join(["/bin", folder])


def test_a_failure_is_told_from_the_first_error_on_without_colours() -> None:
    output = (
        b"   Compiling x v0.1.0\n\x1b[1m    Building\x1b[0m [=>  ] 1/2: x\r\x1b[K\x1b[1m\x1b[31merror[E0425]\x1b[0m: no \xffvalue\n"
        b"  --> src/lib.rs:1\r\n\nerror: could not compile `x`\n"
    )
    plain = import_hook._plain(output)
    assert import_hook._reason(plain) == (
        "error[E0425]: no \N{REPLACEMENT CHARACTER}value\n  --> src/lib.rs:1\n\nerror: could not compile `x`"
    )
    assert import_hook._reason("Traceback\nsomething else") == "Traceback\nsomething else"


def test_the_projects_own_keys() -> None:
    table = tables.read({"tool": {"setuptools-pyo3": {"rebuild-on-import": True}}}, "pyproject.toml")
    assert table is not None
    assert (table.settings, table.discover, table.problems) == ({"rebuild_on_import": True}, True, ())
    wrong = tables.read({"tool": {"setuptools-pyo3": {"rebuild-on-import": "yes", "rebuild-imports": True}}}, "pyproject.toml")
    assert wrong is not None
    assert [str(problem) for problem in wrong.problems] == [
        "pyproject.toml: tool.setuptools-pyo3.rebuild-on-import: expected true or false, found str 'yes'",
        "pyproject.toml: tool.setuptools-pyo3: unknown key 'rebuild-imports'\n  next: did you mean 'rebuild-on-import'?",
    ]
