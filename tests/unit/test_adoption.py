"""The cheap look that decides whether a pyproject.toml is parsed for a table of ours."""

from __future__ import annotations

import pytest

from setuptools_pyo3.commands.adoption import _may_have_table


@pytest.mark.parametrize(
    "text",
    [
        "[tool.setuptools-pyo3]",
        '[tool."setuptools-pyo3"]',
        "[tool . 'setuptools-pyo3' . x]",
        "[[tool.setuptools-pyo3.ext-modules]]",
        "tool.setuptools-pyo3 = {}",
        "[tool]\nsetuptools-pyo3 = {}",
        '[tool]\n"setuptools-pyo3" = {}',
        "[tool]\nsetuptools-pyo3.bins = []",
        'requires = ["setuptools-pyo3"]\n[tool.setuptools-pyo3]\n',
    ],
)
def test_every_way_to_write_the_table_is_seen(text: str) -> None:
    assert _may_have_table(text.encode())


@pytest.mark.parametrize(
    "text", ["", 'requires = ["setuptools", "setuptools-pyo3"]', 'requires = ["setuptools-pyo3>=1", "setuptools-pyo3[zig]"]']
)
def test_a_requirement_is_no_table(text: str) -> None:
    assert not _may_have_table(text.encode())
