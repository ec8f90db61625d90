"""Job states, the moves that are allowed between them, and the record of one job."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from backend.errors import IllegalJobMoveError


class JobKind(StrEnum):
    """What a job does; each kind has its own queue."""

    TRAINING = "training"
    EVALUATION = "evaluation"
    REFRESH = "refresh"


class JobStatus(StrEnum):
    """The life of a job; the runbook's words."""

    STARTED = "STARTED"
    """Accepted and waiting in the queue."""
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    """Finished its work; a decision not to promote is a success that says why."""
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"
    """Was not needed when its turn came; the result says why."""

    @property
    def is_final(self) -> bool:
        """Tell whether a job in this state never changes again."""
        return not ALLOWED_MOVES[self]


ALLOWED_MOVES: Final[dict[JobStatus, frozenset[JobStatus]]] = {
    JobStatus.STARTED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED, JobStatus.SKIPPED, JobStatus.FAILED}),
    JobStatus.RUNNING: frozenset(
        {JobStatus.STARTED, JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.SKIPPED}
    ),
    JobStatus.SUCCEEDED: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELLED: frozenset(),
    JobStatus.SKIPPED: frozenset(),
}
"""RUNNING goes back to STARTED when an attempt failed and a retry waits for its backoff."""


def check_move(job_id: str, current: JobStatus, wanted: JobStatus) -> None:
    """Raise IllegalJobMoveError unless a job may go from the current state to the wanted one."""
    if wanted not in ALLOWED_MOVES[current]:
        raise IllegalJobMoveError(job_id, current.value, wanted.value)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One row of the job table: the business truth about a job. Timestamps are naive UTC."""

    job_id: str
    kind: JobKind
    status: JobStatus
    progress: int
    """0 to 100."""
    current_step: str
    attempt: int
    seq: int
    """Rises by one with every change, so that readers can tell old from new."""
    automatic: bool
    parameters: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    owner: str | None = None
    """The server process that runs the current attempt."""
    failures: int = 0
    """Attempts that failed by themselves; interruptions of the server are not counted."""
    retry_at: datetime | None = None
    """When a failed job is tried again."""
    cancel_requested: bool = False
    finishing: bool = False
    """Its work is done and is being stored or deployed; from here on it cannot be cancelled."""
