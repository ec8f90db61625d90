"""The table of due times: what was due last, and what became of it."""

from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select, update

from backend.domain.jobs import JobKind
from backend.domain.schedule import DueTime
from backend.state.database import reading
from backend.state.tables import due_times


class DueTimeTakenError(Exception):
    """Another process has dealt with this due time."""


class ScheduleStore:
    """Reads and changes rows of due_times."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self, kind: JobKind) -> DueTime | None:
        """Return the newest due time that was dealt with; None before the schedule began."""
        with reading(self._engine) as connection:
            row = connection.execute(select(due_times).where(due_times.c.kind == kind.value)).mappings().first()
        return DueTime(**dict(row) | {"kind": kind}) if row else None

    def begin(self, kind: JobKind, now: datetime) -> None:
        """Begin a schedule, anew where a clock was wrong: only what falls due later is started."""
        first = DueTime(kind, now, None, "the schedule begins here")
        with self._engine.begin() as connection:
            known = update(due_times).where(due_times.c.kind == kind.value)
            if not connection.execute(known.values(_row(first))).rowcount:
                connection.execute(insert(due_times).values(_row(first)))

    def pass_over(self, due: DueTime) -> None:
        """Note why a due time starts nothing; raises DueTimeTakenError."""
        with self._engine.begin() as connection:
            take(connection, due)


def take(connection: Connection, due: DueTime) -> None:
    """Make a due time ours, inside the transaction that starts its job; raises DueTimeTakenError."""
    older = (due_times.c.kind == due.kind.value) & (due_times.c.due_at < due.due_at)
    if not connection.execute(update(due_times).where(older).values(_row(due))).rowcount:
        raise DueTimeTakenError


def _row(due: DueTime) -> dict[str, object]:
    return {"kind": due.kind.value, "due_at": due.due_at, "job_id": due.job_id, "outcome": due.outcome}
