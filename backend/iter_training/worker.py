"""The child process of one attempt: python -m backend.iter_training.worker ATTEMPT_FOLDER.

Its stdin is a lifeline: when the server at the other end dies, it reads EOF and kills its whole
group. Started by hand it therefore needs an open stdin.
"""

import contextlib
import importlib
import logging
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, Final

import psutil

from backend.domain.clock import utc_now
from backend.iter_training.jobs.job_files import (
    ERROR_FILE,
    PROGRESS_FILE,
    REQUEST_FILE,
    RESULT_FILE,
    read_json,
    write_json,
)
from backend.iter_training.jobs.passing_errors import may_pass, message_of
from backend.iter_training.task_context import TaskContext
from backend.settings import load_settings

PROGRESS_EVERY_SECONDS: Final = 0.2


def main(folder: Path) -> int:
    """Run the task that request.json names; 0 with result.json, 1 with error.json."""
    threading.Thread(target=_die_with_server, daemon=True, name="lifeline").start()
    _be_killed_first()
    try:
        result = _run_task(folder, read_json(folder / REQUEST_FILE) or {})
        write_json(folder / RESULT_FILE, {"result": result})
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told and decides
        traceback.print_exc()
        write_json(folder / ERROR_FILE, {"error": message_of(error), "retryable": may_pass(error)})
        return 1
    finally:
        _end_own_children()
    return 0


def _run_task(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    settings = load_settings(Path(request["root"]))
    logging.basicConfig(level=settings.config.logging.level, stream=sys.stdout, format="%(message)s", force=True)
    progress = _ProgressFile(folder / PROGRESS_FILE)
    context = TaskContext(settings, folder, request["job_id"], request["parameters"], progress.report, _log)
    task = importlib.import_module(request["tasks_module"]).TASKS[request["kind"]]
    result: dict[str, Any] = task(context)
    return result


class _ProgressFile:
    """Writes progress at most a few times a second, for tasks that report in their inner loops."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._step = ""
        self._next = 0.0

    def report(self, share: float, step: str) -> None:
        if step == self._step and share < 1 and time.monotonic() < self._next:
            return
        self._step, self._next = step, time.monotonic() + PROGRESS_EVERY_SECONDS
        write_json(self._path, {"share": min(max(share, 0.0), 1.0), "step": step}, durable=False)


def _log(line: str) -> None:
    # stdout is the attempt's log file
    print(f"{utc_now():%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


def _die_with_server() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)  # on Windows, or started by hand in the group of a shell that must live on


def _end_own_children() -> None:
    """Take along what the task started and left, should the parent not live to do it."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _be_killed_first() -> None:
    """Have Linux take this process, not the server, when memory runs out; a courtesy, so never an error."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
