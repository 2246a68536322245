"""Interpreters that neither pyenv nor the system has: Debian's newest, PyPy, and CPython compiled free-threaded and for musl."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Dict, Mapping, Optional, Sequence

from .debian import execute
from .store import Store, script
from .toolchains import LIB, RELEASE

_SID_LIBRARIES = (
    *("libc6", "libgcc-s1", "libstdc++6", "libexpat1", "zlib1g", "libssl3t64", "libffi8", "libbz2-1.0", "liblzma5", "libsqlite3-0"),
    *("libuuid1", "libncursesw6", "libtinfo6", "libreadline8t64", "libzstd1", "libgdbm6t64"),
)
_SID = (
    *("pypy3", "pypy3-lib", "pypy3-dev"),
    *(
        name.format(version)
        for version in ("3.14", "3.15")
        for name in ("python{}", "python{}-minimal", "libpython{}-minimal", "libpython{}-stdlib", "libpython{}", "libpython{}-dev")
    ),
)
_PYPY39 = (
    *("pypy3", "pypy3-lib", "pypy3-dev", "libssl3", "libexpat1", "zlib1g", "libffi8", "libbz2-1.0", "liblzma5", "libsqlite3-0"),
    *("libncursesw6", "libtinfo6"),
)
# Modules that need a library of the machine, so that the result doesn't depend on it, and those that take long to compile.
_LEFT_OUT = (
    *("_bz2", "_ctypes", "_curses", "_curses_panel", "_dbm", "_gdbm", "_hashlib", "_lzma", "_sqlite3", "_ssl", "_tkinter", "_uuid"),
    *("nis", "readline", "_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr", "_codecs_tw", "_decimal"),
)
_CONFIGURE = (
    *("--disable-test-modules", "--without-ensurepip", "--without-doc-strings", "OPT=-DNDEBUG -O0"),
    *(f"py_cv_module_{name}=n/a" for name in _LEFT_OUT),
)


def sid(store: Store) -> Dict[str, Path]:
    """CPython 3.14 and 3.15 and PyPy 3.11, by these names, with a C library of their own.

    Raises:
        Unavailable: they can't be had here.
    """
    programs = {"3.14": "python3.14", "3.15": "python3.15", "pypy3.11": "pypy3.11"}

    def fill(part: Path, final: Path) -> None:
        store.debian.unpack("sid", "amd64", (*_SID_LIBRARIES, *_SID), part)
        for name in programs.values():
            _patch(part / "usr" / "bin" / name, final / LIB, final / "usr" / "lib64" / "ld-linux-x86-64.so.2")

    folder = store.get("sid", (_SID_LIBRARIES, _SID), fill)
    return {version: folder / "usr" / "bin" / name for version, name in programs.items()}


def pypy39(store: Store) -> Path:
    """PyPy 3.9, the oldest that PyO3 ever supported among those that we do.

    Raises:
        Unavailable: it can't be had here.
    """

    def fill(part: Path, final: Path) -> None:
        store.debian.unpack(RELEASE, "amd64", _PYPY39, part)
        _patch(part / "usr" / "bin" / "pypy3.9", final / LIB)

    return store.get("pypy3.9", _PYPY39, fill) / "usr" / "bin" / "pypy3.9"


def free_threaded(store: Store) -> Path:
    """CPython 3.13t, compiled without optimization in less than a minute.

    Raises:
        Unavailable: it can't be had here.
    """
    packages = ("zlib1g", "zlib1g-dev")
    zlib = store.get("zlib", packages, lambda part, final: store.debian.unpack(RELEASE, "amd64", packages, part))
    library = zlib / "lib" / Path(LIB).name
    flags = {"ZLIB_CFLAGS": f"-I{zlib}/usr/include", "ZLIB_LIBS": f"{library}/libz.so.1 -Wl,-rpath,{library}"}

    def fill(part: Path, final: Path) -> None:
        _compile(store, part, final, ["--disable-gil"], flags)

    return store.get("python3.13t", (_CONFIGURE, zlib), fill) / "bin" / "python3.13t"


def musl(store: Store) -> Path:
    """CPython 3.13 that runs with musl as its C library; without zlib, so no pip runs in it.

    Raises:
        Unavailable: it can't be had here.
    """
    packages = ("musl", "musl-dev", "musl-tools")

    def fill_library(part: Path, final: Path) -> None:
        store.debian.unpack(RELEASE, "amd64", packages, part)
        libraries = part / "usr" / "lib" / "x86_64-linux-musl"
        (libraries / "libc.so").symlink_to("../../../lib/x86_64-linux-musl/libc.so")
        specs = (libraries / "musl-gcc.specs").read_text(encoding="utf-8")
        (part / "specs").write_text(specs.replace("/usr/", f"{final}/usr/").replace("/lib/ld-musl", f"{final}/lib/ld-musl"))
        compiler = f'exec gcc "$@" -specs {final}/specs'
        script(part / "cc", f'case " $* " in *" --print-multiarch "*) echo x86_64-linux-musl;; *) {compiler};; esac')

    library = store.get("musl", packages, fill_library)

    def fill(part: Path, final: Path) -> None:
        _compile(store, part, final, [], {"CC": f"{library}/cc", "PKG_CONFIG_LIBDIR": "/nonexistent"})

    return store.get("python3.13-musl", (_CONFIGURE, library), fill) / "bin" / "python3.13"


def _patch(program: Path, libraries: Path, loader: Optional[Path] = None) -> None:
    """Have a program find its libraries, and where it has a C library of its own, that one's loader."""
    interpreter = ["--set-interpreter", loader] if loader else []
    execute(["patchelf", *interpreter, "--force-rpath", "--set-rpath", libraries, program], program.parent)


def _compile(store: Store, part: Path, final: Path, options: Sequence[str], variables: Mapping[str, str]) -> None:
    """Compile CPython 3.13 and install it."""
    archive = store.debian.source("trixie", "python3.13", part / "source")
    execute(["tar", "-xf", archive], archive.parent)
    source = next(path for path in archive.parent.iterdir() if path.is_dir())
    execute([source / "configure", f"--prefix={final}", *options, *_CONFIGURE], source, variables)
    execute(["make", f"-j{os.cpu_count() or 1}"], source)
    execute(["make", "install", f"DESTDIR={part}/installed"], source)
    for path in (part / "installed" / final.relative_to("/")).iterdir():
        path.rename(part / path.name)
    shutil.rmtree(part / "installed")
    shutil.rmtree(part / "source")
