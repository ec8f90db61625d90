"""Where each operation of a proposed routing is done: own orders, family, attributes and similar items."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.domain.records import record
from backend.ml.centres.family_habits import FamilyHabits
from backend.ml.centres.step_labels import StepLabels
from backend.ml.common.arrays import Flags, Floats, Ints, Ragged, distinct, offsets_of, places_among, run_starts
from backend.ml.common.conditional_logit import softmax_of_rows
from backend.ml.history.routing_book import RoutingBook
from backend.ml.operations.votes import FLOOR, Votes
from backend.ml.operations.voting import Pasts, Pools

_LEAST_CHANCE: Final = 0.01
CLOSED_WEIGHT: Final = 1e-4
OPINIONS: Final = ("usual in the cell", "family's habits", "neighbours")
DEFAULT_WEIGHTS: Final = np.array([[0.6, 0.0, 0.5], [0.3, 0.7, 0.3]])
"""Row 0 where nothing is known of the family's habits, row 1 where something is; columns as OPINIONS."""


@record
class AskedSteps:
    """(query, operation) pairs, sorted and distinct, and what is known of each query."""

    query: Ints
    operation: Ints
    pools: Pools
    pasts: Pasts
    families: Ints
    """The queries' families (-1: none)."""
    codes: Ints
    """The queries' exact codes (see ItemEncoder.exact_codes), by column."""


@record
class Ballots:
    """Which steps stand for election per pair, and what speaks for each."""

    steps: Ragged
    """A row per pair."""
    opinions: Floats
    """Columns as OPINIONS: log-probabilities."""
    heard: Flags
    """Per pair: whether anything is known of the family's habits."""
    own: Floats
    """Own orders, newer ones weighing more."""
    standard: Flags
    pair: Ints
    """Per step its pair."""
    count: Ints
    """Steps per pair."""


@record
class StepChances:
    """How probable it is that a pair is done in a step; those of a pair add up to 1."""

    pair: Ints
    step: Ints
    chance: Floats


@dataclass(frozen=True)
class CentreChoice:
    """How steps (operation, work centre, in-house or not) are chosen."""

    weights: Floats
    pull: float
    standard_weight: float
    open_weight: Floats
    """1 for steps still in use and nearly 0 for closed ones."""
    usual_step: Ints
    """The most used open step per operation."""
    ageing: Floats
    """Per operation how much faster than others its own orders lose their say, in half-lives a day."""
    labels: StepLabels
    habits: FamilyHabits

    def choose(self, book: RoutingBook, asked: AskedSteps) -> tuple[Ints, StepChances]:
        """Return a step for each pair, the operation's usual one where nobody votes, and what others are as likely."""
        ballots = self.ballots(book, asked)
        votes, silent = self._votes(ballots), self._silent(ballots, asked.operation)
        winners = self._winners(ballots, votes, silent, asked.operation)
        return winners, self._chances(ballots, votes, silent, asked.operation)

    def _chances(self, ballots: Ballots, votes: Floats, silent: Flags, operation: Ints) -> StepChances:
        pair = ballots.pair
        total = np.bincount(pair, weights=votes, minlength=len(operation))
        share = votes / total[pair]
        kept = ((share >= _LEAST_CHANCE) & ~silent[pair]).nonzero()[0]
        pair, share, step = pair[kept], share[kept], ballots.steps.values[kept]
        alone = silent.nonzero()[0]
        if len(alone):
            pair, share = np.concatenate([pair, alone]), np.concatenate([share, np.ones(len(alone))])
            step = np.concatenate([step, self.usual_step[operation[alone]]])
        share /= np.bincount(pair, weights=share, minlength=len(operation))[pair]
        return StepChances(pair, step, share)

    @cached_property
    def _ages(self) -> bool:
        return bool(self.ageing.any())

    @cached_property
    def _is_open(self) -> Flags:
        return np.asarray(self.open_weight == 1)

    def count(self, ballots: Ballots, operation: Ints) -> Ints:
        """Return the step that wins each ballot."""
        return self._winners(ballots, self._votes(ballots), self._silent(ballots, operation), operation)

    def _winners(self, ballots: Ballots, votes: Floats, silent: Flags, operation: Ints) -> Ints:
        offsets, chosen = ballots.steps.offsets, self.usual_step[operation].astype(np.int64)
        filled = ballots.count.nonzero()[0]
        if len(filled):
            best = np.maximum.reduceat(votes, offsets[filled]).repeat(ballots.count[filled])
            winners = (votes == best).nonzero()[0]
            owner = ballots.pair[winners]
            first = run_starts(owner)
            first = first[~silent[owner[first]]]
            chosen[owner[first]] = ballots.steps.values[winners[first]]
        return chosen

    def _silent(self, ballots: Ballots, operation: Ints) -> Flags:
        """Tell of each ballot whether nobody votes, or only for closed steps where the usual one is open."""
        is_open = self._is_open
        standing = np.bincount(ballots.pair, weights=is_open[ballots.steps.values], minlength=len(operation))
        return np.asarray((ballots.count == 0) | ((standing == 0) & is_open[self.usual_step[operation]]))

    def _votes(self, ballots: Ballots) -> Floats:
        filled = offsets_of(ballots.count[ballots.count > 0])
        weights = self.weights.take(ballots.heard[ballots.pair], axis=0)
        others = softmax_of_rows(np.einsum("ij,ij->i", ballots.opinions, weights), filled)
        votes = ballots.own + self.standard_weight * ballots.standard + self.pull * others
        return np.asarray(votes * self.open_weight[ballots.steps.values])

    def ballots(self, book: RoutingBook, asked: AskedSteps) -> Ballots:
        """Collect what speaks for which step."""
        pairs, places = len(asked.query), len(book.step_operation)
        ruled = asked.pasts.standard >= 0
        standard = Ragged(offsets_of(ruled), asked.pasts.standard[ruled])
        votes = _votes_of(
            book,
            asked,
            (
                _near(self.habits.variant, asked.pools),
                (asked.pasts.variants, asked.pasts.weights),
                (standard, np.ones(len(standard.values))),
            ),
            self.ageing if self._ages else None,
        )
        labelled = self.labels.of_operation.take(asked.operation)
        chosen, chooser = self.labels.step[labelled.values].astype(np.int64), labelled.row_of_values()
        listed = chooser * places + chosen
        keys = distinct(np.concatenate([listed, votes.keys % (pairs * places)]))
        pair, step = keys // places, keys % places  # half of what divmod takes
        steps = Ragged(keys.searchsorted(np.arange(pairs + 1) * places), step)
        numbers = self.habits.cells.numbers(asked.codes).take(asked.query, axis=0)
        family = asked.families[asked.query]
        usual, told, heard = self.habits.tell(book, asked.operation, family, numbers, (chooser, chosen))
        where = keys.searchsorted(listed)
        opinions = np.full((len(keys), len(OPINIONS)), _UNSAID)
        opinions[where, 0] = usual
        opinions[where, 1] = np.log(_shares(told, labelled) + FLOOR)
        near, own, ruling = votes.of(keys + _VOICES * (pairs * places))
        opinions[:, 2] = np.log(votes.shares(near, pair) + FLOOR)
        return Ballots(steps, opinions, heard, own, ruling > 0, pair, steps.lengths())

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "weights": self.weights,
            "pull": self.pull,
            "standard_weight": self.standard_weight,
            "open_weight": self.open_weight,
            "usual_step": self.usual_step,
            "ageing": self.ageing,
            "labels": self.labels.step,
            "habits": self.habits.to_parts(),
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any], book: RoutingBook, usual: Ints) -> "CentreChoice":
        """Read what to_parts wrote; `usual` is ItemHistories.usual."""
        labels = StepLabels.of(book, parts["labels"])
        habits = FamilyHabits.from_parts(parts["habits"], usual)
        numbers = (parts["weights"], parts["pull"], parts["standard_weight"], parts["open_weight"], parts["usual_step"])
        ageing = parts.get("ageing", np.zeros(len(book.operations)))  # not told by earlier releases
        return cls(*numbers, ageing, labels, habits)


def _near(variant: Ints, pools: Pools) -> tuple[Ragged, Floats]:
    """Return the variants that stand for the neighbours, one row per query, with weights."""
    variants = variant[pools.near.values]
    known = variants >= 0
    offsets = offsets_of(known)[pools.near.offsets]
    return Ragged(offsets, variants[known]), pools.weights[known]


_UNSAID: Final = np.log(FLOOR)
_VOICES: Final = np.arange(3)[:, None]
"""The similar items, own orders, the standard."""


def _votes_of(
    book: RoutingBook, asked: AskedSteps, voices: Sequence[tuple[Ragged, Floats]], ageing: Floats | None
) -> Votes:
    """Count votes of variants (rows per query) with weights for steps of the asked operations, all voices at once.

    Keys are (voice x pairs + pair) x steps + step. Own orders (the second voice) count for less by their age.
    """
    variants = np.concatenate([each.values for each, _ in voices])
    query = np.concatenate([each.row_of_values() for each, _ in voices])
    voice = np.arange(len(voices)).repeat([len(each.values) for each, _ in voices])
    weights = np.concatenate([each for _, each in voices])
    taken = book.variants.take(variants)
    owner, step = np.arange(len(variants)).repeat(taken.lengths()), taken.values.astype(np.int64)
    operations, places = len(book.operations), len(book.step_operation)
    keys = asked.query * operations + asked.operation
    wanted = query[owner] * operations + book.step_operation[step]
    pair, are_asked = places_among(keys, wanted)
    met = are_asked.nonzero()[0]
    owner = owner[met]
    ballot, step, weights = voice[owner] * len(keys) + pair[met], step[met], weights[owner]
    if ageing is not None:
        near = len(voices[0][0].values)
        mine = (voice[owner] == 1).nonzero()[0]
        days = asked.pasts.newest_days[owner[mine] - near]
        weights[mine] *= 0.5 ** (days * ageing[book.step_operation[step[mine]]])
    return Votes.count(ballot * places + step, weights, len(voices) * len(keys), places)


def _shares(told: Floats, listed: Ragged) -> Floats:
    """Return the family's share for each listed step."""
    lengths = listed.lengths()
    filled = lengths[lengths > 0]
    return softmax_of_rows(told, offsets_of(filled)) if len(filled) else told
