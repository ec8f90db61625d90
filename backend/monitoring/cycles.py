"""Keeps quality cycles, their alerts and the quarantine counts in the state database."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, Select, delete, insert, select

from backend.domain.jobs import JobKind
from backend.domain.plant import QuarantineCount
from backend.domain.quality import CycleReport, CycleStatus
from backend.domain.trigger import TriggerAction, TriggerDecision
from backend.monitoring.cycle_json import cycle_to_json
from backend.monitoring.trigger_json import decision_from_json
from backend.state.database import reading
from backend.state.tables import alerts, cycles, quarantine_counts, trigger_requests
from backend.state.trigger_requests import TriggerRequest, ask

_NEWEST_FIRST: Final = (cycles.c.created_at.desc(), cycles.c.cycle_id.desc())
_ASKED: Final = {TriggerAction.REFRESH: JobKind.REFRESH, TriggerAction.RETRAIN: JobKind.TRAINING}


def store_cycle(engine: Engine, report: CycleReport, parameters: Mapping[str, Any] | None = None) -> None:
    """Store a cycle, its alerts and what it asks for in one transaction; storing it again changes nothing.

    `parameters` are for the job that it asks for.
    """
    row = {
        "cycle_id": report.cycle_id,
        "created_at": report.created_at,
        "status": report.status.value,
        "model_version": report.model_version,
        "mae": report.metrics.mae,
        "process_match": report.metrics.process_match,
        "report": cycle_to_json(report),
    }
    with engine.begin() as connection:
        known = select(cycles.c.cycle_id).where(cycles.c.cycle_id == report.cycle_id)
        if connection.execute(known).first():
            return
        connection.execute(insert(cycles), row)
        if report.alerts:
            connection.execute(insert(alerts), _alert_rows(report))
        if report.trigger and report.trigger.action in _ASKED:
            kind = _ASKED[report.trigger.action]
            told = report.trigger.reason, dict(parameters or {})
            ask(connection, TriggerRequest(report.cycle_id, report.created_at, kind, *told))


def _alert_rows(report: CycleReport) -> list[dict[str, Any]]:
    return [
        {
            "created_at": report.created_at,
            "cycle_id": report.cycle_id,
            "metric": alert.metric,
            "value": alert.value,
            "threshold": alert.threshold,
            "severity": alert.severity.value,
            "message": alert.message,
        }
        for alert in report.alerts
    ]


def latest_cycle(engine: Engine) -> dict[str, Any] | None:
    """Return the newest cycle in the form of cycle_to_json, with what it asked for; None before the first one.

    A backtest, which judges the model on work that it may have learnt from, counts only where there is nothing else.
    """
    newest = _with_requests().order_by(*_NEWEST_FIRST).limit(1)
    with reading(engine) as connection:
        row = connection.execute(newest.where(cycles.c.status != CycleStatus.BACKTEST)).first()
        row = row or connection.execute(newest).first()
    return None if row is None else _told(row)


def newest_decision(engine: Engine) -> TriggerDecision | None:
    """Return what the newest cycle that decides decided; None before the first."""
    query = select(cycles.c.report).order_by(*_NEWEST_FIRST)
    with reading(engine) as connection:
        for row in connection.execute(query.execution_options(yield_per=10)):
            if row.report.get("trigger"):
                return decision_from_json(row.report["trigger"])
    return None


def list_cycles(engine: Engine, limit: int = 50, before: datetime | None = None) -> list[dict[str, Any]]:
    """Return cycles, newest first, without their segments; `before` pages back in time."""
    return [
        {name: value for name, value in report.items() if name != "segments"}
        for report in _reports(engine, limit, before)
    ]


def get_cycle(engine: Engine, cycle_id: str) -> dict[str, Any] | None:
    """Return one cycle as latest_cycle does, None where the id is not known."""
    with reading(engine) as connection:
        row = connection.execute(_with_requests().where(cycles.c.cycle_id == cycle_id)).first()
    return None if row is None else _told(row)


def _reports(engine: Engine, limit: int, before: datetime | None) -> list[dict[str, Any]]:
    query = _with_requests().order_by(*_NEWEST_FIRST).limit(limit)
    if before is not None:
        query = query.where(cycles.c.created_at < before)
    with reading(engine) as connection:
        return [_told(row) for row in connection.execute(query)]


def _with_requests() -> Select[Any]:
    asked = trigger_requests.c
    return select(cycles.c.report, asked.kind, asked.job_id, asked.outcome).outerjoin(
        trigger_requests, asked.cycle_id == cycles.c.cycle_id
    )


def _told(row: Row[Any]) -> dict[str, Any]:
    """Return a cycle with what became of the job that it asked for; no outcome: nobody has dealt with it yet."""
    report = dict(row.report)
    if report.get("trigger"):
        request = {"kind": row.kind, "job_id": row.job_id, "outcome": row.outcome} if row.kind else None
        report["trigger"] |= {"request": request}
    return report


def list_alerts(engine: Engine, limit: int = 50) -> list[dict[str, Any]]:
    """Return alerts, newest first, as plain values."""
    query = select(alerts).order_by(alerts.c.alert_id.desc()).limit(limit)
    with reading(engine) as connection:
        rows = connection.execute(query).mappings().all()
    return [dict(row) | {"created_at": row["created_at"].isoformat() + "Z"} for row in rows]


def store_quarantine(
    engine: Engine, counts: Iterable[QuarantineCount], rows_read: Mapping[str, int], read_at: datetime
) -> None:
    """Replace what the last full read of the plant set aside."""
    rows = [
        {
            "source_table": count.table,
            "reason": count.reason,
            "rows": count.rows,
            "rows_read": rows_read.get(count.table, 0),
            "read_at": read_at,
        }
        for count in counts
    ]
    with engine.begin() as connection:
        connection.execute(delete(quarantine_counts))
        if rows:
            connection.execute(insert(quarantine_counts), rows)


def read_quarantine(engine: Engine) -> list[dict[str, Any]]:
    """Return the quarantine counts of the last full read, most rows first."""
    query = select(quarantine_counts).order_by(quarantine_counts.c.rows.desc(), quarantine_counts.c.reason)
    with reading(engine) as connection:
        rows = connection.execute(query).mappings().all()
    return [dict(row) | {"read_at": row["read_at"].isoformat() + "Z"} for row in rows]
