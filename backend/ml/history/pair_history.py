"""What each item's own lots say about each of its operations, a few bytes per pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from backend.domain.prediction import MOST_EVIDENCE
from backend.domain.records import record
from backend.ml.common.arrays import Flags, Floats, Ints, Ragged, merged, offsets_of, run_starts, smallest_ints

SETUP, RUN = 0, 1
KINDS: Final = slice(SETUP, RUN + 1)
"""Asks for both kinds of minutes at once: what is found has a first axis for SETUP and RUN."""
Kind: TypeAlias = int | slice
STEPS: Final = 8
"""Parts of a lot that the worth of a standard time is counted in."""
MOST_STEPS: Final = 255


@dataclass(frozen=True, slots=True)
class PairHistory:
    """Mean residual log minutes and number of lots per (item, operation), for set-up and run."""

    pairs: Ragged
    """Rows of operations per item, ascending; items after the last row have none."""
    means: tuple[Floats, Floats]
    counts: tuple[Ints, Ints]
    worth: tuple[Ints, Ints]
    """What standard times add to `counts`, in parts of a lot (see STEPS)."""
    operations: int

    @classmethod
    def of(
        cls, keys: Ints, means: list[Floats], counts: list[Ints], worth: list[Ints], operations: int
    ) -> "PairHistory":
        """Lay out pairs by sorted keys (item x operations + operation), one entry per kind of minutes."""
        item, operation = np.divmod(keys.astype(np.int64), operations)
        ragged = Ragged.from_rows(item, smallest_ints(operation), int(item.max(initial=-1)) + 1)
        pairs = Ragged(ragged.offsets.astype(np.int32), ragged.values)
        return cls(pairs, (means[0], means[1]), (counts[0], counts[1]), (worth[0], worth[1]), operations)

    def __len__(self) -> int:
        return len(self.pairs.values)

    def keys(self) -> Ints:
        """Return item x operations + operation of each pair, ascending; kept, they would take 7 MB at a large plant."""
        return np.asarray(self.pairs.row_of_values() * self.operations + self.pairs.values)

    def weights(self, target: Kind, rows: Ints) -> Floats:
        """Return how many lots the means of some rows rest on, standard times counted as what they are worth."""
        return np.asarray(_picked(self.counts, target, rows) + _picked(self.worth, target, rows) / STEPS)

    def means_at(self, target: Kind, rows: Ints) -> Floats:
        """Return the means of some rows."""
        return _picked(self.means, target, rows)

    def places(self, item: Ints, operation: Ints) -> "Places":
        """Find pairs and all that is known of their items, for both kinds of minutes; items may be -1."""
        first = run_starts(item)
        group = np.zeros(len(item), np.int64)
        group[first[1:]] = 1
        np.add.accumulate(group, out=group)
        mine = item[first].astype(np.int64)
        mine[mine >= len(self.pairs)] = -1
        begin = self.pairs.offsets[mine].astype(np.int64)
        size = np.where(mine >= 0, self.pairs.offsets[mine + 1] - begin, 0)
        offsets = offsets_of(size)
        row = (begin - offsets[:-1]).repeat(size) + np.arange(offsets[-1])
        owner = np.arange(len(mine)).repeat(size)
        operations = self.pairs.values[row].astype(np.int64)
        if not len(row):
            return Places(np.zeros_like(group), np.zeros(len(item), bool), group, row, owner, operations)
        keys, asked = owner * self.operations + operations, group * self.operations + operation
        place = np.minimum(keys.searchsorted(asked), len(keys) - 1)
        return Places(row[place], keys[place] == asked, group, row, owner, operations)

    def look_up(self, item: Ints, operation: Ints, target: int) -> tuple[Ints, Floats, Floats]:
        """Return lots, weight and mean for each pair; items -1 and pairs nothing is known of have 0 of them."""
        return self.at(*self._find(item, operation), target)

    def _find(self, item: Ints, operation: Ints) -> tuple[Ints, Flags]:
        """Return where pairs stand and whether they are there: all are looked for at once, each in its item's row."""
        known = np.where(item < len(self.pairs), item, -1)
        low = self.pairs.offsets[known].astype(np.int64)
        end = np.where(known >= 0, self.pairs.offsets[known + 1], low)
        high, last = end, max(len(self) - 1, 0)
        while len(self) and (low < high).any():
            middle = (low + high) >> 1
            is_below = (self.pairs.values[np.minimum(middle, last)] < operation) & (low < high)
            low, high = np.where(is_below, middle + 1, low), np.where(is_below, high, middle)
        pair = np.minimum(low, last)
        return pair, (low < end) & (self.pairs.values[pair] == operation) if len(self) else low < end

    def at(self, pair: Ints, found: Flags, target: Kind) -> tuple[Ints, Floats, Floats]:
        """Return lots, weight and mean of pairs, 0 where there are none."""
        if not len(self):
            shape = (2, len(found)) if isinstance(target, slice) else (len(found),)
            return np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape)
        lots = _picked(self.counts, target, pair)
        weight = (lots + _picked(self.worth, target, pair) / STEPS) * found
        mean = np.where(weight > 0, self.means_at(target, pair), 0.0).astype(np.float64)
        return (lots * found).astype(np.int64), weight, mean

    def to_parts(self, items: int) -> dict[str, Any]:
        """Return plain arrays; counts of run lots are left out where they are those of set-up, as they mostly are."""
        lengths = np.zeros(items, np.int64)
        lengths[: len(self.pairs)] = self.pairs.lengths()
        same = np.array_equal(*self.counts)
        return {
            "pairs": Ragged(offsets_of(lengths), self.pairs.values).to_parts(),
            "means": list(self.means),
            "counts": list(self.counts[:1] if same else self.counts),
            "worth": list(self.worth),
            "operations": self.operations,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "PairHistory":
        """Read what to_parts wrote."""
        means, counts, worth = parts["means"], parts["counts"], parts["worth"]
        pairs = Ragged.from_parts(parts["pairs"])
        return cls(pairs, (means[0], means[1]), (counts[0], counts[-1]), (worth[0], worth[1]), parts["operations"])


def _picked(tables: Sequence[Floats], target: Kind, rows: Ints) -> Floats:
    """Return some rows of one kind's table, or of both."""
    if isinstance(target, slice):
        return np.array([table[rows] for table in tables[target]])
    return np.asarray(tables[target][rows])


@record
class Places:
    """Where asked pairs stand in a history, and all pairs of their items (once for a run of questions on one item)."""

    pair: Ints
    found: Flags
    group: Ints
    """Per question which item group it belongs to, ascending."""
    row: Ints
    """Pairs of all groups' items."""
    owner: Ints
    """Per row its group."""
    operation: Ints
    """Per row its operation."""


def compact_keys(keys: Ints) -> Ints:
    """Return sorted keys in four bytes each where they fit."""
    return keys.astype(np.uint32) if keys.max(initial=0) < 2**32 else keys


def join_histories(setup: PairHistory, run: PairHistory) -> PairHistory:
    """Join the set-up part of one table and the run part of another."""
    parts = [
        KindMeans(each.keys(), each.means[kind], each.counts[kind], each.worth[kind])
        for kind, each in ((SETUP, setup), (RUN, run))
    ]
    return join_pairs((parts[SETUP], parts[RUN]), setup.operations)


@dataclass(frozen=True, slots=True)
class KindMeans:
    """One kind of minutes: sorted keys with mean, number of lots and worth of the standard time."""

    keys: Ints
    means: Floats
    counts: Ints
    worth: Ints

    def with_standards(self, keys: Ints, told: Floats, lots: Floats) -> "KindMeans":
        """Return the means with standard times mixed in, each as so many lots."""
        worth = np.minimum(np.round(lots * STEPS), MOST_STEPS).astype(np.uint8)
        used = np.flatnonzero(worth)
        whole = merged(self.keys, keys[used])
        mine, theirs = np.searchsorted(whole, self.keys), np.searchsorted(whole, keys[used])
        total, count, added = (np.zeros(len(whole)) for _ in range(3))
        count[mine] = np.minimum(self.counts, MOST_EVIDENCE)
        total[mine] = count[mine] * self.means
        added[theirs] = worth[used]
        total[theirs] += told[used] * worth[used] / STEPS
        means = total / np.maximum(count + added / STEPS, 1 / STEPS)
        return KindMeans(whole, means, count.astype(np.int64), added.astype(np.uint8))


NOTHING = KindMeans(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.uint8))


def join_pairs(pairs: tuple[KindMeans, KindMeans], operations: int) -> PairHistory:
    """Join set-up and run into one table."""
    keys = merged(pairs[SETUP].keys, pairs[RUN].keys)
    means, counts, worth = [], [], []
    for own in pairs:
        mean, count, added = (
            np.zeros(len(keys), np.float16),
            np.zeros(len(keys), np.uint8),
            np.zeros(len(keys), np.uint8),
        )
        where = np.searchsorted(keys, own.keys)
        mean[where] = own.means.clip(-60_000, 60_000)
        count[where] = np.minimum(own.counts, MOST_EVIDENCE)
        added[where] = own.worth
        means.append(mean)
        counts.append(count)
        worth.append(added)
    return PairHistory.of(keys, means, counts, worth, operations)
