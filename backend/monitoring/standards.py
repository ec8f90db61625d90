"""Keeps the newest report of stale standards in the state database, as JSON values."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from backend.domain.standards import StandardsReport
from backend.state.database import reading
from backend.state.tables import standards_reports


def standards_to_json(report: StandardsReport) -> dict[str, Any]:
    """Return a report as JSON values."""
    shown = asdict(report)
    stale = [row | {"work_order_codes": list(row["work_order_codes"])} for row in shown["stale"]]
    return shown | {"until": report.until.isoformat() + "Z" if report.until else None, "stale": stale}


def store_standards(engine: Engine, report: dict[str, Any], created_at: datetime) -> None:
    """Keep a report in the form of standards_to_json in place of the one before."""
    with engine.begin() as connection:
        connection.execute(delete(standards_reports))
        connection.execute(insert(standards_reports), {"created_at": created_at, "report": report})


def latest_standards(engine: Engine) -> dict[str, Any] | None:
    """Return the newest report in the form of standards_to_json, None before the first evaluation."""
    with reading(engine) as connection:
        row = connection.execute(select(standards_reports.c.report)).first()
    return None if row is None else dict(row.report)
