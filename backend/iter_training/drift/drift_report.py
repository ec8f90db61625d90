"""Puts together what an evaluation says has changed, and adds it to the alerts: causes beside symptoms."""

from dataclasses import replace
from datetime import date
from typing import Final, cast

from backend.domain.drift import DriftReport
from backend.domain.plant import PlantData
from backend.domain.quality import Alert
from backend.iter_training.drift.error_drift import excesses, find_error_drift, usual_excesses
from backend.iter_training.drift.input_drift import find_input_drift
from backend.iter_training.evaluation.champion import ChampionInTime
from backend.iter_training.evaluation.evaluator import Champion
from backend.iter_training.evaluation.evidence import gather
from backend.iter_training.evaluation.levels import Evidence
from backend.iter_training.evaluation.set_apart import SetApart
from backend.monitoring.trigger_json import promise_from_json
from backend.settings import Settings

MOST_IN_AN_ALERT: Final = 3


def long_evidence(settings: Settings, history: ChampionInTime, plant: PlantData, judged: Evidence) -> Evidence:
    """Return the trigger's evidence, or a longer one where an open alarm has cut it short.

    The trigger then judges a model that was refreshed at the alarm, and which no longer shows what was the matter.
    """
    apart = SetApart.of(plant.work_orders, settings.config)
    if apart is None or judged.since <= apart.after:
        return judged
    then = history.at(apart.after)
    since = max(apart.after, then.data_cutoff or apart.until)
    return gather(then.model, plant, since, apart.until) if since < judged.since else judged


def report_drift(champion: Champion, plant: PlantData, judged: Evidence, time_zone: str) -> DriftReport | None:
    """Return what has changed by the plant's own calendar; None where nothing could be judged."""
    rows = excesses(judged.operations, time_zone)
    if rows.is_empty():
        return None
    promise = promise_from_json(champion.promise) if champion.promise else None
    return DriftReport(
        since=cast("date", rows["day"].min()),
        until=cast("date", rows["day"].max()),
        operations=len(rows),
        errors=find_error_drift(rows, usual_excesses(promise)),
        inputs=find_input_drift(plant, judged.until),
    )


def with_causes(alerts: tuple[Alert, ...], drift: DriftReport | None) -> tuple[Alert, ...]:
    """Return alerts that also say what has changed."""
    if drift is None or not drift.sentences:
        return alerts
    told, more = drift.sentences[:MOST_IN_AN_ALERT], len(drift.sentences) - MOST_IN_AN_ALERT
    causes = "; ".join([*told, *([f"and {more} more"] if more > 0 else [])])
    return tuple(replace(one, message=f"{one.message}. What has changed: {causes}") for one in alerts)
