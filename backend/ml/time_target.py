"""Log minutes of one kind (set-up, or run per unit): trees, levels, family or neighbours, own lots."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.boosters import Booster
from backend.ml.drift import Levels
from backend.ml.pair_history import PairHistory
from backend.ml.shrinkage import Components, posterior


@dataclass(frozen=True, slots=True)
class Questions:
    """Operations whose minutes are asked for, as flat arrays; item and family are -1 where unknown."""

    item: Ints
    family: Ints
    operation: Ints
    centre: Ints
    log_quantity: Floats
    features: Floats
    """One row of FeatureMap.tree_matrix per question (no columns where there are no trees)."""

    def tree_rows(self) -> Floats:
        """Return what the trees see."""
        head = np.column_stack([self.operation, self.centre, self.log_quantity]).astype(np.float32)
        return np.hstack([head, self.features]).astype(np.float32)

    def fold(self) -> Ints:
        """Return which trees have not learnt from the item or its family (-1: both have not)."""
        by_item = np.where(self.item >= 0, self.item % 2, -1)
        return np.asarray(np.where(self.family >= 0, self.family % 2, by_item))


@dataclass(frozen=True, slots=True)
class NeighbourPrior:
    """What similar items' lots say per question: the shrunk mean of their residuals."""

    mean: Floats


@dataclass(frozen=True, slots=True)
class FamilyTotals:
    """Precision-weighted sums of item means per (family, operation)."""

    keys: Ints
    precision: Floats
    weighted_sum: Floats

    def look_up(self, family: Ints, operation: Ints, operations: int) -> tuple[Floats, Floats]:
        """Return precision and weighted sum; zeros where the family never ran the operation."""
        if not len(self.keys):
            return np.zeros(len(family)), np.zeros(len(family))
        asked = family.astype(np.int64) * operations + operation
        where = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        found = (self.keys[where] == asked) & (family >= 0)
        return np.where(found, self.precision[where], 0.0), np.where(found, self.weighted_sum[where], 0.0)


@dataclass(frozen=True, slots=True)
class TimeTarget:
    """One kind of minutes; `kind` is SETUP or RUN of the pair history that goes with it."""

    kind: int
    offset: float
    """Added before the logarithm, so that zero minutes have one."""
    base: Floats
    """Log minutes per operation where there are no trees."""
    boosters: tuple[Booster, ...]
    levels: Levels
    components: Components
    families: FamilyTotals

    def expect(self, asked: Questions, pairs: PairHistory, neighbours: NeighbourPrior | None) -> tuple[Floats, Floats]:
        """Return expected log minutes (plus offset) and their standard deviation per question."""
        operation = asked.operation
        count, mean = pairs.look_up(asked.item, operation, self.kind)
        between, lot = self.components.item[operation], self.components.lot[operation]
        if neighbours is None:
            prior, unsure = self._family_prior(asked, count, mean)
        else:
            prior, unsure = neighbours.mean, np.zeros(len(operation))
        level, variance = posterior((prior, unsure), between, lot, count, mean)
        start = self.start(asked) + self.levels.of(operation, asked.centre)
        return start + level, np.sqrt(lot + variance)

    def start(self, asked: Questions) -> Floats:
        """Return log minutes before any residual: the trees' or the operation's."""
        if not self.boosters:
            return np.asarray(self.base[asked.operation])
        rows, fold = asked.tree_rows(), asked.fold()
        expected = np.zeros(len(rows))
        for number, booster in enumerate(self.boosters):
            used = np.flatnonzero((fold == number) | (fold < 0))
            share = np.where(fold[used] < 0, 1 / len(self.boosters), 1.0)
            expected[used] += share * booster.predict(rows[used])
        return expected

    def minutes(self, log_minutes: Floats) -> Floats:
        """Return minutes, never negative."""
        return np.asarray(np.maximum(np.exp(np.minimum(log_minutes, 25.0)) - self.offset, 0.0))

    def _family_prior(self, asked: Questions, count: Ints, mean: Floats) -> tuple[Floats, Floats]:
        operations = len(self.base)
        precision, total = self.families.look_up(asked.family, asked.operation, operations)
        alone = self.components.item_precision(asked.operation, count)
        precision = np.where(asked.family < 0, alone, precision)
        total = np.where(asked.family < 0, alone * mean, total)
        variance = 1.0 / (precision + 1.0 / self.components.family[asked.operation])
        return total * variance, variance

    def to_parts(self) -> dict[str, Any]:
        """Return plain values; trees as LightGBM model strings."""
        return {
            "kind": self.kind,
            "offset": self.offset,
            "base": self.base,
            "boosters": [booster.model for booster in self.boosters],
            "levels": self.levels.to_parts(),
            "components": self.components.to_parts(),
            "family_keys": self.families.keys,
            "family_precision": self.families.precision.astype(np.float32),
            "family_sum": self.families.weighted_sum.astype(np.float32),
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "TimeTarget":
        """Read what to_parts wrote."""
        return cls(
            parts["kind"],
            parts["offset"],
            parts["base"],
            tuple(Booster(model) for model in parts["boosters"]),
            Levels(**parts["levels"]),
            Components(**parts["components"]),
            FamilyTotals(parts["family_keys"], parts["family_precision"], parts["family_sum"]),
        )
