"""Writes docs/reference/settings.md from the settings model; with ``--check`` it only says whether the page is up to date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Iterable

from setuptools_pyo3.declaration.settings import BIN, MODULE, PROJECT_SETTINGS, SETTINGS, Setting

PAGE = Path(__file__).with_name("settings.md")

_HEAD = """\
# Settings

<!-- Made by docs/reference/generate.py from the settings model. Change that, not this page. -->

Every key of `RustExtension` and `RustBin`, and of the tables `[[tool.setuptools-pyo3.ext-modules]]` and
`[[tool.setuptools-pyo3.bins]]` in `pyproject.toml`. In Python the names have underscores, in the tables dashes. *Since* tells
whether setuptools-rust 1.13 has the key too, with the same meaning. What holds for the whole project stands in the table
`[tool.setuptools-pyo3]` itself.
"""


def _row(setting: Setting) -> str:
    name = f"`{setting.key}`" if setting.key == setting.name else f"`{setting.key}` (`{setting.name}`)"
    default = f"`{setting.default}`" if setting.default else "required"
    since = "setuptools-rust" if setting.since_incumbent else "setuptools-pyo3"
    return f"| {name} | {setting.kind.label} | {default} | {since} | {setting.doc} |"


def _table(title: str, settings: Iterable[Setting]) -> str:
    rows = "\n".join(map(_row, settings))
    return f"\n## {title}\n\n| key | type | default | since | meaning |\n|---|---|---|---|---|\n{rows}\n"


def page() -> str:
    """The whole page."""
    modules = [s for s in SETTINGS if MODULE in s.scope]
    bins = [s for s in SETTINGS if BIN in s.scope]
    tables = _table("RustExtension, `ext-modules`", modules) + _table("RustBin, `bins`", bins)
    return _HEAD + tables + _table("`[tool.setuptools-pyo3]`", PROJECT_SETTINGS)


def main() -> int:
    """Write the page, or compare."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page() else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
