"""What an item may be described by: the attributes a model was made for, and the values that known items have."""

from dataclasses import dataclass

from backend.domain.plant import AttributeKind


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value and how many known items have it."""

    value: str | float
    items: int


@dataclass(frozen=True, slots=True)
class NumberSummary:
    """How the numbers of known items are spread; p5 and p95 hold nine in ten."""

    minimum: float
    p5: float
    median: float
    p95: float
    maximum: float


@dataclass(frozen=True, slots=True)
class AttributeSummary:
    """One attribute; values most frequent first, of texts none."""

    name: str
    kind: AttributeKind
    weight: float
    """Share of the similarity between items that rests on it."""
    filled_share: float
    """Share of known items that have a value."""
    distinct_values: int | None
    """None for texts, of which the model keeps pieces only."""
    values: tuple[ValueCount, ...]
    numbers: NumberSummary | None
    """Of numeric attributes that any item has a value of."""
