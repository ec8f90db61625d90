"""Tasks for the job tests; a child process and the test process both import this module."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.domain.jobs import JobRecord
from backend.errors import DatabaseUnavailableError, InsufficientDataError
from backend.iter_training.task_context import TaskContext
from backend.settings import Settings


def _toy(context: TaskContext) -> dict[str, Any]:
    (context.folder / "bundle").mkdir()
    attempt = int(context.folder.name.removeprefix("attempt_"))
    context.log(f"attempt {attempt} runs as {os.getpid()}")
    nonsense = _BEHAVIOURS[context.parameters.get("do", "work")](context, attempt)
    return {"attempt": attempt} if nonsense is None else {"nonsense": nonsense}


def _work(context: TaskContext, _attempt: int) -> None:
    seconds = float(context.parameters.get("seconds", 0))
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.report(1 - left / seconds, "working")
        time.sleep(min(0.02, left))


def _fail_at_first(context: TaskContext, attempt: int) -> None:
    if attempt <= int(context.parameters["failures"]):
        raise ConnectionError("the weather is bad")


def _crash(_context: TaskContext, _attempt: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _lack_data(_context: TaskContext, _attempt: int) -> None:
    raise InsufficientDataError("work orders", 3, 200, "Wait for more.")


def _lose_database(_context: TaskContext, _attempt: int) -> None:
    raise DatabaseUnavailableError("K3-DB", "it is down", "Start it.")


def _return_nonsense(_context: TaskContext, _attempt: int) -> object:
    return object()


def _spawn_and_resist(context: TaskContext, attempt: int) -> None:
    """Start a grandchild, and ignore SIGTERM in both, as badly behaved libraries do."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    grandchild = subprocess.Popen([sys.executable, "-c", stubborn], stdin=subprocess.DEVNULL)
    context.log(f"grandchild runs as {grandchild.pid}")
    _work(context, attempt)


_BEHAVIOURS: dict[str, Callable[[TaskContext, int], object]] = {
    "work": _work,
    "fail_at_first": _fail_at_first,
    "crash": _crash,
    "lack_data": _lack_data,
    "lose_database": _lose_database,
    "return_nonsense": _return_nonsense,
    "spawn_and_resist": _spawn_and_resist,
}


def _finish(_settings: Settings, job: JobRecord, attempt_folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    """Leave one mark per job; like the real finishers it may be called again."""
    deployed = attempt_folder.parent / "deployed"
    deployed.write_text(job.job_id, encoding="utf-8")
    time.sleep(float(job.parameters.get("finish_seconds", 0)))
    if job.parameters.get("finisher_fails_once") and job.failures == 0:
        raise OSError("no space left on device")
    return {"deployed": job.job_id, **result, **_refusal(job.parameters)}


def _refusal(parameters: dict[str, Any]) -> dict[str, Any]:
    if "refused" not in parameters:
        return {}
    checks = [{"name": "times", "passed": False, "detail": parameters["refused"]}]
    return {"promoted": False, "reason": f"not promoted: {parameters['refused']}", "checks": checks}


TASKS = {"training": _toy, "evaluation": _toy}
FINISHERS = {"training": _finish, "evaluation": _finish}
