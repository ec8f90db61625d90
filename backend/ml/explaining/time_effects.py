"""By what factor each attribute lengthens or shortens an operation, as the boosted trees see it."""

from collections.abc import Sequence

import numpy as np

from backend.ml.common.arrays import Floats, Ints, places_among
from backend.ml.history.pair_history import RUN
from backend.ml.operations.item_space import ItemSpace
from backend.ml.times.time_target import TREE_HEAD, TimeTarget
from backend.ml.times.time_trees import Stand, TimeTrees, Walk
from backend.ml.trees.tree_paths import TreePaths


class TimeEffects:
    """Sums the steps of the run times' trees per attribute."""

    def __init__(self, space: ItemSpace, target: TimeTarget, trees: TimeTrees) -> None:
        self._attributes = len(space.encoder.columns)
        groups = [-1] * TREE_HEAD + space.features.tree_attributes(space.encoder)
        self._paths = [
            _RunPaths(stand, target, groups, self._attributes) if RUN in stand.of_kind else None
            for stand in trees.stands
        ]

    def of(self, walks: Sequence[Walk], asked: Ints) -> Floats:
        """Return what each attribute (columns) adds to the log minutes, per asked question (ascending numbers)."""
        added = np.zeros((len(asked), self._attributes))
        for paths, walk in zip(self._paths, walks, strict=True):
            if paths is not None and len(walk.questions):
                place, heard = places_among(walk.questions, asked)
                mine = heard.nonzero()[0]
                place = place[mine]
                added[mine] += walk.share[place, None] * paths.contributions(walk.places.take(place, axis=0))
        return added


class _RunPaths:
    """The paths to the leaves of a stand's trees for run times."""

    def __init__(self, stand: Stand, target: TimeTarget, groups: Sequence[int], attributes: int) -> None:
        self._own = stand.of_kind[RUN]
        self._paths = TreePaths.of(target.boosters[stand.number].packed_model.text(), groups, attributes)
        self._row = stand.trees.leaf.astype(np.int64)
        self._row[self._own] += self._paths.first_leaf[:, None]

    def contributions(self, places: Ints) -> Floats:
        """Return what each attribute (columns) adds, per row of places of leaves (see Walk)."""
        return self._paths.moved(self._row.take(places[:, self._own]))
