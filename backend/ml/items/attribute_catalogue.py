"""The values that known items have, counted from the model's own tables: what a new item may be described by."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.domain.catalogue import AttributeSummary, NumberSummary, ValueCount
from backend.domain.plant import Attribute, AttributeKind
from backend.ml.common.arrays import Floats, Ints
from backend.ml.items.encoding import FIRST, MISSING, Column


@dataclass(frozen=True, slots=True)
class CountedAttribute:
    """One attribute with its distinct values, the most frequent first; of texts none."""

    attribute: Attribute
    weight: float
    filled_share: float
    values: Sequence[str] | Floats
    """Categories in alphabetical order, or numbers in rising order."""
    counts: Ints
    order: Ints
    """Places of the values, the most frequent first."""
    numbers: NumberSummary | None

    def summary(self, most: int, containing: str = "") -> AttributeSummary:
        """Return it with at most so many values, of those that contain a text in any case."""
        found = (place for place in self.order if containing.casefold() in self._text(place))
        kind = self.attribute.kind
        return AttributeSummary(
            name=self.attribute.name,
            kind=kind,
            weight=round(self.weight, 4),
            filled_share=round(self.filled_share, 4),
            distinct_values=None if kind is AttributeKind.TEXT else len(self.order),
            values=tuple(ValueCount(self._value(place), int(self.counts[place])) for place in islice(found, most)),
            numbers=self.numbers,
        )

    def _value(self, place: int) -> str | float:
        value = self.values[place]
        return value if isinstance(value, str) else _shortest(value)

    def _text(self, place: int) -> str:
        value = self.values[place]
        return value.casefold() if isinstance(value, str) else f"{_shortest(value):g}"


def count_attributes(
    columns: Sequence[Column], encoded: Iterable[npt.NDArray[Any]], weights: Floats
) -> tuple[CountedAttribute, ...]:
    """Count the values of every attribute over some items; `encoded` are an ItemTable's values, a column at a time.

    The item code, which is the last column, is no attribute.
    """
    return tuple(_counted(columns, encoded, weights))


def _counted(
    columns: Sequence[Column], encoded: Iterable[npt.NDArray[Any]], weights: Floats
) -> Iterator[CountedAttribute]:
    for column, values, weight in zip(columns[:-1], encoded, weights, strict=False):
        count = {
            AttributeKind.CATEGORICAL: _categories,
            AttributeKind.NUMERIC: _numbers,
            AttributeKind.TEXT: _texts,
        }[column.attribute.kind]
        yield count(column, values, float(weight))


def _categories(column: Column, codes: Ints, weight: float) -> CountedAttribute:
    counts = np.bincount(codes, minlength=len(column.vocabulary) + FIRST)[FIRST:].astype(np.int32)
    return CountedAttribute(
        column.attribute, weight, _share(codes != MISSING), column.vocabulary, counts, _order(counts), None
    )


def _numbers(column: Column, numbers: Floats, weight: float) -> CountedAttribute:
    there = numbers[~np.isnan(numbers)]
    values, counts = np.unique(there, return_counts=True)
    return CountedAttribute(
        column.attribute, weight, _share(~np.isnan(numbers)), values, counts, _order(counts), _spread(there)
    )


def _texts(column: Column, hashes: Ints, weight: float) -> CountedAttribute:
    none = np.zeros(0, dtype=np.int32)
    return CountedAttribute(column.attribute, weight, _share(hashes != MISSING), (), none, none, None)


def _spread(numbers: Floats) -> NumberSummary | None:
    if not len(numbers):
        return None
    found = np.quantile(numbers, [0, 0.05, 0.5, 0.95, 1], method="nearest")
    return NumberSummary(*(_shortest(number) for number in found))


def _order(counts: Ints) -> Ints:
    """Return the places of the values that any item has, the most frequent first, equals in their order."""
    order = np.argsort(-counts, kind="stable").astype(np.int32)
    return order[: np.count_nonzero(counts)]


def _share(there: Ints) -> float:
    return float(there.mean()) if len(there) else 0.0


def _shortest(number: np.float32) -> float:
    """Return the number as people wrote it: 52.3, not the 52.29999923706055 that its 32 bits stand for.

    >>> _shortest(np.float32(52.3))
    52.3
    """
    return float(str(np.float32(number)))
