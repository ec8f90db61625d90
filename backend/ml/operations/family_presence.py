"""What a family does beyond what the network expects of its members: its habits, as a shift of log-odds."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints
from backend.ml.operations.presence import PresenceLabels

MAX_LABELS: Final = 64
_DOUBT: Final = 0.5
"""Members that did and members that did not, added to both what was done and what was expected."""
_UNIT: Final = 255
_BLOCK: Final = 20_000
_SEQUENCES: Final = 1000
"""Sequences at once: all labels of all of a large plant's would take much memory."""


@dataclass(frozen=True, slots=True)
class FamilyPresence:
    """Sums over the members of each family, for the labels that vary most, and for the orders."""

    labels: Ints
    """Which outputs of PresenceLabels."""
    expected: Ints
    """(family, label): the mean of the members' probabilities, in 1/255."""
    done: Ints
    """(family, label): how many members have the label."""
    members: Ints
    """(family, 0): how many members could have a label: all; then per order those with both its operations."""
    member_column: Ints
    """Which column of `members` goes with each of `labels`."""
    of_sequence: tuple[Flags, Flags]
    """(sequence, label): whether items made by it have the label, and whether they could; the last row is for none."""

    @classmethod
    def fit(cls, labels: PresenceLabels, log_odds: Floats, label: Ints, family: Ints) -> "FamilyPresence":
        """Sum up items with a family and a known sequence (`label`, -1: none); log-odds are of all items."""
        rows = np.flatnonzero((family >= 0) & (label >= 0))
        uses = np.bincount(label[label >= 0], minlength=len(labels.of_sequence))
        holders = np.bincount(labels.of_sequence.values, np.repeat(uses, labels.of_sequence.lengths()), labels.count)
        share = holders / max(int(uses.sum()), 1)
        varied = np.argsort(-(share * (1 - share)), kind="stable")[:MAX_LABELS]
        chosen = np.sort(varied[(share[varied] > 0) & (share[varied] < 1)])
        chosen = np.concatenate([chosen, np.arange(labels.count, labels.outputs)])
        families = int(family.max(initial=-1)) + 1
        total = np.zeros((families, len(chosen)))
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK]
            applies = labels.answers(label[part])[1][:, chosen]
            np.add.at(total, family[part], _chance(log_odds[part][:, chosen]) * applies)
        done, members, column = _done(labels, chosen, label[rows], family[rows], families)
        expected = np.round(total / np.maximum(members[:, column], 1) * _UNIT).astype(np.uint8)
        return cls(chosen, expected, done, members, column, _of_sequence(labels, chosen))

    def shifted(self, log_odds: Floats, family: Ints, own: Ints) -> Floats:
        """Return log-odds with the family's habits added; items of no family keep theirs.

        `own` is the sequence by which the asked item itself is counted in its family (-1: it is not).
        """
        shifted = log_odds.copy("C")  # laid out flat further down
        related = (family >= 0).nonzero()[0]
        if not len(related) or not len(self.labels):
            return shifted
        family, own = family[related], own[related]
        place = (related * log_odds.shape[1])[:, None] + self.labels
        asked = shifted.ravel()[place]
        mine, counted = (each.take(own, axis=0).astype(np.float64) for each in self.of_sequence)
        could = self.members.take(family, axis=0).take(self.member_column, axis=1).astype(np.float64)
        members, done = could - counted, self.done.take(family, axis=0) - mine
        total = self.expected.take(family, axis=0).astype(np.float64) / _UNIT * could
        expected = np.minimum(np.maximum(total - _chance(asked) * counted, 0), members)
        shift = np.log((done + _DOUBT) / (expected + _DOUBT))
        shift -= np.log((members - done + _DOUBT) / (members - expected + _DOUBT))
        shifted.reshape(-1)[place] += shift
        return shifted

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays; what members did is counted again."""
        return {"labels": self.labels, "expected": self.expected}

    @classmethod
    def from_parts(cls, parts: dict[str, Any], labels: PresenceLabels, label: Ints, family: Ints) -> "FamilyPresence":
        """Read what to_parts wrote; `label` and `family` are as in fit."""
        rows = np.flatnonzero((family >= 0) & (label >= 0))
        counts = _done(labels, parts["labels"], label[rows], family[rows], len(parts["expected"]))
        return cls(parts["labels"], parts["expected"], *counts, _of_sequence(labels, parts["labels"]))


def _of_sequence(labels: PresenceLabels, chosen: Ints) -> tuple[Flags, Flags]:
    has = np.zeros((2, len(labels.of_sequence) + 1, len(chosen)), dtype=bool)
    for start in range(0, len(labels.of_sequence), _SEQUENCES):
        rows = np.arange(start, min(start + _SEQUENCES, len(labels.of_sequence)))
        mine, applies = (each[:, chosen] for each in labels.answers(rows))
        has[:, rows] = mine.astype(bool) & applies, applies
    return has[0], has[1]


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds.astype(np.float64))))


def _done(labels: PresenceLabels, chosen: Ints, label: Ints, family: Ints, families: int) -> tuple[Ints, Ints, Ints]:
    """Return what FamilyPresence calls done, members and member_column."""
    place = np.full(labels.outputs, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    done = np.zeros((families, len(chosen)), dtype=np.int32)
    for start in range(0, len(label), _BLOCK):  # all at once would take a hundred bytes per item of a large plant
        taken = labels.of_sequence.take(label[start : start + _BLOCK])
        column = place[taken.values]
        owner = family[start : start + _BLOCK].repeat(taken.lengths())
        np.add.at(done, (owner[column >= 0], column[column >= 0]), 1)
    members = [np.bincount(family, minlength=families)]
    either = labels.order_of_sequence[label]
    for number, column in enumerate(place[labels.count :].tolist()):
        done[:, column] = np.bincount(family[either[:, number] > 0], minlength=families)
        members.append(np.bincount(family[either[:, number] != 0], minlength=families))
    return _narrow(done), _narrow(np.array(members).T.copy()), np.maximum(chosen - labels.count + 1, 0)


def _narrow(counts: Ints) -> Ints:
    """Return the same counts in the narrowest unsigned type that holds them."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))
