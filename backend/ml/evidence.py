"""Why a routing is proposed: the items that back it, what they share, which attributes count."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.domain.prediction import AttributeInfluence, SimilarItem
from backend.ml.arrays import Flags, Floats, Ints
from backend.ml.encoding import MISSING, ItemTable
from backend.ml.item_space import ItemSpace
from backend.ml.known_items import KnownItems
from backend.ml.voting import Pool, Voters

LOOKED_AT: Final = 16
SHOWN: Final = 5
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class _Columns:
    """The attributes that count: names, whether the asked item has a value, and their order by weight."""

    names: list[str]
    present: Flags
    rank: Ints


@dataclass(frozen=True, slots=True)
class Explainer:
    """Makes evidence out of a pool of similar items."""

    space: ItemSpace
    known: KnownItems
    voters: Voters

    def explain(
        self, row: ItemTable, family: int, item: int, pool: Pool, sequence: int
    ) -> tuple[tuple[SimilarItem, ...], tuple[AttributeInfluence, ...]]:
        """Return similar items (those with the proposed sequence first) and the shares of attributes."""
        others = np.concatenate([pool.items[:LOOKED_AT], pool.siblings[: LOOKED_AT // 2]])
        others = others[np.sort(np.unique(others, return_index=True)[1])]
        own = (self._own_entry(item),) if item >= 0 and self.voters.histories.order_counts[item] else ()
        if not len(others):
            return own, ()
        used = np.flatnonzero(self.space.match.weights > 0)
        weights = self.space.match.weights[used]
        mine = self._codes(row, np.zeros(1, np.int64), np.array([family]), used)
        theirs = self._codes(self.known.table, others, self.known.family[others], used)
        equal = np.column_stack([a[0] == b for a, b in zip(mine, theirs, strict=True)]) & (others >= 0)[:, None]
        present = np.array([a[0] != MISSING for a in mine])
        if used[-1] == len(self.space.match.weights) - 1:
            present[-1] = family >= 0
            equal[:, -1] &= family >= 0
        similarity = equal.astype(np.float32) @ weights
        backing = self.voters.histories.label[others] == sequence
        order = np.lexsort((others, -similarity, ~backing))[:SHOWN]
        names = self._names(used)
        columns = _Columns(names, present, np.argsort(-weights, kind="stable"))
        similar = tuple(self._entry(int(others[i]), float(similarity[i]), equal[i], columns) for i in order.tolist())
        return (*own, *similar), _influences(equal, weights, names)

    def _codes(self, table: ItemTable, rows: Ints, family: Ints, used: Ints) -> list[Ints]:
        columns = [*range(len(self.space.encoder.columns))]
        codes = [self.space.encoder.codes_of(table, c, rows) for c in columns if c in set(used.tolist())]
        return [*codes, family] if used[-1] == len(columns) else codes

    def _names(self, used: Ints) -> list[str]:
        names = [column.attribute.name for column in self.space.encoder.columns]
        return [[*names, names[-1]][i] for i in used.tolist()]  # the family is read off the item code

    def _own_entry(self, item: int) -> SimilarItem:
        return SimilarItem(self.known.codes[item], 1.0, self._operations(item), self._orders(item), (), ())

    def _entry(self, item: int, similarity: float, equal: Flags, columns: _Columns) -> SimilarItem:
        alike = tuple(columns.names[i] for i in columns.rank.tolist() if equal[i] and columns.present[i])[:_NAMED]
        differs = tuple(columns.names[i] for i in columns.rank.tolist() if not equal[i])[:_NAMED]
        return SimilarItem(
            self.known.codes[item],
            round(min(similarity, 1.0), 4),
            self._operations(item),
            self._orders(item),
            alike,
            differs,
        )

    def _operations(self, item: int) -> tuple[str, ...]:
        return self.voters.book.operation_codes(int(self.voters.histories.label[item]))

    def _orders(self, item: int) -> tuple[str, ...]:
        cells = self.voters.histories.last_orders
        return tuple(code for code in (cells[2 * item], cells[2 * item + 1]) if code)


def _influences(equal: Ints, weights: Floats, names: list[str]) -> tuple[AttributeInfluence, ...]:
    share = (equal * weights).mean(axis=0)
    total = float(share.sum())
    if total <= 0:
        return ()
    order = np.argsort(-share, kind="stable")[:6]
    return tuple(
        AttributeInfluence(names[i], round(float(share[i]) / total, 4)) for i in order.tolist() if share[i] > 0
    )
