"""The boosted trees of set-up and run times, asked together: once per item, then for each of its operations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, run_starts
from backend.ml.history.pair_history import RUN, SETUP
from backend.ml.times.operation_base import OperationBase
from backend.ml.times.time_target import Questions, TimeTarget
from backend.ml.trees.struck_leaves import StruckLeaves
from backend.ml.trees.tree_paths import trees_of
from backend.ml.trees.tree_questions import Tree


@dataclass(frozen=True, slots=True)
class Stand:
    """Boosters of both kinds of minutes that the same questions listen to."""

    boosters: int
    """How many each kind has, and which of them this is."""
    number: int
    trees: StruckLeaves
    of_kind: Mapping[int, slice]
    """Which of the trees are of SETUP, which of RUN."""


@record
class Walk:
    """Where the trees of a stand lead the questions that listen to them."""

    questions: Ints
    places: Ints
    """(question, tree): see StruckLeaves.follow."""
    share: Floats
    """Per question, of the stand's say in its answer."""


class TimeTrees:
    """Follows trees for what they answer and why."""

    def __init__(self, targets: tuple[TimeTarget, TimeTarget]) -> None:
        self.targets = targets
        self._base = OperationBase.stacked([target.base for target in targets])
        counts = {len(target.boosters) for target in targets}
        self.stands = [_stand(targets, count, number) for count in sorted(counts) for number in range(count)]

    def walk(self, asked: Questions) -> list[Walk]:
        """Return where each stand's trees lead."""
        by_item = asked.rows_by_item
        return [_walk(stand, asked, by_item) for stand in self.stands]

    def starts(self, asked: Questions, walks: Sequence[Walk]) -> Floats:
        """Return what TimeTarget.start says of each kind (first axis), to the last bit."""
        found = self._base.of(asked.operation, asked.log_quantity)
        for stand, walk in zip(self.stands, walks, strict=True):
            if len(walk.questions):
                values = stand.trees.value.take(walk.places)
                for kind, own in stand.of_kind.items():
                    of_kind = found[kind]
                    # added up tree by tree, as LightGBM does
                    of_kind[walk.questions] += walk.share * np.add.accumulate(values[:, own], axis=1)[:, -1]
        return found


def _stand(targets: tuple[TimeTarget, TimeTarget], boosters: int, number: int) -> Stand:
    trees: list[Tree] = []
    of_kind = {}
    for kind in (SETUP, RUN):
        if len(targets[kind].boosters) == boosters:
            own = trees_of(targets[kind].boosters[number].packed_model.text())
            of_kind[kind] = slice(len(trees), len(trees) + len(own))
            trees += own
    return Stand(boosters, number, StruckLeaves.of(trees), of_kind)


def _walk(stand: Stand, asked: Questions, by_item: tuple[Floats, Ints]) -> Walk:
    heard, share = asked.heard(stand.boosters)[stand.number]
    if not len(heard):
        return Walk(heard, np.zeros((0, len(stand.trees.begins)), np.int64), share)
    rows, row = by_item
    mine = row[heard]
    used = mine[run_starts(mine)]
    return Walk(heard, stand.trees.follow(rows[used], used.searchsorted(mine), asked.operation[heard]), share)
