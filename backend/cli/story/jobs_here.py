"""Runs the job engine's jobs in this process, one after another, on the story's clock.

Queue, schedule, trigger, attempts, finishing and healing are the engine's own. What is missing is a process for each
job and DBOS: a year has some thousand jobs, and starting a process takes longer than most of them work.
"""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection

from backend.domain.clock import Clock
from backend.domain.jobs import JobRecord
from backend.domain.progress import no_progress
from backend.iter_training.jobs.job_files import ERROR_FILE, LOG_FILE, REQUEST_FILE, RESULT_FILE, read_json, write_json
from backend.iter_training.jobs.job_runner import JobRunner, Verdict, follow_job
from backend.iter_training.jobs.reconciler import WorkflowStage, WorkflowState
from backend.iter_training.task_context import TaskContext
from backend.iter_training.tasks import TASKS
from backend.settings import Settings


class JobsHere:
    """What the engine takes for its queue of workflows: every unfinished job waits until run_next is called."""

    def __init__(self, unfinished: Callable[[], list[JobRecord]]) -> None:
        self._unfinished = unfinished
        self._runner: JobRunner | None = None

    def run_next(self) -> JobRecord | None:
        """Bring the oldest unfinished job to its end; None where there is none."""
        waiting = self._unfinished()
        if not waiting or self._runner is None:
            return None
        job_id = waiting[0].job_id

        def step(_name: str, function: Callable[[str], Verdict]) -> Verdict:
            return function(job_id)

        follow_job(self._runner, job_id, step)
        return waiting[0]

    def launch(self, executor_id: str, runner: JobRunner) -> None:
        """Take the runner that knows how to do jobs."""
        del executor_id
        self._runner = runner

    def shut_down(self) -> None:
        """Run nothing more."""
        self._runner = None

    def enqueue(self, connection: Connection, job: JobRecord) -> None:
        """Do nothing: the job's row is all that run_next needs."""

    def states(self) -> Mapping[str, WorkflowState]:
        """Tell that every unfinished job waits, also one that a killed story was at."""
        return {job.job_id: WorkflowState(WorkflowStage.WAITING) for job in self._unfinished()}

    def resume(self, job: JobRecord) -> None:
        """Do nothing: what is unfinished waits."""

    def delete(self, job_ids: list[str]) -> None:
        """Do nothing: there is nothing beside the rows."""


class WorkHere:
    """Does one attempt's work in this process, where a server would start one; the same files tell how it went."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def stop(self) -> None:
        """Do nothing: when somebody could ask, the work is done."""

    def wait(self, seconds: float) -> int | None:
        """Do the work and return its exit code."""
        del seconds
        try:
            write_json(self._folder / RESULT_FILE, {"result": self._work()})
        except Exception as error:  # noqa: BLE001 - whatever it is, the job's row must tell it
            self._log(traceback.format_exc())
            write_json(self._folder / ERROR_FILE, {"error": f"{type(error).__name__}: {error}", "retryable": False})
            return 1
        return 0

    def _work(self) -> dict[str, Any]:
        request = read_json(self._folder / REQUEST_FILE) or {}
        context = TaskContext(
            self._settings, self._folder, request["job_id"], request["parameters"], no_progress, self._log, self._clock
        )
        return TASKS[request["kind"]](context)

    def _log(self, line: str) -> None:
        with (self._folder / LOG_FILE).open("a", encoding="utf-8") as log:
            log.write(f"{self._clock():%Y-%m-%dT%H:%M:%SZ} {line}\n")
