"""The jobs that quality cycles ask for: a row made with the cycle, and dealt with once for any number of servers."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, update

from backend.domain.jobs import JobKind, JobStatus
from backend.state.database import reading
from backend.state.tables import jobs, trigger_requests

_IN_VAIN: Final = frozenset({JobStatus.FAILED.value, JobStatus.CANCELLED.value, JobStatus.SKIPPED.value})


class RequestTakenError(Exception):
    """Another process has dealt with this request."""


@dataclass(frozen=True, slots=True)
class TriggerRequest:
    """A job that a cycle asks for, and what became of it; the timestamp is naive UTC."""

    cycle_id: str
    created_at: datetime
    kind: JobKind
    reason: str
    parameters: dict[str, Any]
    """For the job."""
    job_id: str | None = None
    outcome: str | None = None
    """None while nobody has dealt with it."""


def ask(connection: Connection, request: TriggerRequest) -> None:
    """Ask for a job, inside the transaction that stores the cycle; the newest request alone stays open."""
    older = update(trigger_requests).where(trigger_requests.c.outcome.is_(None))
    connection.execute(older.values(outcome=f"overtaken by {request.cycle_id}"))
    connection.execute(insert(trigger_requests), asdict(request) | {"kind": request.kind.value})


def open_request(engine: Engine) -> TriggerRequest | None:
    """Return the request that nobody has dealt with, None where there is none."""
    query = select(trigger_requests).where(trigger_requests.c.outcome.is_(None))
    with reading(engine) as connection:
        row = connection.execute(query.order_by(trigger_requests.c.created_at.desc())).mappings().first()
    return TriggerRequest(**dict(row) | {"kind": JobKind(row["kind"])}) if row else None


def newest_came_to_nothing(engine: Engine, kind: JobKind) -> bool:
    """Tell whether the newest request for a kind of job was passed over, or its job failed or was cancelled."""
    query = (
        select(trigger_requests.c.job_id, jobs.c.status)
        .outerjoin(jobs, jobs.c.job_id == trigger_requests.c.job_id)
        .where(trigger_requests.c.kind == kind.value)
        .order_by(trigger_requests.c.created_at.desc())
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return row is not None and (row.job_id is None or row.status in _IN_VAIN)


def settle(connection: Connection, cycle_id: str, outcome: str, job_id: str | None = None) -> None:
    """Note what became of a request, inside the transaction that starts its job; raises RequestTakenError."""
    mine = update(trigger_requests).where(trigger_requests.c.cycle_id == cycle_id, trigger_requests.c.outcome.is_(None))
    if not connection.execute(mine.values(outcome=outcome, job_id=job_id)).rowcount:
        raise RequestTakenError
