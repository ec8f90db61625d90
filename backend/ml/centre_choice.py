"""Where each operation of a proposed routing is done: own orders, similar items and the network."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints, Ragged
from backend.ml.histories import Orders
from backend.ml.routing_book import RoutingBook
from backend.ml.voting import OwnPast, Pool, Voters

PULLS: Final = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0)
"""Own orders that everybody else's opinion counts as; chosen by rehearsal."""
NETWORK_SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""The network's part in that opinion, the rest is the similar items'; chosen by rehearsal."""
_LEAST_QUIET_DAYS: Final = 60.0
_QUIET_GAPS: Final = 10.0
_CLOSED_WEIGHT: Final = 1e-4


@dataclass(frozen=True, slots=True)
class StepLabels:
    """Network outputs for where an operation is done: one per step of operations that have a choice."""

    step: Ints
    """The step of each output."""

    @classmethod
    def fit(cls, book: RoutingBook, main_variant: Ints, most: int) -> "StepLabels":
        """Give numbers to the steps of operations with at least two that are used, most used first."""
        used = book.variants.take(main_variant[main_variant >= 0]).values
        count = np.bincount(used, minlength=len(book.step_operation))
        rivals = np.bincount(book.step_operation[count >= 3], minlength=len(book.operations))
        wanted = np.flatnonzero((count >= 3) & (rivals[book.step_operation] >= 2))
        return cls(np.sort(wanted[np.argsort(-count[wanted], kind="stable")[:most]]).astype(np.int32))

    def matrix(self, book: RoutingBook, variants: Ints) -> Floats:
        """Return one row of 0 / 1 per variant (-1: all 0)."""
        column = np.full(len(book.step_operation), -1, dtype=np.int64)
        column[self.step] = np.arange(len(self.step))
        matrix = np.zeros((len(variants), len(self.step)), dtype=np.float32)
        rows = np.flatnonzero(variants >= 0)
        taken = book.variants.take(variants[rows])
        at = column[taken.values]
        matrix[rows[taken.row_of_values()[at >= 0]], at[at >= 0]] = 1
        return matrix


@dataclass(frozen=True, slots=True)
class Ballot:
    """What speaks for each step of one operation: own orders, similar items' share, network's share."""

    steps: Ints
    own: Floats
    near: Floats
    network: Floats


@dataclass(frozen=True, slots=True)
class CentreChoice:
    """How steps are chosen; `open_weight` is 1 for steps still in use and nearly 0 for closed ones."""

    pull: float
    network_share: float
    open_weight: Floats
    usual_step: Ints
    """The most used open step per operation."""
    labels: StepLabels
    steps_of: Ragged
    """Positions in `labels` per operation."""

    def choose(
        self, voters: Voters, sequences: list[Ints], pool: Pool, past: OwnPast, log_odds: Floats
    ) -> tuple[Ints, ...]:
        """Return a step (operation, work centre, in-house) for each operation of each sequence."""
        ballots = self.ballots(voters, np.concatenate(sequences), pool, past, log_odds)
        chosen = {operation: self.count(ballot, operation) for operation, ballot in ballots.items()}
        return tuple(np.array([chosen[each] for each in row.tolist()], dtype=np.int64) for row in sequences)

    def count(self, ballot: Ballot, operation: int) -> int:
        """Return the step that wins a ballot; the operation's usual one where nobody votes."""
        if not len(ballot.steps):
            return int(self.usual_step[operation])
        share = self.network_share if ballot.network.any() else 0.0
        others = (1 - share) * ballot.near + share * ballot.network
        votes = (ballot.own + self.pull * others) * self.open_weight[ballot.steps]
        return int(ballot.steps[np.argmax(votes)])

    def ballots(
        self, voters: Voters, operations: Ints, pool: Pool, past: OwnPast, log_odds: Floats
    ) -> dict[int, Ballot]:
        """Return the ballot of each operation; `log_odds` are the network's for `labels`."""
        near_steps, near_votes = _near(voters, pool)
        own_steps, own_votes = _own(voters, past)
        near_of, own_of = voters.book.step_operation[near_steps], voters.book.step_operation[own_steps]
        found = {}
        for operation in dict.fromkeys(operations.tolist()):
            asked = self.steps_of[operation]
            mine, theirs = own_of == operation, near_of == operation
            steps = np.unique(np.concatenate([near_steps[theirs], own_steps[mine], self.labels.step[asked]]))
            near = _sum(steps, near_steps[theirs], near_votes[theirs])
            network = np.zeros(len(steps))
            if len(asked):
                odds = np.exp(log_odds[asked] - log_odds[asked].max())
                network[np.searchsorted(steps, self.labels.step[asked])] = odds / odds.sum()
            own = _sum(steps, own_steps[mine], own_votes[mine])
            found[operation] = Ballot(steps, own, near / max(float(near.sum()), 1e-9), network)
        return found

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "pull": self.pull,
            "network_share": self.network_share,
            "open_weight": self.open_weight,
            "usual_step": self.usual_step,
            "labels": self.labels.step,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any], book: RoutingBook) -> "CentreChoice":
        """Read what to_parts wrote."""
        labels = StepLabels(parts["labels"])
        shares = (parts["pull"], parts["network_share"])
        return cls(*shares, parts["open_weight"], parts["usual_step"], labels, _steps_of(book, labels))


def fit_usage(book: RoutingBook, orders: Orders, labels: StepLabels) -> CentreChoice:
    """Learn which steps are closed: quiet for far longer than their usual gap between lots."""
    steps = book.variants.take(orders.variant)
    age = np.repeat(orders.age_days, steps.lengths())
    count = np.bincount(steps.values, minlength=len(book.step_operation))
    newest = np.full(len(count), np.inf)
    oldest = np.zeros(len(count))
    np.minimum.at(newest, steps.values, age)
    np.maximum.at(oldest, steps.values, age)
    weight = np.where(_closed(count, newest, oldest), _CLOSED_WEIGHT, 1.0)
    recent = np.bincount(steps.values, weights=0.5 ** (age / 365.0), minlength=len(count))
    order = np.lexsort((recent * weight + 1e-9 * weight, book.step_operation))
    usual = np.zeros(len(book.operations), dtype=np.int32)
    usual[book.step_operation[order]] = order
    return CentreChoice(0.5, 0.5, weight, usual, labels, _steps_of(book, labels))


def tuned(
    choice: CentreChoice, new: list[tuple[int, int, Ballot]], known: list[tuple[int, int, Ballot]]
) -> CentreChoice:
    """Choose the shares that got most steps right: entries are operation, true step and ballot."""
    if new:
        choice = max((replace(choice, network_share=s) for s in NETWORK_SHARES), key=lambda c: _right(c, new))
    if known:
        choice = max((replace(choice, pull=pull) for pull in PULLS), key=lambda c: _right(c, known))
    return choice


def _right(choice: CentreChoice, trials: list[tuple[int, int, Ballot]]) -> int:
    return sum(choice.count(ballot, operation) == step for operation, step, ballot in trials)


def _steps_of(book: RoutingBook, labels: StepLabels) -> Ragged:
    operation = book.step_operation[labels.step]
    order = np.argsort(operation, kind="stable")
    return Ragged.from_rows(operation[order], order, len(book.operations))


def _closed(count: Ints, newest: Floats, oldest: Floats) -> Flags:
    gap = np.where(count > 1, (oldest - np.where(count > 0, newest, 0)) / np.maximum(count - 1, 1), np.inf)
    return (count >= 5) & (newest > np.maximum(_LEAST_QUIET_DAYS, _QUIET_GAPS * gap))


def _near(voters: Voters, pool: Pool) -> tuple[Ints, Floats]:
    items = np.concatenate([pool.items, pool.siblings])
    weights = np.concatenate([pool.weights, np.ones(len(pool.siblings), np.float32)])
    variants = voters.main_variant[items]
    steps = voters.book.variants.take(variants[variants >= 0])
    return steps.values, np.repeat(weights[variants >= 0], steps.lengths())


def _own(voters: Voters, past: OwnPast) -> tuple[Ints, Floats]:
    standard_only = not len(past.variants) and past.standard >= 0
    variants = np.array([past.standard]) if standard_only else past.variants
    steps = voters.book.variants.take(variants)
    return steps.values, np.repeat(np.ones(1) if standard_only else past.weights, steps.lengths())


def _sum(steps: Ints, voted: Ints, votes: Floats) -> Floats:
    return np.bincount(np.searchsorted(steps, voted), weights=votes, minlength=len(steps))
