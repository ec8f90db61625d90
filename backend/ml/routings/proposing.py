"""The most probable routings of many queries at once: operation sequences, and a step for each operation."""

from dataclasses import replace

import numpy as np

from backend.domain.records import record
from backend.ml.centres.centre_choice import AskedSteps, StepChances
from backend.ml.common.arrays import Floats, Ints, Ragged, distinct, occurrences, strongest
from backend.ml.history.visits import VISIT_CODES, AskedVisits, visits_of
from backend.ml.items.encoding import MISSING
from backend.ml.operations.item_space import Seen
from backend.ml.operations.voting import Pools
from backend.ml.routings.candidate_choice import grounds
from backend.ml.routings.routing_fit import RoutingPart


@record
class Placed:
    """What is asked for, as arrays: one row per query."""

    items: Ints
    """Numbers of known items (-1: new)."""
    families: Ints
    codes: Ints
    """The encoder's code columns: a row per attribute, a column per query."""
    exact: Ints
    """The same, numbers told apart to the last bit."""
    seen: Seen
    log_odds: Floats
    points: Floats


@record
class RoutingProposals:
    """Candidates of many queries, best first (see expected_match), and the distinct steps that they are made of."""

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
    maybe: StepChances
    """Per query's step, the steps that it may be instead."""


def propose_routings(routing: RoutingPart, asked: Placed, candidates: int) -> RoutingProposals:
    """Return at most `candidates` routings for each query."""
    voters = routing.voters
    operations = len(voters.book.operations)
    pools = voters.pools(asked.points, asked.families, asked.items)
    pasts = voters.pasts(asked.items)
    found = voters.proposals(pools, asked.log_odds, asked.items, asked.families, pasts)
    coded = asked.exact[-1] != MISSING
    ground = grounds(pasts.variants.lengths() > 0, pasts.standard >= 0, pools.siblings.lengths() > 0, coded)
    chances = routing.choice.probabilities(found.evidence, found.sequences.offsets, ground)
    own = Ragged(pasts.variants.offsets, voters.book.variant_sequence[pasts.variants.values])
    standard, ruled = np.full(len(pasts.standard), -1), (pasts.standard >= 0).nonzero()[0]
    standard[ruled] = voters.book.variant_sequence[pasts.standard[ruled]]
    places = voters.match.places(found.sequences, chances, own, pasts.weights, standard)
    sequences, chances = _best(found.sequences, chances, places, candidates)
    taken = voters.book.sequences.take(sequences.values)
    owner = sequences.row_of_values().repeat(taken.lengths())
    asked_keys = owner * operations + taken.values
    keys = distinct(asked_keys)
    place = keys.searchsorted(asked_keys)
    query, operation = keys // operations, keys % operations
    pairs = AskedSteps(query, operation, pools, pasts, asked.families, asked.exact)
    step, maybe = routing.centres.choose(voters.book, pairs)
    return RoutingProposals(pools, sequences, chances, Ragged(taken.offsets, place), query, step, maybe)


def by_visit(found: RoutingProposals) -> tuple[RoutingProposals, AskedVisits | None]:
    """Return proposals whose steps are visits, of operations that come back in them; None where none does."""
    step = found.steps.values.astype(np.int64)
    key = found.steps.row_of_values() * len(found.step) + step
    occurrence = occurrences(key)
    if not occurrence.any():  # as in most routings: nothing to be told apart
        return found, None
    visit = visits_of(occurrence, np.unique(key, return_inverse=True)[1])
    if not visit.any():
        return found, None
    codes, place = np.unique(step * VISIT_CODES + visit, return_inverse=True)
    visits = AskedVisits(codes // VISIT_CODES, codes % VISIT_CODES)
    query, done = found.query[visits.question], found.step[visits.question]
    return replace(found, steps=Ragged(found.steps.offsets, place), query=query, step=done), visits


def _best(sequences: Ragged, chances: Floats, places: Floats, count: int) -> tuple[Ragged, Floats]:
    owner = sequences.row_of_values()
    kept = strongest(owner, places, count)
    offsets = owner[kept].searchsorted(np.arange(len(sequences) + 1))
    return Ragged(offsets, sequences.values[kept]), chances[kept]
