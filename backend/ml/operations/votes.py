"""Weighted votes of many queries, counted together."""

from typing import Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, run_starts

FLOOR: Final = 0.005
"""Added to shares, so that what nobody voted for has a logarithm."""


@record
class Votes:
    """What was voted for, each once: keys of query x choices + choice, sorted, with the sum of their weights."""

    keys: Ints
    weights: Floats
    choices: int
    totals: Floats
    """Sum of weights per query."""
    voters: Ints
    """Number of votes per query."""

    @classmethod
    def count(cls, keys: Ints, weights: Floats, queries: int, choices: int) -> "Votes":
        """Sum the weights of equal keys."""
        order = keys.argsort(kind="stable")
        ordered = keys[order]
        first = run_starts(ordered)
        distinct = ordered[first]
        sums = np.add.reduceat(weights[order], first, dtype=np.float64) if len(first) else np.zeros(0)
        owner = distinct // choices
        totals = np.bincount(owner, weights=sums, minlength=queries)
        return cls(distinct, sums, choices, totals, np.bincount(keys // choices, minlength=queries))

    def strongest(self, count: int, queries: int) -> Ints:
        """Return the keys of the heaviest choices of each of the first so many queries, at most `count` of them."""
        keys = self.keys[: self.keys.searchsorted(queries * self.choices)]
        owner = keys // self.choices
        order = np.lexsort((-self.weights[: len(keys)], owner))
        begins = owner.searchsorted(np.arange(queries))
        return np.asarray(keys[order[np.arange(len(order)) - begins[owner] < count]])

    def of(self, keys: Ints) -> Floats:
        """Return the votes for each key (an array of any shape)."""
        if not len(self.keys):
            return np.zeros(keys.shape)
        where = np.minimum(self.keys.searchsorted(keys), len(self.keys) - 1)
        return np.where(self.keys[where] == keys, self.weights[where], 0.0)

    def shares(self, keys: Ints) -> Floats:
        """Return the share of its query's votes that each key (an array of any shape) has; 0 where nobody votes."""
        return self.shares_of(self.of(keys), keys // self.choices)

    def shares_of(self, votes: Floats, owner: Ints) -> Floats:
        """Return the same for votes of queries that were found already."""
        totals = self.totals[owner]
        return np.asarray(votes / np.where(totals > 0, totals, 1.0))

    def log_blend(self, keys: Ints, prior: Floats) -> Floats:
        """Return log shares shrunk towards a prior with the weight of one vote; 0 where nobody votes."""
        owner = keys // self.choices
        blend = np.log((self.of(keys) + prior) / (self.totals[owner] + 1.0) + FLOOR)
        return np.where(self.voters[owner] > 0, blend, 0.0)
