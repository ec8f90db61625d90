"""By what factor each attribute lengthens or shortens an operation, as the boosted trees see it."""

from dataclasses import dataclass

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.item_space import ItemSpace
from backend.ml.time_target import TREE_HEAD, Questions, TimeTarget
from backend.ml.tree_paths import TreePaths


@dataclass(frozen=True, slots=True)
class Walks:
    """Where the trees lead each question to, per booster; a question listens to some of the boosters only."""

    questions: tuple[Ints, ...]
    leaves: tuple[Ints, ...]
    """(question, tree): leaf numbers."""
    shares: tuple[Floats, ...]


class TimeEffects:
    """Sums the steps of the trees' paths per attribute."""

    def __init__(self, space: ItemSpace, target: TimeTarget) -> None:
        self._base, self._boosters = target.base, target.boosters
        self._attributes = len(space.encoder.columns)
        groups = [-1] * TREE_HEAD + space.features.tree_attributes(space.encoder)
        self._paths = tuple(
            TreePaths.of(booster.packed_model.text(), groups, self._attributes) for booster in target.boosters
        )

    def walk(self, asked: Questions) -> Walks:
        """Follow the trees once, for what they answer and why."""
        heard = asked.heard(len(self._boosters))
        leaves = [
            booster.leaves(asked.tree_rows[rows]) for booster, (rows, _) in zip(self._boosters, heard, strict=True)
        ]
        return Walks(tuple(rows for rows, _ in heard), tuple(leaves), tuple(share for _, share in heard))

    def answers(self, walks: Walks, asked: Questions) -> Floats | None:
        """Return what TimeTarget.start says of the questions, to the last bit; None where there are no trees."""
        if not self._boosters:
            return None
        found = self._base.of(asked.operation, asked.log_quantity)
        for paths, rows, leaves, share in zip(self._paths, walks.questions, walks.leaves, walks.shares, strict=True):
            found[rows] += share * paths.answers(leaves)
        return found

    def of(self, walks: Walks, asked: Ints) -> Floats:
        """Return what each attribute (columns) adds to the log minutes, per asked question (ascending numbers)."""
        added = np.zeros((len(asked), self._attributes))
        for paths, rows, leaves, share in zip(self._paths, walks.questions, walks.leaves, walks.shares, strict=True):
            if not len(rows):
                continue
            place = np.minimum(rows.searchsorted(asked), len(rows) - 1)
            mine = (rows[place] == asked).nonzero()[0]
            place = place[mine]
            added[mine] += share[place, None] * paths.contributions(leaves[place])
        return added
