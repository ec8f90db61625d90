"""Why each operation is in the most probable routing or not, and why it takes as long as it does."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from backend.domain.prediction import Effect, OperationReason
from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, run_starts, strongest
from backend.ml.explaining.presence_effects import presence_effects
from backend.ml.explaining.time_effects import TimeEffects
from backend.ml.items.known_items import KnownItems
from backend.ml.operations.item_space import ItemSpace, Seen
from backend.ml.operations.voting import Voters
from backend.ml.routings.proposing import Placed, RoutingProposals
from backend.ml.times.time_model import TimeModel
from backend.ml.times.time_trees import Walk

SHOWN: Final = 2
"""Causes per operation, for its presence and for its minutes."""
LEFT_OUT: Final = 2
"""Operations that are not in the routing though they came near."""
_NEAR: Final = -4.0
"""Log-odds below which an operation did not come near: about 2 %."""
_LEAST_PRESENCE: Final = 0.7
"""About log 2: what changes the odds less is no reason."""
_LEAST_MINUTES: Final = 0.05
"""About 5 %; a path asks for attributes before it asks for the operation, so that less is not telling."""


@record
class _Subjects:
    """Pairs of query and operation that reasons are given for, sorted by query, included ones first."""

    query: Ints
    operation: Ints
    step: Ints
    """Position among the steps of the proposals; -1 for operations that were left out."""


class ReasonFinder:
    """Finds reasons for the most probable routing of each query."""

    def __init__(self, space: ItemSpace, known: KnownItems, voters: Voters, times: TimeModel) -> None:
        self._presence = presence_effects(space, known)
        self._times = TimeEffects(space, times.run, times.trees)
        self._operation_of_step = voters.book.step_operation
        self._labels = voters.labels.count
        self._operation_of_label = voters.labels.operation
        self._label_of = _first_labels(voters.labels.operation, len(voters.book.operations))
        self._repeats = (self._label_of[voters.labels.operation] != np.arange(self._labels)).nonzero()[0]
        """Labels of operations that come again: only the first time is a reason's subject."""
        self._codes = voters.book.operations[:]
        self._names = [column.attribute.name for column in space.encoder.columns]

    def find(self, asked: Placed, found: RoutingProposals, walks: Sequence[Walk]) -> list[tuple[OperationReason, ...]]:
        """Return the reasons per query; `walks` are those of the times of the steps of `found`."""
        subjects = self._subjects(asked, found)
        presence = self._moved(asked.seen, subjects)
        there = np.where(subjects.step >= 0, 1.0, -1.0)
        minutes = np.zeros((len(there), len(self._names)))
        timed = (there > 0).nonzero()[0]
        minutes[timed] = self._times.of(walks, subjects.step[timed])
        causes = self._strongest(
            np.concatenate([presence, minutes]),
            np.concatenate([presence * there[:, None], np.abs(minutes)]),
            np.array([_LEAST_PRESENCE, _LEAST_MINUTES]).repeat(len(there)),
        )
        operations = [self._codes[i] for i in subjects.operation.tolist()]
        rows = zip(operations, (there > 0).tolist(), causes[: len(there)], causes[len(there) :], strict=True)
        reasons = [OperationReason(*row) for row in rows]
        ends = subjects.query.searchsorted(np.arange(len(asked.items) + 1)).tolist()
        return [tuple(reasons[a:b]) for a, b in pairwise(ends)]

    def _subjects(self, asked: Placed, found: RoutingProposals) -> _Subjects:
        steps = found.steps.take(found.sequences.offsets[:-1])
        by_step = steps.values.argsort(kind="stable")
        first = by_step[run_starts(steps.values[by_step])]
        first.sort()
        step = steps.values[first].astype(np.int64)
        query, there = found.query[step], self._operation_of_step[found.step[step]].astype(np.int64)
        out_query, out_operation = self._left_out(asked.log_odds[:, : self._labels], query, there)
        all_queries = np.concatenate([query, out_query])
        order = all_queries.argsort(kind="stable")
        return _Subjects(
            all_queries[order],
            np.concatenate([there, out_operation])[order],
            np.concatenate([step, np.full(len(out_query), -1)])[order],
        )

    def _left_out(self, log_odds: Floats, query: Ints, there: Ints) -> tuple[Ints, Ints]:
        """Return (query, operation) of the operations that came nearest without being in the routing."""
        odds = log_odds.astype(np.float64)
        odds[:, self._repeats] = -np.inf
        label = self._label_of[there]
        known = (label >= 0).nonzero()[0]
        odds[query[known], label[known]] = -np.inf
        row, column = (odds > _NEAR).nonzero()
        nearest = strongest(row, odds[row, column], LEFT_OUT)
        return row[nearest], self._operation_of_label[column[nearest]].astype(np.int64)

    def _moved(self, seen: Seen, subjects: _Subjects) -> Floats:
        """Return log factors on the odds of being there."""
        label = self._label_of[subjects.operation]
        moved = self._presence.of(seen, subjects.query, np.maximum(label, 0))
        moved[label < 0] = 0.0
        return moved

    def _strongest(self, logs: Floats, strength: Floats, least: Floats) -> list[tuple[Effect, ...]]:
        row, column = (strength >= least[:, None]).nonzero()
        kept = strongest(row, strength[row, column], SHOWN)
        row, column = row[kept], column[kept]
        factors = np.exp(logs[row, column]).round(3).tolist()
        effects = list(map(Effect, [self._names[c] for c in column.tolist()], factors))
        return [tuple(effects[a:b]) for a, b in pairwise(row.searchsorted(np.arange(len(logs) + 1)).tolist())]


def _first_labels(operation_of_label: Ints, operations: int) -> Ints:
    """Return each operation's label for its first time in a routing, -1 where it has none."""
    label = np.full(operations, -1, dtype=np.int64)
    found, first = np.unique(operation_of_label, return_index=True)
    label[found] = first
    return label
