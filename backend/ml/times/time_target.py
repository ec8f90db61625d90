"""Log minutes of one kind (set-up, or run per unit): trees, levels, practice, family or neighbours, own lots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints
from backend.ml.times.circles import FamilyTotals
from backend.ml.times.drift import Levels
from backend.ml.times.lot_effects import LotEffects
from backend.ml.times.operation_base import OperationBase
from backend.ml.times.shrinkage import Components, Known, best_guess, posterior
from backend.ml.times.visits import Visits, visits_from_parts
from backend.ml.trees.boosters import Booster, PackedText

OWN_LOTS: Final = 0
STANDARD: Final = 1
KINDRED: Final = 2
ATTRIBUTES: Final = 3
KNOWLEDGE: Final = 4
"""What a time rests on beside attributes: own lots; the standard; other operations, family, neighbours; nothing."""


_NOTHING: Final = 1e-9
"""Minutes. Where nobody books a set-up, people were shown 0.000000000000014 of them."""
TREE_HEAD: Final = 2
"""Columns of Questions.tree_rows before the attributes: operation, quantity."""


@record
class CentreChances:
    """How probable it is that a question's operation is done at a work centre; those of a question add up to 1."""

    question: Ints
    centre: Ints
    chance: Floats


@dataclass(frozen=True)
class Questions:
    """Operations whose minutes are asked for, as flat arrays; item and family are -1 where unknown."""

    item: Ints
    family: Ints
    operation: Ints
    centre: Ints
    log_quantity: Floats
    features: Floats
    """Rows of FeatureMap.tree_matrix (no columns where there are no trees)."""
    maybe: CentreChances | None = None
    """Where it is not sure that the work centre is `centre`."""
    row: Ints | None = None
    """Which row of `features` each question has, ascending; those of one row ask for one quantity. None: its own."""
    _heard: dict[int, list[tuple[Ints, Floats]]] = field(default_factory=dict, init=False)
    """What was told already of who listens to which of so many boosters: set-up and run ask the same."""

    @cached_property
    def tree_rows(self) -> Floats:
        """Return what the trees see; the work centre is not among it: its level is a layer of its own (see drift)."""
        rows, row = self.rows_by_item
        rows = rows[row]
        rows[:, 0] = self.operation
        return rows

    @property
    def rows_by_item(self) -> tuple[Floats, Ints]:
        """Return the same for each row of `features`, no matter which operation, and which row each question has."""
        rows = np.zeros((len(self.features), TREE_HEAD + self.features.shape[1]), dtype=np.float32)
        rows[:, TREE_HEAD:] = self.features
        row = np.arange(len(rows)) if self.row is None else self.row
        rows[:, 1][row] = self.log_quantity
        return rows, row

    def fold(self, folds: int) -> Ints:
        """Return which of the boosters have not learnt from the item or its family (-1: all have not)."""
        known = np.where(self.family >= 0, self.family, self.item)
        return np.where(known >= 0, known % folds, -1)

    def heard(self, boosters: int) -> list[tuple[Ints, Floats]]:
        """Return for each booster the questions that listen to it, and the share of its say in their answers."""
        if boosters not in self._heard:
            fold = self.fold(max(boosters, 1))
            to_all = fold < 0
            share = np.where(to_all, 1 / max(boosters, 1), 1.0)
            heard = [((fold == number) | to_all).nonzero()[0] for number in range(boosters)]
            self._heard[boosters] = [(rows, share[rows]) for rows in heard]
        return self._heard[boosters]


@record
class NeighbourPrior:
    """What similar items' lots say per question: the shrunk mean of their residuals."""

    mean: Floats


@dataclass(frozen=True, slots=True)
class TimeTarget:
    """One kind of minutes; `kind` is SETUP or RUN of the pair history that goes with it."""

    kind: int
    offset: float
    """Added before the logarithm, so that zero minutes have one."""
    base: OperationBase
    """What trees and all other layers start from."""
    boosters: tuple[Booster, ...]
    levels: Levels
    lot_effects: LotEffects
    components: Components
    families: FamilyTotals
    visits: Visits | None = None
    """None where no operation returns, and in bundles of releases that did not tell visits apart."""

    def guess(self, operation: Ints, known: Known) -> tuple[Floats, Floats, Ints]:
        """Return mean and variance of the items' levels, and what they rest on."""
        return guessed(self.components, operation, known)

    def guess_by_neighbours(
        self, operation: Ints, neighbours: NeighbourPrior, lots: Ints, own: Sequence[Floats]
    ) -> tuple[Floats, Floats, Ints]:
        """Return the same from what neighbours and the own lots say (`own`: weight and mean)."""
        return guessed_by_neighbours(self.components, operation, neighbours.mean, lots, own)

    def start(self, asked: Questions) -> Floats:
        """Return log minutes before any residual: the operation's, and what the trees add."""
        base = self.base.of(asked.operation, asked.log_quantity)
        if not self.boosters:
            return base
        for booster, (rows, share) in zip(self.boosters, asked.heard(len(self.boosters)), strict=True):
            if len(rows):
                base[rows] += share * booster.predict(asked.tree_rows[rows])
        return base

    def minutes(self, log_minutes: Floats) -> Floats:
        """Return minutes, never negative."""
        return minutes_of(log_minutes, self.offset)

    def to_parts(self) -> dict[str, Any]:
        """Return plain values; trees as packed LightGBM model strings."""
        return {
            "kind": self.kind,
            "offset": self.offset,
            "base": self.base.to_parts(),
            "boosters": [booster.packed_model.packed for booster in self.boosters],
            "levels": self.levels.to_parts(),
            "lot_effects": self.lot_effects.to_parts(),
            "components": self.components.to_parts(),
            "families": self.families.to_parts(),
        } | ({} if self.visits is None else {"visits": self.visits.to_parts()})

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "TimeTarget":
        """Read what to_parts wrote."""
        return cls(
            parts["kind"],
            parts["offset"],
            OperationBase(**parts["base"]),
            tuple(Booster(PackedText(packed)) for packed in parts["boosters"]),
            Levels(**parts["levels"]),
            LotEffects(**parts["lot_effects"]),
            Components(**parts["components"]),
            FamilyTotals(**parts["families"]),
            visits_from_parts(parts.get("visits")),
        )


def guessed(components: Components, operation: Ints, known: Known) -> tuple[Floats, Floats, Ints]:
    """Return mean and variance of the items' levels, and what they rest on."""
    mean, variance = best_guess(components, operation, known)
    heard = np.isfinite(np.minimum(np.minimum(known.item_noise, known.sister_noise), known.family_noise))
    kindred = np.where(known.weight > 0, STANDARD, np.where(heard, KINDRED, ATTRIBUTES))
    return mean, variance, np.where(known.lots > 0, OWN_LOTS, kindred)


def guessed_by_neighbours(
    components: Components, operation: Ints, mean: Floats, lots: Ints, own: Sequence[Floats]
) -> tuple[Floats, Floats, Ints]:
    """Return the same from what neighbours say (their mean) and the own lots (`own`: weight and mean)."""
    between, lot = components.pair[..., operation], components.lot[..., operation]
    level, variance = posterior((mean, np.zeros_like(mean)), between, lot, *own)
    return level, variance, np.where(lots > 0, OWN_LOTS, KINDRED)


def minutes_of(log_minutes: Floats, offset: float | Floats) -> Floats:
    """Return minutes, never negative, from log minutes with an offset; what rounding leaves of nothing is nothing.

    >>> minutes_of(np.log(np.array([0.02 + 1e-14, 0.52])), 0.02).round(9).tolist()
    [0.0, 0.5]
    >>> float(minutes_of(np.log(np.array([0.02 + 1e-14])), 0.02)[0])
    0.0
    """
    minutes = np.exp(np.minimum(log_minutes, 25.0)) - offset
    return np.where(minutes > _NOTHING, minutes, 0.0)
