"""A plan, written out for people and as JSON."""

from __future__ import annotations

import json

from setuptools_pyo3.declaration.extension import RustBin, RustExtension
from setuptools_pyo3.mind import plan_text

from .values import linux, package, planned, windows, with_pyo3


def test_json_says_what_is_run_and_what_comes_out() -> None:
    plan = planned((RustExtension("pkg.core", env={"A": "1"}), with_pyo3("0.30", "abi3-py39")))
    told = plan_text.as_json(plan)
    assert json.loads(json.dumps(told)) == told
    assert told["cargo"] == "cargo"
    assert told["interpreter"] == {
        "executable": "/opt/python/bin/python3.11",
        "implementation": "cpython",
        "version": [3, 11],
        "platform": "linux-x86_64",
    }
    (call,) = told["calls"]
    assert call["arguments"] == list(plan.calls[0].arguments)
    assert call["environment"]["A"] == "1"
    assert (call["path"], call["profile"]) == ("/opt/python/bin", "release")
    assert "version=3.9\n" in call["config"]
    assert call["builds"] == [
        {
            "name": "pkg.core",
            "kind": "library",
            "crate": "/project/Cargo.toml",
            "targets": {"demo": "pkg.core"},
            "abi": "abi3 from Python 3.9",
            "tag": "cp39-abi3",
            "suffix": ".abi3.so",
        }
    ]


def test_json_of_an_executable_on_windows() -> None:
    plan = planned((RustBin({"tool": "my-tool"}), package()), interpreter=windows())
    (call,) = plan_text.as_json(plan)["calls"]
    (build,) = call["builds"]
    assert (build["kind"], build["targets"]) == ("executables", {"tool": "my-tool"})
    assert (build["tag"], build["suffix"]) == ("py3-none", ".exe")


def test_json_shows_that_a_variable_is_removed_and_what_the_user_is_told() -> None:
    environ = {"PATH": "", "PYO3_CONFIG_FILE": "/mine.txt", "GONE": "1"}
    told = plan_text.as_json(planned((RustExtension("demo", env={"GONE": None}), with_pyo3()), environ=environ))
    assert told["calls"][0]["environment"]["GONE"] is None
    assert any("/mine.txt" in notice for notice in told["notices"])


def test_the_text_names_the_python_and_each_output_above_its_command() -> None:
    plan = planned((RustExtension("pkg.core"), with_pyo3()), (RustBin("tool"), package("tool")), interpreter=linux((3, 12)))
    lines = plan_text.as_text(plan).split("\n")
    assert lines[0] == "# for CPython 3.12 (linux-x86_64)"
    assert lines[2] == "# pkg.core: libdemo of demo, version-specific, *.cpython-312-x86_64-linux-gnu.so"
    assert lines[3].endswith(" ".join(["cargo", *plan.calls[0].arguments]))
    assert lines[5] == "# tool: executable tool of tool"
    assert lines[6].endswith(" ".join(["cargo", *plan.calls[1].arguments]))


def test_the_text_of_an_empty_plan() -> None:
    assert plan_text.as_text(planned()) == "# for CPython 3.11 (linux-x86_64)"
