"""Where each operation of a proposed routing is done: votes of own orders and similar items."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints
from backend.ml.histories import Orders
from backend.ml.routing_book import RoutingBook
from backend.ml.voting import OwnPast, Pool, Voters

PULLS: Final = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0)
"""Own orders that all neighbours together count as; chosen by rehearsal."""
_LEAST_QUIET_DAYS: Final = 60.0
_QUIET_GAPS: Final = 10.0
_CLOSED_WEIGHT: Final = 1e-4


@dataclass(frozen=True, slots=True)
class CentreChoice:
    """How steps are chosen; `open_weight` is 1 for steps still in use and nearly 0 for closed ones."""

    pull: float
    open_weight: Floats
    usual_step: Ints
    """The most used open step per operation."""

    def choose(self, voters: Voters, operations: Ints, pool: Pool, past: OwnPast) -> Ints:
        """Return a step (operation, work centre, in-house) for each operation of a sequence."""
        steps, votes = _ballots(voters, pool, past, self.pull)
        weights = votes * self.open_weight[steps]
        of = voters.book.step_operation[steps]
        chosen: dict[int, int] = {}
        for operation in set(operations.tolist()):
            mine = of == operation
            if not mine.any():
                chosen[operation] = int(self.usual_step[operation])
                continue
            numbers, where = np.unique(steps[mine], return_inverse=True)
            chosen[operation] = int(numbers[np.argmax(np.bincount(where, weights=weights[mine]))])
        return np.array([chosen[operation] for operation in operations.tolist()], dtype=np.int64)

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {"pull": self.pull, "open_weight": self.open_weight, "usual_step": self.usual_step}


def fit_usage(book: RoutingBook, orders: Orders) -> CentreChoice:
    """Learn which steps are closed: quiet for far longer than their usual gap between lots."""
    steps = book.variants.take(orders.variant)
    age = np.repeat(orders.age_days, steps.lengths())
    count = np.bincount(steps.values, minlength=len(book.step_operation))
    newest = np.full(len(count), np.inf)
    oldest = np.zeros(len(count))
    np.minimum.at(newest, steps.values, age)
    np.maximum.at(oldest, steps.values, age)
    closed = _closed(count, newest, oldest)
    weight = np.where(closed, _CLOSED_WEIGHT, 1.0)
    recent = np.bincount(steps.values, weights=0.5 ** (age / 365.0), minlength=len(count))
    order = np.lexsort((recent * weight + 1e-9 * weight, book.step_operation))
    usual = np.zeros(len(book.operations), dtype=np.int32)
    usual[book.step_operation[order]] = order
    return CentreChoice(0.5, weight, usual)


def _closed(count: Ints, newest: Floats, oldest: Floats) -> Flags:
    gap = np.where(count > 1, (oldest - np.where(count > 0, newest, 0)) / np.maximum(count - 1, 1), np.inf)
    return (count >= 5) & (newest > np.maximum(_LEAST_QUIET_DAYS, _QUIET_GAPS * gap))


def _ballots(voters: Voters, pool: Pool, past: OwnPast, pull: float) -> tuple[Ints, Floats]:
    """Return steps and vote weights: neighbours share `pull` votes, the item's own orders one each."""
    variants = voters.main_variant[pool.items]
    usable = variants >= 0
    variants, weights = variants[usable], pool.weights[usable]
    near = voters.book.variants.take(variants)
    near_votes = np.repeat(weights * (pull / max(float(weights.sum()), 1e-9)), near.lengths())
    own = past.variants if len(past.variants) or past.standard < 0 else np.array([past.standard])
    own_weights = past.weights if len(past.variants) or past.standard < 0 else np.ones(1)
    mine = voters.book.variants.take(own)
    own_votes = np.repeat(own_weights, mine.lengths())
    return np.concatenate([near.values, mine.values]), np.concatenate([near_votes, own_votes])
