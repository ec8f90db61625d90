"""How alike two items are: attributes weighted by how much each tells about the routing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.items.agreement import agreement

SKETCH_DIMENSIONS: Final = 16
_BLOCK: Final = 2048
_BITS: Final = np.arange(SKETCH_DIMENSIONS, dtype=np.uint64)
_MIXERS: Final = tuple(
    (np.uint64(shift), np.uint64(factor)) for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
)
_LAST_SHIFT: Final = np.uint64(31)
_ONE: Final = np.uint64(1)
_SIGNS: Final = np.array([-1, 1], np.float32) / np.float32(np.sqrt(SKETCH_DIMENSIONS))


@dataclass(frozen=True)
class AttributeMatch:
    """One weight per encoded column, and one for the code family (the last); they add up to 1."""

    weights: Floats

    @classmethod
    def fit(cls, columns: Ints, families: Ints, labels: Ints, seed: int) -> "AttributeMatch":
        """Weigh each column by how far sharing its value raises the chance of sharing the routing.

        `columns` has a row of comparable codes per encoded column; missing (0) is a value of its own.
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

    def sketch(self, codes: Ints, families: Ints) -> Floats:
        """Return coordinates whose squared distances tell the weight of attributes that differ.

        Each value gets fixed pseudo-random signs, so a weighted mismatch adds its weight. `codes` has a row
        per encoded column.
        """
        used, salts, lengths = self._used
        sketch = np.empty((len(families), SKETCH_DIMENSIONS), dtype=np.float32)
        for start in range(0, len(families), _BLOCK):
            rows = slice(start, start + _BLOCK)
            signs = _signs(np.concatenate([codes[:, rows], families[None, rows]]).take(used, axis=0), salts)
            sketch[rows] = np.add.reduce(signs * lengths, axis=0)
        return sketch

    @cached_property
    def _used(self) -> tuple[Ints, Ints, Floats]:
        """Columns that count; for each a number that tells its codes from another's, and the length of its signs."""
        used = np.flatnonzero(self.weights > 0)
        salts = (used.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        return used, salts[:, None], np.sqrt(self.weights[used])[:, None, None]


def _signs(codes: Ints, salts: Ints) -> Floats:
    """Return +-1 signs for rows of codes, the same for equal codes of a column (a 64-bit mixing function's bits)."""
    mixed = codes.view(np.uint64) + salts
    for shift, factor in _MIXERS:
        mixed = (mixed ^ (mixed >> shift)) * factor
    mixed ^= mixed >> _LAST_SHIFT
    bits = (mixed[:, :, None] >> _BITS) & _ONE
    return _SIGNS.take(bits.view(np.int64))
