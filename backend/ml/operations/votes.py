"""Weighted votes of many queries, counted together."""

from typing import Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, places_among, run_starts, strongest

FLOOR: Final = 0.005
"""Added to shares, so that what nobody voted for has a logarithm."""
_LEAST_VOTE: Final = np.finfo(np.float64).tiny
"""Weights are of narrower types: none but 0 is less."""


@record
class Votes:
    """What was voted for, each once: keys of query x choices + choice, sorted, with the sum of their weights."""

    keys: Ints
    weights: Floats
    choices: int
    owners: Ints
    """The query of each key."""
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
        voter = ordered // choices
        owner = voter[first]
        totals = np.bincount(owner, weights=sums, minlength=queries)
        return cls(distinct, sums, choices, owner, totals, np.bincount(voter, minlength=queries))

    def strongest(self, count: int, queries: int) -> Ints:
        """Return the keys of the heaviest choices of each of the first so many queries, at most `count` of them."""
        used = self.owners.searchsorted(queries)
        return np.asarray(self.keys[strongest(self.owners[:used], self.weights[:used], count)])

    def of(self, keys: Ints) -> Floats:
        """Return the votes for each key (an array of any shape)."""
        if not len(self.keys):
            return np.zeros(keys.shape)
        where, found = places_among(self.keys, keys)
        return np.asarray(self.weights.take(where, mode="clip") * found)

    def shares(self, votes: Floats, owner: Ints) -> Floats:
        """Return which share of all votes of their queries some votes are; 0 where nobody votes."""
        return np.asarray(votes / np.maximum(self.totals[owner], _LEAST_VOTE))

    def log_blend(self, votes: Floats, owner: Ints, prior: Floats) -> Floats:
        """Return log shares shrunk towards a prior with the weight of one vote; 0 where nobody votes."""
        blend = np.log((votes + prior) / (self.totals[owner] + 1.0) + FLOOR)
        return np.asarray(blend * (self.voters[owner] > 0))
