"""What an editable installation leaves in the environment: it watches the imports of one project's Rust modules.

A copy of this file, with a call of :func:`install` at its end, lies beside the editable installation and belongs to it, so that
uninstalling removes it. It stands alone: nothing else of setuptools-pyo3 is imported, which need not even be there. What isn't
loaded in every Python anyway is imported when a rebuild is due, never before.
"""

import marshal
import os
import sys

# No typing and no __future__: whatever is imported here is imported by every Python of the environment.
MYPY = False
if MYPY:
    from typing import Any, Mapping, Optional

VARIABLE = "SETUPTOOLS_PYO3_REBUILD"
_OFF = ("0", "false", "no", "off")
# Of the output of a failing build; the compiler's errors are at its end.
_MOST = 256 * 1024
_NOT_IMPORTABLE = 96

# Run by another process: what it needs lies in a folder of its own, or in the environment. The folder it runs in is the project's,
# whose modules must not get in the way of others.
_REBUILD = f"""\
import sys
environment = sys.argv.pop(1)
if environment:
    import site
    site.addsitedir(environment)
sys.path[:] = [folder for folder in sys.path if folder]
try:
    from setuptools_pyo3.commands.rebuild import main
except ModuleNotFoundError as error:
    print(f"setuptools-pyo3: {{error}}", file=sys.stderr)
    sys.exit({_NOT_IMPORTABLE})
sys.exit(main(sys.argv[1:]))
"""


class Notice:
    """Asked last: says why a module is not there, where otherwise Python would only say that it isn't.

    Args:
        project: its name.
        root: its folder.
        modules: by dotted name, the file that each was installed as.
    """

    def __init__(self, project: str, root: str, modules: "Mapping[str, str]") -> None:
        self.project = project
        self.root = root
        self.modules = modules

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Find nothing.

        Raises:
            ModuleNotFoundError: it is a module of the project, and its file is gone.
        """
        place = self.modules.get(name)
        if place is not None and not os.path.exists(place):
            raise ModuleNotFoundError(
                f"No module named {name!r}: {place} is gone, though the project is installed in editable mode\n"
                f"  next: build it again: pip install -e {self.root}, or uv sync --reinstall-package {self.project}",
                name=name,
            )


class Rebuild:
    """Asked first: builds a module of the project again before it is imported, if anything it was made from has changed.

    Args:
        project, root: as for :class:`Notice`.
        folder: where builds note what the modules were made from.
        modules: as for :class:`Notice`.
        python: the interpreter that built them, "" if it is gone.
        environment: a folder of packages that built them, "" where those of the interpreter did.
    """

    def __init__(self, project: str, root: str, folder: str, modules: "Mapping[str, str]", python: str, environment: str) -> None:
        self.project = project
        self.root = root
        self.folder = folder
        self.modules = modules
        self.python = python
        self.environment = environment

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Find nothing, but see to it that what others find is up to date.

        Raises:
            ImportError: it has to be built again, and that fails.
        """
        # A target is a module that is to be reloaded, which extension modules can't be.
        if name in self.modules and target is None and os.environ.get(VARIABLE, "").lower() not in _OFF:
            known = _load(os.path.join(self.folder, "modules", name))
            reason = _change(known)
            if reason and os.path.isdir(self.root):
                self._rebuild(name, known, reason)

    def _rebuild(self, name: str, known: "Optional[dict[str, Any]]", reason: str) -> None:
        import importlib
        import time

        since, seen = time.time_ns(), _seen(known)
        with _Lock(os.path.join(self.folder, "lock"), self.project):
            known = _load(os.path.join(self.folder, "modules", name))
            # Another process may have built it meanwhile, or tried the very same in vain.
            if not _change(known):
                importlib.invalidate_caches()
                return
            failure = _load(os.path.join(self.folder, "failure"))
            if failure and failure.get("when", 0) > since and failure.get("seen") == seen:
                raise self._error(name, failure["message"])
            _show(f"setuptools-pyo3: {reason}, so {self.project} is built again\n")
            message = self._run()
            if message:
                _save(os.path.join(self.folder, "failure"), {"when": time.time_ns(), "seen": seen, "message": message})
                raise self._error(name, message)
            if _load(os.path.join(self.folder, "modules", name)) is None:
                raise self._error(name, f"error: {self.project} declares no such module any more")
        importlib.invalidate_caches()

    def _error(self, name: str, message: str) -> ImportError:
        return ImportError(
            f"{name} has changed and can't be built again\n{message}\n"
            f"  next: mend it and import again, or set {VARIABLE}=0 to import what was built last",
            name=name,
        )

    def _run(self) -> str:
        """Build in another process and show what it says; returns the reason if it fails, else ""."""
        import subprocess

        python, environment = self._interpreter(), self._environment()
        # With an environment of its own, nothing of another one may get in the way.
        alone = ["-I", "-S"] if environment else []
        try:
            process = subprocess.Popen(
                [python, *alone, "-c", _REBUILD, environment, self.folder, self.root],
                cwd=self.root,
                env=_environment_of_build(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            return f"{python} can't be started: {error}"
        output = _follow(process)
        if process.returncode == _NOT_IMPORTABLE:
            return (
                f"{_plain(output)}\n  why: {python} needs setuptools and setuptools-pyo3 for it, and has not got both\n"
                f"  next: install them there, or install the project again: pip install -e {self.root}"
            )
        return _reason(_plain(output)) if process.returncode else ""

    def _environment(self) -> str:
        if not self.environment or os.path.isdir(self.environment):
            return self.environment
        # What uv installs from its cache may be older than the last installation.
        latest = (_load(os.path.join(self.folder, "installation")) or {}).get("environment", "")
        return latest if os.path.isdir(latest) else ""

    def _interpreter(self) -> str:
        if self.python and os.path.exists(self.python):
            return self.python
        if sys.executable and os.path.basename(sys.executable).lower().startswith(("python", "pypy", "graalpy")):
            return sys.executable
        # A program that embeds Python.
        return os.path.join(sys.prefix, "python.exe" if os.name == "nt" else os.path.join("bin", "python3"))


def _load(path: str) -> "Optional[dict[str, Any]]":
    try:
        with open(path, "rb") as file:
            content = marshal.load(file)
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return content if isinstance(content, dict) else None


def _save(path: str, content: "dict[str, Any]") -> None:
    try:
        with open(path, "wb") as file:
            marshal.dump(content, file)
    except OSError:
        pass


def _state(path: str) -> "Optional[list[int]]":
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]


def _change(known: "Optional[dict[str, Any]]") -> str:
    """What speaks for building a module again, "" for nothing; one look at each file that it was made from."""
    if known is None:
        return "nothing is known of its last build"
    for path in known["files"]:
        if not os.path.exists(path):
            return f"{path} is gone"
    for path, state in known["states"].items():
        if _state(path) != state:
            return f"{path} has changed"
    for name, value in known["environ"].items():
        if os.environ.get(name, known["remembered"].get(name)) != value:
            return f"the variable {name} has changed"
    return ""


def _seen(known: "Optional[dict[str, Any]]") -> object:
    """All that a failure depends on, to know it again."""
    if known is None:
        return None
    return [[_state(path) for path in known["states"]], [os.environ.get(name) for name in known["environ"]]]


class _Lock:
    """A lock between processes, given back by the system when its holder dies; none where its folder can't be written."""

    def __init__(self, path: str, project: str) -> None:
        self.path = path
        self.project = project
        self.file: "Any" = None

    def __enter__(self) -> None:
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            self.file = open(self.path, "ab")  # held until __exit__
        except OSError:
            return
        if not self._try(wait=False):
            _show(f"setuptools-pyo3: waiting for another process that builds {self.project}\n")
            while not self._try(wait=True):
                pass

    def _try(self, wait: bool) -> bool:
        import errno

        try:
            if sys.platform == "win32":
                import msvcrt

                # Waiting, it gives up after ten seconds.
                msvcrt.locking(self.file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self.file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # A file system without locks will never give one.
            return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
        return True

    def __exit__(self, *exception: object) -> None:
        if self.file is not None:
            self.file.close()


def _environment_of_build() -> "dict[str, str]":
    env = {**os.environ, VARIABLE: "0"}
    # Meant for the program that imports, not for a build.
    env.pop("PYTHONWARNINGS", None)
    if _is_terminal():
        import shutil

        # cargo writes to us, and we to the terminal.
        if "NO_COLOR" not in env:
            env.setdefault("CARGO_TERM_COLOR", "always")
        env.setdefault("CARGO_TERM_PROGRESS_WHEN", "always")
        env.setdefault("CARGO_TERM_PROGRESS_WIDTH", str(shutil.get_terminal_size().columns))
    return env


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def _follow(process: "Any") -> bytes:
    """Show what a process says while it runs, and return the end of it. If anything happens here, the process is ended."""
    import codecs

    output = b""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        while True:
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                break
            output = (output + chunk)[-_MOST:]
            _show(decoder.decode(chunk))
    except BaseException:
        process.terminate()
        raise
    finally:
        process.stdout.close()
        process.wait()
    return output


def _show(text: str) -> None:
    """Write to where Python's errors go, which is not everywhere the process's (notebooks, captured output)."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass


def _plain(output: bytes) -> str:
    """Output as text, without colours and without what has been written over."""
    import re

    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.decode("utf-8", "replace")).replace("\r\n", "\n")
    return "\n".join(line.rpartition("\r")[2] for line in text.split("\n")).strip()


def _reason(text: str) -> str:
    """From the first error on, where there is one."""
    lines = text.split("\n")
    first = next((index for index, line in enumerate(lines) if line.startswith("error")), max(0, len(lines) - 100))
    return "\n".join(lines[first:])


def install(project: str, root: str, folder: str, modules: "Mapping[str, str]", python: str, environment: str) -> None:
    """Watch the imports of a project's modules.

    Args:
        folder: where builds note what the modules were made from, "" if nothing is to be built on import.
        modules: by dotted name, the file that each was installed as.
        project, root, python, environment: as for :class:`Rebuild`.
    """
    if folder:
        sys.meta_path.insert(0, Rebuild(project, root, folder, modules, python, environment))
    sys.meta_path.append(Notice(project, root, modules))
