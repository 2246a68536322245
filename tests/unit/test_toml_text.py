"""TOML is changed where it has to be; everything else stays as it was written, and the meaning is always the one wanted."""

from __future__ import annotations

import copy
from typing import Any, Dict

import pytest

from setuptools_pyo3.hands.reading import loads
from setuptools_pyo3.mind.toml_text import dumped, inline, rewritten

WRITTEN = """\
# a manifest
[package] # of ours
name = "one"
description = '''
[not a header]
path = "../core"
'''

[dependencies]
a = { path = '../a', version = "1" } # why
b.path = "../b"
"c d" = { git = "https://example.org/#x", features = ["[", "#"] }

[dependencies.e]
path = "../e"  # last

[workspace]
members = [
  "a",  # first ]
  "b",
]

[[bin]]
name = "x"

[[bin]]
name = "y"
"""


def _changed(**changes: Any) -> Dict[str, Any]:
    """The content with some values replaced, by their keys with two underscores for a dot; None removes."""
    content = copy.deepcopy(loads(WRITTEN))
    for name, value in changes.items():
        *above, key = name.split("__")
        table = content
        for part in above:
            table = table.setdefault(part, {})
        if value is None:
            del table[key]
        else:
            table[key] = value
    return content


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({"dependencies__a__path": "x/a"}, "path = '../a'", 'path = "x/a"'),
        ({"dependencies__b__path": "x/b"}, 'b.path = "../b"', 'b.path = "x/b"'),
        ({"dependencies__e__path": 'x\\"e'}, 'path = "../e"  # last', 'path = "x\\\\\\"e"  # last'),
        ({"workspace__members": ["b"]}, '[\n  "a",  # first ]\n  "b",\n]', '["b"]'),
        ({"package__workspace": "../.."}, "# of ours\n", '# of ours\nworkspace = "../.."\n'),
        ({"dependencies__a": None}, "a = { path = '../a', version = \"1\" } # why\n", ""),
        ({"dependencies__e": None}, '[dependencies.e]\npath = "../e"  # last\n', ""),
        ({"profile__release__lto": True}, 'name = "y"\n', 'name = "y"\n\n[profile.release]\nlto = true\n'),
        ({"package__version": {"workspace": True}}, 'name = "y"\n', 'name = "y"\n\n[package]\nversion = true\n'),
    ],
)
def test_only_what_differs_is_changed(changes: Dict[str, Any], old: str, new: str) -> None:
    wanted = _changed(**changes)
    text = rewritten(WRITTEN, wanted, loads)
    assert loads(text) == wanted
    if "package__version" not in changes:  # which has no plain place, so all is written anew
        assert text == WRITTEN.replace(old, new, 1)


def test_nothing_is_changed_for_nothing() -> None:
    assert rewritten(WRITTEN, loads(WRITTEN), loads) == WRITTEN


def test_what_has_no_plain_place_is_written_anew() -> None:
    wanted = _changed(bin=[{"name": "x"}, {"name": "z", "required-features": ["a", "b"]}])
    text = rewritten(WRITTEN, wanted, loads)
    assert loads(text) == wanted
    assert "# a manifest" not in text


def test_windows_line_endings_are_read() -> None:
    wanted = _changed(dependencies__b__path="x/b")
    assert loads(rewritten(WRITTEN.replace("\n", "\r\n"), wanted, loads)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        'a = 1\nb = 1.5\nc = true\nd = inf\ne = "\\u0007\\u007f\\\\é\\""\n',
        "d = 1979-05-27T07:32:00Z\nt = 07:32:00\nl = 1979-05-27\n",
        'x = []\ny = {}\n[z]\n[z.a]\n[[q]]\n[[q]]\nk = [[1], ["a", {b = 1}]]\n',
        '["a b"."c.d"]\n"" = 1\n[target.\'cfg(all(unix, not(target_os = "macos")))\'.dependencies]\na = "1"\n',
        '[package]\nversion.workspace = true\n[lints]\nworkspace = true\n[[bin]]\nname = "a"\n[bin.x]\ny = 1\n',
    ],
)
def test_every_value_survives(text: str) -> None:
    assert loads(dumped(loads(text))) == loads(text)


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(TypeError):
        inline(object())
