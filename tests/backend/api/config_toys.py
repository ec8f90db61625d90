"""A job that tells which settings its process has read."""

from pathlib import Path
from typing import Any

from backend.domain.jobs import JobRecord
from backend.iter_training.task_context import TaskContext
from backend.settings import Settings


def _tell(context: TaskContext) -> dict[str, Any]:
    return {"config": context.settings.config.model_dump(mode="json"), "parameters": dict(context.parameters)}


def _finish(_settings: Settings, _job: JobRecord, _attempt_folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    return result


TASKS = {"training": _tell}
FINISHERS = {"training": _finish}
