"""Writes the story down: a report with a picture, and the figures behind it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from backend.cli.story.chronicle import Event, EventKind, loop_events, plant_events
from backend.cli.story.figures import Span, measured_days, phases, smoothed, to_csv
from backend.cli.story.installation import StoryFolder
from backend.cli.story.picture import draw
from backend.cli.story.plan import BAR, FROZEN_BAR
from backend.domain.clock import utc_now
from backend.errors import StoryError
from backend.iter_training.jobs.job_store import JobStore

ALL_JOBS = 1_000_000


@dataclass(frozen=True, slots=True)
class StorySummary:
    """What came of a story."""

    days: int
    operations: int
    live_over_floor: float
    frozen_over_floor: float
    trainings_promoted: int
    trainings_refused: int
    refreshes: int
    rolled_back: int
    report: Path


def write_story(folder: StoryFolder, state: Engine) -> StorySummary:
    """Write story.md, story.svg and days.csv into the story's report folder; raises StoryError before the first day."""
    days = measured_days(folder)
    found = phases(folder, days)
    if not found:
        raise StoryError("no day of it has any work to measure; ask for more items or days")
    events = [*plant_events(folder), *loop_events(folder, state, JobStore(state, utc_now).list_jobs(limit=ALL_JOBS))]
    events.sort(key=lambda event: event.day)
    title = f"{folder.plan.days} days of a plant of {folder.plan.items:,} items"
    folder.report.mkdir(parents=True, exist_ok=True)
    picture = draw(title, folder.plan.first_day, folder.plan.days, smoothed(days), events)
    _write(folder.report / "story.svg", picture)
    _write(folder.report / "days.csv", to_csv(folder, days))
    _write(folder.report / "story.md", "\n".join(_report(folder, found, events)))
    return _summary(folder, found[-1], events)


def _summary(folder: StoryFolder, whole: Span, events: Sequence[Event]) -> StorySummary:
    kinds = [event.kind for event in events]
    return StorySummary(
        days=folder.day_done,
        operations=whole.operations,
        live_over_floor=round(whole.live_ratio, 4),
        frozen_over_floor=round(whole.frozen_ratio, 4),
        trainings_promoted=kinds.count(EventKind.PROMOTED),
        trainings_refused=kinds.count(EventKind.REFUSED),
        refreshes=kinds.count(EventKind.REFRESHED),
        rolled_back=kinds.count(EventKind.ROLLED_BACK),
        report=folder.report / "story.md",
    )


def _report(folder: StoryFolder, found: Sequence[Span], events: Sequence[Event]) -> Iterable[str]:
    plan, whole = folder.plan, found[-1]
    yield "# A plant changes, and the model keeps up"
    yield ""
    command = f"routing-ml demo --story --items {plan.items} --days {plan.days} --seed {plan.seed}"
    yield f"Made by `{command}`; figures by day: [days.csv](days.csv)."
    yield ""
    yield "![Errors of the live system, of a frozen model and the noise floor over time](story.svg)"
    yield ""
    yield (
        f"Over {whole.operations:,} operations the live system's mean absolute error is **{whole.live_ratio:.2f}×** "
        f"the noise floor (asked for: at most {BAR:.2f}×), that of the frozen model **{whole.frozen_ratio:.2f}×** "
        f"(asked for: above {FROZEN_BAR:.1f}×)."
    )
    yield from ("", *_phase_table(found), "", *_event_table(folder, events), "", *_READ, "")


def _phase_table(found: Sequence[Span]) -> Iterable[str]:
    yield "| | days | operations | noise floor, min | live, min | frozen, min | live / floor | frozen / floor |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in found:
        minutes = " | ".join(f"{value:.2f}" for value in (one.floor, one.live, one.frozen))
        ratios = f"{one.live_ratio:.3f} | {one.frozen_ratio:.3f}"
        yield f"| {one.name} | {one.first_day}–{one.last_day} | {one.operations:,} | {minutes} | {ratios} |"


def _event_table(folder: StoryFolder, events: Sequence[Event]) -> Iterable[str]:
    yield "## What happened"
    yield ""
    refreshes = sum(event.kind is EventKind.REFRESHED for event in events)
    yield f"Beside it, {refreshes} refreshes were promoted."
    yield ""
    yield "| date | day | | what |"
    yield "|---|---|---|---|"
    for event in events:
        if event.kind is not EventKind.REFRESHED:
            cells = (
                folder.plan.date_of(event.day).isoformat(),
                str(event.day),
                event.kind.value,
                event.text.replace("|", "¦"),
            )
            yield f"| {' | '.join(cells)} |"


_READ: Final = (
    "## How to read it",
    "",
    "- Each day's finished operations are foreseen before any model has seen that day, by the **live system** and by",
    "  the **frozen model**, the first one, which nobody looks after. The **noise floor** is the error of a predictor",
    "  that knows all that the demo plant's generator knows, changes of the plant included, except the noise of each",
    "  lot. All three on the same operations; those without a measured time, or that a model did not expect, are left",
    "  out and counted (`not_foreseen`).",
    "- Schedule, refresh, evaluation, trigger, training, gate, watch, roll-back and hold are the product's own, on a",
    "  calendar that moves on when a day's work is done; their jobs run one after another in one process. The story",
    "  plays the plant, the bad night and the person who releases the hold.",
    "- In the bad night the ERP gives the run minutes of a piece for those of the lot, in what a training learns from",
    "  and in what its gate judges it on. No gate can see that; the watch can, on the work that finishes afterwards.",
)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    building = path.with_name(f"{path.name}.{os.getpid()}.building")
    building.write_text(text, encoding="utf-8", newline="\n")
    building.replace(path)
