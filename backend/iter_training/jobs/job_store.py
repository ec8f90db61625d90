"""The job table: every change of a job is one transaction here, and raises its seq by one."""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, text, update

from backend.config_keys import QueueSettings
from backend.domain.clock import Clock
from backend.domain.jobs import JobKind, JobRecord, JobStatus, check_move
from backend.errors import CooldownError, IllegalJobMoveError, QueueFullError, UnknownJobError
from backend.state.database import reading
from backend.state.tables import jobs

Enqueue: TypeAlias = Callable[[Connection, JobRecord], None]
"""Gives a job to the workflow engine inside the transaction that makes its row."""

JOB_ID: Final = re.compile(r"job_[0-9A-Za-z_-]{1,64}")
ACTIVE: Final = (JobStatus.STARTED.value, JobStatus.RUNNING.value)
_ADMISSION_LOCK_KEY: Final = 0x524D4C01  # any number that only this product uses


class AttemptLostError(Exception):
    """Another process took the job over; whoever sees this must leave the job alone."""


class JobStore:
    """Reads and changes rows of training_jobs."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, job_id: str) -> JobRecord:
        """Return a job; raises UnknownJobError."""
        with reading(self._engine) as connection:
            return _found(connection, job_id)

    def list_jobs(self, kind: JobKind | None = None, limit: int = 50) -> list[JobRecord]:
        """Return the newest jobs first."""
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.job_id.desc()).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(query if kind is None else query.where(jobs.c.kind == kind.value)).mappings()
            return [_record(row) for row in rows]

    def unfinished(self) -> list[JobRecord]:
        """Return all jobs that wait or run, oldest first."""
        query = select(jobs).where(jobs.c.status.in_(ACTIVE)).order_by(jobs.c.created_at)
        with reading(self._engine) as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def last_failures(self) -> list[JobRecord]:
        """Return the newest job of each kind where it failed; what was cancelled says nothing either way."""
        went_well = jobs.c.status.in_((JobStatus.SUCCEEDED.value, JobStatus.SKIPPED.value))
        failed = (jobs.c.status == JobStatus.FAILED.value) & ~jobs.c.cancel_requested
        query = select(jobs).where(went_well | failed).order_by(jobs.c.finished_at.desc(), jobs.c.job_id.desc())
        with reading(self._engine) as connection:
            of_kinds = (query.where(jobs.c.kind == kind.value).limit(1) for kind in JobKind)
            newest = [connection.execute(one).mappings().first() for one in of_kinds]
        ended = [_record(row) for row in newest if row is not None]
        return [job for job in ended if job.status is JobStatus.FAILED]

    def is_resting(self, job_id: str) -> bool:
        """Tell whether a failed job still sits out its backoff."""
        job = self.get(job_id)
        return not job.status.is_final and job.retry_at is not None and self._clock() < job.retry_at

    def sequence_numbers(self) -> dict[str, int]:
        """Return the seq of every job, to compare state files with."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(jobs.c.job_id, jobs.c.seq)).all()
        return {row.job_id: row.seq for row in rows}

    def admit(
        self, kind: JobKind, parameters: dict[str, Any], *, automatic: bool, limits: QueueSettings, enqueue: Enqueue
    ) -> JobRecord:
        """Make a job's row and enqueue its workflow in one transaction: both exist or neither.

        Raises QueueFullError, and CooldownError for automatic training only.
        """
        with self._engine.begin() as connection:
            _lock_admission(connection)
            now = self._clock()
            if automatic and kind is JobKind.TRAINING:
                _check_cooldown(connection, now, limits.cooldown_hours)
            _check_queue(connection, kind, limits.max_size)
            job = _new_job(kind, parameters, automatic=automatic, now=now)
            connection.execute(insert(jobs).values(_row(job)))
            enqueue(connection, job)
        return job

    def begin_attempt(self, job_id: str, owner: str) -> JobRecord:
        """Count a new attempt and make it the current one; nothing else may report for the job now."""
        with self._engine.begin() as connection:
            job = _locked(connection, job_id)
            values = {"attempt": job.attempt + 1, "owner": owner, "progress": 0, "retry_at": None}
            step = f"starting attempt {job.attempt + 1}" if job.attempt else "starting"
            values |= {"started_at": job.started_at or self._clock(), "current_step": step}
            return _changed(connection, job, status=_running(job), **values)

    def begin_finish(self, job_id: str, owner: str, step: str) -> JobRecord:
        """Claim the last part of a job, which cannot be cancelled; one that has ended is returned unchanged."""
        with self._engine.begin() as connection:
            job = _locked(connection, job_id)
            if job.status.is_final:
                return job
            if job.cancel_requested and not job.finishing:
                return self._ended(connection, job, JobStatus.CANCELLED, current_step="cancelled")
            values = {"owner": owner, "retry_at": None, "finishing": True, "current_step": step}
            return _changed(connection, job, status=_running(job), **values)

    def report_progress(self, attempt: JobRecord, progress: int, step: str) -> JobRecord:
        """Store how far the current attempt is; raises AttemptLostError if it is no longer current."""
        with self._engine.begin() as connection:
            job = _current(connection, attempt)
            return _changed(connection, job, progress=progress, current_step=step)

    def schedule_retry(self, attempt: JobRecord, error: str, wait_seconds: float) -> JobRecord:
        """Count a failure and send the job back to wait for its next attempt."""
        with self._engine.begin() as connection:
            job = _current(connection, attempt)
            retry_at = self._clock() + timedelta(seconds=wait_seconds)
            step = f"attempt {job.attempt} failed; trying again in {wait_seconds:g} s"
            values = {"failures": job.failures + 1, "retry_at": retry_at, "error": error, "current_step": step}
            return _changed(connection, job, status=JobStatus.STARTED, owner=None, **values)

    def restart(self, job_id: str, error: str, max_attempts: int, enqueue: Enqueue) -> JobRecord:
        """Count a failure of the engine itself: enqueue the job anew, or end it after too many."""
        with self._engine.begin() as connection:
            job = _locked(connection, job_id)
            if job.status.is_final:
                return job
            if job.failures + 1 >= max_attempts:
                return self._ended(connection, job, JobStatus.FAILED, error=error, current_step="failed")
            status = JobStatus.STARTED if job.status is JobStatus.RUNNING else None
            values = {"failures": job.failures + 1, "owner": None, "current_step": "waiting to be tried again"}
            enqueue(connection, job)
            return _changed(connection, job, status=status, error=error, **values)

    def interrupt(self, job: JobRecord, step: str) -> JobRecord:
        """Send a running job back to wait because its server ends or has died; not counted as a failure."""
        with self._engine.begin() as connection:
            current = _current(connection, job)
            return _changed(connection, current, status=JobStatus.STARTED, owner=None, current_step=step)

    def request_cancel(self, job_id: str, *, at_once: bool = False) -> JobRecord:
        """Cancel a waiting job now; ask the owner of a running one to stop it.

        at_once: nobody owns the engine, so nothing runs, and the job is cancelled whatever its row says.
        A job that is cancelled already stays so; IllegalJobMoveError if it ended otherwise.
        """
        with self._engine.begin() as connection:
            job = _locked(connection, job_id)
            if job.status is JobStatus.CANCELLED:
                return job
            check_move(job_id, job.status, JobStatus.CANCELLED)
            if job.finishing:
                raise IllegalJobMoveError(job_id, f"already at '{job.current_step}'", JobStatus.CANCELLED.value)
            if job.status is JobStatus.RUNNING and not at_once:
                return _changed(connection, job, cancel_requested=True, current_step="stopping")
            return self._ended(connection, job, JobStatus.CANCELLED, current_step="cancelled")

    def conclude(self, job_id: str, status: JobStatus, *, attempt: JobRecord | None = None, **values: Any) -> JobRecord:
        """Give a job its final state; a job that has one already is returned unchanged.

        With an attempt: raises AttemptLostError if that is no longer the current one.
        """
        with self._engine.begin() as connection:
            job = _locked(connection, job_id) if attempt is None else _current(connection, attempt)
            return job if job.status.is_final else self._ended(connection, job, status, **values)

    def _ended(self, connection: Connection, job: JobRecord, status: JobStatus, **values: Any) -> JobRecord:
        if status in {JobStatus.SUCCEEDED, JobStatus.SKIPPED}:
            values |= {"progress": 100, "error": None}
        values |= {"finished_at": self._clock(), "retry_at": None, "finishing": False}
        return _changed(connection, job, status=status, **values)


def _lock_admission(connection: Connection) -> None:
    """Let one submitter at a time count and insert; on SQLite BEGIN IMMEDIATE has done so already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMISSION_LOCK_KEY})


def _check_queue(connection: Connection, kind: JobKind, max_size: int) -> None:
    query = select(jobs.c.job_id).where(jobs.c.kind == kind.value, jobs.c.status.in_(ACTIVE))
    waiting = tuple(connection.execute(query.order_by(jobs.c.created_at)).scalars())
    if len(waiting) >= max_size:
        raise QueueFullError(kind.value, waiting, max_size)


def _check_cooldown(connection: Connection, now: datetime, cooldown_hours: float) -> None:
    """Refuse while the last automatic training is too recent; cancelled and skipped ones trained nothing.

    What a person trains, a model of the past perhaps, is no reason to let the plant wait.
    """
    unused = (JobStatus.CANCELLED.value, JobStatus.SKIPPED.value)
    last_moment = func.max(func.coalesce(jobs.c.finished_at, jobs.c.created_at))
    trained = (jobs.c.kind == JobKind.TRAINING.value, jobs.c.automatic, jobs.c.status.not_in(unused))
    query = select(last_moment).where(*trained)
    last = connection.execute(query).scalar()
    if last is None:
        return
    remaining_hours = cooldown_hours - (now - last) / timedelta(hours=1)
    if remaining_hours > 0:
        raise CooldownError(remaining_hours, cooldown_hours)


def _new_job(kind: JobKind, parameters: dict[str, Any], *, automatic: bool, now: datetime) -> JobRecord:
    return JobRecord(
        job_id=f"job_{now:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}",
        kind=kind,
        status=JobStatus.STARTED,
        progress=0,
        current_step="waiting in the queue",
        attempt=0,
        seq=1,
        automatic=automatic,
        parameters=parameters,
        result=None,
        error=None,
        created_at=now,
        started_at=None,
        finished_at=None,
    )


def _running(job: JobRecord) -> JobStatus | None:
    """Return the move to RUNNING, or None for a row left RUNNING by a server that died."""
    return None if job.status is JobStatus.RUNNING else JobStatus.RUNNING


def _locked(connection: Connection, job_id: str) -> JobRecord:
    return _found(connection, job_id, for_update=True)


def _found(connection: Connection, job_id: str, *, for_update: bool = False) -> JobRecord:
    if not JOB_ID.fullmatch(job_id):  # some databases refuse odd characters with errors of their own
        raise UnknownJobError
    query = select(jobs).where(jobs.c.job_id == job_id)
    row = connection.execute(query.with_for_update() if for_update else query).mappings().first()
    if row is None:
        raise UnknownJobError
    return _record(row)


def _current(connection: Connection, attempt: JobRecord) -> JobRecord:
    job = _locked(connection, attempt.job_id)
    if (job.attempt, job.owner) != (attempt.attempt, attempt.owner) or job.status.is_final:
        raise AttemptLostError(attempt.job_id)
    return job


def _changed(connection: Connection, job: JobRecord, *, status: JobStatus | None = None, **values: Any) -> JobRecord:
    if status is not None:
        check_move(job.job_id, job.status, status)
        values["status"] = status.value
    change = update(jobs).where(jobs.c.job_id == job.job_id).values(seq=job.seq + 1, **values).returning(jobs)
    return _record(connection.execute(change).mappings().one())


def _record(row: RowMapping) -> JobRecord:
    return JobRecord(**dict(row) | {"kind": JobKind(row["kind"]), "status": JobStatus(row["status"])})


def _row(job: JobRecord) -> dict[str, Any]:
    return {column.name: getattr(job, column.name) for column in jobs.columns}
