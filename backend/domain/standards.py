"""The ERP's own routings, and standard times that disagree with what the shop does."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.domain.routing import RoutingOperation


class StandardsStatus(StrEnum):
    """Whether the ERP has a routing for an item."""

    OK = "ok"
    NO_ROUTING = "no_routing"
    """The ERP knows the item, but no routing of it that is valid now and can be trusted."""
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class StandardRouting:
    """One routing as the ERP has it now; `valid_from` is that of its newest row, naive UTC."""

    routing_code: str
    valid_from: datetime | None
    operations: tuple[RoutingOperation, ...]


@dataclass(frozen=True, slots=True)
class ItemStandards:
    """The valid routings of one item, the newest first."""

    item_code: str
    status: StandardsStatus
    routings: tuple[StandardRouting, ...] = ()
    rows_set_aside: int = 0
    """Rows of the item's routings that could not be trusted: what is shown may lack operations."""


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
