"""Nearest items in the space of operation log-odds and telling attributes."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints

MAX_PRESENCE_DIMENSIONS: Final = 40
PRESENCE_SCALE: Final = 0.25
SKETCH_SCALE: Final = 2.0
LOOKED_AT: Final = 6000


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
        presence = log_odds if self.projection is None else log_odds @ self.projection
        return np.hstack([presence * PRESENCE_SCALE, sketch * SKETCH_SCALE]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class ItemIndex:
    """Items by cluster, one byte per coordinate.

    The clusters around a point are searched exactly, nearest first, until LOOKED_AT items were seen; what
    lies farther than thousands of others backs no proposal. Smaller plants are searched whole.
    """

    scale: float
    points: Ints
    items: Ints
    offsets: Ints
    centres: Floats

    @classmethod
    def fit(cls, coordinates: Floats, items: Ints, seed: int) -> "ItemIndex":
        """Cluster the coordinates (one row per entry of `items`, which holds item numbers)."""
        scale = max(float(np.abs(coordinates).max(initial=0.0)), 1e-6) / 127
        points = np.round(coordinates / scale).astype(np.int8)
        cluster = _clusters(points, seed)
        order = np.argsort(cluster, kind="stable")
        points, cluster = points[order], cluster[order]
        offsets = np.searchsorted(cluster, np.arange(cluster.max(initial=0) + 2))
        centres = np.array([points[a:b].mean(axis=0) for a, b in pairwise(offsets)])
        return cls(
            scale,
            points,
            items[order].astype(np.int32),
            offsets.astype(np.int32),
            centres.astype(np.float32),
        )

    def search(self, point: Floats, count: int, without: int = -1) -> tuple[Ints, Floats]:
        """Return the nearest items and their squared distances, nearest first, leaving one item out."""
        asked = point / np.float32(self.scale)
        visits = np.argsort(((self.centres - asked) ** 2).sum(axis=1), kind="stable")
        ends = np.cumsum(np.diff(self.offsets)[visits])
        visits = visits[: int(np.searchsorted(ends, LOOKED_AT)) + 1].tolist()
        spans = [slice(self.offsets[cluster], self.offsets[cluster + 1]) for cluster in visits]
        away = np.concatenate([self.points[span] for span in spans]).astype(np.float32)
        away -= asked
        found = np.concatenate([self.items[span] for span in spans])
        found, distances = _nearest(found, np.einsum("ij,ij->i", away, away), count, without)
        return found, distances * np.float32(self.scale**2)

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "ItemIndex":
        """Read what to_parts wrote."""
        return cls(**parts)


def _nearest(items: Ints, distances: Floats, count: int, without: int) -> tuple[Ints, Floats]:
    if without >= 0:
        keep = items != without
        items, distances = items[keep], distances[keep]
    if len(items) > 4 * count:
        part = np.argpartition(distances, count - 1)[:count]
        items, distances = items[part], distances[part]
    order = np.lexsort((items, distances))[:count]
    return items[order], distances[order]


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
