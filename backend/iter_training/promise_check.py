"""Holds what a model showed lately against what it promised at its gate, level by level."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from scipy import stats

from backend.domain.trigger import Cause, Level, Measure, Promise
from backend.iter_training.levels import HEADLINES, SEGMENTS, Evidence, expected, mixture, overall, segments_key
from backend.iter_training.trigger_words import headline_text, segment_text

LEAST_ITEMS: Final = 10
"""The operations of an item err together: of fewer items no test can tell."""
LEAST_WOBBLE: Final = 0.02
"""What the level of a segment moves from week to week without any cause, where the gate saw less."""
UNPROMISED_ERROR: Final = 0.05
"""How well the level of a segment is known that the gate did not see."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How often chance alone may show something in one look at a plant where nothing has changed."""

    headlines: float
    segments: float

    def in_each_of(self, looks: int) -> "Levels":
        """Return the levels of each of several looks that together keep these."""
        return Levels(self.headlines / looks, self.segments / looks)


@dataclass(frozen=True, slots=True)
class Rule:
    """How large a loss must be, and how unlikely by chance."""

    excess: float = 0.02
    """Share by which the error of times may exceed the promised level."""
    rate_excess: float = 0.15
    """The same for sequences and work centres, whose levels are small."""
    segment_shift: float = 0.1
    """In a single segment: log minutes, or the share of what is foreseen wrongly."""
    least_operations: int = 50
    alarm: Levels = Levels(headlines=0.02, segments=0.001)
    confirm: Levels = Levels(headlines=0.01, segments=0.005)


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
    wobble: float = 0.0
    """What it moves from week to week without any cause."""

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
        return math.hypot(self.seen.error, self.promised.error, self.wobble)

    @property
    def chance(self) -> float:
        """How likely chance shows such a shift where nothing has changed."""
        if self.shift <= 0:
            return 1.0
        sides = 2 if self.measure is Measure.BIAS else 1
        return sides * float(stats.t.sf(self.shift / max(self.error, 1e-12), self.seen.clusters - 1))

    def is_mended(self, *, surely: bool) -> bool:
        """Tell whether the shift is smaller than what counts, or surely so: by more than its standard error."""
        reach = self.error if surely else 0.0
        return self.seen.clusters >= LEAST_ITEMS and self.shift + reach < self.least

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
        key = segments_key(measure, dimension)
        known, usual = promise.segments.get(key, {}), _usual(promise, measure)
        wobble = max(promise.wobbles.get(key, 0.0), LEAST_WOBBLE)
        for value, seen in evidence.segments(measure, dimension).items():
            yield HeldLevel(measure, dimension, value, seen, known.get(value, usual), rule.segment_shift, wobble)


def worse_than_promised(evidence: Evidence, promise: Promise, rule: Rule, levels: Levels) -> Iterator[Cause]:
    """Find what is worse at a level that holds for all headlines together, and for all segments together."""
    days = (evidence.until - evidence.since) / timedelta(days=1)
    held = [one for one in hold(evidence, promise, rule) if one.seen.clusters >= LEAST_ITEMS]
    segments = sum(bool(one.dimension) for one in held)
    for one in held:
        level = levels.segments / segments if one.dimension else levels.headlines / len(HEADLINES)
        if one.shift >= one.least and one.chance < level:
            yield one.cause(days)


def _usual(promise: Promise, measure: Measure) -> Level:
    """Return what is expected of a segment that the gate did not see: no bias, or the plant's own rate."""
    levels = promise.levels.get(measure.value, {})
    rate = mixture(levels, {name: level.count for name, level in levels.items()})
    return Level(0, 0, 0.0 if measure is Measure.BIAS else rate.mean, UNPROMISED_ERROR)
