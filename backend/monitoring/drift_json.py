"""What has drifted as plain JSON values and back: the form that is stored, reported and served."""

from dataclasses import asdict
from datetime import date
from typing import Any

from backend.domain.drift import DriftReport, ErrorDrift, InputDrift


def drift_to_json(report: DriftReport) -> dict[str, Any]:
    """Return a report; days are ISO 8601, in the plant's time zone."""
    content = asdict(report) | {"since": report.since.isoformat(), "until": report.until.isoformat()}
    errors = [one | {"since": one["since"].isoformat()} for one in content["errors"]]
    return content | {"errors": errors, "inputs": list(content["inputs"])}


def drift_from_json(content: dict[str, Any]) -> DriftReport:
    """Return the report that drift_to_json wrote."""
    return DriftReport(
        since=date.fromisoformat(content["since"]),
        until=date.fromisoformat(content["until"]),
        operations=content["operations"],
        errors=tuple(ErrorDrift(**one | {"since": date.fromisoformat(one["since"])}) for one in content["errors"]),
        inputs=tuple(InputDrift(**one) for one in content["inputs"]),
    )
