"""What was measured in a story, put together by phase and smoothed for the eye."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from backend.cli.story.installation import StoryFolder
from backend.cli.story.measuring import DayFigures

SMOOTHED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """Mean absolute errors in minutes over the same operations of some days."""

    name: str
    first_day: int
    last_day: int
    operations: int
    live: float
    frozen: float
    floor: float

    @property
    def live_ratio(self) -> float:
        """The live system's error over the noise floor."""
        return self.live / self.floor

    @property
    def frozen_ratio(self) -> float:
        """The frozen model's error over the noise floor."""
        return self.frozen / self.floor


def measured_days(folder: StoryFolder) -> list[DayFigures]:
    """Return the figures of all days so far."""
    days = (folder.measured(day) for day in range(1, folder.day_done + 1))
    return [DayFigures(**figures) for figures in days if figures]


def span(name: str, days: Sequence[DayFigures]) -> Span | None:
    """Return the means over some days; None where nothing was measured on them."""
    operations = sum(day.operations for day in days)
    if not operations:
        return None
    live, frozen, floor = (
        sum(getattr(day, column) for day in days) / operations for column in ("live", "frozen", "floor")
    )
    return Span(name, days[0].day, days[-1].day, operations, live, frozen, floor)


def phases(folder: StoryFolder, days: Sequence[DayFigures]) -> list[Span]:
    """Return the means between the events of the plan, then those of the whole story."""
    plan = folder.plan
    bounds = (
        ("calm", 1, plan.slower_day),
        ("after the first drift", plan.slower_day, plan.bad_night_day + 1),
        ("after the bad night", plan.bad_night_day + 1, plan.replaced_day),
        ("after the second drift", plan.replaced_day, plan.days + 1),
        ("the whole story", 1, plan.days + 1),
    )
    found = (span(name, [day for day in days if begin <= day.day < end]) for name, begin, end in bounds)
    return [phase for phase in found if phase]


def smoothed(days: Sequence[DayFigures]) -> list[Span]:
    """Return for each day the means over it and the days before it, a week in all."""
    windows = ([one for one in days if day.day - SMOOTHED_DAYS < one.day <= day.day] for day in days)
    return [found for window in windows if (found := span("", window))]


def to_csv(folder: StoryFolder, days: Sequence[DayFigures]) -> str:
    """Return one line per day: mean absolute errors in minutes and how many operations they are of."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ("day", "date", "version", "operations", "not_foreseen", "live_mae", "frozen_mae", "noise_floor_mae")
    )
    for day in days:
        means = (
            round(total / day.operations, 4) if day.operations else "" for total in (day.live, day.frozen, day.floor)
        )
        date = folder.plan.date_of(day.day).isoformat()
        writer.writerow((day.day, date, day.generation, day.operations, day.not_foreseen, *means))
    return text.getvalue()
