"""Learning the habits of families: which operations share one, cells, kinds of habits, and who follows which."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.centres.cell_growing import CodedItems, GrowingTree, HabitRows, Nodes
from backend.ml.centres.cells import Cells
from backend.ml.centres.family_habits import (
    HABITS_PER_OPERATION,
    INSIDE,
    OUTSIDE,
    SIDE,
    Evidence,
    FamilyHabits,
    gathered,
)
from backend.ml.centres.hidden_habits import MAX_KINDS, Habit, fit_habit
from backend.ml.common.arrays import Ints, offsets_of
from backend.ml.history.routing_book import RoutingBook

_ALIKE: Final = 0.5
"""Operations follow one habit if more than this share of the places of both is common to both."""
_CHUNK: Final = 500_000
_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Relatives:
    """What habits are learnt from: all items, and the variants that stand for them (-1: none)."""

    items: CodedItems
    variant: Ints
    learnt: Ints
    """The items that may be learnt from."""


@dataclass(frozen=True, slots=True)
class Made:
    """Which item does which operation in which step, one entry per item and operation."""

    item: Ints
    operation: Ints
    step: Ints

    def take(self, rows: Ints) -> "Made":
        """Return some entries."""
        return Made(self.item[rows], self.operation[rows], self.step[rows])


def fit_family_habits(book: RoutingBook, relatives: Relatives, choice: Ints, seed: int) -> FamilyHabits:
    """Learn habits from the items that may be learnt from; `choice` >= 0 are the steps that there is a choice of."""
    axes = relatives.items.axes()
    made = made_by(book, relatives, choice)
    learner = _Learner(book, relatives, made, axes, _numbers(axes, relatives.items.codes), seed)
    habits = learner.learn(choice)
    return with_evidence(habits, book, relatives, choice)


def with_evidence(habits: FamilyHabits, book: RoutingBook, relatives: Relatives, choice: Ints) -> FamilyHabits:
    """Return the habits with what the items that may be learnt from tell about their families."""
    made = made_by(book, relatives, choice)
    numbers = _numbers(habits.cells, relatives.items.codes)
    parts = []
    for start in range(0, len(made.item), _CHUNK):
        some = made.take(np.arange(start, min(start + _CHUNK, len(made.item))))
        parts.append(habits.states(numbers[some.item], some.operation, some.step, book))
    if not parts:
        return habits
    habit, state = (np.concatenate(each) for each in zip(*parts, strict=True))
    return replace(habits, evidence=gathered(habit, state, relatives.items.family[made.item], habits))


def _numbers(cells: Cells, codes: Ints) -> Ints:
    """Return the numbers of all items, made some at a time: each passes through half a dozen wide arrays."""
    starts = range(0, max(codes.shape[1], 1), _BATCH)
    return np.concatenate([cells.numbers(codes[:, start : start + _BATCH]) for start in starts])


def made_by(book: RoutingBook, relatives: Relatives, choice: Ints) -> Made:
    """Return the steps of items that there is a choice for; an operation done twice counts once."""
    items = relatives.learnt[relatives.variant[relatives.learnt] >= 0]
    taken = book.variants.take(relatives.variant[items])
    item, step = np.repeat(items, taken.lengths()), taken.values.astype(np.int64)
    item, step = item[choice[step] >= 0], step[choice[step] >= 0]
    operation = book.step_operation[step].astype(np.int64)
    first = np.unique(item * len(book.operations) + operation, return_index=True)[1]
    return Made(item[first], operation[first], step[first])


@dataclass(frozen=True, slots=True)
class _Learner:
    book: RoutingBook
    relatives: Relatives
    made: Made
    axes: Cells
    numbers: Ints
    seed: int

    def learn(self, choice: Ints) -> FamilyHabits:
        """Learn all habits; nothing is known of families yet."""
        book, made = self.book, self.made
        operations = len(book.operations)
        inside = book.step_in_house[made.step].astype(np.int64)
        habit = np.full((operations, HABITS_PER_OPERATION), -1)
        root, place = np.full(habit.shape, ~0), np.zeros(len(choice), np.int64)
        nodes, learnt = Nodes(), list[Habit]()
        for operation in range(operations):
            rows = np.flatnonzero(made.operation == operation)
            if len(np.unique(inside[rows])) == 2:
                root[operation, SIDE], found = self._fit(nodes, len(learnt), rows, inside[rows], 2)
                habit[operation, SIDE] = len(learnt)
                learnt.append(found)
        for side, where in ((0, OUTSIDE), (1, INSIDE)):
            steps = np.flatnonzero((choice >= 0) & (book.step_in_house == side))
            group = groups_of(book.step_operation[steps], book.step_centre[steps], operations)
            for number in np.unique(group[book.step_operation[steps]]).tolist():
                mine = steps[group[book.step_operation[steps]] == number]
                centres, place[mine] = np.unique(book.step_centre[mine], return_inverse=True)
                rows = np.flatnonzero((inside == side) & (group[made.operation] == number))
                if len(centres) < 2 or not len(rows):
                    place[mine] = 0
                    continue
                pointer, found = self._fit(nodes, len(learnt), rows, place[made.step[rows]], len(centres))
                followers = np.unique(book.step_operation[mine])
                habit[followers, where], root[followers, where] = len(learnt), pointer
                learnt.append(found)
        return self._put_together(nodes, learnt, habit, root, place)

    def _fit(self, nodes: Nodes, number: int, rows: Ints, place: Ints, places: int) -> tuple[int, Habit]:
        item, operation = self.made.item[rows], self.made.operation[rows]
        tops = [len(known) + 1 for known in self.axes.values] + [len(self.book.operations)]
        ranged = [*self.axes.ranged.tolist(), False]
        numbers = np.asfortranarray(np.concatenate([self.numbers[item], operation[:, None].astype(np.int16)], axis=1))
        tree = GrowingTree(nodes)
        family = self.relatives.items.family[item].astype(np.int64)
        found = fit_habit(
            tree, HabitRows(numbers, tops, ranged, family, place, places), np.random.default_rng([self.seed, 5, number])
        )
        return tree.root, found

    def _put_together(self, nodes: Nodes, learnt: list[Habit], habit: Ints, root: Ints, place: Ints) -> FamilyHabits:
        """Return all habits, states numbered through; the last is followed where there is nothing to choose."""
        start = offsets_of(np.array([each.chance[..., 0].size for each in learnt], dtype=np.int64))
        chance = np.zeros((int(start[-1]) + 2, MAX_KINDS), np.float32)
        share = np.zeros((len(learnt) + 1, MAX_KINDS), np.float32)
        for number, each in enumerate(learnt):
            kinds = len(each.share)
            chance[start[number] : start[number + 1], :kinds] = each.chance.reshape(-1, kinds)
            share[number, :kinds] = each.share
        chance[-2:], share[-1, 0] = 1.0, 1.0
        places = np.array([each.chance.shape[1] for each in learnt] + [0], dtype=np.int64)
        none = Evidence(np.zeros(0, np.int64), np.zeros((0, MAX_KINDS), np.float16))
        habit = np.where(habit < 0, len(learnt), habit)
        cells = nodes.finished(self.axes)
        return FamilyHabits(cells, habit, root, start, places, share, chance, place, none, self.relatives.variant)


def groups_of(operation: Ints, centre: Ints, operations: int) -> Ints:
    """Return a number per operation; those whose places are mostly the same have the same one.

    `operation` and `centre` are the distinct pairs of them.
    """
    used = np.zeros((operations, int(centre.max(initial=-1)) + 1))
    used[operation, centre] = 1
    common = used @ used.T
    count = used.sum(axis=1)
    alike = common > _ALIKE * np.maximum(count[:, None] + count - common, 1)
    group = np.arange(operations)
    while True:
        joined = np.where(alike, group, operations).min(axis=1, initial=operations)
        joined = np.minimum(joined, group)
        if (joined == group).all():
            return group
        group = joined
