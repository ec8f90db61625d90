"""Simulated plants that live with the trigger's rule: years in which nothing changes, weeks in which something does."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from backend.domain.trigger import Measure, Promise, TriggerAction, TriggerDecision
from backend.iter_training.evaluation.evidence import PROMISED_LOTS
from backend.iter_training.evaluation.levels import Evidence, promised_levels
from backend.iter_training.trigger.held_levels import Shifts, hold
from backend.iter_training.trigger.promise_check import Rule
from backend.iter_training.trigger.trigger import CLEAN_SHEET, decide
from backend.ml.common.arrays import Floats
from benchmarks.trigger_oracle import daily_scores
from benchmarks.trigger_streams import GATE_DAYS, START, Change, Plant, Stream, draw

YEAR: Final = 364
WINDOW: Final = 28
PATIENCE: Final = 28
SAMPLED_ITEMS: Final = 500
LARGE: Final = Plant("large", 46_000, items=40_000)
MIDDLE: Final = Plant("middle", 3_000)
FEW: Final = Plant("few", 60, items=300)
IN_DAYS: Final = replace(MIDDLE, name="middle, in days", minutes=24.0 * 60)
CHANGES: Final = (
    (Change("errors +5 % everywhere", error_factor=1.05), 7),
    (Change("errors +30 % on a tenth of the items", wide_items=1.3), 21),
    (Change("times +30 % on a tenth of the items", slow_items=0.3), 21),
    (Change("a work centre replaced", slow_centre=-0.2, new_centre=True), 7),
    (Change("a work centre replaced, a refresh mends it", slow_centre=-0.2, new_centre=True, mended=True), 7),
)
"""What happens, and within how many days of data it is to be found on the large plant."""


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one simulated plant: the days of alarms and of retrainings."""

    alarms: tuple[int, ...]
    retrains: tuple[int, ...]
    too_few: int
    """Days on which the rule said that it has too little to judge by."""
    naive: dict[str, int] = field(default_factory=dict)
    """Retrainings by naive rules."""
    scores: Floats = field(default_factory=lambda: np.zeros(0))
    """The oracle's, per day."""


def live(stream: Stream, calm: Stream, promise: Promise, days: range, *, until_trained: bool = False) -> Life:
    """Ask the rule every day; after an alarm the calm stream goes on, which is the same one where nothing mends."""
    decision, alarms, retrains, too_few = CLEAN_SHEET, list[int](), list[int](), 0
    for day in days:
        now = calm if decision.judged_from else stream
        evidence = now.evidence(max(day - WINDOW, _since(decision)), day)
        decision = decide(evidence, promise, Rule(), decision)
        alarms += [day] if decision.action is TriggerAction.REFRESH else []
        retrains += [day] if decision.action is TriggerAction.RETRAIN else []
        too_few += decision.action is TriggerAction.INSUFFICIENT_DATA
        if until_trained and retrains:
            break
    return Life(tuple(alarms), tuple(retrains), too_few)


def _since(decision: TriggerDecision) -> float:
    return (decision.judged_from - START).total_seconds() / 86_400 if decision.judged_from else 0.0


def naive_retrainings(stream: Stream, promise: Promise, days: range, rng: np.random.Generator) -> dict[str, int]:
    """Count on how many days the rules that one would write first retrain."""
    gate = _sampled_mae(stream.evidence(0, GATE_DAYS), rng)
    seen = [stream.evidence(day - 7, day) for day in days]
    maes, zs = np.array([_sampled_mae(one, rng) for one in seen]) / gate, np.array([_z(one, promise) for one in seen])
    fired = {
        "MAE > 5 min, own 4.5": maes * 4.5 > 5,
        "MAE > 5 min, own 6": maes * 6 > 5,
        "MAE +10 %": maes > 1.1,
        "z > 1.96": zs > 1.96,
    }
    return {name: int(each.sum()) for name, each in fired.items()}


def _sampled_mae(evidence: Evidence, rng: np.random.Generator) -> float:
    items = evidence.operations["item_code"].to_numpy()
    rows = np.isin(items, rng.permutation(np.unique(items))[:SAMPLED_ITEMS])
    predicted, actual = (evidence.operations[name].to_numpy() for name in ("predicted_minutes", "actual_minutes"))
    return float(np.abs(predicted - actual)[rows].mean())


def _z(evidence: Evidence, promise: Promise) -> float:
    times = next(hold(evidence, promise, Shifts(), (7.0,), [(Measure.TIMES, "")]))
    return float(times.shifts(0)[0] / times.errors[0, 0])


def _promise(stream: Stream) -> Promise:
    return promised_levels(stream.evidence(0, GATE_DAYS, PROMISED_LOTS))


def stable_years(plant: Plant, years: int, seed: int) -> Iterator[Life]:
    """Live through years in which nothing changes."""
    days = range(GATE_DAYS + 1, GATE_DAYS + YEAR)
    for year in range(years):
        stream = draw(np.random.default_rng([seed, year]), plant, days.stop)
        promise = _promise(stream)
        life = live(stream, stream, promise, days)
        if plant is MIDDLE:
            naive = naive_retrainings(stream, promise, days, np.random.default_rng([seed, year, 1]))
            life = replace(life, naive=naive, scores=daily_scores(stream, days.stop, CHANGES[0][0].error_factor))
        yield life


@dataclass(frozen=True, slots=True)
class Try:
    """After how many days of data a change was found and retrained for, None where it was not in four weeks."""

    found: float | None
    trained: float | None
    at: float
    scores: Floats
    """The oracle's, per day since the gate, of the changed stream."""


def tries(plant: Plant, changes: Sequence[Change], count: int, seed: int) -> Iterator[list[Try]]:
    """Return what becomes of each change; all changes of a try happen to the same stream."""
    for number in range(count):
        rng = np.random.default_rng([seed, number, 2])
        at = 2 * GATE_DAYS + float(rng.uniform(0, 7))
        last = int(at) + PATIENCE + 2
        calm = draw(rng, plant, last)
        promise, days = _promise(calm), range(math.ceil(at), last)
        changed = [calm.changed(change, at) for change in changes]
        lives = [
            live(stream, calm if change.mended else stream, promise, days, until_trained=True)
            for stream, change in zip(changed, changes, strict=True)
        ]
        scores = daily_scores(changed[0], last, changes[0].error_factor) if plant is MIDDLE else np.zeros(0)
        yield [
            Try(
                next((day - at for day in one.alarms), None), next((day - at for day in one.retrains), None), at, scores
            )
            for one in lives
        ]
