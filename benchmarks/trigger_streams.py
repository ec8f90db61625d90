"""Made-up streams of finished operations with a model's errors beside them, to try the trigger's rule on."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from backend.iter_training.evaluation.evidence import MOST_LOTS, PROMISED_LOTS
from backend.iter_training.evaluation.levels import Evidence
from backend.ml.common.arrays import Flags, Floats, Ints

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
ELSEWHERE: Final = 0.5
"""Of the operations foreseen on a wrong work centre so many are done on one that is never foreseen, now and then."""
ALTERNATES: Final = 30
"""Such work centres, used as often as 1 / rank."""
NEW: Final = "NEW"
_CENTRE_NAMES: Final = pl.Enum([*(f"W{n}" for n in range(CENTRES)), *(f"A{n}" for n in range(ALTERNATES)), NEW])
MARGIN: Final = 1.1
"""So many more lots are drawn than are judged, for chance makes some weeks lighter."""


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
    """Operations and lots in the order in which they finish; of a large plant only those that may be judged."""

    operations: pl.DataFrame
    lots: pl.DataFrame
    ends: Floats
    lot_ends: Floats
    all_ends: Floats
    """Days since START, of operations, of lots, and of the lots that are not drawn as well."""

    def changed(self, change: Change, from_day: float) -> "Stream":
        """Return the same stream with a change from a day on."""
        frame = self.operations
        began = pl.Series(self.ends >= from_day)
        hit = pl.Series(began & (frame["work_centre"] == _middling(frame["work_centre"])))
        tenth = pl.col("tenth")
        error = (pl.col("predicted_minutes") / pl.col("actual_minutes")).log()
        factor = change.error_factor * pl.when(tenth).then(change.wide_items).otherwise(1.0)
        longer = math.log1p(change.slow_items) * tenth + math.log1p(change.slow_centre) * hit
        changed = pl.col("actual_minutes") * (error * factor - longer).exp()
        predicted = pl.when(began).then(changed).otherwise("predicted_minutes")
        is_new = hit & change.new_centre
        return replace(
            self,
            operations=frame.with_columns(
                predicted_minutes=predicted,
                work_centre=pl.when(is_new).then(pl.lit(NEW, _CENTRE_NAMES)).otherwise("work_centre"),
                work_centre_right=pl.col("work_centre_right") & ~is_new,
            ),
        )

    def evidence(self, first: float, last: float, most_lots: int = MOST_LOTS) -> Evidence:
        """Return what finished between two days: of the newest week as much as the product judges, and of the rest."""
        week = max(first, last - 7)
        shares = [min(1.0, most_lots / max(self._lots(*span), 1)) for span in ((first, week), (week, last))]
        if min(shares) >= 1:
            shares, week = [1.0], last
        parts = [self._some(*span, share) for span, share in zip(((first, week), (week, last)), shares, strict=False)]
        operations, lots = (pl.concat(part[n] for part in parts) for n in (0, 1))
        return Evidence(operations, lots, moment(first), moment(last))

    def _lots(self, first: float, last: float) -> int:
        return int(np.diff(np.searchsorted(self.all_ends, [first, last]))[0])

    def _some(self, first: float, last: float, share: float) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return operations and lots between two days of a share of the items."""
        parts = []
        for frame, ends in ((self.operations, self.ends), (self.lots, self.lot_ends)):
            begin, end = np.searchsorted(ends, [first, last]).tolist()
            part = frame[begin:end]
            parts.append(part.filter(pl.col("draw") < share) if share < 1 else part)
        return parts[0], parts[1]


def moment(day: float) -> datetime:
    """Return a day of the stream as a moment."""
    return START + timedelta(days=day)


def draw(rng: np.random.Generator, plant: Plant, days: int) -> Stream:
    """Draw a stream: errors of items, work centres and single bookings, heavy-tailed; nothing changes in it."""
    lots = max(int(plant.operations_a_week * days / 7 / PER_LOT), 1)
    ends = np.sort(rng.uniform(0, days, lots))
    item = rng.choice(plant.items, lots, p=_often(plant.items, 0.6))
    chosen, week = rng.random(plant.items), plant.operations_a_week / PER_LOT
    most = np.where(ends < GATE_DAYS, np.where(ends < GATE_DAYS - 7, PROMISED_LOTS / 3, PROMISED_LOTS), MOST_LOTS)
    is_judged = chosen[item] < MARGIN * most / week
    kept = _Lots(ends[is_judged], item[is_judged], rng.permutation(plant.items), chosen)
    return replace(_stream(rng, plant, kept), all_ends=ends)


@dataclass(frozen=True, slots=True)
class _Lots:
    ends: Floats
    item: Ints
    order: Ints
    """The items in an order that has nothing to do with how often they are made."""
    chosen: Floats
    """Per item a number below 1: of many lots those of the items with the smallest are judged."""


def _stream(rng: np.random.Generator, plant: Plant, lots: _Lots) -> Stream:
    count = PER_LOT * lots.item.size
    item, ends = np.repeat(lots.item, PER_LOT), np.repeat(lots.ends, PER_LOT)
    centre = rng.integers(0, CENTRES, (plant.items, PER_LOT))[lots.item].ravel()
    is_new = lots.order[item] < NEW_SHARE * plant.items
    right = rng.random((plant.items, PER_LOT))[lots.item].ravel() > WRONG_CENTRE
    elsewhere = ~right & (rng.random(count) < ELSEWHERE)
    instead = CENTRES + rng.choice(ALTERNATES, count, p=_often(ALTERNATES, 1.0))
    actual = plant.minutes * rng.lognormal(0, 0.8, count)
    finished = pl.Series(ends * 86_400_000_000).cast(pl.Duration("us")) + pl.lit(START)
    frame = pl.DataFrame(
        {
            "item_code": item,
            "draw": lots.chosen[item],
            "tenth": lots.order[item] % 10 == 0,
            "operation_code": _named(centre % KINDS, pl.Enum([f"OP{n}" for n in range(KINDS)])),
            "work_centre": _named(np.where(elsewhere, instead, centre), _CENTRE_NAMES),
            "stratum": _named(lots.order[item] % TYPES, pl.Enum([f"T{n}" for n in range(TYPES)])),
            "history": _named(is_new.astype(np.int64), pl.Enum(["known", "new"])),
            "predicted_minutes": actual * np.exp(_errors(rng, plant, lots, centre, is_new)),
            "actual_minutes": actual,
            "work_centre_right": right,
        }
    ).with_columns(finished_at=finished)
    matches = np.where(rng.random(lots.item.size) < WRONG_SEQUENCE, 1 - 1 / PER_LOT, 1.0)
    first = frame.gather_every(PER_LOT).select("item_code", "draw", "stratum", "history", "finished_at")
    return Stream(frame, first.with_columns(process_match=matches), ends, lots.ends, lots.ends)


def _errors(rng: np.random.Generator, plant: Plant, lots: _Lots, centre: Ints, is_new: Flags) -> Floats:
    """Return log(predicted / actual) before any change."""
    weeks = np.repeat((lots.ends / 7).astype(np.int64), PER_LOT)
    signed = HABIT * rng.normal(size=(plant.items, PER_LOT))[lots.item].ravel()
    signed += CENTRE_ERROR * rng.normal(size=CENTRES)[centre]
    signed += CENTRE_WOBBLE * rng.normal(size=(CENTRES, weeks[-1] + 1))[centre, weeks]
    noise = NOISE * rng.standard_t(FREEDOM, size=centre.size) / np.sqrt(FREEDOM / (FREEDOM - 2))
    signed += noise * np.where(is_new, NEW_FACTOR, 1.0)
    return signed + np.where(rng.random(centre.size) < GROSS, rng.choice([-1.0, 1.0], centre.size), 0.0)


def _often(count: int, power: float) -> Floats:
    """Return shares that fall with the rank's power."""
    weights = 1 / np.arange(1, count + 1) ** power
    return np.asarray(weights / weights.sum())


def _named(codes: Ints, names: pl.Enum) -> pl.Series:
    return pl.Series(codes, dtype=pl.UInt32).cat.to(names)


def _middling(centres: pl.Series) -> str:
    """Return the work centre of median load among those that are foreseen."""
    usual = centres.filter(centres.to_physical() < CENTRES).value_counts(name="count").sort("count", "work_centre")
    return str(usual["work_centre"][CENTRES // 2])
