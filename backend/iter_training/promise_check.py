"""Holds what a model showed lately against what it promised at its gate, level by level."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from scipy import stats

from backend.domain.trigger import Cause, Level, Measure, Promise
from backend.iter_training.levels import HEADLINES, SEGMENTS, Evidence, expected, mixture, overall, segments_key
from backend.iter_training.trigger_words import headline_text, segment_text

LEAST_ITEMS: Final = 10
"""The operations of an item err together: of fewer items no test can tell."""
LEAST_ERROR: Final = 0.01
"""No mean of a segment is known better, though all its few values be equal."""
UNPROMISED_ERROR: Final = 0.05
"""How well the level of a segment is known that the gate did not see."""
MENDED_DEVIATIONS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    """How large a loss must be, and how unlikely by chance."""

    excess: float = 0.03
    """Share by which the error of times may exceed the promised level."""
    rate_excess: float = 0.15
    """The same for sequences and work centres, whose levels are small."""
    segment_shift: float = 0.1
    """In a single segment: log minutes, or the share of what is foreseen wrongly."""
    least_operations: int = 50
    alarm_level: float = 0.0005
    confirm_level: float = 0.01


@dataclass(frozen=True, slots=True)
class HeldLevel:
    """A level beside the promised one."""

    measure: Measure
    dimension: str
    """Empty for the whole plant, as is the value."""
    value: str
    seen: Level
    promised: Level
    least: float
    """The shift that counts, in units of the level."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it from one cycle to the next."""
        return self.measure.value, self.dimension, self.value

    @property
    def shift(self) -> float:
        """How much worse it is; a bias counts in both directions."""
        apart = self.seen.mean - self.promised.mean
        return abs(apart) if self.measure is Measure.BIAS else apart

    @property
    def error(self) -> float:
        """Return the standard error of the shift."""
        error = float(np.hypot(self.seen.error, self.promised.error))
        return max(error, LEAST_ERROR) if self.dimension else error

    @property
    def chance(self) -> float:
        """How likely chance shows such a shift where nothing has changed."""
        if self.shift <= 0:
            return 1.0
        sides = 2 if self.measure is Measure.BIAS else 1
        return sides * float(stats.t.sf(self.shift / max(self.error, 1e-12), self.seen.clusters - 1))

    @property
    def is_mended(self) -> bool:
        """Tell whether a shift that counts can be ruled out."""
        return self.seen.clusters >= LEAST_ITEMS and self.shift + MENDED_DEVIATIONS * self.error < self.least

    def cause(self, days: float) -> Cause:
        """Return it as a cause, in words."""
        apart = self.seen.mean - self.promised.mean
        excess = apart if self.dimension else apart / max(self.promised.mean, 1e-12)
        parts = (self.measure, self.dimension, self.value)
        if self.dimension:
            text = segment_text(*parts, self.seen, self.promised)
        else:
            text = headline_text(self.measure, self.seen, self.promised)
        chance = self.chance
        text += (
            f" (p = {chance:.1g}, {self.seen.count:,} operations of {self.seen.clusters:,} items in {days:.3g} days)"
        )
        limit = self.least if self.dimension else self.least / max(self.promised.mean, 1e-12)
        return Cause(*parts, excess, chance, self.seen.count, days, text, limit)


def hold(evidence: Evidence, promise: Promise, rule: Rule) -> Iterator[HeldLevel]:
    """Return every level that the evidence has, headlines first, beside the promised one."""
    for measure in HEADLINES:
        losses = evidence.losses(measure)
        promised = expected(promise.levels.get(measure.value, {}), losses)
        if losses.values.size and promised.count:
            share = rule.excess if measure is Measure.TIMES else rule.rate_excess
            yield HeldLevel(measure, "", "", overall(losses), promised, share * promised.mean)
    for measure, dimension in SEGMENTS:
        known, usual = promise.segments.get(segments_key(measure, dimension), {}), _usual(promise, measure)
        for value, seen in evidence.segments(measure, dimension).items():
            yield HeldLevel(measure, dimension, value, seen, known.get(value, usual), rule.segment_shift)


def worse_than_promised(evidence: Evidence, promise: Promise, rule: Rule, level: float) -> Iterator[Cause]:
    """Find what is worse at a level that holds for all headlines together, and for all segments together."""
    days = (evidence.until - evidence.since) / timedelta(days=1)
    held = [one for one in hold(evidence, promise, rule) if one.seen.clusters >= LEAST_ITEMS]
    segments = sum(bool(one.dimension) for one in held)
    for one in held:
        tests = segments if one.dimension else len(HEADLINES)
        if one.shift >= one.least and one.chance < level / tests:
            yield one.cause(days)


def _usual(promise: Promise, measure: Measure) -> Level:
    """Return what is expected of a segment that the gate did not see: no bias, or the plant's own rate."""
    levels = promise.levels.get(measure.value, {})
    rate = mixture(levels, {name: level.count for name, level in levels.items()})
    return Level(0, 0, 0.0 if measure is Measure.BIAS else rate.mean, UNPROMISED_ERROR)
