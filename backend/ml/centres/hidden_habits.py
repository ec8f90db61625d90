"""Kinds of habits that families have, none of which is written down: learnt from who is made where (EM).

Every family follows one of a few kinds; a kind says how often each place is taken in each cell.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.centres.cell_fit import cut_by_pairs
from backend.ml.centres.cell_growing import GrowingTree, HabitRows
from backend.ml.centres.cell_refining import cut_by_habit
from backend.ml.centres.cell_sorting import cut_by_usual
from backend.ml.common.arrays import Floats, Ints

MAX_KINDS: Final = 4
_FIRST_GUESS: Final = 0.6
"""Share of a cell's most, second most … taken place that the first, second … kind starts from."""
_PRIOR: Final = 0.7
"""Rows of a kind that the cell's usual places count as."""
_SETTLING: Final = 15
_RESETTLING: Final = 8
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Habit:
    """Where families of each kind are made."""

    chance: Floats
    """(cell, place, kind)."""
    share: Floats
    """How common each kind is."""


@dataclass(frozen=True, slots=True)
class _Observed:
    """Rows: the state (cell * places + place) and the family of each."""

    state: Ints
    family: Ints
    families: int
    cells: int
    places: int

    def beliefs(self, habit: Habit) -> Floats:
        """Return (family, kind) how likely each family is to be of each kind."""
        logs = self._logs(habit)
        belief = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(belief / belief.sum(axis=1, keepdims=True))

    def likelihood(self, habit: Habit) -> float:
        """Return how well a habit explains what was observed, in nats."""
        logs = self._logs(habit)
        best = logs.max(axis=1)
        return float((best + np.log(np.exp(logs - best[:, None]).sum(axis=1))).sum())

    def _logs(self, habit: Habit) -> Floats:
        told = np.log(habit.chance.reshape(self.cells * self.places, -1))
        return np.log(habit.share) + np.stack(
            [np.bincount(self.family, weights=each[self.state], minlength=self.families) for each in told.T], axis=1
        )

    def habit(self, belief: Floats) -> Habit:
        """Return what families of each kind do, by who is believed to be of which."""
        states = self.cells * self.places
        count = np.stack(
            [np.bincount(self.state, weights=each[self.family], minlength=states) for each in belief.T], axis=1
        ).reshape(self.cells, self.places, -1)
        usual = self.usual()[:, :, None]
        chance = (count + _PRIOR * usual) / (count.sum(axis=1, keepdims=True) + _PRIOR)
        return Habit(chance, (belief.sum(axis=0) + 1) / (len(belief) + belief.shape[1]))

    def usual(self) -> Floats:
        """Return (cell, place) shares, pulled towards the overall ones."""
        count = np.bincount(self.state, minlength=self.cells * self.places).reshape(self.cells, self.places)
        overall = (count.sum(axis=0) + 0.5) / (count.sum() + 0.5 * self.places)
        return np.asarray((count + overall) / (count.sum(axis=1, keepdims=True) + 1))

    def first_guess(self, kinds: int) -> Habit:
        """Let the kinds begin as the most, second most … taken place of every cell."""
        usual = self.usual()
        rank = np.argsort(np.argsort(-usual, axis=1, kind="stable"), axis=1)
        chance = [(1 - _FIRST_GUESS) * usual + _FIRST_GUESS * (rank == kind) for kind in range(kinds)]
        some = np.stack([each if kind < self.places else usual for kind, each in enumerate(chance)], axis=2)
        return Habit(some, np.full(kinds, 1 / kinds))


def fit_habit(tree: GrowingTree, rows: HabitRows, rng: np.random.Generator) -> Habit:
    """Grow a tree of cells and learn what families do in them; rows of no family are families of their own."""
    cut_by_pairs(tree, rows, rng)
    alone = int(rows.family.max(initial=-1)) + 1 + np.arange(len(rows.family))
    families, family = np.unique(np.where(rows.family >= 0, rows.family, alone), return_inverse=True)
    cell = tree.cells_of(rows.numbers)

    def observed() -> _Observed:
        return _Observed(cell * rows.places + rows.place, family, len(families), len(tree.above), rows.places)

    habit = observed().first_guess(min(rows.places + 1, MAX_KINDS))
    habit, belief = _settled(observed(), habit, _SETTLING)
    for _ in range(_ROUNDS):
        drawn = (belief.cumsum(axis=1) < rng.random((len(belief), 1))).sum(axis=1)
        cell = cut_by_habit(tree, rows, cell, np.minimum(drawn, belief.shape[1] - 1)[family])
        habit, belief = _settled(observed(), observed().habit(belief), _RESETTLING)
    cell = cut_by_usual(tree, replace(rows, family=family), cell, rng)
    return _likelier(observed(), belief)


def _likelier(observed: _Observed, belief: Floats) -> Habit:
    """Return what explains more: what was believed so far or a first guess in the present cells, both settled.

    The first guess was made when cells were few. A group of cells that shares hardly a family with the others may have
    settled with its kinds confused, so that its families seem to do what is rare; no step from there mends that.
    """
    begun = (observed.habit(belief), observed.first_guess(belief.shape[1]))
    settled = [_settled(observed, *each)[0] for each in zip(begun, (_RESETTLING, _SETTLING), strict=True)]
    return max(settled, key=observed.likelihood)


def _settled(observed: _Observed, habit: Habit, rounds: int) -> tuple[Habit, Floats]:
    for _ in range(rounds):
        belief = observed.beliefs(habit)
        habit = observed.habit(belief)
    return habit, belief
