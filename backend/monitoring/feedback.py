"""Keeps what planners decided about proposed routings, and tells how far they agreed."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, RowMapping, func, insert, select

from backend.domain.feedback import (
    ChangeKind,
    Decision,
    DecisionKind,
    FieldChange,
    OperationChange,
    PlannerAgreement,
    StoredDecision,
)
from backend.domain.routing import RoutingOperation
from backend.errors import DecisionMismatchError
from backend.ml.judging.alignment import sequence_match
from backend.ml.judging.metrics import accepted_share, process_match
from backend.ml.judging.routing_changes import find_changes
from backend.state.database import reading
from backend.state.tables import feedback


def store_decision(engine: Engine, decision: Decision, now: datetime) -> StoredDecision:
    """Add a decision with what it changed; raises DecisionMismatchError where its kind is not what was done."""
    changes = find_changes(decision.proposed, decision.decided)
    if bool(changes) is not (decision.kind is DecisionKind.EDITED):
        raise DecisionMismatchError(decision.kind.value, len(changes))
    match = sequence_match(_codes(decision.proposed), _codes(decision.decided))
    told = {"created_at": now, "changes": [asdict(change) for change in changes], "process_match": match}
    row = asdict(decision) | told | {"kind": decision.kind.value}
    with engine.begin() as connection:
        feedback_id = connection.execute(insert(feedback).returning(feedback.c.feedback_id), row).scalar_one()
    return StoredDecision(feedback_id, now, decision, changes, match)


def list_decisions(
    engine: Engine, limit: int = 50, *, item_code: str | None = None, before: int | None = None
) -> list[StoredDecision]:
    """Return decisions, newest first; `before` pages back from a feedback_id."""
    query = select(feedback).order_by(feedback.c.feedback_id.desc()).limit(limit)
    if item_code is not None:
        query = query.where(feedback.c.item_code == item_code)
    if before is not None:
        query = query.where(feedback.c.feedback_id < before)
    with reading(engine) as connection:
        return [_stored(row) for row in connection.execute(query).mappings()]


def newest_decisions(engine: Engine, item_codes: Sequence[str]) -> list[StoredDecision]:
    """Return the newest decision of each item that has one, in no order; up to some thousands of codes at once."""
    newest = (
        select(func.max(feedback.c.feedback_id))
        .where(feedback.c.item_code.in_(item_codes))
        .group_by(feedback.c.item_code)
    )
    with reading(engine) as connection:
        found = connection.execute(select(feedback).where(feedback.c.feedback_id.in_(newest))).mappings()
        return [_stored(row) for row in found]


def planner_agreement(engine: Engine, days: int, now: datetime) -> PlannerAgreement:
    """Return how far planners agreed with proposals over the last days."""
    since = now - timedelta(days=days)
    columns = (feedback.c.feedback_id, feedback.c.item_code, feedback.c.kind, feedback.c.process_match)
    with reading(engine) as connection:
        rows = connection.execute(select(*columns).where(feedback.c.created_at > since)).all()
    accepted = [row.kind == DecisionKind.ACCEPTED for row in rows]
    items = [f"code {row.item_code}" if row.item_code is not None else f"new {row.feedback_id}" for row in rows]
    return PlannerAgreement(
        since=since,
        decisions=len(rows),
        accepted=sum(accepted),
        items=len(set(items)),
        accepted_share=accepted_share(accepted),
        process_match=process_match([row.process_match for row in rows], items),
    )


def _codes(operations: Iterable[RoutingOperation]) -> list[str]:
    return [step.operation_code for step in operations]


def _stored(row: RowMapping) -> StoredDecision:
    decision = Decision(
        kind=DecisionKind(row["kind"]),
        proposed=tuple(RoutingOperation(**step) for step in row["proposed"]),
        decided=tuple(RoutingOperation(**step) for step in row["decided"]),
        **{name: row[name] for name in ("item_code", "attributes", "quantity", "model_version", "planner", "note")},
    )
    changes = tuple(_change(change) for change in row["changes"])
    return StoredDecision(row["feedback_id"], row["created_at"], decision, changes, row["process_match"])


def _change(stored: dict[str, Any]) -> OperationChange:
    fields = tuple(FieldChange(**field) for field in stored["fields"])
    return OperationChange(**stored | {"kind": ChangeKind(stored["kind"]), "fields": fields})
