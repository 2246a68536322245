"""The one room where processes start: explicit arguments, environment and folder, and nothing survives an interruption."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from typing import IO, Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Tuple

_POSIX = os.name == "posix"


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived while a process was running. Not an Exception: nothing is to catch it but the door.

    Args:
        number: the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def environment(environ: Mapping[str, str], changes: Mapping[str, Optional[str]], bin_folder: str = "") -> Dict[str, str]:
    """An environment with changes made to it.

    Args:
        environ: the environment.
        changes: variables to set, and those to remove as None.
        bin_folder: put before PATH, "" for none.
    """
    env = {name: value for name, value in environ.items() if name not in changes}
    env.update((name, value) for name, value in changes.items() if value is not None)
    if bin_folder:
        path = env.get("PATH")
        env["PATH"] = bin_folder + (os.pathsep + path if path else "")
    return env


def stream(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    on_line: Callable[[bytes], None],
    hide_errors: bool = False,
) -> Tuple[int, bytes]:
    """Run a process and hand on its standard output line by line; nothing of it is kept.

    Standard error is the caller's own, so that colours and progress bars work. On POSIX the process gets a session of its own,
    and the whole group is killed when anything goes wrong here: cargo passes neither SIGINT nor SIGTERM on to build scripts.

    Args:
        argv: program and arguments.
        env: the whole environment.
        cwd: where to run.
        on_line: called with each line of standard output.
        hide_errors: capture standard error instead of passing it through.

    Returns:
        Its exit code, negative for a signal, and the end of its standard error where that was hidden and the process failed.

    Raises:
        OSError: the program can't be started.
        Terminated: SIGTERM or SIGHUP arrived; the group has been killed.
    """
    with _terminable(), _hidden(hide_errors) as errors:
        process = subprocess.Popen(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=_POSIX,
        )
        try:
            for line in process.stdout or ():
                on_line(line)
            code = process.wait()
        except BaseException:
            kill_group(process)
            raise
        finally:
            if process.stdout:
                process.stdout.close()
        return code, _end_of(errors) if code and errors else b""


@contextlib.contextmanager
def _hidden(hide: bool) -> Iterator[Optional[IO[bytes]]]:
    """A file for standard error, which may be large and is mostly thrown away; None to pass it through."""
    if not hide:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        yield file


_SHOWN = 4 * 1024 * 1024


def _end_of(file: IO[bytes]) -> bytes:
    """What the file ends with; cargo's reason to fail comes last."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _SHOWN))
    return file.read()


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and, on POSIX, all that it started; then wait for it."""
    try:
        if _POSIX:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()


_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class _terminable:
    """While it is entered, SIGTERM and SIGHUP raise Terminated here instead of ending this process at once."""

    def __enter__(self) -> None:
        self.previous: Dict[int, Any] = {}
        # Handlers can be set in the main thread only, and an ignored signal stays ignored.
        if threading.current_thread() is threading.main_thread():
            for number in _ENDING:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self.previous[number] = signal.signal(number, self._raise)

    def __exit__(self, *exception: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    @staticmethod
    def _raise(number: int, frame: object) -> None:
        raise Terminated(number)


def capture(argv: Sequence[str], *, env: Mapping[str, str], cwd: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a short process and keep all it says.

    Raises:
        OSError: the program can't be started.
    """
    return subprocess.run(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def within(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, seconds: float) -> Optional[Tuple[int, bytes]]:
    """Run a short process that may hang.

    Args:
        argv: program and arguments.
        env: the whole environment.
        cwd: where to run.
        seconds: how long it may take.

    Returns:
        Its exit code and all that it printed; None where it took longer and was killed, on POSIX with all that it started.

    Raises:
        OSError: the program can't be started.
        Terminated: SIGTERM or SIGHUP arrived; the process has been killed.
    """
    # A file and no pipe: whom it has started in the background may keep that open for long.
    with _terminable(), tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=_POSIX
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_group(process)
            return None
        except BaseException:
            kill_group(process)
            raise
        return code, _end_of(said)


def hand_over(argv: Sequence[str], *, env: Mapping[str, str]) -> int:
    """Run a process in our place: its input and output are ours. Returns its exit code.

    Raises:
        OSError: the program can't be started.
    """
    if _POSIX:
        os.execvpe(argv[0], list(argv), dict(env))
    return subprocess.run(argv, env=env, check=False).returncode
