"""The most probable routings of many queries at once: operation sequences, and a step for each operation."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.ml.arrays import Floats, Ints, Ragged
from backend.ml.routing_fit import RoutingPart
from backend.ml.voting import Pasts, Pools


@dataclass(frozen=True, slots=True)
class Placed:
    """What is asked for, as arrays: one row per query."""

    items: Ints
    """Numbers of known items (-1: new)."""
    families: Ints
    codes: Ints
    """The encoder's code columns: a row per attribute, a column per query."""
    log_odds: Floats
    points: Floats


@dataclass(frozen=True, slots=True)
class RoutingProposals:
    """Candidates of many queries, most probable first, and the distinct steps that they are made of."""

    pools: Pools
    sequences: Ragged
    """Sequence numbers of the candidates per query."""
    chances: Floats
    """Calibrated probability of each value of `sequences`."""
    steps: Ragged
    """One row per candidate: for each of its operations, in order, the number of a query's step."""
    query: Ints
    """Of each query's step, which query it belongs to, ascending."""
    step: Ints
    """Of each query's step, which step of the routing book it is."""


def propose_routings(routing: RoutingPart, asked: Placed, candidates: int) -> RoutingProposals:
    """Return at most `candidates` routings for each query."""
    voters = routing.voters
    labels, operations = voters.labels.count, len(voters.book.operations)
    pools = voters.pools(asked.points, asked.families, asked.items)
    pasts = voters.pasts(asked.items)
    found = voters.proposals(pools, asked.log_odds[:, :labels], pasts)
    chances = routing.choice.probabilities(found.evidence, found.sequences.offsets, pasts.known)
    sequences, chances = _best(found.sequences, chances, candidates)
    taken = voters.book.sequences.take(sequences.values)
    owner = np.repeat(sequences.row_of_values(), taken.lengths())
    pairs, place = np.unique(owner * operations + taken.values, return_inverse=True)
    query, operation = pairs // operations, pairs % operations
    step = _steps(routing, (query, operation), pools, pasts, asked.log_odds[:, labels:])
    return RoutingProposals(pools, sequences, chances, Ragged(taken.offsets, place), query, step)


def _best(sequences: Ragged, chances: Floats, count: int) -> tuple[Ragged, Floats]:
    owner = sequences.row_of_values()
    order = np.lexsort((-chances, owner))
    kept = order[np.arange(len(order)) - sequences.offsets[owner] < count]
    offsets = np.searchsorted(owner[kept], np.arange(len(sequences) + 1))
    return Ragged(offsets, sequences.values[kept]), chances[kept]


def _steps(routing: RoutingPart, pairs: tuple[Ints, Ints], pools: Pools, pasts: Pasts, log_odds: Floats) -> Ints:
    """Return the step of each (query, operation), query by query."""
    query, operation = pairs
    steps = np.empty(len(query), dtype=np.int64)
    ends = np.searchsorted(query, np.arange(len(log_odds) + 1)).tolist()
    for number, (first, last) in enumerate(pairwise(ends)):
        asked = operation[first:last]
        (steps[first:last],) = routing.centres.choose(
            routing.voters, [asked], pools[number], pasts[number], log_odds[number]
        )
    return steps
