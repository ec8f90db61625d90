"""Compares the engine's workflows, the job rows and the state files, and heals what a kill tore apart."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from backend.domain.jobs import JobRecord, JobStatus
from backend.iter_training.jobs.job_files import JobFiles
from backend.iter_training.jobs.job_journal import JobJournal
from backend.iter_training.jobs.job_runner import JobRunner
from backend.iter_training.jobs.job_store import AttemptLostError, JobStore
from backend.settings import Settings

_logger = logging.getLogger(__name__)
_SERVER_DIED = "interrupted: its server died; goes on now"


class WorkflowStage(StrEnum):
    """Where the engine is with a job."""

    WAITING = "waiting"
    RUNNING_HERE = "running_here"
    RUNNING_ELSEWHERE = "running_elsewhere"
    """Claimed by another owner, who is dead: there is only one at a time, and it is we."""
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    BROKEN = "broken"
    """The engine gave the workflow up; the error says why."""


@dataclass(frozen=True, slots=True)
class WorkflowState:
    """One workflow as the engine remembers it."""

    stage: WorkflowStage
    error: str | None = None


class Workflows(Protocol):
    """What keeps the queue of jobs: DBOS, or whatever else runs them one after another."""

    def launch(self, executor_id: str, runner: JobRunner) -> None:
        """Begin to run jobs in this process."""

    def shut_down(self) -> None:
        """Stop to run jobs."""

    def states(self) -> Mapping[str, WorkflowState]:
        """Return every workflow that the engine remembers, by job id."""

    def enqueue(self, connection: Connection, job: JobRecord) -> None:
        """Queue a job's workflow inside the caller's transaction."""

    def resume(self, job: JobRecord) -> None:
        """Queue a workflow again that a dead owner had claimed; its finished steps stay finished."""

    def delete(self, job_ids: list[str]) -> None:
        """Forget workflows, whatever their stage."""


def _what_happened(stage: WorkflowStage | None) -> str:
    """Return in words what was found, and what is done about it now."""
    if stage is WorkflowStage.CANCELLED:
        return "was cancelled by a server that ended before it had noted so; that is done now"
    if stage in (WorkflowStage.WAITING, WorkflowStage.RUNNING_ELSEWHERE):
        return "was left unfinished by a server that has ended; it goes on here"
    return "was lost by the job engine; it is queued again"


class Reconciler:
    """Makes rows, files and workflows agree; the row wins. Only the engine's owner may use it."""

    def __init__(self, store: JobStore, files: JobFiles, workflows: Workflows, settings: Settings) -> None:
        self._store = store
        self._files = files
        self._workflows = workflows
        self._max_attempts = settings.config.training.max_attempts
        self._journal = JobJournal(settings)
        self._projected: dict[str, int] = {}

    def reconcile(self) -> None:
        """Heal everything once; cheap when nothing is wrong."""
        unfinished = {job.job_id: job for job in self._store.unfinished()}
        states = self._workflows.states()
        for job_id, job in unfinished.items():
            try:
                self._heal(job, states.get(job_id))
            except AttemptLostError:
                _logger.info("%s moved on by itself meanwhile", job_id)
        self._forget_workflows_of_ended_jobs(states)
        self._project_what_changed()

    def _heal(self, job: JobRecord, state: WorkflowState | None) -> None:
        stage = state.stage if state else None
        if stage is WorkflowStage.RUNNING_HERE or (stage is WorkflowStage.WAITING and job.owner is None):
            return
        _logger.info("%s %s %s", job.kind, job.job_id, _what_happened(stage))
        if stage is WorkflowStage.CANCELLED:
            ended = self._store.conclude(job.job_id, JobStatus.CANCELLED, current_step="cancelled")
            self._journal.changed(job, ended)
        elif stage in (WorkflowStage.WAITING, WorkflowStage.RUNNING_ELSEWHERE):
            if job.status is JobStatus.RUNNING:
                self._store.interrupt(job, _SERVER_DIED)
            if stage is WorkflowStage.RUNNING_ELSEWHERE:
                self._workflows.resume(job)
        else:  # gone, given up, or completed without the row's knowledge: the row says there is work to do
            if state is not None:
                self._workflows.delete([job.job_id])
            cause = (state.error if state else None) or "the job engine lost the job's workflow"
            again = self._store.restart(job.job_id, cause, self._max_attempts, self._workflows.enqueue)
            self._journal.changed(job, again)

    def _forget_workflows_of_ended_jobs(self, states: Mapping[str, WorkflowState]) -> None:
        """Delete what the engine would remember for ever.

        A workflow that still runs here is about to notice that its job has ended.
        """
        active = {job.job_id for job in self._store.unfinished()}
        ended = [key for key, it in states.items() if key not in active and it.stage is not WorkflowStage.RUNNING_HERE]
        if ended:
            self._workflows.delete(ended)

    def _project_what_changed(self) -> None:
        for job_id, seq in self._store.sequence_numbers().items():
            if self._projected.get(job_id) != seq:
                job = self._files.project(job_id)
                if job.status.is_final:
                    self._files.discard_work(job)
                self._projected[job_id] = job.seq
