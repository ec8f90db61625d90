"""How alike two items are: attributes weighted by how much each tells about the routing."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.agreement import agreement
from backend.ml.arrays import Floats, Ints

SKETCH_DIMENSIONS: Final = 16


@dataclass(frozen=True, slots=True)
class AttributeMatch:
    """One weight per encoded column, and one for the code family (the last); they add up to 1."""

    weights: Floats

    @classmethod
    def fit(cls, columns: list[Ints], families: Ints, labels: Ints, seed: int) -> "AttributeMatch":
        """Weigh each column by how far sharing its value raises the chance of sharing the routing.

        `columns` are comparable codes per item; missing (0) is a value of its own.
        """
        rows = np.flatnonzero(labels >= 0)
        if len(rows) > 50_000:
            rows = np.sort(np.random.default_rng(seed).choice(rows, 50_000, replace=False))
        gains = [agreement(column[rows], labels[rows]) for column in columns[:-1]]
        gains.append(0.0)  # item codes differ always; what they share is the family's
        related = rows[families[rows] >= 0]
        gains.append(agreement(families[related], labels[related]) * len(related) / max(len(rows), 1))
        weights = np.array(gains, dtype=np.float32)
        total = float(weights.sum())
        return cls(weights / total if total > 0 else np.full(len(weights), 1 / len(weights), np.float32))

    def sketch(self, columns: list[Ints], families: Ints) -> Floats:
        """Return coordinates whose squared distances tell the weight of attributes that differ.

        Each value gets fixed pseudo-random signs, so a weighted mismatch adds its weight.
        """
        sketch = np.zeros((len(families), SKETCH_DIMENSIONS), dtype=np.float32)
        for number, (weight, codes) in enumerate(zip(self.weights, [*columns, families], strict=True)):
            if weight > 0:
                sketch += np.sqrt(weight) * _signs(codes, number)
        return sketch


def _signs(codes: Ints, column: int) -> Floats:
    """Return +-1 signs, the same for equal codes of a column (a 64-bit mixing function's bits)."""
    with np.errstate(over="ignore"):
        mixed = codes.astype(np.int64).view(np.uint64) + np.uint64((column + 1) * 0x9E3779B97F4A7C15 % 2**64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
    bits = (mixed[:, None] >> np.arange(SKETCH_DIMENSIONS, dtype=np.uint64)) & np.uint64(1)
    return (bits.astype(np.float32) * 2 - 1) / np.float32(np.sqrt(SKETCH_DIMENSIONS))
