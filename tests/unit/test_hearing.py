"""What is kept of cargo's output, and when two runs count as having said the same."""

from __future__ import annotations

import json
from typing import Any, Dict

from setuptools_pyo3.hands.hearing import Heard

_ARTIFACT: Dict[str, Any] = {
    "reason": "compiler-artifact",
    "package_id": "path+file:///p#demo@0.1.0",
    "manifest_path": "/p/Cargo.toml",
    "target": {"kind": ["cdylib"], "name": "demo"},
    "filenames": ["/t/libdemo.so"],
    "executable": None,
    "fresh": True,
}


def _line(**changes: Any) -> bytes:
    return json.dumps({**_ARTIFACT, **changes}, separators=(",", ":")).encode() + b"\n"


def _heard(*lines: bytes) -> Heard:
    heard = Heard()
    for line in lines:
        heard.line(line)
    return heard


def test_only_messages_are_kept() -> None:
    noise = b"a macro prints {\n" * 3
    heard = _heard(noise, _line(), b'{"reason":"compiler-message"}\n', b'{"reason":"build-finished","success":true}\n')
    assert heard.lines == [_line()]
    assert [artifact.name for artifact in heard.artifacts] == ["demo"]


def test_order_and_freshness_make_no_difference() -> None:
    other = _line(manifest_path="/q/Cargo.toml")
    assert _heard(_line(), other).digest() == _heard(other, _line(fresh=False)).digest()


def test_another_file_or_a_missing_message_makes_a_difference() -> None:
    known = _heard(_line()).digest()
    assert _heard(_line(filenames=["/t/libother.so"])).digest() != known
    assert _heard().digest() != known
