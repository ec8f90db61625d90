"""Levels seen lately beside the promised ones: how much worse they are, and how likely by chance."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtr

from backend.domain.trigger import Cause, Level, Measure, Promise
from backend.iter_training.evaluation.clustered import LevelTable
from backend.iter_training.evaluation.levels import HEADLINES, SEGMENTS, Evidence, Looks, least_in_segment, segments_key
from backend.iter_training.trigger.trigger_words import headline_text, segment_text
from backend.ml.common.arrays import Flags, Floats

LEAST_ITEMS: Final = 10
"""The operations of an item err together: of fewer items no test can tell."""
LEAST_WOBBLE: Final = 0.02
"""What the level of a segment moves from week to week without any cause, where the gate saw less."""
UNPROMISED_ERROR: Final = 0.05
"""How well the level of a segment is known that the gate did not see."""


@dataclass(frozen=True, slots=True)
class Held:
    """A measure's levels by window and segment of one dimension, beside the promised ones."""

    measure: Measure
    dimension: str
    """Empty for the whole plant."""
    seen: LevelTable
    promised: Floats
    errors: Floats
    """Standard errors of what lies between them."""
    least: Floats
    """The shift that counts, in units of the level."""

    def shifts(self, window: int) -> Floats:
        """Return how much worse each segment is; a bias counts in both directions."""
        apart = self.seen.means[window] - self.promised[window]
        return np.asarray(np.abs(apart) if self.measure is Measure.BIAS else apart)

    def chances(self, window: int) -> Floats:
        """Return how likely chance shows such shifts where nothing has changed."""
        shifts, freedom = self.shifts(window), np.maximum(self.seen.clusters[window] - 1, 1)
        beyond = stdtr(freedom, -shifts / np.maximum(self.errors[window], 1e-12))
        return np.where(shifts > 0, beyond * (2 if self.measure is Measure.BIAS else 1), 1.0)

    def can_tell(self, window: int) -> Flags:
        """Tell which segments have items and operations enough to tell anything."""
        least = least_in_segment(self.measure) if self.dimension else 1
        return np.asarray((self.seen.clusters[window] >= LEAST_ITEMS) & (self.seen.counts[window] >= least))

    def is_worse(self, window: int, level: float) -> Flags:
        """Tell which are worse by what counts, and less likely so by chance than the level says."""
        is_large = np.asarray(self.can_tell(window) & (self.shifts(window) >= self.least[window]))
        return np.asarray(is_large & (self.chances(window) < level)) if is_large.any() else is_large

    def is_mended(self, window: int, *, surely: bool) -> Flags:
        """Tell which shifts are smaller than what counts, or surely so: by more than their standard errors."""
        reach = self.errors[window] if surely else 0.0
        return np.asarray(self.can_tell(window) & (self.shifts(window) + reach < self.least[window]))

    def key(self, segment: int) -> tuple[str, str, str]:
        """Return what names a level from one cycle to the next."""
        return self.measure.value, self.dimension, self.seen.names[segment]

    def words(self, window: int, segment: int) -> str:
        """Say how one compares with what was promised."""
        seen, promised = self.seen.level(window, segment), Level(0, 0, float(self.promised[window, segment]), 0.0)
        if not self.dimension:
            return headline_text(self.measure, seen, promised)
        return segment_text(self.measure, self.dimension, self.seen.names[segment], seen, promised)

    def cause(self, window: int, segment: int, days: float) -> Cause:
        """Return one as a cause, in words."""
        seen, promised = self.seen.level(window, segment), float(self.promised[window, segment])
        chance, unit = float(self.chances(window)[segment]), 1.0 if self.dimension else max(promised, 1e-12)
        told = f"p = {chance:.1g}, {seen.count:,} operations of {seen.clusters:,} items in {days:.3g} days"
        return Cause(
            self.measure,
            self.dimension,
            self.seen.names[segment],
            (seen.mean - promised) / unit,
            chance,
            seen.count,
            days,
            f"{self.words(window, segment)} ({told})",
            float(self.least[window, segment]) / unit,
        )


@dataclass(frozen=True, slots=True)
class Shifts:
    """How large a loss must be."""

    excess: float = 0.02
    """Share by which the error of times may exceed the promised level."""
    rate_excess: float = 0.15
    """The same for sequences and work centres, whose levels are small."""
    segment_shift: float = 0.1
    """In a single segment: log minutes, or the share of what is foreseen wrongly."""


EVERYTHING: Final = (*((measure, "") for measure in HEADLINES), *SEGMENTS)


def hold(
    evidence: Evidence,
    promise: Promise,
    shifts: Shifts,
    windows_days: Sequence[float],
    parts: Iterable[tuple[Measure, str]] = EVERYTHING,
) -> Iterator[Held]:
    """Return every level that the evidence has in windows that end with it, beside the promised one.

    `parts` are measures with a dimension, or "" for the whole plant. What an earlier release's promise says nothing
    of is passed over.
    """
    looks = Looks(evidence, windows_days, promise.largest or math.inf)
    for measure, dimension in parts:
        if dimension and segments_key(measure, dimension) in promise.segments:
            yield _segments(measure, dimension, looks, promise, shifts.segment_shift)
        if not dimension and promise.levels.get(measure.value):
            share = shifts.excess if measure is Measure.TIMES else shifts.rate_excess
            yield _headline(measure, looks, promise.levels[measure.value], share)


def _headline(measure: Measure, looks: Looks, promised: Mapping[str, Level], share: float) -> Held:
    """Hold the whole plant to what is promised for the mixture of known and new items that each window has."""
    names, shares = looks.shares(measure, "history")
    usual = _usual(promised)
    parts = [promised.get(name, usual) for name in names]
    seen, means = looks.table(measure), (shares @ np.array([one.mean for one in parts]))[:, None]
    squares = (shares**2 @ np.array([one.error**2 for one in parts]))[:, None]
    return Held(measure, "", seen, means, np.sqrt(seen.errors**2 + squares), share * means)


def _segments(measure: Measure, dimension: str, looks: Looks, promise: Promise, shift: float) -> Held:
    """Hold each segment to its own level; one that the gate did not see to no bias, or to the plant's own rate."""
    seen, key = looks.table(measure, dimension), segments_key(measure, dimension)
    unbiased = measure is Measure.BIAS
    usual = Level(0, 0, 0.0 if unbiased else _usual(promise.levels.get(measure.value, {})).mean, UNPROMISED_ERROR)
    known = [promise.segments[key].get(name, usual) for name in seen.names]
    counts, means, errors = (
        np.broadcast_to([getattr(one, name) for one in known], seen.means.shape) for name in ("count", "mean", "error")
    )
    seen_errors = seen.errors
    if measure is Measure.WORK_CENTRES:
        errors = np.where(counts > 0, np.maximum(errors, rate_errors(means, counts)), errors)
        seen_errors = np.maximum(seen_errors, rate_errors(seen.means, seen.counts))
    wobble = max(promise.wobbles.get(key, 0.0), LEAST_WOBBLE)
    together = np.sqrt(seen_errors**2 + errors**2 + wobble**2)
    return Held(measure, dimension, seen, means, together, np.full(seen.means.shape, shift))


def rate_errors(rates: Floats, counts: Floats) -> Floats:
    """Return the least standard error of rates: none wrong of five is not known to be nought (Laplace).

    >>> rate_errors(np.array([0.0, 0.05]), np.array([5, 1000])).round(3).tolist()
    [0.132, 0.007]
    """
    likely = (rates * counts + 1) / (counts + 2)
    return np.asarray(np.sqrt(likely * (1 - likely) / (counts + 2)))


def _usual(levels: Mapping[str, Level]) -> Level:
    """Return the level of all histories together, in the numbers that the gate saw; nothing promised is level 0."""
    counts = np.array([one.count for one in levels.values()], dtype=np.float64)
    shares = counts / max(counts.sum(), 1.0)
    mean = sum(share * one.mean for share, one in zip(shares, levels.values(), strict=True))
    error = math.hypot(*(share * one.error for share, one in zip(shares, levels.values(), strict=True)))
    return Level(int(counts.sum()), 0, float(mean), error)
