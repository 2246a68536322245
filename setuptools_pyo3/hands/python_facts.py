"""The facts of the interpreter that runs this file. It stands alone: another interpreter runs it as a script."""

import json
import os
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES

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


def library_folder():
    """Where libpython lies: a shared one in LIBDIR, a static one in LIBPL, Windows' import library in libs."""
    if sys.platform == "win32":
        return os.path.join(sys.base_prefix, "libs")
    config = sysconfig.get_config_vars("Py_ENABLE_SHARED", "LIBDIR", "LIBPL", "LDLIBRARY")
    shared, libdir, libpl, name = config
    for folder in (libdir, libpl):
        if folder and name and os.path.exists(os.path.join(folder, name)):
            return folder
    return libdir or ""


def collect():
    """All that the plan may need, as plain values."""
    return {
        "executable": sys.executable,
        "implementation": sys.implementation.name,
        "version": list(sys.version_info[:2]),
        "suffixes": list(EXTENSION_SUFFIXES),
        "platform": sysconfig.get_platform(),
        "pointer_width": 64 if sys.maxsize > 2**32 else 32,
        "lib_dir": library_folder(),
        "config": {name: sysconfig.get_config_var(name) for name in CONFIG},
    }


if __name__ == "__main__":
    print(json.dumps(collect()))
