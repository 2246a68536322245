"""The text of a target Python's ``_sysconfigdata*.py``, read without running a line of it."""

from __future__ import annotations

import ast
from typing import Any, Dict, Mapping, Optional, Tuple

from ..errors import ToolchainProblem
from .interpreter import is_set

# What the file assigns (https://github.com/python/cpython/blob/main/Lib/sysconfig/__main__.py, _generate_posix_vars).
_VARIABLE = "build_time_vars"


def parse(text: str, path: str) -> Mapping[str, Any]:
    """The build-time variables, each a string or a number.

    Args:
        text: of the file.
        path: for messages.

    Raises:
        ToolchainProblem: it isn't such a file, or computes its values instead of holding them.
    """
    try:
        for statement in ast.parse(text).body:
            if isinstance(statement, ast.Assign) and any(getattr(name, "id", "") == _VARIABLE for name in statement.targets):
                values: Dict[str, Any] = ast.literal_eval(statement.value)
                return {str(name): value for name, value in values.items()}
        why = f"it assigns no {_VARIABLE}"
    except (SyntaxError, ValueError, AttributeError, RecursionError, MemoryError) as error:
        why = str(error)
    raise ToolchainProblem(
        "this file doesn't hold a Python's build-time variables as plain values",
        where=path,
        why=why,
        hint="point PYO3_CROSS_LIB_DIR at the target Python's library folder; where its file is a program, as PyPy's, "
        "set PYO3_CROSS_PYTHON_VERSION and PYO3_CROSS_PYTHON_IMPLEMENTATION instead",
    )


def implementation(variables: Mapping[str, Any]) -> str:
    """``cpython``, ``pypy`` or ``graalpy``, by the names of its extension modules; "" where they don't tell it."""
    return next((name for name in ("cpython", "pypy", "graalpy") if _suffix(variables).startswith(name)), "")


def version(variables: Mapping[str, Any]) -> Optional[Tuple[int, int]]:
    """Major and minor; None where the file doesn't say."""
    major, dot, minor = text(variables, "VERSION").partition(".")
    return (int(major), int(minor)) if dot and major.isdigit() and minor.isdigit() else None


def pointer_width(variables: Mapping[str, Any]) -> int:
    """In bits; 0 where the file doesn't say."""
    size = text(variables, "SIZEOF_VOID_P")
    return 8 * int(size) if size.isdigit() else 0


def free_threaded(variables: Mapping[str, Any]) -> bool:
    """Whether it is built without the GIL."""
    return is_set(variables.get("Py_GIL_DISABLED"))


def multiarch(variables: Mapping[str, Any]) -> str:
    """What the names of its extension modules end in, such as ``arm-linux-gnueabihf``; "" where they have no such end.

    HOST_GNU_TYPE is not looked at: it says what the compiler was made for (``armv8l-...`` on Debian's armhf).
    """
    # PyPy's SOABI leaves the platform out; its suffix doesn't. GraalPy has one word more.
    words = _suffix(variables).split("-")
    return "-".join(words[3 if words[0].startswith("graalpy") else 2 :]) or text(variables, "MULTIARCH")


def _suffix(variables: Mapping[str, Any]) -> str:
    """What stands between the dots of an extension module's name."""
    return text(variables, "EXT_SUFFIX").strip(".").partition(".")[0]


def text(variables: Mapping[str, Any], name: str) -> str:
    """A variable as text; "" where there is none."""
    value = variables.get(name)
    return "" if value is None else str(value)
