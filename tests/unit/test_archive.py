"""Archives: the same file from the same content, whatever the folder, the umask and the times of the files."""

from __future__ import annotations

import gzip
import os
import tarfile
from pathlib import Path

import pytest

from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.hands import archive
from setuptools_pyo3.mind import source_date

TIME = 1_700_000_000


def _tree(folder: Path, umask: int, *, backwards: bool = False) -> Path:
    """A tree like that of an sdist, made in some order under some umask."""
    old = os.umask(umask)
    try:
        tree = folder / "demo-1.0"
        names = ["PKG-INFO", "src/lib.rs", "src/b/é.rs", "a/" + "x" * 150 + ".rs", "run.sh"]
        for name in reversed(names) if backwards else names:
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
        (tree / "run.sh").chmod(0o777 & ~umask)
        return tree
    finally:
        os.umask(old)


def test_folder_umask_order_and_times_leave_no_trace(tmp_path: Path) -> None:
    for number, umask in enumerate((0o022, 0o077)):
        tree = _tree(tmp_path / str(number), umask, backwards=bool(number))
        archive.write_tar_gz(str(tmp_path / f"{number}.tar.gz"), str(tree), time=TIME)
    first, second = ((tmp_path / f"{number}.tar.gz").read_bytes() for number in (0, 1))
    assert first == second


def test_members_belong_to_nobody_and_are_in_order(tmp_path: Path) -> None:
    archive.write_tar_gz(str(tmp_path / "x.tar.gz"), str(_tree(tmp_path, 0o077)), time=TIME)
    with tarfile.open(tmp_path / "x.tar.gz") as tar:
        members = tar.getmembers()
    assert [m.name for m in members][:4] == ["demo-1.0", "demo-1.0/PKG-INFO", "demo-1.0/a", "demo-1.0/a/" + "x" * 150 + ".rs"]
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", TIME)}
    assert {m.name.rpartition("/")[2]: oct(m.mode) for m in members if m.isfile()}["run.sh"] == "0o755"
    assert {oct(m.mode) for m in members if m.name.endswith((".rs", "INFO"))} == {"0o644"}


def test_gzip_header_bears_no_name_and_the_time(tmp_path: Path) -> None:
    archive.write_tar_gz(str(tmp_path / "named.tar.gz"), str(_tree(tmp_path, 0o022)), time=TIME)
    header = (tmp_path / "named.tar.gz").read_bytes()[:10]
    assert header[3] == 0
    assert int.from_bytes(header[4:8], "little") == TIME
    with gzip.open(tmp_path / "named.tar.gz") as file:
        assert file.read(8) == b"demo-1.0"


def test_links_are_packed_as_what_they_lead_to(tmp_path: Path) -> None:
    tree = _tree(tmp_path, 0o022)
    (tree / "link").symlink_to("PKG-INFO")
    archive.write_tar_gz(str(tmp_path / "x.tar.gz"), str(tree), time=TIME)
    with tarfile.open(tmp_path / "x.tar.gz") as tar:
        member = tar.getmember("demo-1.0/link")
        extracted = tar.extractfile(member)
        assert extracted is not None
        assert (member.isfile(), extracted.read()) == (True, b"PKG-INFO")


def test_failing_leaves_the_old_archive(tmp_path: Path) -> None:
    tree = _tree(tmp_path, 0o022)
    (tree / "dangling").symlink_to("nothing")
    place = tmp_path / "dist" / "x.tar.gz"
    place.parent.mkdir()
    place.write_bytes(b"old")
    with pytest.raises(OSError):
        archive.write_tar_gz(str(place), str(tree), time=TIME)
    assert place.read_bytes() == b"old"
    assert os.listdir(place.parent) == ["x.tar.gz"]


def test_source_date() -> None:
    assert source_date.of({}) == source_date.of({"SOURCE_DATE_EPOCH": ""}) == 946_684_800
    assert source_date.of({"SOURCE_DATE_EPOCH": "1700000000"}) == 1_700_000_000
    # A zip file begins in 1980.
    assert source_date.of({"SOURCE_DATE_EPOCH": "0"}) == 315_532_800
    with pytest.raises(DeclarationProblem, match="expected seconds since 1970, found 'yesterday'"):
        source_date.of({"SOURCE_DATE_EPOCH": "yesterday"})
