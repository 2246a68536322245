"""cargo's versions as Python's: in normal form, in the same order, and refused where Python has none such."""

from __future__ import annotations

from typing import Optional

import pytest
from packaging.version import Version

from setuptools_pyo3.mind.version import to_python


@pytest.mark.parametrize(
    ("crate", "python"),
    [
        ("1.2.3", "1.2.3"),
        ("0.0.0", "0.0.0"),
        ("1.0.0-alpha.1", "1.0.0a1"),
        ("1.0.0-alpha", "1.0.0a0"),
        ("1.0.0-alpha1", "1.0.0a1"),
        ("1.0.0-beta.2", "1.0.0b2"),
        ("1.0.0-b2", "1.0.0b2"),
        ("1.0.0-rc.1", "1.0.0rc1"),
        ("1.0.0-RC1", "1.0.0rc1"),
        ("1.0.0-pre.3", "1.0.0rc3"),
        ("1.0.0-dev.4", "1.0.0.dev4"),
        ("1.0.0-dev", "1.0.0.dev0"),
        ("1.0.0-rc.1.dev.2", "1.0.0rc1.dev2"),
        ("1.0.0+build.5", "1.0.0+build.5"),
        ("1.0.0-rc.1+Git-0012", "1.0.0rc1+git.12"),
        ("1.0.0-nightly.1", None),
        ("1.0.0-alpha.1.2", None),
        ("1.0.0-1", None),
        ("1.0.0-dev.1.rc.2", None),
        ("1.0.0-alpha.beta", None),
        ("1.0.0-alpha1x", None),
        ("1.0", None),
        ("", None),
    ],
)
def test_versions(crate: str, python: Optional[str]) -> None:
    assert to_python(crate) == python
    assert python is None or str(Version(python)) == python


def test_the_order_stays() -> None:
    ascending = ["1.0.0-alpha.1", "1.0.0-alpha.2", "1.0.0-beta.1", "1.0.0-rc.1", "1.0.0", "1.0.1"]
    turned = [Version(str(to_python(text))) for text in ascending]
    assert turned == sorted(turned)
