"""Durations for people: a plant that works for weeks on a lot is not told of 87,654.3 minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

TIME_METRICS: Final = frozenset({"mae", "trim_mae", "rmse", "routing_mae"})
"""Metrics of a quality cycle that are times."""
_LEAST_PLACES: Final = 0.1
"""Below this, two decimals would hide what a duration is."""
_LEAST_MINUTES: Final = 0.005


@dataclass(frozen=True, slots=True)
class DurationUnit:
    """The unit in which durations are shown together; everything else in the product is in minutes."""

    name: str
    minutes: float

    def of(self, minutes: float) -> float:
        """Return minutes in this unit."""
        return minutes / self.minutes

    def shown(self, minutes: float) -> str:
        """Return minutes as a number of this unit, without its name.

        >>> DAYS.shown(2160), DAYS.shown(7), DAYS.shown(1e-9), MINUTES.shown(1234.567)
        ('1.50', '0.0049', '0.00', '1,234.57')
        """
        value = self.of(minutes)
        return f"{value:.2g}" if _LEAST_MINUTES <= minutes < _LEAST_PLACES * self.minutes else f"{value:,.2f}"


MINUTES: Final = DurationUnit("minutes", 1.0)
HOURS: Final = DurationUnit("hours", 60.0)
DAYS: Final = DurationUnit("days", 1440.0)
_SHOWN_FROM: Final = ((1440.0, DAYS), (300.0, HOURS))
"""From a day on in days, from five hours on in hours."""


def unit_for(minutes: Iterable[float | None]) -> DurationUnit:
    """Return the unit in which several durations are best shown beside each other.

    >>> [unit_for(each).name for each in ([4.5, 12.0], [800.0, None, 700.0], [9000.0, 30.0, 4000.0], [])]
    ['minutes', 'hours', 'days', 'minutes']
    """
    known = [each for each in minutes if each is not None]
    usual = median(known) if known else 0.0
    return next((unit for least, unit in _SHOWN_FROM if usual >= least), MINUTES)
