"""Standard times that disagree with what the shop does."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StaleStandard:
    """One operation of an item whose valid standard is wrong by more than chance explains."""

    item_code: str
    operation_code: str
    operation_name: str | None
    work_centre: str | None
    setup_minutes: float
    """The standard, per lot."""
    run_minutes_per_unit: float
    factor: float
    """What it takes / the standard; low and high hold it with a probability of 80 %."""
    low: float
    high: float
    lots: int
    """Measured lots of the last year that this rests on."""
    standard_minutes_per_lot: float
    """At the quantities that were made."""
    minutes_per_year: float
    """By which the plan was wrong over these lots, scaled to a year."""
    work_order_codes: tuple[str, ...]
    """The newest of them."""


@dataclass(frozen=True, slots=True)
class StandardsReport:
    """Stale standards, costliest first, and how many standards were looked at."""

    until: datetime | None
    """The newest work order that counts (naive UTC)."""
    days: float
    """How far back lots were looked at."""
    compared: int
    """Operations of items that have one valid standard and measured lots."""
    ambiguous: int
    """Operations of items with several valid standards, which were left out."""
    found: int
    """Stale standards; the costliest of them follow."""
    stale: tuple[StaleStandard, ...]
