"""The steps between which an operation has a choice."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Ints, Ragged
from backend.ml.history.routing_book import RoutingBook

_LEAST_USES: Final = 3


@dataclass(frozen=True, slots=True)
class StepLabels:
    """The steps of operations that have a choice, numbered."""

    step: Ints
    """The step of each number, ascending."""
    of_operation: Ragged
    """Positions in `step` per operation."""
    choice: Ints
    """Per step of the book its place in its operation's row of `of_operation`; -1 where it has none."""

    @classmethod
    def fit(cls, book: RoutingBook, usual_variant: Ints, most: int) -> "StepLabels":
        """Give numbers to the steps of operations with at least two that are used, most used first."""
        used = book.variants.take(usual_variant[usual_variant >= 0]).values
        count = np.bincount(used, minlength=len(book.step_operation))
        rivals = np.bincount(book.step_operation[count >= _LEAST_USES], minlength=len(book.operations))
        wanted = np.flatnonzero((count >= _LEAST_USES) & (rivals[book.step_operation] >= 2))
        return cls.of(book, np.sort(wanted[np.argsort(-count[wanted], kind="stable")[:most]]).astype(np.int32))

    @classmethod
    def of(cls, book: RoutingBook, step: Ints) -> "StepLabels":
        """Derive the rest from the steps."""
        operation = book.step_operation[step]
        order = np.argsort(operation, kind="stable")
        rows = Ragged.from_rows(operation[order], order, len(book.operations))
        choice = np.full(len(book.step_operation), -1, dtype=np.int64)
        choice[step[order]] = np.arange(len(order)) - rows.offsets[operation[order]]
        return cls(step, rows, choice)
