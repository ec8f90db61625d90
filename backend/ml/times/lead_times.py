"""Lead times: calendar days from a lot's release to the finish of its last operation, waiting included.

A lot's lead time is the sum of the days that its operations add: from the finish of the one before (for the first:
from the release) to their own finish. What an operation adds is learnt per step of the routing book, drawn to the
operation and to all in-house or outsourced ones where lots are few. The range of the sum follows as that of minutes
does (see routing_totals), its factors measured on the newest lots from what the ones before them tell.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl

from backend.domain.plant import TIMESTAMP
from backend.domain.prediction import NoLeadTime
from backend.ml.common.arrays import Floats, Ints, numbered_runs, run_starts
from backend.ml.history.routing_book import RoutingBook
from backend.ml.times.routing_totals import Parts, TotalRanges, Totals

LEAST_LOTS: Final = 50
MOST_LOTS: Final = 100_000
_LOT: Final = ("work_order_code", "item_code")
_POOLED_ROWS: Final = 20.0
"""Rows of the wider circle that a step's own are mixed with."""
_NEWEST: Final = 0.2
"""Share of the lots that the range is measured on."""
_NEARLY_ALL: Final = 0.99
"""Lots younger than so large a share takes are left out: only the quick ones among them are through."""
_USUALLY: Final = 0.9
_TIMES: Final = 5.0
"""An operation counts as at most so many times what that share of its like takes: a forgotten lot tells nothing."""


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """What each step of the routing book adds to a lot's lead time, in days."""

    days: Floats
    """NaN for in-house, or outsourced, steps where no lot shows such an operation."""
    deviation_days: Floats
    usual_days: Floats
    """Of all outsourced and of all in-house operations; NaN as above."""
    usual_deviation_days: Floats
    ranges: TotalRanges

    def of(self, step: Ints, owner: Ints, owners: int) -> tuple[Floats, Totals]:
        """Return the expected days of routings, made of steps, and their ranges."""
        parts = _parts(self.days[step], self.deviation_days[step], owner, owners)
        return parts.total(), self.ranges.of(parts)

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {
            "days": self.days.astype(np.float32),
            "deviation_days": self.deviation_days.astype(np.float32),
            "usual_days": self.usual_days,
            "usual_deviation_days": self.usual_deviation_days,
            "ranges": self.ranges.to_parts(),
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "LeadTimes":
        """Read what to_parts wrote."""
        return cls(**parts | {"ranges": TotalRanges.from_parts(parts["ranges"])})


Learnt: TypeAlias = LeadTimes | NoLeadTime
"""Lead times, or why there are none."""


def lead_times_to_parts(learnt: Learnt) -> dict[str, Any]:
    """Return plain values."""
    return learnt.to_parts() if isinstance(learnt, LeadTimes) else {"missing": learnt.value}


def lead_times_from_parts(parts: dict[str, Any] | None) -> Learnt:
    """Read what lead_times_to_parts wrote; bundles of earlier releases have nothing."""
    if parts is None:
        return NoLeadTime.NOT_LEARNT
    return NoLeadTime(parts["missing"]) if "missing" in parts else LeadTimes.from_parts(parts)


@dataclass(frozen=True, slots=True)
class ElapsedRows:
    """One entry per operation of lots that are through, lots in the order of their release."""

    lot: Ints
    step: Ints
    days: Floats


def fit_lead_times(work_orders: pl.DataFrame, done: pl.Expr, book: RoutingBook) -> Learnt:
    """Learn from lots whose operations are all done, or say why that is not possible."""
    if not work_orders["released_at"].count():
        return NoLeadTime.NO_RELEASE_DATES
    rows = read_elapsed(work_orders, done, book)
    lots = int(rows.lot.max(initial=-1)) + 1
    if lots < LEAST_LOTS:
        return NoLeadTime.TOO_FEW_LOTS
    newest = rows.lot >= int(lots * (1 - _NEWEST))
    before = _learn(rows.step[~newest], rows.days[~newest], book)
    _, owner, counts = numbered_runs(rows.lot[newest])
    seen = _parts(before[0][rows.step[newest]], before[1][rows.step[newest]], owner, len(counts))
    days, deviation, usual, usual_deviation = _learn(rows.step, rows.days, book)
    place = book.step_in_house.astype(np.int64)
    nan_where_unseen = np.where(np.bincount(place[rows.step], minlength=2) > 0, 0.0, np.nan)
    days, usual = days + nan_where_unseen[place], usual + nan_where_unseen
    return LeadTimes(days, deviation, usual, usual_deviation, TotalRanges.fit(seen, rows.days[newest]))


def read_elapsed(work_orders: pl.DataFrame, done: pl.Expr, book: RoutingBook) -> ElapsedRows:
    """Collect what each operation added to its lot, of the newest lots that had time enough to get through.

    Of lots released before the first finish on record it holds only the long ones, or their last operations; a
    release date that stands for none lies there too.
    """
    is_done, first = done.fill_null(value=False), work_orders["finished_at"].min()
    lots = (
        work_orders.lazy()
        .group_by(_LOT)
        .agg(pl.col("released_at").min().alias("released"), ended=pl.col("finished_at").max(), through=is_done.all())
        .filter("through", pl.col("released") >= pl.lit(first, dtype=TIMESTAMP))
        .collect()
    )
    longest = (pl.col("ended") - pl.col("released")).quantile(_NEARLY_ALL)
    lots = lots.filter(pl.col("released") <= pl.col("ended").max() - longest).sort("released", *_LOT)
    lots = lots.tail(MOST_LOTS).with_row_index("lot").select("lot", "released", *_LOT)
    steps = ["operation_code", "work_centre", "in_house"]
    named = pl.col("work_centre").fill_null(""), pl.col("in_house").fill_null(value=True)
    rows = work_orders.select(*_LOT, *steps, "sequence", "finished_at").with_columns(named).join(lots, on=_LOT)
    rows = rows.join(_steps(book), on=steps).sort("lot", "finished_at", "sequence", "step")
    return _elapsed(rows)


def _elapsed(rows: pl.DataFrame) -> ElapsedRows:
    lot = rows["lot"].rank("dense").to_numpy().astype(np.int64) - 1
    finished, released = (rows[name].to_numpy().astype("datetime64[us]") for name in ("finished_at", "released"))
    before = np.concatenate([released[:1], finished[:-1]])
    first = run_starts(lot)
    before[first] = released[first]
    days = np.maximum((finished - before) / np.timedelta64(1, "D"), 0.0)
    most = pl.col("days").filter(pl.col("days") > 0).quantile(_USUALLY, "linear").over("operation_code", "in_house")
    kept = rows.with_columns(days=pl.Series(days)).select(pl.min_horizontal("days", _TIMES * most)).to_series()
    return ElapsedRows(lot, rows["step"].to_numpy().astype(np.int64), kept.to_numpy())


def _steps(book: RoutingBook) -> pl.DataFrame:
    operations, centres = np.array(book.operations[:]), np.array(book.centres[:])
    columns = {
        "operation_code": operations[book.step_operation],
        "work_centre": centres[book.step_centre],
        "in_house": book.step_in_house.astype(bool),
    }
    text = dict.fromkeys(("operation_code", "work_centre"), pl.String())
    return pl.DataFrame(columns, schema_overrides=text).with_row_index("step")


def _learn(step: Ints, days: Floats, book: RoutingBook) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean and deviation per step, then those of outsourced and of in-house operations."""
    place = book.step_in_house.astype(np.int64)
    operation = book.step_operation.astype(np.int64) * 2 + place
    everywhere = _Circle(np.full(1, days.mean()), np.full(1, days.var()))
    usual = _mixed(place[step], days, everywhere, np.zeros(2, np.int64))
    of_operation = _mixed(operation[step], days, usual, np.arange(2 * len(book.operations)) % 2)
    own = _mixed(step, days, of_operation, operation)
    return own.mean, np.sqrt(own.variance), usual.mean, np.sqrt(usual.variance)


@dataclass(frozen=True, slots=True)
class _Circle:
    mean: Floats
    variance: Floats


def _mixed(group: Ints, days: Floats, wider: _Circle, wider_of: Ints) -> _Circle:
    """Return mean and variance per group, each mixed with those of the wider circle that it belongs to."""
    groups = len(wider_of)
    count = np.bincount(group, minlength=groups)
    prior_mean, prior_variance = wider.mean[wider_of], wider.variance[wider_of]
    mean = (np.bincount(group, days, groups) + _POOLED_ROWS * prior_mean) / (count + _POOLED_ROWS)
    around = np.bincount(group, (days - mean[group]) ** 2, groups)
    return _Circle(mean, (around + _POOLED_ROWS * prior_variance) / (count + _POOLED_ROWS))


def _parts(days: Floats, deviation: Floats, owner: Ints, owners: int) -> Parts:
    nothing = np.zeros(len(days), np.int64)
    return Parts(days, days - deviation, days + deviation, nothing, owner, owners)
