"""The facts of the interpreter that runs this file. It stands alone: another interpreter runs it as a script."""

import os
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from typing import Any, Dict

CONFIG = (
    "EXT_SUFFIX",
    "SOABI",
    "Py_ENABLE_SHARED",
    "Py_GIL_DISABLED",
    "Py_DEBUG",
    "Py_REF_DEBUG",
    "Py_TRACE_REFS",
    "COUNT_ALLOCS",
    "LDVERSION",
    "PYTHONFRAMEWORK",
    "EXE",
)


def library_folder() -> str:
    """Where libpython lies: a shared one in LIBDIR, a static one in LIBPL, Windows' import library in libs."""
    if sys.platform == "win32":
        return os.path.join(sys.base_prefix, "libs")
    libdir, libpl, name = sysconfig.get_config_vars("LIBDIR", "LIBPL", "LDLIBRARY")
    for folder in (libdir, libpl):
        if folder and name and os.path.exists(os.path.join(folder, name)):
            return str(folder)
    return str(libdir or "")


def libc() -> str:
    """Which C library this Python runs on: ``gnu``, ``musl``, or "" where the question makes no sense or can't be answered."""
    if not sys.platform.startswith("linux") or hasattr(sys, "getandroidapilevel"):
        return ""
    try:
        return "gnu" if os.confstr("CS_GNU_LIBC_VERSION") else "musl"
    except AttributeError:
        return ""
    except (OSError, ValueError):
        # Only glibc knows this name.
        return "musl"


def collect() -> Dict[str, Any]:
    """All that the plan may need, as plain values."""
    return {
        "executable": sys.executable,
        "implementation": sys.implementation.name,
        "version": list(sys.version_info[:2]),
        "suffixes": list(EXTENSION_SUFFIXES),
        "platform": sysconfig.get_platform(),
        # A Python that describes another one, as crossenv makes it, has that one's width here, and its own in sys.maxsize.
        "pointer_width": 8 * (sysconfig.get_config_var("SIZEOF_VOID_P") or 0) or (64 if sys.maxsize > 2**32 else 32),
        "lib_dir": library_folder(),
        "libc": libc(),
        "config": {name: sysconfig.get_config_var(name) for name in CONFIG},
    }


if __name__ == "__main__":
    import json

    print(json.dumps(collect()))
