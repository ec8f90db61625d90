"""Why a routing is proposed: the items that back it, what they share, which attributes count."""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final, TypeAlias

import numpy as np

from backend.domain.prediction import AttributeInfluence, SimilarItem
from backend.domain.records import record
from backend.ml.common.arrays import Flags, Floats, Ints, Ragged, distinct, strongest
from backend.ml.common.tokens import text_code
from backend.ml.items.code_families import NO_FAMILY
from backend.ml.items.encoding import MISSING
from backend.ml.items.item_codes import ItemCodes
from backend.ml.items.known_items import KnownItems
from backend.ml.operations.item_space import ItemSpace
from backend.ml.operations.voting import Pools, Voters
from backend.ml.routings.proposing import Placed, RoutingProposals

LOOKED_AT: Final = 16
"""Nearest items that are compared with the asked one, and half as many family members."""
SHOWN: Final = 5
_NAMED: Final = 5
_INFLUENCES: Final = 6
_LEAST_SHARE: Final = np.finfo(np.float64).tiny
"""Weights are of a narrower type: no sum of them but 0 is less."""
_NEWEST_TWO: Final = np.arange(2)

SimilarItems: TypeAlias = tuple[tuple[SimilarItem, ...], tuple[AttributeInfluence, ...]]
"""Similar items (the asked one first if it was made before) and the shares of attributes."""


@record
class _Comparison:
    """Pairs of a query and another item, sorted by both: in which of the attributes that count they are equal."""

    query: Ints
    other: Ints
    equal: Flags
    present: Flags
    """Whether the query has a value at all (one row per query)."""


class Explainer:
    """Makes evidence out of pools of similar items."""

    def __init__(self, space: ItemSpace, known: KnownItems, voters: Voters) -> None:
        self._known = known
        self._voters = voters
        self._item_codes = ItemCodes(space.encoder, known.columns)
        self._operations = voters.book.operations[:]
        weights = space.match.weights
        self._used = np.flatnonzero(weights > 0)
        """Columns that count; the one after the last encoded column is the code family."""
        self._weights = weights[self._used]
        self._told_by_attributes = float(weights[:-1].sum()) or 1.0
        """How alike an item can be whose code tells no family, as that of an item not yet in the ERP."""
        self._codes_count = bool(weights[-2] > 0)
        self._none = np.where(self._used < len(space.encoder.columns), MISSING, NO_FAMILY)
        """What stands for no value; two items without one are alike, two without a family are not."""
        names = [column.attribute.name for column in space.encoder.columns]
        self._names = [[*names, names[-1]][i] for i in self._used.tolist()]  # the family is read off the item code
        self._rank = np.argsort(-self._weights, kind="stable")
        self._ranked = [self._names[i] for i in self._rank.tolist()]

    def explain(self, asked: Placed, found: RoutingProposals) -> list[SimilarItems]:
        """Return for each query similar items, those with the proposed sequence first, and what counted."""
        pairs = self._compare(asked, _looked_at(found.pools))
        similarity = np.einsum("ij,j->i", pairs.equal.astype(np.float32), self._weights)
        similarity /= np.where(asked.families == NO_FAMILY, self._told_by_attributes, 1.0)[pairs.query]
        proposed = found.sequences.values[found.sequences.offsets[:-1]]
        backing = self._voters.histories.label[pairs.other] == proposed[pairs.query]
        order = np.lexsort((-similarity, ~backing, pairs.query))  # of equal ones the first item is first, as it stands
        begins = pairs.query.searchsorted(np.arange(len(asked.items) + 1))
        shown = order[np.arange(len(order)) - begins[pairs.query] < SHOWN]
        made = ((asked.items >= 0) & (self._voters.histories.order_counts[asked.items] > 0)).nonzero()[0]
        owns, others = self._entries(pairs, shown, np.minimum(similarity[shown], 1.0), asked.items[made])
        own_of = dict(zip(made.tolist(), owns, strict=True))
        counts = np.minimum(begins[1:] - begins[:-1], SHOWN).tolist()
        return [
            ((*own_of.get(query, ()), *islice(others, count)), shares)
            for query, (count, shares) in enumerate(zip(counts, self._influences(pairs, begins), strict=True))
        ]

    def _compare(self, asked: Placed, looked_at: tuple[Ints, Ints]) -> _Comparison:
        query, other = looked_at
        codes = np.concatenate([asked.codes, asked.families[None]]).T
        mine, present = codes.take(query, axis=0), codes.take(self._used, axis=1) != self._none
        equal = np.empty(mine.shape, dtype=bool)
        np.equal(mine[:, :-2], self._item_codes.of(other), out=equal[:, :-2])
        equal[:, -2] = self._same_code(mine[:, -2], other)
        equal[:, -1] = (mine[:, -1] == self._known.family[other]) & (mine[:, -1] != NO_FAMILY)
        return _Comparison(query, other, equal.take(self._used, axis=1), present)

    def _same_code(self, mine: Ints, other: Ints) -> Flags | bool:
        """Tell where the item codes are equal; where they do not count, that is not looked up."""
        if not self._codes_count:
            return False
        return np.asarray(mine == np.array(list(map(text_code, self._known.codes.take(other))), np.int64))

    def _entries(
        self, pairs: _Comparison, shown: Ints, similarity: Floats, own: Ints
    ) -> tuple[list[tuple[SimilarItem]], Iterator[SimilarItem]]:
        """Return entries of asked items that were made before, and of the pairs that are shown."""
        others, equal = pairs.other[shown], pairs.equal.take(shown, axis=0).take(self._rank, axis=1)
        present = pairs.present.take(pairs.query[shown], axis=0).take(self._rank, axis=1)
        named = self._named(np.concatenate([equal & present, ~equal & present]))
        facts = self._facts(np.concatenate([own, others]))
        owns = [(SimilarItem(code, 1.0, made, orders, (), ()),) for code, made, orders in islice(facts, len(own))]
        alike, differs = named[: len(others)], named[len(others) :]
        rows = zip(facts, similarity.tolist(), alike, differs, strict=True)
        return owns, (
            SimilarItem(code, round(near, 4), made, orders, same, other)
            for (code, made, orders), near, same, other in rows
        )

    def _named(self, flags: Flags) -> list[tuple[str, ...]]:
        """Return for each row the names of the first attributes that are flagged, in order of weight."""
        so_far = np.add.accumulate(flags, axis=1, dtype=np.int64)
        row, column = (flags & (so_far <= _NAMED)).nonzero()
        ends = row.searchsorted(np.arange(len(flags) + 1)).tolist()
        flagged = [self._ranked[i] for i in column.tolist()]
        return [tuple(flagged[a:b]) for a, b in pairwise(ends)]

    def _facts(self, items: Ints) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        """Return code, operations and newest work orders of items."""
        histories = self._voters.histories
        taken = self._voters.book.sequences.take(histories.label[items])
        operations = [self._operations[i] for i in taken.values.tolist()]
        sequences = (tuple(operations[a:b]) for a, b in pairwise(taken.offsets.tolist()))
        cells = histories.last_orders.take((2 * items[:, None] + _NEWEST_TWO).ravel())
        orders = (tuple(filter(None, pair)) for pair in zip(cells[::2], cells[1::2], strict=True))
        return zip(self._known.codes.take(items), sequences, orders, strict=True)

    def _influences(self, pairs: _Comparison, begins: Ints) -> list[tuple[AttributeInfluence, ...]]:
        counts = begins[1:] - begins[:-1]
        some = counts.nonzero()[0]
        share = np.zeros((len(counts), len(self._used)))
        if len(some):
            share[some] = np.add.reduceat(pairs.equal, begins[some], axis=0, dtype=np.float64) * self._weights
        share /= np.maximum(np.add.reduce(share, axis=1, keepdims=True), _LEAST_SHARE)
        query, column = (share > 0).nonzero()
        found = share[query, column]
        most = strongest(query, found, _INFLUENCES)
        query, column = query[most], column[most]
        shares = [round(each, 4) for each in found[most].tolist()]
        influences = list(map(AttributeInfluence, [self._names[i] for i in column.tolist()], shares))
        return [tuple(influences[a:b]) for a, b in pairwise(query.searchsorted(np.arange(len(share) + 1)).tolist())]


def _looked_at(pools: Pools) -> tuple[Ints, Ints]:
    """Return pairs of query and item to compare, sorted, each once."""
    near, siblings = _first(pools.near, LOOKED_AT), _first(pools.siblings, LOOKED_AT // 2)
    pairs = distinct(np.concatenate([near, siblings]))
    return pairs >> _ITEM_BITS, pairs & (2**_ITEM_BITS - 1)


_ITEM_BITS: Final = 40


def _first(rows: Ragged, count: int) -> Ints:
    """Return row x 2^40 + value of the first values of each row."""
    owner = rows.row_of_values()
    kept = np.arange(len(owner)) - rows.offsets[owner] < count
    return np.asarray((owner[kept] << _ITEM_BITS) + rows.values[kept])
