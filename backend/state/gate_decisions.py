"""What the gate decided on each training and refresh, with what it saw; a row per job, written once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select

from backend.state.database import reading
from backend.state.tables import decisions


def store_decision(engine: Engine, job_id: str, decision: dict[str, Any]) -> None:
    """Store a job's decision; storing it again changes nothing."""
    row = {
        "job_id": job_id,
        "created_at": datetime.fromisoformat(decision["decided_at"].removesuffix("Z")),
        "promoted": decision["promoted"],
        "decision": decision,
    }
    with engine.begin() as connection:
        if not connection.execute(select(decisions.c.job_id).where(decisions.c.job_id == job_id)).first():
            connection.execute(insert(decisions), row)


def read_decision(engine: Engine, job_id: str) -> dict[str, Any] | None:
    """Return a job's decision as it was stored, None where there is none."""
    with reading(engine) as connection:
        row = connection.execute(select(decisions.c.decision).where(decisions.c.job_id == job_id)).first()
    return None if row is None else dict(row.decision)
