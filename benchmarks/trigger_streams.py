"""Made-up streams of finished operations with a model's errors beside them, to try the trigger's rule on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from backend.iter_training.evidence import MOST_LOTS
from backend.iter_training.levels import Evidence
from backend.ml.arrays import Floats, Ints

START: Final = datetime(2026, 1, 5)  # noqa: DTZ001 - naive UTC, as everywhere
GATE_DAYS: Final = 28
"""The stream begins with the days that the gate judged on."""
PER_LOT: Final = 4
CENTRES: Final = 130
KINDS: Final = 40
TYPES: Final = 20
NOISE: Final = 0.115
FREEDOM: Final = 5
HABIT: Final = 0.05
CENTRE_ERROR: Final = 0.03
CENTRE_WOBBLE: Final = 0.02
"""What a work centre's level moves from week to week, and no model can know."""
GROSS: Final = 0.01
NEW_SHARE: Final = 0.08
NEW_FACTOR: Final = 1.3
WRONG_CENTRE: Final = 0.05
WRONG_SEQUENCE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to a plant on a day; a refresh does not mend it unless it says so."""

    name: str
    error_factor: float = 1.0
    """All errors times this."""
    slow_items: float = 0.0
    """A tenth of the items takes this much longer."""
    wide_items: float = 1.0
    """A tenth of the items errs this many times as much."""
    slow_centre: float = 0.0
    """One work centre of middling load takes this much longer, or less."""
    new_centre: bool = False
    """Its operations are done on another work centre from now on."""
    mended: bool = False
    """A refresh takes it up."""


NO_CHANGE: Final = Change("nothing")


@dataclass(frozen=True, slots=True)
class Plant:
    """How much a plant finishes, and how long it takes."""

    name: str
    operations_a_week: int
    minutes: float = 20.0
    """The usual minutes of an operation."""
    items: int = 4000


@dataclass(frozen=True, slots=True)
class Stream:
    """Operations and lots in the order in which they finish."""

    operations: pl.DataFrame
    lots: pl.DataFrame
    ends: Floats
    lot_ends: Floats
    """Days since START."""

    def evidence(self, first: float, last: float, most_lots: int = MOST_LOTS) -> Evidence:
        """Return what finished between two days: of the newest week as much as the product judges, and of the rest."""
        week = max(first, last - 7)
        parts = [self._some(first, week, most_lots), self._some(week, last, most_lots)]
        operations, lots = (pl.concat(part[n] for part in parts) for n in (0, 1))
        return Evidence(operations, lots, moment(first), moment(last))

    def _some(self, first: float, last: float, most_lots: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return operations and lots between two days; of more than `most_lots` those of a part of the items."""
        cut, lots = (np.searchsorted(ends, [first, last]).tolist() for ends in (self.ends, self.lot_ends))
        kept = pl.col("draw") < most_lots / max(lots[1] - lots[0], 1)
        return self.operations[cut[0] : cut[1]].filter(kept), self.lots[lots[0] : lots[1]].filter(kept)


def moment(day: float) -> datetime:
    """Return a day of the stream as a moment."""
    return START + timedelta(days=day)


def draw(rng: np.random.Generator, plant: Plant, days: int, change: Change = NO_CHANGE, from_day: float = 0) -> Stream:
    """Draw a stream: errors of items, work centres and single bookings, heavy-tailed; a change from a day on.

    Where a refresh mends the change it is drawn all the same; the caller draws what follows the refresh without it.
    """
    lots = max(int(plant.operations_a_week * days / 7 / PER_LOT), 1)
    ends = np.sort(rng.uniform(0, days, lots))
    weights = 1 / np.arange(1, plant.items + 1) ** 0.6
    item = rng.choice(plant.items, lots, p=weights / weights.sum())
    return _stream(rng, plant, _Lots(ends, item, rng.permutation(plant.items)), change, from_day)


@dataclass(frozen=True, slots=True)
class _Lots:
    ends: Floats
    item: Ints
    order: Ints
    """The items in an order that has nothing to do with how often they are made."""


def _stream(rng: np.random.Generator, plant: Plant, lots: _Lots, change: Change, from_day: float) -> Stream:
    count = PER_LOT * lots.item.size
    item, ends = np.repeat(lots.item, PER_LOT), np.repeat(lots.ends, PER_LOT)
    centre = rng.integers(0, CENTRES, (plant.items, PER_LOT))[lots.item].ravel()
    kind = centre % KINDS
    is_new = lots.order[item] < NEW_SHARE * plant.items
    signed = HABIT * rng.normal(size=(plant.items, PER_LOT))[lots.item].ravel()
    signed += CENTRE_ERROR * rng.normal(size=CENTRES)[centre]
    weeks = (ends / 7).astype(np.int64)
    signed += CENTRE_WOBBLE * rng.normal(size=(CENTRES, weeks[-1] + 1))[centre, weeks]
    noise = NOISE * rng.standard_t(FREEDOM, size=count) / np.sqrt(FREEDOM / (FREEDOM - 2))
    signed += noise * np.where(is_new, NEW_FACTOR, 1.0)
    signed += np.where(rng.random(count) < GROSS, rng.choice([-1.0, 1.0], count), 0.0)
    changed = ends >= from_day
    tenth = lots.order[item] % 10 == 0
    hit = centre == _middling(centre)
    factor = np.where(changed, change.error_factor * np.where(tenth, change.wide_items, 1.0), 1.0)
    longer = np.log1p(change.slow_items) * tenth + np.log1p(change.slow_centre) * hit
    signed = signed * factor - np.where(changed, longer, 0.0)
    right = rng.random((plant.items, PER_LOT))[lots.item].ravel() > WRONG_CENTRE
    replaced = changed & hit & change.new_centre
    actual = plant.minutes * rng.lognormal(0, 0.8, count)
    names = np.array([f"W{n}" for n in range(CENTRES)] + ["NEW"])
    finished = pl.Series(ends * 86_400_000_000).cast(pl.Duration("us")) + pl.lit(START)
    frame = pl.DataFrame(
        {
            "row": np.arange(count),
            "item_code": item,
            "draw": rng.random(plant.items)[item],
            "operation_code": np.array([f"OP{n}" for n in range(KINDS)])[kind],
            "work_centre": names[np.where(replaced, CENTRES, centre)],
            "stratum": np.array([f"T{n}" for n in range(TYPES)])[lots.order[item] % TYPES],
            "history": np.where(is_new, "new", "known"),
            "predicted_minutes": actual * np.exp(signed),
            "actual_minutes": actual,
            "work_centre_right": right & ~replaced,
        }
    ).with_columns(finished_at=finished)
    matches = np.where(rng.random(lots.item.size) < WRONG_SEQUENCE, 1 - 1 / PER_LOT, 1.0)
    first = frame.gather_every(PER_LOT).select("item_code", "draw", "stratum", "history", "finished_at")
    return Stream(frame, first.with_columns(process_match=matches), ends, lots.ends)


def _middling(centre: Ints) -> int:
    """Return the work centre of median load."""
    loads = np.bincount(centre, minlength=CENTRES)
    return int(np.argsort(loads)[CENTRES // 2])
