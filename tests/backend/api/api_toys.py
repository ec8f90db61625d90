"""Tasks for the API tests; a child process and the test process both import this module."""

import time
from pathlib import Path
from typing import Any

from backend.domain.jobs import JobRecord
from backend.iter_training.task_context import TaskContext
from backend.settings import Settings


def _toy(context: TaskContext) -> dict[str, Any]:
    """Count to the sample size; a job of a thousand goes on until it is cancelled."""
    for number in range(int(context.parameters["sample_size"])):
        context.log(f"step {number}")
        context.report(number / 1000, f"step {number}")
        time.sleep(0.02)
    return {"steps": context.parameters["sample_size"]}


def _finish(_settings: Settings, _job: JobRecord, _attempt_folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    return result


def _nothing_new(_context: TaskContext) -> dict[str, Any]:
    return {"skipped": True, "reason": "no work order was finished"}


TASKS = {"training": _toy, "evaluation": _toy, "refresh": _nothing_new}
FINISHERS = dict.fromkeys(TASKS, _finish)
