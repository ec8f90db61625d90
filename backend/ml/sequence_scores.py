"""How probable the network holds whole sequences of operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.arrays import Floats, Ints, Ragged
from backend.ml.presence import PresenceLabels

MOST_SCORED: Final = 4096
"""The network proposes from the most used sequences; rare ones are proposed by similar items and the past."""
_LEAST: Final = -40.0
_STEPS: Final = 1024
"""Steps per unit of log-odds when sequences are searched."""


@dataclass(frozen=True, slots=True)
class SequenceScores:
    """Scores sequences by the log-odds of their labels."""

    labels: Ragged
    """Label numbers per sequence."""
    usual: Ints
    """The most used sequences."""
    of_label: Floats
    """How often each usual sequence (column) holds each label (row)."""

    @classmethod
    def make(cls, labels: PresenceLabels, uses: Ints) -> "SequenceScores":
        """Prepare the scoring of sequences that are used by so many items each."""
        usual = np.sort(np.argsort(-uses, kind="stable")[:MOST_SCORED])
        taken = labels.of_sequence.take(usual)
        of_label = np.zeros((labels.count, len(usual)), dtype=np.float32)
        np.add.at(of_label, (taken.values, taken.row_of_values()), 1)
        return cls(labels.of_sequence, usual, of_label)

    def likely(self, log_odds: Floats, count: int) -> Ints:
        """Return the most probable of the usual sequences for each row of log-odds."""
        count = min(count, len(self.usual))
        # whole numbers add up exactly in any order: what is proposed does not depend on what else is asked
        scores = np.round(log_odds * _STEPS) @ self.of_label
        return self.usual[np.argpartition(scores, -count, axis=1)[:, -count:]]

    def scores(self, log_odds: Sequence[Floats], sequences: Ragged) -> list[Floats]:
        """Return for each table of log-odds the log-probability of each row's sequences.

        Up to a constant per row: the best is at 0.
        """
        taken = self.labels.take(sequences.values)
        place = taken.row_of_values()
        row = sequences.row_of_values()[place]
        return [self._scores(odds[row, taken.values], place, sequences) for odds in log_odds]

    @staticmethod
    def _scores(odds: Floats, place: Ints, sequences: Ragged) -> Floats:
        sums = np.bincount(place, weights=odds, minlength=len(sequences.values))
        best = np.maximum.reduceat(sums, sequences.offsets[:-1]).repeat(sequences.lengths())
        return np.asarray(np.maximum(sums - best, _LEAST))
