"""The options of our commands. setuptools reads them in every project of the environment that has a pyproject.toml."""

from __future__ import annotations

from typing import List, Optional, Tuple

BUILD_RUST: List[Tuple[str, Optional[str], str]] = [
    ("inplace", "i", "put modules beside their sources, and build with the dev profile"),
    ("debug", "d", "build with cargo's dev profile"),
    ("release", "r", "build with cargo's release profile"),
    ("profile=", None, "build with this cargo profile"),
    ("qbuild", None, "show cargo's output only when it fails"),
    ("build-temp=", "t", "accepted for compatibility; set CARGO_TARGET_DIR to move cargo's output"),
    ("target=", None, "build for this target triple"),
    ("zig", None, "compile and link with zig (setuptools-pyo3[zig])"),
]
BUILD_RUST_BOOLEAN: List[str] = ["inplace", "debug", "release", "qbuild", "zig"]
# Attributes of build_rust that decide what is built.
DECISIVE = ("inplace", "debug", "release", "profile", "qbuild", "plat_name", "build_temp", "target", "zig", "parallel", "verbose")
CLEAN_RUST: List[Tuple[str, Optional[str], str]] = []
