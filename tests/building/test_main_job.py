"""The main job, the ways people do it: a PyO3 crate builds, installs and imports like a C extension."""

from __future__ import annotations

from typing import Callable

from ..support import Project, cargo_calls


def test_hello_in_place(example: Callable[[str], Project]) -> None:
    hello = example("hello")
    output = hello.setup("build_ext", "--inplace").stdout
    assert len(cargo_calls(output)) == 1
    assert hello.evaluate("import hello; print(hello.greet('you'))") == "Hello, you, from Rust"
