"""gzip on several processors: whole, readable, and the same everywhere."""

from __future__ import annotations

import gzip
import io
import random

import pytest

from setuptools_pyo3.hands import deflating


def _packed(data: bytes, step: int) -> bytes:
    raw = io.BytesIO()
    with deflating.Gzip(raw, 6, 1234567890) as packed:
        for start in range(0, len(data), step):
            packed.write(data[start : start + step])
        assert packed.tell() == len(data)
    return raw.getvalue()


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 256 * 1024 + 1, 2_000_000])
def test_what_comes_out_is_what_went_in(size: int) -> None:
    data = bytes(random.Random(size).choices(b"abcdefgh \n", k=size))
    packed = _packed(data, 65536)
    assert gzip.decompress(packed) == data
    with gzip.open(io.BytesIO(packed)) as file:
        file.read(1)
        assert file.mtime == 1234567890
    # About as small as in one piece.
    assert len(packed) <= 1.02 * len(gzip.compress(data, 6)) + 32


def test_it_is_the_same_on_any_number_of_processors_and_however_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(random.Random(7).choices(b"abcdefgh \n", k=1_000_000))
    found = set()
    for processors in (1, 2, 7, None):
        monkeypatch.setattr("os.cpu_count", lambda processors=processors: processors)
        found |= {_packed(data, 1000), _packed(data, 700_000)}
    assert len(found) == 1


def test_a_failure_while_writing_is_passed_on() -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        deflating.Gzip(Full(), 6, 0)
