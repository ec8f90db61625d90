"""Proposals for items that nothing has been learnt from, beside what was really done."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.centres.centre_choice import AskedSteps, CentreChoice
from backend.ml.centres.centre_fit import CentreTrials
from backend.ml.common.arrays import Flags, Floats, Ints, Ragged, offsets_of
from backend.ml.history.histories import Orders
from backend.ml.history.routing_book import RoutingBook
from backend.ml.items.encoding import MISSING
from backend.ml.operations.voting import Pasts, Voters
from backend.ml.routings.candidate_choice import Trials, grounds

BATCH: Final = 500
MOST_LOTS: Final = 10
"""Lots of one item that are rehearsed where items are few."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Items to propose for, as if they came up new: one entry per trial."""

    item: Ints
    """Left out wherever items back a proposal."""
    family: Ints
    points: Floats
    log_odds: Floats
    codes: Ints
    """Exact ones, by column."""

    def take(self, rows: Ints) -> "Rehearsed":
        """Return some entries."""
        return Rehearsed(
            self.item[rows], self.family[rows], self.points[rows], self.log_odds[rows], self.codes[:, rows]
        )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What proposals are made with."""

    voters: Voters
    centres: CentreChoice

    def propose(
        self, asked: Rehearsed, pasts: Pasts, booked: Ints, variant: Ints
    ) -> Iterator[tuple[Trials, CentreTrials]]:
        """Yield trials batch by batch; `booked` is the sequence that came true, `variant` tells the work centres."""
        for start in range(0, len(asked.item), BATCH):
            rows = np.arange(start, min(start + BATCH, len(asked.item)))
            yield self._batch(asked.take(rows), _some(pasts, rows), booked[rows], variant[rows])

    def _batch(self, asked: Rehearsed, pasts: Pasts, truth: Ints, variant: Ints) -> tuple[Trials, CentreTrials]:
        voters = self.voters
        pools = voters.pools(asked.points, asked.family, asked.item)
        found = voters.proposals(pools, asked.log_odds, asked.item, asked.family, pasts)
        came_true = found.sequences.values == truth[found.sequences.row_of_values()]
        relatives = pools.siblings.lengths() > 0
        coded = asked.codes[-1] != MISSING
        ground = grounds(pasts.variants.lengths() > 0, pasts.standard >= 0, relatives, coded)
        query, operation, step = distinct_steps(voters.book, variant)
        pairs = AskedSteps(query, operation, pools, pasts, asked.family, asked.codes)
        ballots = self.centres.ballots(voters.book, pairs)
        trials = Trials(found.evidence, found.sequences.offsets, came_true, ground)
        return trials, CentreTrials(ballots, operation, step)


def distinct_steps(book: RoutingBook, variant: Ints) -> tuple[Ints, Ints, Ints]:
    """Return query, operation and step of each operation of the queries' variants, each operation once."""
    taken = book.variants.take(variant)
    query, step = taken.row_of_values(), taken.values.astype(np.int64)
    operation = book.step_operation[step].astype(np.int64)
    first = np.unique(query * len(book.operations) + operation, return_index=True)[1]
    return query[first], operation[first], step[first]


def no_pasts(count: int) -> Pasts:
    """Return the pasts of items that have none."""
    none = Ragged(np.zeros(count + 1, np.int64), np.zeros(0, np.int64))
    return Pasts(none, np.zeros(0, np.float32), np.zeros(0, np.float32), np.full(count, -1))


def pasts_before_lots(orders: Orders, items: Ints, standard: Ints, most: int) -> tuple[Ints, Pasts, Ints]:
    """Return items, their pasts before some of their lots, and what those lots were run by.

    Of each item the last lots are taken, so many that there are about `most` in all, and the first one, before
    which there is only the valid ERP variant (`standard`, per item). Lots without any past are left out.
    """
    chosen = np.flatnonzero(np.isin(orders.item, items))
    order = chosen[np.argsort(orders.item[chosen], kind="stable")]
    item, variant, age = orders.item[order].astype(np.int64), orders.variant[order], orders.age_days[order]
    first = np.flatnonzero(np.diff(item, prepend=-1))
    begin = np.repeat(first, np.diff(np.r_[first, len(item)]))
    end = begin + np.repeat(np.diff(np.r_[first, len(item)]), np.diff(np.r_[first, len(item)]))
    each = int(np.clip(most // max(len(first), 1), 1, MOST_LOTS))
    place = np.arange(len(item))
    lots = np.flatnonzero((place >= end - each) | (place == begin))
    lots = lots[(place[lots] > begin[lots]) | (standard[item[lots]] >= 0)]
    before = place[lots] - begin[lots]
    offsets = offsets_of(before)
    flat = np.repeat(begin[lots] - offsets[:-1], before) + np.arange(offsets[-1])
    days = (age[flat] - np.repeat(age[lots], before)).astype(np.float32)
    weights = 0.5 ** (days / np.float32(orders.half_life_days))
    pasts = Pasts(Ragged(offsets, variant[flat].astype(np.int64)), weights, days, standard[item[lots]])
    return item[lots], pasts, variant[lots].astype(np.int64)


def _some(pasts: Pasts, rows: Ints) -> Pasts:
    offsets, flat = pasts.variants.positions(rows)
    variants = Ragged(offsets, pasts.variants.values[flat])
    return Pasts(variants, pasts.weights[flat], pasts.newest_days[flat], pasts.standard[rows])


def whole_families(family: Ints, labelled: Ints, draw: np.random.Generator) -> Flags:
    """Choose families (and items of none) whose members are held out together: about half of all, per item."""
    together = draw.random(int(family.max(initial=-1)) + 2) < 0.5
    chosen = np.zeros(len(family), dtype=bool)
    chosen[labelled] = together[family[labelled]]
    return chosen
