"""What has changed in a plant, as a model's errors and the mix of its items tell: frozen values with sentences."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ErrorDrift:
    """A part of the plant whose operations take longer, or less, than was foreseen."""

    dimension: str
    """plant, operation, work_centre or part_type."""
    value: str
    """Empty for the whole plant."""
    change_pct: float
    """Of the minutes; positive: it takes longer."""
    low_pct: float
    """The change's 95 % interval."""
    high_pct: float
    since: date
    """The day, in the plant's time zone, from which the change explains most."""
    began_before: bool
    """`since` is the first day that was looked at: it may be older."""
    operations: int
    """Finished since then."""
    items: int
    sentence: str


@dataclass(frozen=True, slots=True)
class InputDrift:
    """An attribute whose values are mixed otherwise than in the months before."""

    population: str
    """new_items, or items_in_work."""
    attribute: str
    value: str
    """The value, or range of values, that changed most."""
    share_pct: float
    """Of the newest items."""
    before_pct: float
    """Of those before."""
    stability_index: float
    """Population stability index over all values of the attribute; 0: the same mix."""
    items: int
    sentence: str


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What has changed between two days of the plant's own calendar; nothing found is two empty tuples."""

    since: date
    until: date
    operations: int
    """Judged to find out about errors."""
    errors: tuple[ErrorDrift, ...] = ()
    """Those that explain most first, each beside those before it."""
    inputs: tuple[InputDrift, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return all findings in words."""
        return (*(each.sentence for each in self.errors), *(each.sentence for each in self.inputs))
