"""What a job of each kind does in its child process, and how its parent finishes it."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

from backend.domain.jobs import JobRecord
from backend.iter_training.finishers import finish_evaluation, finish_refresh, finish_training
from backend.iter_training.task_context import TaskContext
from backend.settings import Settings

Task: TypeAlias = Callable[[TaskContext], dict[str, Any]]
Finisher: TypeAlias = Callable[[Settings, JobRecord, Path, dict[str, Any]], dict[str, Any]]


def train(context: TaskContext) -> dict[str, Any]:
    """Train and judge challengers."""
    return _run("backend.iter_training.training_task", context)


def evaluate(context: TaskContext) -> dict[str, Any]:
    """Score the champion."""
    return _run("backend.iter_training.evaluation_task", context)


def refresh(context: TaskContext) -> dict[str, Any]:
    """Bring the active version's fast layers up to the newest work orders."""
    return _run("backend.iter_training.refresh_task", context)


def _run(module: str, context: TaskContext) -> dict[str, Any]:
    """Import the libraries of a task only in the child: the server, which finishes jobs, stays small."""
    result: dict[str, Any] = import_module(module).run(context)
    return result


TASKS: Final[dict[str, Task]] = {"training": train, "evaluation": evaluate, "refresh": refresh}
FINISHERS: Final[dict[str, Finisher]] = {
    "training": finish_training,
    "evaluation": finish_evaluation,
    "refresh": finish_refresh,
}
