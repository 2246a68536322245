"""gzip on several processors, into the same bytes on any number of them."""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Deque

_PIECE = 256 * 1024
# As far back as deflate looks (RFC 1951).
_WINDOW = 32 * 1024


class Gzip:
    """A file that packs what is written to it, to be used in a ``with`` statement.

    It is one member of gzip's format (RFC 1952). Each piece is packed by itself, with the end of the one before to refer to.

    Args:
        raw: where it goes; stays open.
        level: zlib's.
        time: that the header bears, in seconds since the epoch.
    """

    def __init__(self, raw: IO[bytes], level: int, time: int) -> None:
        self._raw, self._level = raw, level
        self._buffer, self._before = bytearray(), b""
        self._size, self._sum = 0, 0
        self._threads = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads)
        self._packing: Deque[Future[bytes]] = deque()
        raw.write(b"\x1f\x8b\x08\x00" + struct.pack("<L", time & 0xFFFFFFFF) + b"\x00\xff")

    def __enter__(self) -> Gzip:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._pool.shutdown()

    def tell(self) -> int:
        """How much has been written to it."""
        return self._size

    def write(self, data: bytes) -> int:
        """Take some more."""
        self._size += len(data)
        self._sum = zlib.crc32(data, self._sum)
        self._buffer += data
        while len(self._buffer) > _PIECE:
            self._pack(bytes(self._buffer[:_PIECE]), last=False)
            del self._buffer[:_PIECE]
        return len(data)

    def _pack(self, piece: bytes, *, last: bool) -> None:
        self._packing.append(self._pool.submit(_packed, piece, self._before, self._level, last))
        self._before = piece[-_WINDOW:]
        # No more is kept than keeps all processors busy.
        while len(self._packing) > (0 if last else 2 * self._threads):
            self._raw.write(self._packing.popleft().result())

    def _finish(self) -> None:
        self._pack(bytes(self._buffer), last=True)
        self._raw.write(struct.pack("<LL", self._sum, self._size & 0xFFFFFFFF))


def _packed(piece: bytes, before: bytes, level: int, last: bool) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_DEFAULT_STRATEGY, before)
    return packer.compress(piece) + packer.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
