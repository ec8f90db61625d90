"""The process that does a job's work: started in its own group, tied to our life by its stdin."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeAlias

import psutil

from backend.iter_training.jobs.job_files import LOG_FILE, PROCESS_FILE, read_json, write_json
from backend.settings import SOURCE_ROOT

PATIENCE_SECONDS: Final = 3.0
"""How long a process may tidy up after SIGTERM before it is killed."""

_THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


class Child(Protocol):
    """What does the work of one attempt; leaving the with-block leaves nothing of it behind."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def wait(self, seconds: float) -> int | None:
        """Wait a little for the end; the exit code, or None while it works."""

    def stop(self) -> None:
        """End it now."""


StartChild: TypeAlias = Callable[[Path, Path, int], Child]
"""Starts the work of an attempt's folder for the installation at a root, with so many threads."""


class ChildProcess:
    """A running worker of one attempt; leaving the with-block leaves no process of its group behind."""

    def __init__(self, attempt_folder: Path, root: Path, threads: int) -> None:
        with (attempt_folder / LOG_FILE).open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "backend.iter_training.worker", str(attempt_folder)],
                cwd=SOURCE_ROOT,
                env=job_environment(root, threads),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                **_own_group(),
            )
        write_json(attempt_folder / PROCESS_FILE, _identity(self._process.pid) or {}, durable=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self, seconds: float) -> int | None:
        """Wait a little for the end; the exit code (negative: a signal), or None while it runs."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End the whole group: ask, wait up to 3 s, kill, and wait until it is gone."""
        if self._process.poll() is None:
            _end_tree(self._process.pid, patient=True)
            if self.wait(PATIENCE_SECONDS) is None:
                _end_tree(self._process.pid, patient=False)
        _end_tree(self._process.pid, patient=False)  # what the worker itself started and left
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


def stop_leftover(attempt_folder: Path) -> None:
    """Kill the process of an attempt whose server died, should its lifeline have failed."""
    noted = read_json(attempt_folder / PROCESS_FILE)
    if noted and _identity(int(noted["pid"])) == noted:
        _end_tree(int(noted["pid"]), patient=False)


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def job_environment(root: Path, threads: int) -> dict[str, str]:
    """Return the environment of a job's process, in which libraries use so many threads."""
    # threads that spin while they wait take twenty times the CPU where others need it too
    limits = dict.fromkeys(_THREAD_VARIABLES, str(threads)) | {"OMP_WAIT_POLICY": "PASSIVE"}
    return {**os.environ, **limits, "ROUTING_ML_ROOT": str(root), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


def _identity(pid: int) -> dict[str, Any] | None:
    """Return what tells a process from a later one with the same pid; None if there is none."""
    try:
        return {"pid": pid, "created": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return None


def _end_tree(pid: int, *, patient: bool) -> None:
    """Signal a process and everything it started; nothing happens where nothing is left."""
    if sys.platform == "win32":  # no process groups to signal there; not tried on Windows
        _end_windows_tree(pid)
        return
    try:
        os.killpg(pid, signal.SIGTERM if patient else signal.SIGKILL)
    except ProcessLookupError:
        return


def _end_windows_tree(pid: int) -> None:
    try:
        top = psutil.Process(pid)
        for process in [*top.children(recursive=True), top]:
            process.kill()
    except psutil.NoSuchProcess:
        return
