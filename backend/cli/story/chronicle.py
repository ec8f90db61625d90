"""What happened in a story, day by day: the plant's own events, and what the loop did, as its database tells it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from backend.cli.story.installation import StoryFolder
from backend.domain.jobs import JobKind, JobRecord
from backend.domain.trigger import TriggerAction
from backend.state.database import reading
from backend.state.tables import promotion_holds

_VERSION: Final = re.compile(r"version_\d{8}T\d{6}Z_g0*(\d+)")
_LONGEST: Final = 220


class EventKind(StrEnum):
    """What kind of thing happened; the words stand in the report."""

    PLANT = "plant"
    ALARM = "alarm"
    PROMOTED = "promoted"
    REFUSED = "refused"
    ROLLED_BACK = "rolled back"
    RELEASED = "released"
    REFRESHED = "refreshed"
    """A nightly refresh that was promoted; too many to be told one by one."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in plain words that hold nothing of the wall clock."""

    day: int
    kind: EventKind
    text: str


def plant_events(folder: StoryFolder) -> list[Event]:
    """Return what the plan lets happen in the plant."""
    plan = folder.plan
    night = Event(
        plan.bad_night_day, EventKind.PLANT, "one night minutes are booked per piece, and a model is trained on them"
    )
    changes = [Event((step.day - plan.first_day).days, EventKind.PLANT, step.reason) for step in plan.steps()]
    return sorted([*changes, night], key=lambda event: event.day)


def loop_events(folder: StoryFolder, state: Engine, jobs: Iterable[JobRecord]) -> list[Event]:
    """Return what the loop did in these jobs, and the roll-backs and releases of the whole story, oldest first."""
    events = [event for job in jobs for event in _of_job(folder, job)]
    with reading(state) as connection:
        holds = connection.execute(select(promotion_holds)).mappings().all()
    for hold in holds:
        events.append(Event(day_of(folder, hold["held_at"]), EventKind.ROLLED_BACK, plain(hold["reason"])))
        if hold["released_at"]:
            text = "somebody has looked, and lets automatic promotion go on"
            events.append(Event(day_of(folder, hold["released_at"]), EventKind.RELEASED, text))
    order = list(EventKind)
    return sorted(events, key=lambda event: (event.day, order.index(event.kind)))


def _of_job(folder: StoryFolder, job: JobRecord) -> list[Event]:
    day, result = day_of(folder, job.created_at), job.result or {}
    if job.kind is JobKind.EVALUATION:
        return _of_evaluation(day, result)
    if job.kind is JobKind.REFRESH:
        return [Event(day, EventKind.REFRESHED, plain(result["reason"]))] if result.get("promoted") else []
    kind = EventKind.PROMOTED if result.get("promoted") else EventKind.REFUSED
    by_whom = "asked for by the trigger" if "asked_by" in job.parameters else str(job.parameters.get("reason", ""))
    return [Event(day, kind, f"training {by_whom}: {plain(result.get('reason', ''))}")]


def _of_evaluation(day: int, result: dict[str, Any]) -> list[Event]:
    trigger = result.get("trigger") or {}
    asks = {TriggerAction.REFRESH.value, TriggerAction.RETRAIN.value}
    if trigger.get("action") not in asks:
        return []
    return [Event(day, EventKind.ALARM, f"{trigger['action']} asked for: {plain(trigger['reason'])}")]


def day_of(folder: StoryFolder, moment: datetime) -> int:
    """Return the day of the story in whose night (naive UTC) something happened."""
    local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(folder.zone)
    return (local.date() - folder.plan.first_day - timedelta(days=1)).days


def plain(text: str) -> str:
    """Return a sentence with versions by their number, cut where it is very long.

    >>> plain("worse than version_20261124T083021Z_g000012: times +3 %")
    'worse than version 12: times +3 %'
    """
    short = _VERSION.sub(r"version \1", text)
    return short if len(short) <= _LONGEST else short[: _LONGEST - 1].rstrip() + "…"
