"""Nearest items in the space of operation log-odds and telling attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, Ragged, offsets_of, product_by_row

MAX_PRESENCE_DIMENSIONS: Final = 40
PRESENCE_SCALE: Final = 0.25
SKETCH_SCALE: Final = 2.0
LOOKED_AT: Final = 3000
_CHUNK: Final = 512
"""Points searched at once: their keys take 512 x LOOKED_AT x 8 bytes and some more."""
_BLOCK: Final = 10_000
_ONE_BY_ONE: Final = 48
"""So few points share too few clusters to gain by going through them cluster by cluster."""
_TELLING: Final = 600
"""So many of the keys tell which others need not be sorted."""
_FAR: Final = np.iinfo(np.int64).max
_ROW_BITS: Final = 32
_ROWS: Final = 2**_ROW_BITS - 1


@dataclass(frozen=True, slots=True)
class Space:
    """The coordinates in which items are compared."""

    labels: int
    """How many of the network's outputs are for operations; the rest, for work centres, do not count."""
    projection: Floats | None
    """Directions of the log-odds that vary most; None where there are few operations."""

    @classmethod
    def fit(cls, log_odds: Floats) -> "Space":
        """Keep all operations, or the directions that vary most where there are many."""
        if log_odds.shape[1] <= MAX_PRESENCE_DIMENSIONS:
            return cls(log_odds.shape[1], None)
        sample = log_odds[:: max(1, len(log_odds) // 20_000)].astype(np.float64)
        _, vectors = np.linalg.eigh(np.cov(sample, rowvar=False))
        return cls(log_odds.shape[1], vectors[:, ::-1][:, :MAX_PRESENCE_DIMENSIONS].astype(np.float32))

    def place(self, log_odds: Floats, sketch: Floats) -> Floats:
        """Return coordinates, one row per item."""
        log_odds = log_odds[:, : self.labels]
        presence = log_odds if self.projection is None else product_by_row(log_odds, self.projection)
        return np.concatenate([presence * PRESENCE_SCALE, sketch * SKETCH_SCALE], axis=1, dtype=np.float32)


@record
class Found:
    """The nearest items of each point and, flat beside them, their squared distances; nearest first."""

    items: Ragged
    distances: Floats


@dataclass(frozen=True, slots=True)
class ItemIndex:
    """Items by cluster, one byte per coordinate.

    The clusters around a point are searched exactly, nearest first, until LOOKED_AT items were seen; what
    lies farther than thousands of others backs no proposal. Smaller plants are searched whole. All
    coordinates are whole numbers, whose products are exact in float32: what is found does not depend on
    what is searched for at the same time.
    """

    scale: float
    points: Ints
    items: Ints
    offsets: Ints
    centres: Floats
    centre_squares: Floats
    keys: Ints
    """(squared length, row) of each point in one number each; less twice the product with a point that is
    asked for, it orders the rows by distance, then by number."""

    @classmethod
    def fit(cls, coordinates: Floats, items: Ints, seed: int) -> "ItemIndex":
        """Cluster the coordinates (one row per entry of `items`, which holds item numbers)."""
        scale = max(float(np.abs(coordinates).max(initial=0.0)), 1e-6) / 127
        points = np.round(coordinates / scale).astype(np.int8)
        cluster = _clusters(points, seed)
        order = np.argsort(cluster, kind="stable")
        points, cluster = points[order], cluster[order]
        offsets = np.searchsorted(cluster, np.arange(cluster.max(initial=0) + 2)).astype(np.int32)
        return cls.from_parts(
            {
                "scale": scale,
                "points": points,
                "items": items[order].astype(np.int32),
                "offsets": offsets,
                "centres": np.array([points[a:b].mean(axis=0) for a, b in pairwise(offsets)]).astype(np.float32),
            }
        )

    def search(self, coordinates: Floats, count: int, without: Ints) -> Found:
        """Return at most `count` items nearest to each row, leaving out one item per row (-1: none)."""
        asked = np.minimum(np.maximum(np.rint(coordinates / np.float32(self.scale)), -127), 127)
        parts = [
            self._nearest(asked[start : start + _CHUNK], count, without[start : start + _CHUNK])
            for start in range(0, len(asked), _CHUNK)
        ]
        keys, lengths = parts[0] if len(parts) == 1 else _joined(parts)
        squares = np.vecdot(asked, asked).repeat(lengths)
        distances = ((keys >> _ROW_BITS) + squares).astype(np.float32) * np.float32(self.scale**2)
        items = self.items[keys & _ROWS].astype(np.int64)  # what arrays are indexed with, over and over
        return Found(Ragged(offsets_of(lengths), items), distances)

    def _nearest(self, asked: Floats, count: int, without: Ints) -> tuple[Ints, Ints]:
        """Return the keys of the nearest rows, flat, and how many each point has."""
        clusters, begins, ends = self._visits(asked)
        visited = begins < LOOKED_AT
        if len(asked) <= _ONE_BY_ONE:
            keys = np.full((len(asked), count + 1), _FAR)
            visits = zip(keys, asked, clusters, np.add.reduce(visited, axis=1).tolist(), strict=True)
            for line, point, own, several in visits:
                least = _least(self._keys_near(point, own[:several]), count + 1)
                line[: len(least)] = least
        else:
            query, place = visited.nonzero()
            width = int(ends[query, place].max(initial=0))
            keys = np.full((len(asked), width), _FAR)
            self._fill_by_cluster(keys, asked, (query, clusters[query, place], begins[query, place]))
            if count + 1 < width:
                keys.partition(count, axis=1)
                keys = keys[:, : count + 1]
        # what is _FAR has no row, and stays so whichever item is taken for it
        keys[self.items.take(keys & _ROWS, mode="clip") == without[:, None]] = _FAR
        keys.sort(axis=1)
        keys = keys[:, :count]
        near = keys < _FAR
        return keys[near], np.add.reduce(near, axis=1)

    def _visits(self, asked: Floats) -> tuple[Ints, Ints, Ints]:
        """Return each point's clusters, nearest first, and which columns of its keys each would fill."""
        away = self.centre_squares - 2 * (asked @ self.centres.T)
        near = (away.astype(np.int64) << _ROW_BITS) + np.arange(len(self.centres))
        near.sort(axis=1)
        near &= _ROWS
        sizes = (self.offsets[1:] - self.offsets[:-1])[near]
        ends = np.add.accumulate(sizes, axis=1)
        return near, ends - sizes, ends

    def _keys_near(self, point: Floats, clusters: Ints) -> Ints:
        """Return the keys of all rows of some clusters, as near as they are to a point."""
        begins, ends = self.offsets[clusters].tolist(), self.offsets[clusters + 1].tolist()
        spans = list(map(slice, begins, ends))
        points = np.concatenate([self.points[span] for span in spans], dtype=np.float32)
        products = (points @ (-2 * point)).astype(np.int64)
        products <<= _ROW_BITS
        products += np.concatenate([self.keys[span] for span in spans])
        return np.asarray(products)

    def _fill_by_cluster(self, keys: Ints, asked: Floats, visits: tuple[Ints, Ints, Ints]) -> None:
        """Look into each cluster once for all points that visit it."""
        query, cluster, column = visits
        order = np.argsort(cluster, kind="stable")
        ends = np.flatnonzero(np.diff(cluster[order], append=-1)) + 1
        for first, last in pairwise([0, *ends.tolist()]):
            pairs = order[first:last]
            a, b = self.offsets[cluster[pairs[0]] :][:2].tolist()
            products = ((-2 * asked[query[pairs]]) @ self.points[a:b].astype(np.float32).T).astype(np.int64)
            products <<= _ROW_BITS
            begins = (query[pairs] * keys.shape[1] + column[pairs]).tolist()
            for begin, line in zip(begins, products, strict=True):
                np.add(line, self.keys[a:b], out=keys.reshape(-1)[begin : begin + b - a])

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {name: getattr(self, name) for name in _STORED}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "ItemIndex":
        """Read what to_parts wrote."""
        stored = {name: parts[name] for name in _STORED} | {"centres": np.round(parts["centres"])}
        squares = np.einsum("ij,ij->i", stored["centres"], stored["centres"])
        return cls(**stored, centre_squares=squares, keys=_keys(parts["points"]))


_STORED: Final = ("scale", "points", "items", "offsets", "centres")


def _least(keys: Ints, count: int) -> Ints:
    """Return the least keys in any order, at most `count`; those that come first rule most others out.

    The keys may be left in another order.
    """
    if len(keys) > _TELLING >= count:
        first = keys[:_TELLING].copy()
        first.partition(count - 1)
        keys = keys[keys <= first[count - 1]]
    if len(keys) > count:
        keys.partition(count - 1)
    return keys[:count]


def _joined(parts: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    none = np.zeros(0, np.int64)
    keys, lengths = (np.concatenate([none, *each]) for each in zip(*parts, strict=True)) if parts else (none, none)
    return keys, lengths


def _keys(points: Ints) -> Ints:
    """Return squared length x 2^32 + row of each point."""
    keys = np.arange(len(points))
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK].astype(np.float32)
        keys[start : start + _BLOCK] += np.einsum("ij,ij->i", block, block).astype(np.int64) << _ROW_BITS
    return keys


def _clusters(points: Ints, seed: int) -> Ints:
    wanted = min(int(np.sqrt(len(points))), 500)
    if wanted < 4:
        return np.zeros(len(points), dtype=np.int32)
    from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415 - serving does not need it
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    means = MiniBatchKMeans(wanted, random_state=seed, n_init=1, batch_size=4096, max_iter=20)
    with threadpool_limits(limits=1):
        found = means.fit_predict(points.astype(np.float32))
    return np.unique(found, return_inverse=True)[1].astype(np.int32)
