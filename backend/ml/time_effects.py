"""By what factor each attribute lengthens or shortens an operation, as the boosted trees see it."""

from typing import Final

import numpy as np

from backend.domain.plant import AttributeKind
from backend.ml.arrays import Floats
from backend.ml.item_space import ItemSpace
from backend.ml.time_target import Questions, TimeTarget
from backend.ml.tree_paths import TreePaths

_HEAD: Final = 3
"""Columns of Questions.tree_rows before the attributes: operation, work centre, quantity."""


class TimeEffects:
    """Sums the steps of the trees' paths per attribute."""

    def __init__(self, space: ItemSpace, target: TimeTarget) -> None:
        self._boosters = target.boosters
        self._attributes = len(space.encoder.columns)
        groups = [-1] * _HEAD + _attributes_of_columns(space)
        self._paths = tuple(TreePaths.of(booster.model, groups, self._attributes) for booster in target.boosters)

    def of(self, asked: Questions) -> Floats:
        """Return what each attribute (columns) adds to the log minutes, per question."""
        added = np.zeros((len(asked.operation), self._attributes))
        if not self._boosters or not len(added):
            return added
        rows, fold = asked.tree_rows(), asked.fold()
        for number, (booster, paths) in enumerate(zip(self._boosters, self._paths, strict=True)):
            used = np.flatnonzero((fold == number) | (fold < 0))
            if not len(used):
                continue
            share = np.where(fold[used] < 0, 1 / len(self._boosters), 1.0)
            added[used] += share[:, None] * paths.contributions(booster.leaves(rows[used]))
        return added


def _attributes_of_columns(space: ItemSpace) -> list[int]:
    """Return which attribute each column of FeatureMap.tree_matrix belongs to."""
    tokens = space.features.tree_tokens
    widths = [
        len(tokens[number]) if column.attribute.kind is AttributeKind.TEXT else 1
        for number, column in enumerate(space.encoder.columns)
    ]
    return np.repeat(np.arange(len(widths)), widths).tolist()
