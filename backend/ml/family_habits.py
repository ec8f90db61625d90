"""What family members tell about where an operation is done: their usual steps, seen through cells."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints, Ragged, offsets_of, smallest_ints
from backend.ml.cell_fit import CodedItems, Made, fit_cells
from backend.ml.cells import Cells
from backend.ml.family_steps import FamilySteps, fit_family_steps
from backend.ml.routing_book import RoutingBook


@dataclass(frozen=True, slots=True)
class Members:
    """The steps by which each item is usually made, as entries of rows: one row per item."""

    variant: Ints
    """The variant that stands for the item (-1: none)."""
    cells: Ragged
    """The item's cell for each step of that variant."""

    @classmethod
    def of(cls, book: RoutingBook, variant: Ints, cells: Ints) -> "Members":
        """Put rows together; `cells` are flat, item by item."""
        lengths = np.where(variant >= 0, book.variants.lengths()[variant], 0)
        return cls(variant, Ragged(offsets_of(lengths), cells))


@dataclass(frozen=True, slots=True)
class FamilyHabits:
    """Cells, what the members of families tell each other, and the cells that known items are in."""

    cells: Cells
    steps: FamilySteps
    members: Members
    choice: Ints
    """Per step of the book its position among the steps to choose from for its operation; -1: none."""

    def tell(
        self, book: RoutingBook, pairs: tuple[Ints, Ints], siblings: Ragged, numbers: Ints
    ) -> tuple[Floats, Floats, Flags]:
        """Return the log-probabilities of all choices of (query, operation) pairs, flat, and who has heard anybody.

        First what is usual in the cell, then what the siblings of the query (rows of `siblings`) tell. Pairs are
        sorted and distinct; `numbers` are those of the cells, one row per query.
        """
        query, operation = pairs
        cell = self.cells.of(numbers, query, operation)
        pair, state = self._voices(book, pairs, siblings)
        told = self.steps.told_of(operation, cell, pair, state)
        heard = np.bincount(pair, minlength=len(query)) > 0
        return self.steps.usual_of(operation, cell), told, heard

    def _voices(self, book: RoutingBook, pairs: tuple[Ints, Ints], siblings: Ragged) -> tuple[Ints, Ints]:
        """Return which pair each sibling's step speaks to, and in which state that sibling is."""
        operations = len(book.operations)
        variant = self.members.variant[siblings.values]
        known = (variant >= 0).nonzero()[0]
        steps = book.variants.take(variant[known])
        owner = siblings.row_of_values()[known].repeat(steps.lengths())
        cell = self.members.cells.take(siblings.values[known]).values.astype(np.int64)
        step = steps.values.astype(np.int64)
        key = owner * operations + book.step_operation[step]
        keys = pairs[0] * operations + pairs[1]
        pair = np.minimum(keys.searchsorted(key), max(len(keys) - 1, 0))
        speaks = np.flatnonzero((self.choice[step] >= 0) & (keys[pair] == key)) if len(keys) else np.zeros(0, np.int64)
        step = step[speaks]
        return pair[speaks], self.steps.states(book.step_operation[step], cell[speaks], self.choice[step])

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {
            "cells": self.cells.to_parts(),
            "steps": self.steps.to_parts(),
            "variant": smallest_ints(self.members.variant),
            "member_cells": smallest_ints(self.members.cells.values),
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any], book: RoutingBook, choice: Ints) -> "FamilyHabits":
        """Read what to_parts wrote; `choice` is as in the class."""
        members = Members.of(book, parts["variant"], parts["member_cells"])
        return cls(Cells.from_parts(parts["cells"]), FamilySteps.from_parts(parts["steps"]), members, choice)


@dataclass(frozen=True, slots=True)
class Relatives:
    """What habits are learnt from: all items, and the variants that stand for them (-1: none)."""

    items: CodedItems
    variant: Ints
    learnt: Ints
    """The items that may be learnt from."""


def fit_family_habits(book: RoutingBook, relatives: Relatives, choice: Ints, rivals: Ints, seed: int) -> FamilyHabits:
    """Grow cells on the items that may be learnt from; every item with a variant can be asked as a member later."""
    made = _made(book, relatives.variant, relatives.learnt, choice)
    cells = fit_cells(relatives.items, made, rivals, seed)
    numbers = cells.numbers(relatives.items.codes)
    state = (cells.of(numbers, made.item, made.operation), choice[made.step])
    steps = fit_family_steps(made, state, relatives.items.family, (rivals, cells.counts), seed)
    known = np.flatnonzero(relatives.variant >= 0)
    taken = book.variants.take(relatives.variant[known])
    owner = np.repeat(known, taken.lengths())
    member_cells = cells.of(numbers, owner, book.step_operation[taken.values])
    return FamilyHabits(cells, steps, Members.of(book, relatives.variant, member_cells), choice)


def _made(book: RoutingBook, variant: Ints, learnt: Ints, choice: Ints) -> Made:
    """Return the steps of items that there is a choice for; an operation done twice counts once."""
    items = learnt[variant[learnt] >= 0]
    taken = book.variants.take(variant[items])
    item, step = np.repeat(items, taken.lengths()), taken.values.astype(np.int64)
    item, step = item[choice[step] >= 0], step[choice[step] >= 0]
    operation = book.step_operation[step].astype(np.int64)
    first = np.unique(item * len(book.operations) + operation, return_index=True)[1]
    return Made(item[first], operation[first], step[first])
