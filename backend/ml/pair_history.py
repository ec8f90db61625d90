"""What each item's own lots say about each of its operations, a few bytes per pair."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints, Ragged, offsets_of, run_starts, smallest_ints

SETUP, RUN = 0, 1


@dataclass(frozen=True, slots=True)
class PairHistory:
    """Mean residual log minutes and number of lots per (item, operation), for set-up and run."""

    keys: Ints
    """item x operations + operation, sorted."""
    means: tuple[Floats, Floats]
    counts: tuple[Ints, Ints]
    operations: int

    def places(self, item: Ints, operation: Ints) -> "Places":
        """Find pairs and all that is known of their items, for both kinds of minutes; items may be -1."""
        asked = item.astype(np.int64) * self.operations + operation
        pair = self.keys.searchsorted(np.maximum(asked, 0).astype(self.keys.dtype))
        np.minimum(pair, max(len(self.keys) - 1, 0), out=pair)
        found = (self.keys[pair] == asked) & (item >= 0) if len(self.keys) else np.zeros(len(item), bool)
        first = run_starts(item)
        group = np.zeros(len(item), np.int64)
        group[first[1:]] = 1
        mine = item[first].astype(np.int64)
        bounds = np.array([np.maximum(mine, 0), mine + 1]) * self.operations
        begin, end = self.keys.searchsorted(bounds.astype(self.keys.dtype))
        size = np.where(mine >= 0, end - begin, 0)
        offsets = offsets_of(size)
        row = (begin - offsets[:-1]).repeat(size) + np.arange(offsets[-1])
        owner = np.arange(len(mine)).repeat(size)
        return Places(pair, found, group.cumsum(), row, owner, (self.keys[row] % self.operations).astype(np.int64))

    def look_up(self, item: Ints, operation: Ints, target: int) -> tuple[Ints, Floats]:
        """Return lots and mean for each pair; items -1 and pairs without lots have 0 of them."""
        return self.at(self.places(item, operation), target)

    def at(self, places: "Places", target: int) -> tuple[Ints, Floats]:
        """Return lots and mean of pairs, 0 where there are none."""
        if not len(self.keys):
            return np.zeros(len(places.found), np.int64), np.zeros(len(places.found))
        count = (self.counts[target][places.pair] * places.found).astype(np.int64)
        return count, np.where(count > 0, self.means[target][places.pair], 0.0).astype(np.float64)

    def to_parts(self, items: int) -> dict[str, Any]:
        """Return plain arrays: operations per item instead of long keys."""
        ragged = Ragged.from_rows(
            (self.keys // self.operations).astype(np.int64), (self.keys % self.operations).astype(np.int64), items
        )
        return {
            "pairs": Ragged(ragged.offsets, smallest_ints(ragged.values)).to_parts(),
            "means": list(self.means),
            "counts": list(self.counts),
            "operations": self.operations,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "PairHistory":
        """Read what to_parts wrote."""
        ragged, operations = Ragged.from_parts(parts["pairs"]), parts["operations"]
        kind = np.uint32 if len(ragged) * operations < 2**32 else np.int64
        keys: Ints = np.arange(len(ragged), dtype=kind).repeat(ragged.lengths())
        keys *= kind(operations)
        keys += ragged.values.astype(kind)
        means, counts = parts["means"], parts["counts"]
        return cls(keys, (means[0], means[1]), (counts[0], counts[1]), operations)


@dataclass(frozen=True, slots=True)
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
    parts = ((setup.keys, setup.means[SETUP], setup.counts[SETUP]), (run.keys, run.means[RUN], run.counts[RUN]))
    return join_pairs(parts, setup.operations)


def join_pairs(pairs: tuple[tuple[Ints, Floats, Ints], tuple[Ints, Floats, Ints]], operations: int) -> PairHistory:
    """Join (keys, means, counts) of set-up and run into one table."""
    keys = np.union1d(pairs[SETUP][0], pairs[RUN][0]).astype(np.int64)
    means, counts = [], []
    for own_keys, own_means, own_counts in pairs:
        mean = np.zeros(len(keys), dtype=np.float16)
        count = np.zeros(len(keys), dtype=np.uint8)
        where = np.searchsorted(keys, own_keys)
        mean[where] = own_means.clip(-60_000, 60_000)
        count[where] = np.minimum(own_counts, 255)
        means.append(mean)
        counts.append(count)
    return PairHistory(compact_keys(keys), (means[0], means[1]), (counts[0], counts[1]), operations)
