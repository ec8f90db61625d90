"""How probable whole sequences of operations are by the log-odds of their operations and orders."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged, sums_of
from backend.ml.operations.presence import PresenceLabels

MOST_SCORED: Final = 4096
"""The network proposes from the most used sequences; rare ones are proposed by similar items and the past."""
_LEAST: Final = -40.0
_STEPS: Final = 1024
"""Steps per unit of log-odds when sequences are searched."""


@dataclass(frozen=True, slots=True)
class SequenceScores:
    """Scores sequences by the log-odds of their labels, and the logs of the chances of the orders they come in."""

    count: int
    """How many of the outputs are for labels."""
    terms: Ragged
    """Numbers of what adds up per sequence: labels, then orders as they are named, then orders the other way round."""
    usual: Ints
    """The most used sequences."""
    of_term: Floats
    """How often each usual sequence (column) holds each term (row)."""

    @classmethod
    def make(cls, labels: PresenceLabels, uses: Ints) -> "SequenceScores":
        """Prepare the scoring of sequences that are used by so many items each."""
        usual = np.argsort(-uses, kind="stable")[:MOST_SCORED]
        usual = np.sort(usual[uses[usual] > 0])
        terms = _terms(labels)
        taken = terms.take(usual)
        of_term = np.zeros((labels.outputs + len(labels.orders), len(usual)), dtype=np.float32)
        np.add.at(of_term, (taken.values, taken.row_of_values()), 1)
        return cls(labels.count, terms, usual, of_term)

    def likely(self, terms: Floats, count: int) -> Ints:
        """Return the most probable of the usual sequences for each row of `terms`, see laid_out."""
        count = min(count, len(self.usual))
        # whole numbers add up exactly in any order: what is proposed does not depend on what else is asked
        scores = np.rint(terms * _STEPS) @ self.of_term
        return np.asarray(self.usual[scores.argpartition(-count, axis=1)[:, -count:]])

    def scores(self, tables: Floats, sequences: Ragged) -> Floats:
        """Return for each table of terms (first axis; see laid_out) the log-probability of each row's sequences.

        Up to a constant per row: the best is at 0.
        """
        taken = self.terms.take(sequences.values)
        place = taken.row_of_values()
        term = sequences.row_of_values()[place] * tables.shape[2] + taken.values
        sums = sums_of(tables.reshape(len(tables), -1).take(term, axis=1), place, len(sequences.values))
        best = np.maximum.reduceat(sums, sequences.offsets[:-1], axis=1).repeat(sequences.lengths(), axis=1)
        return np.asarray(np.maximum(sums - best, _LEAST))

    def laid_out(self, log_odds: Floats) -> Floats:
        """Return a column per term for each row of log-odds: what it adds to a sequence's log-probability."""
        orders = log_odds[:, self.count :]
        if not orders.shape[1]:
            return log_odds
        logs = [log_odds[:, : self.count], -np.logaddexp(0, -orders), -np.logaddexp(0, orders)]
        return np.concatenate(logs, axis=1)


def _terms(labels: PresenceLabels) -> Ragged:
    """Return the terms of every sequence."""
    if not len(labels.orders):
        return labels.of_sequence
    sequence, order = labels.order_of_sequence.nonzero()
    back = labels.order_of_sequence[sequence, order] < 0
    term = labels.count + order + back * len(labels.orders)
    owner = np.concatenate([labels.of_sequence.row_of_values(), sequence])
    by_owner = owner.argsort(kind="stable")
    values = np.concatenate([labels.of_sequence.values, term])[by_owner]
    return Ragged.from_rows(owner[by_owner], values, len(labels.of_sequence))
