"""Licences as texts: every crate is named, every text stands once, and METADATA lists the file."""

from __future__ import annotations

from setuptools_pyo3.mind import notices
from setuptools_pyo3.mind.notices import Licensed

MIT = "Permission is granted\n  to everybody\n"
CRATES = [
    Licensed("zeta", "0.1.0", "", ""),
    Licensed("a", "10.0.0", "MIT", "", (("LICENSE", MIT.replace("\n", "\r\n")),)),
    Licensed("b", "1.0.0", "MIT OR Apache-2.0", "", (("LICENSE-MIT", MIT), ("NOTICE", "thanks"))),
]


def test_a_table_has_a_line_for_each_in_order() -> None:
    assert notices.table(CRATES) == "a     10.0.0  MIT\nb     1.0.0   MIT OR Apache-2.0\nzeta  0.1.0   unknown\n"
    assert notices.table([]) == ""


def test_equal_texts_stand_once_with_all_that_have_them() -> None:
    text = notices.full("demo 1.0", CRATES)
    assert text.count("Permission is granted") == 1
    assert "a 10.0.0 (LICENSE)\nb 1.0.0 (LICENSE-MIT)\n" in text
    assert "No text of a licence comes with zeta 0.1.0." in text
    assert text == notices.full("demo 1.0", CRATES[::-1])


def test_metadata_lists_the_file_once_and_keeps_the_rest() -> None:
    plain = "Metadata-Version: 2.4\nName: x\nLicense-File: LICENSE\nDynamic: license-file\n\nThe text\n\nLicense-File: no\n"
    listed = notices.with_license_file(plain, "T.txt")
    assert listed == plain.replace("License-File: LICENSE\n", "License-File: LICENSE\nLicense-File: T.txt\n")
    assert notices.with_license_file(listed, "T.txt") == listed
    assert notices.with_license_file("Name: x\n", "T.txt") == "Name: x\nLicense-File: T.txt\n"
