"""The audit trail: who changed what, when and why; rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, insert, select

from backend.domain.clock import Clock, utc_now
from backend.state.database import reading
from backend.state.tables import audit


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done; `created_at` is naive UTC."""

    audit_id: int
    created_at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


def record_audit(  # noqa: PLR0913 - one argument per column
    engine: Engine, *, actor: str, action: str, subject: str, details: dict[str, Any], clock: Clock = utc_now
) -> None:
    """Add one row in a transaction of its own."""
    row = {
        "created_at": clock(),
        "actor": actor[:120],
        "action": action[:60],
        "subject": subject[:200],
        "details": details,
    }
    with engine.begin() as connection:
        connection.execute(insert(audit), row)


def list_audit(
    engine: Engine, *, limit: int = 100, action: str | None = None, before: int | None = None
) -> list[AuditEntry]:
    """Return the newest entries first; `before` pages back from an audit_id, `model.` are all actions of models."""
    query = select(audit).order_by(audit.c.audit_id.desc()).limit(limit)
    if action is not None:
        query = query.where(_is_action(action))
    if before is not None:
        query = query.where(audit.c.audit_id < before)
    with reading(engine) as connection:
        return [AuditEntry(**row) for row in connection.execute(query).mappings()]


def _is_action(action: str) -> ColumnElement[bool]:
    """Compare with one action, or where it ends with a dot with all below it."""
    return audit.c.action.startswith(action, autoescape=True) if action.endswith(".") else audit.c.action == action


def is_audited(engine: Engine, *, action: str, subject: str) -> bool:
    """Tell whether an action on a subject has an entry."""
    query = select(audit.c.audit_id).where(audit.c.action == action, audit.c.subject == subject).limit(1)
    with reading(engine) as connection:
        return connection.execute(query).first() is not None
