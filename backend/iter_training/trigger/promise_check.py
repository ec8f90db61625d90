"""Holds what a model showed lately against what it promised at its gate, level by level."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from backend.domain.trigger import Cause
from backend.iter_training.evaluation.levels import HEADLINES
from backend.iter_training.trigger.held_levels import Held, Shifts


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

    shifts: Shifts = field(default_factory=Shifts)
    least_operations: int = 50
    alarm: Levels = Levels(headlines=0.05, segments=0.001)
    confirm: float = 0.001
    """For all that an alarm named together."""


def worse_than_promised(held: Sequence[Held], window: int, days: float, levels: Levels) -> Iterator[Cause]:
    """Find what is worse in a window at a level for all headlines together, and one for all segments together."""
    segments = sum(int(one.can_tell(window).sum()) for one in held if one.dimension)
    for one in held:
        level = levels.segments / max(segments, 1) if one.dimension else levels.headlines / len(HEADLINES)
        for segment in np.flatnonzero(one.is_worse(window, level)).tolist():
            yield one.cause(window, segment, days)


def still_worse(
    held: Sequence[Held], days: float, level: float, keys: Collection[tuple[str, str, str]]
) -> Iterator[Cause]:
    """Find which of some keys are worse still, in the last window, at a level that holds for them together."""
    for one in held:
        for segment in np.flatnonzero(one.is_worse(-1, level / len(keys))).tolist():
            if one.key(segment) in keys:
                yield one.cause(-1, segment, days)


def mended(held: Sequence[Held], *, surely: bool) -> set[tuple[str, str, str]]:
    """Return the keys whose shift is smaller than what counts, or surely so: by more than its standard error."""
    return {one.key(segment) for one in held for segment in np.flatnonzero(one.is_mended(-1, surely=surely)).tolist()}
