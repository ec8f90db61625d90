"""The audit trail: who changed what, when and why; rows are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, insert, or_, select

from backend.domain.clock import Clock, utc_now
from backend.state.database import reading
from backend.state.tables import audit

ACCESS_ACTIONS: Final = ("session.", "user.", "key.")
"""Who logs in from where, and who may do what."""


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
    with engine.begin() as connection:
        add_audit(connection, actor=actor, action=action, subject=subject, details=details, clock=clock)


def add_audit(  # noqa: PLR0913 - one argument per column
    connection: Connection, *, actor: str, action: str, subject: str, details: dict[str, Any], clock: Clock = utc_now
) -> None:
    """Add one row in the caller's transaction."""
    row = {
        "created_at": clock(),
        "actor": actor[:120],
        "action": action[:60],
        "subject": subject[:200],
        "details": details,
    }
    connection.execute(insert(audit), row)


def list_audit(
    engine: Engine,
    *,
    limit: int = 100,
    actions: Sequence[str] = (),
    hidden: Sequence[str] = (),
    before: int | None = None,
) -> list[AuditEntry]:
    """Return the newest entries first, of some actions alone where any are named; `before` pages back.

    `model.` names all actions of models.
    """
    query = select(audit).order_by(audit.c.audit_id.desc()).limit(limit)
    query = query.where(*(~_is_action(action) for action in hidden))
    if actions:
        query = query.where(or_(*map(_is_action, actions)))
    if before is not None:
        query = query.where(audit.c.audit_id < before)
    with reading(engine) as connection:
        return [AuditEntry(**row) for row in connection.execute(query).mappings()]


def read_audit(engine: Engine, audit_id: int) -> AuditEntry | None:
    """Return one entry; None where there is none."""
    with reading(engine) as connection:
        row = connection.execute(select(audit).where(audit.c.audit_id == audit_id)).mappings().first()
    return AuditEntry(**row) if row else None


def _is_action(action: str) -> ColumnElement[bool]:
    """Compare with one action, or where it ends with a dot with all below it."""
    return audit.c.action.startswith(action, autoescape=True) if action.endswith(".") else audit.c.action == action


def is_audited(engine: Engine, *, action: str, subject: str) -> bool:
    """Tell whether an action on a subject has an entry."""
    query = select(audit.c.audit_id).where(audit.c.action == action, audit.c.subject == subject).limit(1)
    with reading(engine) as connection:
        return connection.execute(query).first() is not None
