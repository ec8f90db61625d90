"""What a family's habits tell about where an operation is done: in-house or not, and at which place."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.centres.cells import Cells
from backend.ml.centres.hidden_habits import MAX_KINDS
from backend.ml.common.arrays import Flags, Floats, Ints, distinct, smallest_ints
from backend.ml.history.pair_history import compact_keys
from backend.ml.history.routing_book import RoutingBook

SIDE, INSIDE, OUTSIDE = range(3)
"""The habits that an operation may follow: whether it is done in-house, and where on either side."""
HABITS_PER_OPERATION: Final = 3
_FLOOR: Final = 1e-4
"""Added to chances, so that one odd row does not rule a kind of habit out."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of families: log-likelihoods of each kind of habit."""

    keys: Ints
    """family * habits + habit, ascending."""
    told: Floats
    """(key, kind), the likeliest at 0."""

    def of(self, keys: Ints) -> tuple[Floats, Flags]:
        """Return what is known of some keys, 0 where nothing is, and where something is."""
        if not len(self.keys):
            return np.zeros((len(keys), MAX_KINDS), np.float32), np.zeros(len(keys), dtype=bool)
        # of another type than the keys, what is asked for would have all of them converted; below 0 there are none
        place = self.keys.searchsorted(keys.astype(self.keys.dtype))
        found = self.keys.take(place, mode="clip") == keys
        return self.told.take(place, axis=0, mode="clip").astype(np.float32) * found[:, None], found


@dataclass(frozen=True, slots=True)
class FamilyHabits:
    """Habits numbered through, the last of which stands for none: nothing to choose.

    A habit's states are its (cell, place) pairs, cell by cell; states of all habits are numbered through.
    """

    cells: Cells
    habit: Ints
    """(operation, SIDE, INSIDE or OUTSIDE)."""
    root: Ints
    """(operation, SIDE, INSIDE or OUTSIDE): the tree that tells the cell."""
    start: Ints
    """Per habit its first state."""
    places: Ints
    """Per habit."""
    share: Floats
    """(habit, kind)."""
    chance: Floats
    """(state, kind)."""
    place: Ints
    """Per step of the book its place in the habit of its operation and side; 0 where there is none."""
    evidence: Evidence
    variant: Ints
    """The variant that stands for each item (-1: none)."""

    def tell(
        self, book: RoutingBook, operation: Ints, family: Ints, numbers: Ints, steps: tuple[Ints, Ints]
    ) -> tuple[Floats, Floats, Flags]:
        """Return log-chances of the steps of (query, operation) pairs, and of whose family something is known.

        First what is usual in the cell, then what the family's habits tell. `family` and `numbers` (see
        Cells.numbers) are one per pair; `steps` are numbers of pairs, and for each a step.
        """
        habit = self.habit.take(operation, axis=0).ravel()
        rows = np.concatenate([numbers, operation[:, None]], axis=1)
        every = np.arange(len(operation)).repeat(HABITS_PER_OPERATION)
        cell = self.cells.of(rows, every, self.root.take(operation, axis=0).ravel())
        begin = self.start[habit] + self.places[habit] * cell
        share = self.share.take(habit, axis=0)
        told, found = self.evidence.of(family.repeat(HABITS_PER_OPERATION) * len(self.start) + habit)
        belief = share * np.exp(told)
        belief /= np.add.reduce(belief, axis=1, keepdims=True)
        pair, step = steps
        inside = book.step_in_house[step].astype(np.int64)
        side = pair * HABITS_PER_OPERATION
        where = side + OUTSIDE - inside
        states = np.array([begin[side] + inside, begin[where] + self.place[step]])
        both = np.array([share, belief]).take(np.array([side, where]), axis=1)
        sides, places = np.add.reduce(both * self.chance.take(states, axis=0), axis=3).swapaxes(0, 1)
        usual, heard = np.log(sides * places + _FLOOR)
        return usual, heard, np.asarray(found.reshape(-1, HABITS_PER_OPERATION).any(axis=1))

    def states(self, numbers: Ints, operation: Ints, step: Ints, book: RoutingBook) -> tuple[Ints, Ints]:
        """Return (row, side or where) habits and states of rows of numbers, each done in some step."""
        rows = np.concatenate([numbers, operation[:, None]], axis=1)
        inside = book.step_in_house[step].astype(np.int64)
        which = np.stack([np.full(len(step), SIDE), OUTSIDE - inside], axis=1)
        habit, root = self.habit[operation[:, None], which], self.root[operation[:, None], which]
        cell = self.cells.of(rows, np.arange(len(step)).repeat(2), root.ravel()).reshape(-1, 2)
        place = np.stack([inside, self.place[step]], axis=1)
        return habit, self.start[habit] + self.places[habit] * cell + place

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {
            "cells": self.cells.to_parts(),
            "habit": smallest_ints(self.habit),
            "root": self.root,
            "start": self.start,
            "places": self.places,
            "share": self.share,
            "chance": self.chance,
            "place": smallest_ints(self.place),
            "keys": compact_keys(self.evidence.keys),
            "told": self.evidence.told,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any], variant: Ints) -> "FamilyHabits":
        """Read what to_parts wrote; `variant` is ItemHistories.usual."""
        evidence = Evidence(parts["keys"], parts["told"])
        plain = {name: parts[name] for name in ("habit", "root", "start", "places", "share", "chance", "place")}
        plain |= {name: plain[name].astype(np.int64) for name in ("habit", "place")}  # small, and indexed with
        return cls(cells=Cells.from_parts(parts["cells"]), evidence=evidence, variant=variant, **plain)


def gathered(habit: Ints, state: Ints, family: Ints, habits: FamilyHabits) -> Evidence:
    """Add up what rows (habit and state, two per row as FamilyHabits.states) tell about their families."""
    none = len(habits.start) - 1
    owner = family.repeat(2)
    told = (owner >= 0) & (habit.ravel() != none)
    key, state = owner[told].astype(np.int64) * len(habits.start) + habit.ravel()[told], state.ravel()[told]
    keys = distinct(key)
    place = keys.searchsorted(key)
    logs = np.log(habits.chance[state] + _FLOOR)
    total = np.stack([np.bincount(place, weights=each, minlength=len(keys)) for each in logs.T], axis=1)
    likeliest = total.max(axis=1, keepdims=True)
    return Evidence(keys, (total - likeliest).astype(np.float16))
