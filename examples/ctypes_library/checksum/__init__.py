"""Checksums by a library in Rust."""

import ctypes
from importlib.util import find_spec

_library = ctypes.CDLL(find_spec("checksum._library").origin)
_library.checksum_adler32.argtypes = (ctypes.c_char_p, ctypes.c_size_t)
_library.checksum_adler32.restype = ctypes.c_uint32


def adler32(data: bytes) -> int:
    """The Adler-32 checksum of some bytes."""
    return _library.checksum_adler32(data, len(data))
