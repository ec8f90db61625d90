"""Lead times: calendar days from a lot's release to the finish of its last operation, waiting included.

A lot's lead time is the sum of the days that its operations add: from the finish of the one before (for the first:
from the release) to their own finish. What an operation adds is learnt per step of the routing book, drawn to the
operation and to all in-house or outsourced ones where lots are few; operations of lots that are not through yet
count too, weighed so that the quick ones, which are over first, are not too many. The range of the sum follows as
that of minutes does (see routing_totals), its factors measured on the newest lots from what the ones before them
tell: how long operations take, and by which routing their items are made.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl

from backend.domain.prediction import NoLeadTime
from backend.ml.common.arrays import Floats, Ints
from backend.ml.history.routing_book import RoutingBook
from backend.ml.times.elapsed import ElapsedRows, Foretold, read_elapsed
from backend.ml.times.routing_totals import Parts, TotalRanges, Totals

LEAST_LOTS: Final = 50
_POOLED_ROWS: Final = 20.0
"""Rows of the wider circle that a step's own, or an operation's, are mixed with."""
_POOLED_OF_ALL: Final = 2.0
"""Rows of all operations that outsourced ones, or in-house ones, are mixed with: few, as the two are unlike."""
_NEWEST: Final = 0.1
"""Share of the lots that the range is measured on: the newest ones, among which recent changes show."""
_NEWEST_OF_FEW: Final = 0.2
_ENOUGH: Final = 1_000
"""Lots that tell a range well; where a tenth is fewer, it is measured on so many, or on a fifth of all."""
_TINY: Final = 1e-9


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


def fit_lead_times(work_orders: pl.DataFrame, done: pl.Expr, book: RoutingBook) -> Learnt:
    """Learn from what operations added to their lots, or say why that is not possible."""
    if not work_orders["released_at"].count():
        return NoLeadTime.NO_RELEASE_DATES
    rows = read_elapsed(work_orders, done, book)
    lots = np.unique(rows.lot[rows.is_whole])
    if len(lots) < LEAST_LOTS:
        return NoLeadTime.TOO_FEW_LOTS
    days, deviation, usual, usual_deviation = _learn(rows, book)
    place = book.step_in_house.astype(np.int64)
    nan_where_unseen = np.where(np.bincount(place[rows.step], minlength=2) > 0, 0.0, np.nan)
    days, usual = days + nan_where_unseen[place], usual + nan_where_unseen
    newest = lots[len(lots) - _measured_on(len(lots))]
    return LeadTimes(days, deviation, usual, usual_deviation, _measured(rows, newest, book))


def _measured_on(lots: int) -> int:
    """Return on how many of the newest lots the range is measured."""
    return max(int(lots * _NEWEST), min(int(lots * _NEWEST_OF_FEW), _ENOUGH))


def _measured(rows: ElapsedRows, newest: int, book: RoutingBook) -> TotalRanges:
    """Measure the ranges on the lots from `newest` on, as foretold from what is known of those before them.

    A lot is foretold by the routing that its item was last made by: some lots are made otherwise than they were
    before, which a proposed routing cannot know either. One whose item was not made before is foretold by its own.
    """
    earlier = rows.take(rows.is_whole & (rows.lot < newest))
    before = _learn(replace(earlier, weight=np.ones(len(earlier.days))), book)  # all of them had the time to be over
    own = rows.take(rows.is_whole & (rows.lot >= newest))
    foretold = Foretold.of(earlier, own)
    lots = len(foretold.total)
    seen = _parts(before[0][own.step], before[1][own.step], own.lot, lots)
    asked = _parts(before[0][foretold.step], before[1][foretold.step], foretold.owner, lots)
    return TotalRanges.fit(seen, own.days).measured(asked, foretold.total)


def _learn(rows: ElapsedRows, book: RoutingBook) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean and deviation per step, then those of outsourced and of in-house operations."""
    step, days, weight = rows.step, rows.days, rows.weight / max(float(rows.weight.mean()), _TINY)
    place = book.step_in_house.astype(np.int64)
    operation = book.step_operation.astype(np.int64) * 2 + place
    mean = np.average(days, weights=weight)
    everywhere = _Circle(np.full(1, mean), np.full(1, np.average((days - mean) ** 2, weights=weight)))
    usual = _mixed((place[step], days, weight), everywhere, np.zeros(2, np.int64), _POOLED_OF_ALL)
    of_operation = _mixed((operation[step], days, weight), usual, np.arange(2 * len(book.operations)) % 2)
    own = _mixed((step, days, weight), of_operation, operation)
    return own.mean, np.sqrt(own.variance), usual.mean, np.sqrt(usual.variance)


@dataclass(frozen=True, slots=True)
class _Circle:
    mean: Floats
    variance: Floats


def _mixed(rows: tuple[Ints, Floats, Floats], wider: _Circle, wider_of: Ints, pooled: float = _POOLED_ROWS) -> _Circle:
    """Return mean and variance per group of (group, days, weight), mixed with those of its wider circle."""
    group, days, weight = rows
    groups = len(wider_of)
    count = np.bincount(group, weight, groups)
    prior_mean, prior_variance = wider.mean[wider_of], wider.variance[wider_of]
    mean = (np.bincount(group, weight * days, groups) + pooled * prior_mean) / (count + pooled)
    around = np.bincount(group, weight * (days - mean[group]) ** 2, groups)
    return _Circle(mean, (around + pooled * prior_variance) / (count + pooled))


def _parts(days: Floats, deviation: Floats, owner: Ints, owners: int) -> Parts:
    nothing = np.zeros(len(days), np.int64)
    return Parts(days, days - deviation, days + deviation, nothing, owner, owners)
