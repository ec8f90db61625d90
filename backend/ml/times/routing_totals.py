"""Minutes of a whole routing with their 80 % range, from those of its operations.

The ranges of operations do not add up: long and short cancel out, though not wholly, since errors of one lot go
together. Nor do their minutes: each is a median, above which times reach further than below it, so that of many the
sum usually comes out longer. With below_i = value_i - low_i and above_i = high_i - value_i of each operation's lot
minutes, and width_i = below_i + above_i,

    apart = (1 - correlation) * (1 - sum(width_i ** 2) / sum(width_i) ** 2)
    total = sum(value_i) + lean * apart * sum(above_i - below_i)
    deviation(reach) = sqrt((1 - correlation) * sum(reach_i ** 2) + correlation * sum(reach_i) ** 2)
    low  = max(0, total - low_factor * deviation(below))
    high = total + high_factor * deviation(above)

where correlation, lean and factors are measured on lots that were not yet known (split conformal), all but the lean
by what most of the routing's minutes rest on. A single operation's total is its own minutes. The user interface
computes the same for edited routings (total_range.ts).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, sums_of
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_target import KNOWLEDGE

_POOLED_PAIRS: Final = 200
"""Pairs of operations of the whole plant that those of one state of knowledge are mixed with."""
_UNMEASURED_PAIRS: Final = 30
"""Pairs that are taken to go together wholly: few measured ones, or none, promise nobody that long and short cancel."""
_MOST_DEVIATIONS: Final = 3.0
"""An outlier counts as no more."""
_USUAL_LEAN: Final = 0.304
"""That of times whose logarithms are normal: half a variance over 1.2816 deviations squared, either side of 80 %."""
_POOLED_LOTS: Final = 200
"""Lots of the usual lean that those of the plant are mixed with."""
_TINY: Final = 1e-9


@record
class Parts:
    """Operations of lots or routings, an entry each: minutes with their range, what they rest on, whose they are."""

    value: Floats
    low: Floats
    high: Floats
    knowledge: Ints
    owner: Ints
    """Number of the lot or routing."""
    owners: int

    def total(self) -> Floats:
        """Return the summed minutes of each owner."""
        return self.total_of(self.value)

    def total_of(self, value: Floats) -> Floats:
        """Return the sum of a value per operation for each owner."""
        return sums_of(value, self.owner, self.owners)

    def lopsided(self, correlation: Floats) -> Floats:
        """Return how much further than down each owner's total reaches up, as far as its operations cancel out."""
        below, above = self.value - self.low, self.high - self.value
        widths, squares, further = (
            sums_of(each, self.owner, self.owners) for each in (below + above, (below + above) ** 2, above - below)
        )
        alone = squares / np.maximum(widths**2, _TINY)
        return np.asarray((1 - correlation) * np.maximum(1 - alone, 0.0) * further)

    def mostly(self) -> Ints:
        """Return what most minutes of each owner rest on."""
        key = self.owner * KNOWLEDGE + self.knowledge
        shares = np.bincount(key, weights=self.value, minlength=self.owners * KNOWLEDGE)
        return np.asarray(shares.reshape(self.owners, KNOWLEDGE).argmax(axis=1))

    def reach(self, correlation: Floats) -> tuple[Floats, Floats]:
        """Return the deviation of each owner's total downwards and upwards (see the module's first lines)."""
        down, up = (
            _together(each, self.owner, correlation) for each in (self.value - self.low, self.high - self.value)
        )
        return down, up


def _together(reach: Floats, owner: Ints, correlation: Floats) -> Floats:
    squares, sums = (sums_of(each, owner, len(correlation)) for each in (reach**2, reach))
    return np.asarray(np.sqrt((1 - correlation) * squares + correlation * sums**2))


@record
class Totals:
    """Per routing: its minutes and range, and the numbers that those of an edited routing follow from."""

    value: Floats
    low: Floats
    high: Floats
    correlation: Floats
    low_factor: Floats
    high_factor: Floats
    lean: Floats

    def columns(self) -> tuple[Floats, ...]:
        """Return all of it, in the order above."""
        return self.value, self.low, self.high, self.correlation, self.low_factor, self.high_factor, self.lean


@dataclass(frozen=True)
class TotalRanges:
    """What the ranges of totals are computed with, by what most of the minutes rest on."""

    correlation: Floats
    """Per state of knowledge."""
    spread: Spread
    """Limits in deviations of the total; one column for all operations."""
    lean: float = 0.0
    """What the total usually is longer than the sum of its operations' medians, of how lopsided they are."""

    @classmethod
    def fit(cls, lots: Parts, actual: Floats) -> "TotalRanges":
        """Measure on lots that were not yet known; `actual` minutes per operation."""
        correlation, group = _correlations(lots, actual), lots.mostly()
        lean = _lean(lots, actual, correlation[group])
        score = _scores(lots, lots.total_of(actual), correlation[group], lean)
        return cls(correlation, Spread.fit(np.zeros_like(group), group, score, 1), lean)

    def measured(self, lots: Parts, total: Floats) -> "TotalRanges":
        """Return ranges with limits measured on the totals of other lots, made by these parts or otherwise."""
        group = lots.mostly()
        score = _scores(lots, total, self.correlation[group], self.lean)
        return replace(self, spread=Spread.fit(np.zeros_like(group), group, score, 1))

    def of(self, routings: Parts) -> Totals:
        """Return totals and ranges; each contains its total."""
        group = routings.mostly()
        correlation = self.correlation[group]
        total = routings.total() + self.lean * routings.lopsided(correlation)
        low_factor, high_factor = self._factors[:, group]
        below, above = routings.reach(correlation)
        low = np.maximum(total - low_factor * below, 0.0)
        lean = np.full(len(total), self.lean)
        return Totals(total, low, total + high_factor * above, correlation, low_factor, high_factor, lean)

    @cached_property
    def _factors(self) -> Floats:
        """Deviations of the total that ranges reach down and up, by what most of the minutes rest on."""
        return np.maximum([-self.spread.low[:, 0], self.spread.high[:, 0]], 0.0)

    def told(self, lots: Parts, actual: Floats, day: Floats) -> "TotalRanges":
        """Return ranges moved by newer lots, a day per lot."""
        group = lots.mostly()
        score = _scores(lots, lots.total_of(actual), self.correlation[group], self.lean)
        return replace(self, spread=self.spread.told((group, np.zeros_like(group)), score, day))

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"correlation": self.correlation, "spread": self.spread.to_parts(), "lean": self.lean}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "TotalRanges":
        """Read what to_parts wrote."""
        return cls(parts["correlation"], Spread(**parts["spread"]), parts.get("lean", 0.0))


def _lean(lots: Parts, actual: Floats, correlation: Floats) -> float:
    """Return the lean with which totals are off by the fewest minutes; few lots are mixed with the usual."""
    error, lopsided = lots.total_of(actual - lots.value), lots.lopsided(correlation)
    told = np.flatnonzero(np.abs(lopsided) > _TINY)
    if not len(told):
        return 0.0
    each = error[told] / lopsided[told]
    order = np.argsort(each, kind="stable")
    weight = np.abs(lopsided[told][order]).cumsum()
    median = float(np.clip(each[order][weight.searchsorted(weight[-1] / 2)], 0.0, 1.0))
    return (len(told) * median + _POOLED_LOTS * _USUAL_LEAN) / (len(told) + _POOLED_LOTS)


def _scores(lots: Parts, total: Floats, correlation: Floats, lean: float) -> Floats:
    error = total - lots.total() - lean * lots.lopsided(correlation)
    below, above = lots.reach(correlation)
    return np.asarray(error / (np.where(error < 0, below, above) + _TINY))


def _correlations(lots: Parts, actual: Floats) -> Floats:
    """Return the mean product of two operations' errors of one lot over the mean square, both in own deviations."""
    error = actual - lots.value
    reach = np.where(error < 0, lots.value - lots.low, lots.high - lots.value)
    score = np.clip(error / (reach + _TINY), -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
    square = max(float(np.mean(score**2)), _TINY) if len(score) else 1.0
    sums, squares = (sums_of(each, lots.owner, lots.owners) for each in (score, score**2))
    group, size = lots.mostly(), np.bincount(lots.owner, minlength=lots.owners)
    products, pairs = (
        np.bincount(group, weights=each, minlength=KNOWLEDGE) for each in (sums**2 - squares, size * (size - 1.0))
    )
    usual = (products.sum() + _UNMEASURED_PAIRS * square) / (pairs.sum() + _UNMEASURED_PAIRS)
    mixed = (products + _POOLED_PAIRS * usual) / (pairs + _POOLED_PAIRS)
    return np.asarray(np.clip(mixed / square, 0.0, 1.0))
