"""Promises and trigger decisions as plain JSON values and back: the forms that are stored, reported and served."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from backend.domain.trigger import Alarm, Cause, Level, Measure, Promise, TriggerAction, TriggerDecision

_DIGITS = 6


def promise_to_json(promise: Promise) -> dict[str, Any]:
    """Return a promise; a level is [count, clusters, mean, standard error]."""
    return {
        "levels": _levels_to_json(promise.levels),
        "segments": _levels_to_json(promise.segments),
        "wobbles": {name: round(one, _DIGITS) for name, one in promise.wobbles.items()},
        "largest": promise.largest,
    }


def promise_from_json(content: Mapping[str, Any]) -> Promise:
    """Return the promise that promise_to_json wrote."""
    return Promise(
        _levels_from_json(content["levels"]),
        _levels_from_json(content["segments"]),
        dict(content["wobbles"]),
        content.get("largest"),
    )


def _levels_to_json(levels: dict[str, dict[str, Level]]) -> dict[str, dict[str, list[float]]]:
    return {
        name: {
            value: [one.count, one.clusters, round(one.mean, _DIGITS), round(one.error, _DIGITS)]
            for value, one in parts.items()
        }
        for name, parts in levels.items()
    }


def _levels_from_json(content: dict[str, Any]) -> dict[str, dict[str, Level]]:
    return {name: {value: Level(*one) for value, one in parts.items()} for name, parts in content.items()}


def decision_to_json(decision: TriggerDecision) -> dict[str, Any]:
    """Return a decision; times are ISO 8601 and end in Z."""
    alarm = decision.alarm
    return {
        "action": decision.action.value,
        "reason": decision.reason,
        "trained_version": decision.trained_version,
        "judged_operations": decision.judged_operations,
        "causes": [asdict(cause) | {"measure": cause.measure.value} for cause in decision.causes],
        "alarm": None
        if alarm is None
        else {
            "opened_at": _to_text(alarm.opened_at),
            "causes": [list(key) for key in alarm.causes],
            "retrains": alarm.retrains,
            "retrained_at": _to_text(alarm.retrained_at),
        },
        "judged_from": _to_text(decision.judged_from),
    }


def decision_from_json(content: dict[str, Any]) -> TriggerDecision:
    """Return the decision that decision_to_json wrote."""
    return TriggerDecision(
        action=TriggerAction(content["action"]),
        reason=content["reason"],
        trained_version=content["trained_version"],
        judged_operations=content["judged_operations"],
        causes=tuple(Cause(**one | {"measure": Measure(one["measure"])}) for one in content["causes"]),
        alarm=_alarm(content["alarm"]),
        judged_from=_from_text(content["judged_from"]),
    )


def _alarm(content: dict[str, Any] | None) -> Alarm | None:
    if content is None:
        return None
    opened_at = datetime.fromisoformat(content["opened_at"].removesuffix("Z"))
    causes = tuple((key[0], key[1], key[2]) for key in content["causes"])
    return Alarm(opened_at, causes, content["retrains"], _from_text(content["retrained_at"]))


def _to_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat() + "Z"


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.removesuffix("Z"))
