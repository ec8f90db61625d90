"""Where each operation of a proposed routing is done: own orders, family, attributes and similar items."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints, Ragged, offsets_of
from backend.ml.conditional_logit import softmax_of_rows
from backend.ml.family_habits import FamilyHabits
from backend.ml.routing_book import RoutingBook
from backend.ml.step_labels import StepLabels
from backend.ml.votes import FLOOR, Votes
from backend.ml.voting import Pasts, Pools

OPINIONS: Final = ("usual in the cell", "family members", "neighbours")
DEFAULT_WEIGHTS: Final = np.array([[0.6, 0.0, 0.5], [0.3, 0.7, 0.3]])
"""Row 0 where no family member does the operation, row 1 where one does; columns as OPINIONS."""


@dataclass(frozen=True, slots=True)
class AskedSteps:
    """(query, operation) pairs, sorted and distinct, and what is known of each query."""

    query: Ints
    operation: Ints
    pools: Pools
    pasts: Pasts
    codes: Ints
    """The queries' comparable codes, by column."""


@dataclass(frozen=True, slots=True)
class Ballots:
    """Which steps stand for election per pair, and what speaks for each."""

    steps: Ragged
    """A row per pair."""
    opinions: Floats
    """Columns as OPINIONS: log-probabilities."""
    heard: Flags
    """Per pair: whether a family member does the operation."""
    own: Floats
    """Own orders, newer ones weighing more."""
    standard: Flags


@dataclass(frozen=True, slots=True)
class CentreChoice:
    """How steps (operation, work centre, in-house or not) are chosen."""

    weights: Floats
    pull: float
    standard_weight: float
    open_weight: Floats
    """1 for steps still in use and nearly 0 for closed ones."""
    usual_step: Ints
    """The most used open step per operation."""
    labels: StepLabels
    habits: FamilyHabits

    def choose(self, book: RoutingBook, asked: AskedSteps) -> Ints:
        """Return a step for each pair; the operation's usual one where nobody votes."""
        return self.count(self.ballots(book, asked), asked.operation)

    def count(self, ballots: Ballots, operation: Ints) -> Ints:
        """Return the step that wins each ballot."""
        offsets, chosen = ballots.steps.offsets, self.usual_step[operation].astype(np.int64)
        filled = np.flatnonzero(ballots.steps.lengths())
        if len(filled):
            votes = self._votes(ballots)
            best = np.repeat(np.maximum.reduceat(votes, offsets[filled]), ballots.steps.lengths()[filled])
            winners = np.flatnonzero(votes == best)
            owner = ballots.steps.row_of_values()[winners]
            first = np.flatnonzero(np.diff(owner, prepend=-1))
            chosen[owner[first]] = ballots.steps.values[winners[first]]
        return chosen

    def _votes(self, ballots: Ballots) -> Floats:
        lengths = ballots.steps.lengths()
        filled = offsets_of(lengths[lengths > 0])
        weights = self.weights[np.repeat(ballots.heard, lengths).astype(np.int64)]
        others = softmax_of_rows(np.einsum("ij,ij->i", ballots.opinions, weights), filled)
        votes = ballots.own + self.standard_weight * ballots.standard + self.pull * others
        return np.asarray(votes * self.open_weight[ballots.steps.values])

    def ballots(self, book: RoutingBook, asked: AskedSteps) -> Ballots:
        """Collect what speaks for which step."""
        near = _votes_of(book, asked, *_near(self.habits.members.variant, asked.pools))
        own = _votes_of(book, asked, asked.pasts.variants, asked.pasts.weights)
        ruled = Ragged(offsets_of(asked.pasts.standard >= 0), asked.pasts.standard[asked.pasts.standard >= 0])
        standard = _votes_of(book, asked, ruled, np.ones(len(ruled.values)))
        labelled = self.labels.of_operation.take(asked.operation)
        places = len(book.step_operation)
        listed = labelled.row_of_values() * places + self.labels.step[labelled.values]
        keys = np.unique(np.concatenate([listed, near.keys, own.keys, standard.keys]))
        steps = Ragged(np.searchsorted(keys, np.arange(len(asked.query) + 1) * places), keys % places)
        usual, told, heard = self.habits.tell(
            book, (asked.query, asked.operation), asked.pools.siblings, self.habits.cells.numbers(asked.codes)
        )
        where = np.searchsorted(keys, listed)
        opinions = np.full((len(keys), len(OPINIONS)), np.log(FLOOR))
        opinions[where, 0] = usual
        opinions[where, 1] = np.log(_shares(told, labelled) + FLOOR)
        opinions[:, 2] = np.log(near.shares(keys) + FLOOR)
        return Ballots(steps, opinions, heard, own.of(keys), standard.of(keys) > 0)

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "weights": self.weights,
            "pull": self.pull,
            "standard_weight": self.standard_weight,
            "open_weight": self.open_weight,
            "usual_step": self.usual_step,
            "labels": self.labels.step,
            "habits": self.habits.to_parts(),
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any], book: RoutingBook) -> "CentreChoice":
        """Read what to_parts wrote."""
        labels = StepLabels.of(book, parts["labels"])
        habits = FamilyHabits.from_parts(parts["habits"], book, labels.choice)
        numbers = (parts["weights"], parts["pull"], parts["standard_weight"], parts["open_weight"], parts["usual_step"])
        return cls(*numbers, labels, habits)


def _near(variant: Ints, pools: Pools) -> tuple[Ragged, Floats]:
    """Return the variants that stand for the neighbours, one row per query, with weights."""
    variants = variant[pools.near.values]
    known = variants >= 0
    offsets = np.r_[0, np.cumsum(known)][pools.near.offsets]
    return Ragged(offsets, variants[known]), pools.weights[known]


def _votes_of(book: RoutingBook, asked: AskedSteps, variants: Ragged, weights: Floats) -> Votes:
    """Count votes of variants (rows per query) for steps of the asked operations: keys are pair x steps + step."""
    steps = book.variants.take(variants.values)
    owner = np.repeat(variants.row_of_values(), steps.lengths())
    operations, places = len(book.operations), len(book.step_operation)
    keys = asked.query * operations + asked.operation
    wanted = owner * operations + book.step_operation[steps.values]
    pair = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    met = keys[pair] == wanted
    votes = np.repeat(weights, steps.lengths())[met]
    return Votes.count(pair[met] * places + steps.values[met], votes, len(keys), places)


def _shares(told: Floats, labelled: Ragged) -> Floats:
    """Return the members' share for each listed step; what many members tell is never quite certain."""
    filled = labelled.lengths()[labelled.lengths() > 0]
    return softmax_of_rows(told, offsets_of(filled)) if len(filled) else told
