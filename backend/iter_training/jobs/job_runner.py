"""What happens to a job in the process that owns the engine: its attempts, its finish, its waits.

Every method may be killed at any point and is then called again by the engine, here or in the next
owner; it looks at the row and the attempt folder first and goes on from what they say.
"""

import importlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import OperationalError

from backend.domain.jobs import JobRecord, JobStatus
from backend.iter_training.jobs.child_process import ChildProcess, StartChild, stop_leftover
from backend.iter_training.jobs.job_files import (
    ERROR_FILE,
    PROGRESS_FILE,
    REQUEST_FILE,
    RESULT_FILE,
    JobFiles,
    read_json,
    write_json,
)
from backend.iter_training.jobs.job_journal import JobJournal
from backend.iter_training.jobs.job_store import AttemptLostError, JobStore
from backend.iter_training.jobs.passing_errors import may_pass, message_of
from backend.settings import Settings

POLL_SECONDS: Final = 0.3
CHILD_SHARE: Final = 95
"""Percent of a job that its child makes up; the rest is storing and deploying the result."""

_logger = logging.getLogger(__name__)


class Verdict(StrEnum):
    """What the engine has to do next with a job."""

    FINISH = "finish"
    RETRY = "retry"
    ENDED = "ended"


class JobInterruptedError(BaseException):
    """The server ends, or another one took the job over: leave the job as it is, for the next owner.

    A BaseException because the engine records every Exception as the job's end.
    """


class JobRunner:
    """Runs jobs for one owner of the engine until it is told to stop."""

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        settings: Settings,
        store: JobStore,
        files: JobFiles,
        *,
        owner: str,
        tasks_module: str,
        start_child: StartChild = ChildProcess,
    ) -> None:
        self._settings = settings
        self._store = store
        self._files = files
        self._owner = owner
        self._tasks_module = tasks_module
        self._start_child = start_child
        self._journal = JobJournal(settings)
        self._stopping = threading.Event()
        self._busy: set[str] = set()

    def attempt(self, job_id: str) -> Verdict:
        """Have a child process do the job's work once, unless an earlier one has done it."""
        with self._working_on(job_id) as job:
            if self._is_over(job):
                return Verdict.ENDED
            if read_json(self._files.attempt_folder(job) / RESULT_FILE) is not None:
                return Verdict.FINISH
            stop_leftover(self._files.attempt_folder(job))
            return self._run_child(self._begin_attempt(job_id))

    def finish(self, job_id: str) -> Verdict:
        """Store and deploy what the child made; its finisher is idempotent, as it may be called again."""
        with self._working_on(job_id) as before:
            job = self._store.begin_finish(job_id, self._owner, "storing the result")
            self._journal.changed(before, job)
            self._files.project(job_id)
            if job.status.is_final:
                return Verdict.ENDED
            folder = self._files.attempt_folder(job)
            content = read_json(folder / RESULT_FILE) or {}
            try:
                finisher = importlib.import_module(self._tasks_module).FINISHERS[job.kind.value]
                result = finisher(self._settings, job, folder, content["result"])
            except Exception as error:  # whatever it is, the job's row must tell it
                _logger.exception("finishing %s failed", job_id)
                return self._failed(job, message_of(error), retryable=may_pass(error))
            if result.get("skipped"):
                return self._conclude(job, JobStatus.SKIPPED, result=result, current_step="not needed")
            return self._conclude(job, JobStatus.SUCCEEDED, result=result, current_step="done")

    def wait_for_retry(self, job_id: str) -> None:
        """Sit out a failed job's backoff; ends early when the job is cancelled."""
        with self._working_on(job_id):
            while self._store.is_resting(job_id):
                if self._stopping.wait(POLL_SECONDS):
                    raise JobInterruptedError

    def stop(self, patience_seconds: float) -> None:
        """Interrupt what runs, stop its processes, and wait until that is done."""
        self._stopping.set()
        deadline = time.monotonic() + patience_seconds
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.02)

    @contextmanager
    def _working_on(self, job_id: str) -> Iterator[JobRecord]:
        self._busy.add(job_id)
        try:
            if self._stopping.is_set():
                raise JobInterruptedError
            yield self._store.get(job_id)
        except AttemptLostError as error:
            raise JobInterruptedError from error
        finally:
            self._busy.discard(job_id)

    def _is_over(self, job: JobRecord) -> bool:
        if job.cancel_requested and not job.finishing and not job.status.is_final:
            ended = self._store.conclude(job.job_id, JobStatus.CANCELLED, current_step="cancelled")
            self._journal.changed(job, ended)
            self._files.project(job.job_id)
            return True
        return job.status.is_final

    def _begin_attempt(self, job_id: str) -> JobRecord:
        job = self._store.begin_attempt(job_id, self._owner)
        if job.attempt == 1:
            self._journal.began(job)
        folder = self._files.attempt_folder(job)
        folder.mkdir(parents=True, exist_ok=True)
        request = {"job_id": job_id, "kind": job.kind.value, "parameters": job.parameters}
        request |= {"root": str(self._settings.root), "tasks_module": self._tasks_module}
        write_json(folder / REQUEST_FILE, request)
        return self._files.project(job_id)

    def _run_child(self, job: JobRecord) -> Verdict:
        folder = self._files.attempt_folder(job)
        with self._start_child(folder, self._settings.root, self._settings.config.training.threads) as child:
            while (exit_code := child.wait(POLL_SECONDS)) is None:
                if self._stopping.is_set():
                    child.stop()
                    self._interrupt(job)
                if self._follow(job, folder).cancel_requested:
                    child.stop()
                    return self._conclude(job, JobStatus.CANCELLED, current_step="cancelled")
        if read_json(folder / RESULT_FILE) is not None:
            return Verdict.FINISH
        told = read_json(folder / ERROR_FILE) or {"error": _exit_message(exit_code), "retryable": True}
        return self._failed(job, told["error"], retryable=told["retryable"])

    def _follow(self, attempt: JobRecord, folder: Path) -> JobRecord:
        """Copy the child's progress to the row; return the row, which may ask us to stop.

        A database or disk that hiccups must not cost hours of training: the next look comes soon.
        """
        try:
            job = self._store.get(attempt.job_id)
            if (job.attempt, job.owner) != (attempt.attempt, attempt.owner) or job.status.is_final:
                raise AttemptLostError(attempt.job_id)
            told = read_json(folder / PROGRESS_FILE)
            if told is None or job.cancel_requested:
                return job
            progress = int(told["share"] * CHILD_SHARE)
            if (progress, told["step"]) == (job.progress, job.current_step):
                return job
            self._store.report_progress(attempt, progress, told["step"])
            return self._files.project(attempt.job_id)
        except (OperationalError, OSError) as error:
            _logger.warning("cannot store the progress of %s now: %s", attempt.job_id, error)
            return attempt

    def _interrupt(self, job: JobRecord) -> None:
        self._store.interrupt(job, "interrupted by the end of the server; goes on when it starts again")
        self._files.project(job.job_id)
        raise JobInterruptedError

    def _failed(self, job: JobRecord, error: str, *, retryable: bool) -> Verdict:
        training = self._settings.config.training
        if self._store.get(job.job_id).cancel_requested:
            return self._conclude(job, JobStatus.CANCELLED, current_step="cancelled")
        if not retryable or job.failures + 1 >= training.max_attempts:
            return self._conclude(job, JobStatus.FAILED, error=error, current_step="failed")
        resting = self._store.schedule_retry(job, error, training.retry_backoff_seconds * 2**job.failures)
        self._journal.changed(job, resting)
        self._files.project(job.job_id)
        return Verdict.RETRY

    def _conclude(self, attempt: JobRecord, status: JobStatus, **values: Any) -> Verdict:
        self._journal.changed(attempt, self._store.conclude(attempt.job_id, status, attempt=attempt, **values))
        self._files.project(attempt.job_id)
        return Verdict.ENDED


def follow_job(runner: JobRunner, job_id: str, step: Callable[[str, Callable[[str], Verdict]], Verdict]) -> None:
    """Bring a job to its end; `step` runs a method durably, so that a finished one is not run again."""
    while True:
        verdict = step("attempt", runner.attempt)
        if verdict == Verdict.FINISH:
            verdict = step("finish", runner.finish)
        if verdict == Verdict.ENDED:
            return
        runner.wait_for_retry(job_id)


def _exit_message(exit_code: int) -> str:
    if exit_code < 0:
        return f"its process was killed by signal {-exit_code} (9 is also what a machine out of memory sends)"
    return f"its process ended with exit code {exit_code} and left no result; the job's log tells more"
