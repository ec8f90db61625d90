"""Who goes outside: each family's inclination per trade, inferred from its items' rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.erp.demo.routings import (
    AFTER_POLICY_SHARE,
    OUTSOURCED_SHARE,
    OUTSOURCING_FLIP,
    RowTraits,
    outsourcing_thresholds,
)
from benchmarks.oracle.arrays import FloatArray, IntArray, sum_by
from benchmarks.oracle.evidence import UNKNOWN, Evidence

_SHARES: Final = {0.0, *OUTSOURCED_SHARE.values(), *AFTER_POLICY_SHARE.values()}
EDGES: Final = np.unique(np.round([*_SHARES, *(share + 0.2 for share in _SHARES), 1.0], 9))
"""An inclination is uniform between 0 and 1; nothing tells two values between neighbouring thresholds apart."""
MIDDLES: Final = (EDGES[:-1] + EDGES[1:]) / 2
WIDTHS: Final = np.diff(EDGES)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Per routed row: its trade (UNKNOWN: nobody outside does it) and whether each inclination sends it out."""

    trade: IntArray
    before: FloatArray
    """(row, stretch of inclination): 1 where the row is meant to go outside."""
    after: FloatArray

    @classmethod
    def of(cls, rows: RowTraits) -> "Wishes":
        """Return the wishes of some rows."""
        trade, before = outsourcing_thresholds(rows, OUTSOURCED_SHARE)
        after = outsourcing_thresholds(rows, AFTER_POLICY_SHARE)[1]
        return cls(trade, *((threshold[:, None] - 1e-9 > MIDDLES).astype(float) for threshold in (before, after)))


def row_likelihoods(wishes: Wishes, seen: Evidence) -> tuple[FloatArray, FloatArray]:
    """Return (row, stretch) the chances of what was seen together with the row not flipped, and flipped."""
    keeps = _agrees(wishes.before, seen.outside_before) * _agrees(wishes.after, seen.outside_after)
    flips = _agrees(1 - wishes.before, seen.outside_before) * _agrees(1 - wishes.after, seen.outside_after)
    return (1 - OUTSOURCING_FLIP) * keeps, OUTSOURCING_FLIP * flips


def _agrees(wish: FloatArray, seen: IntArray) -> FloatArray:
    return np.where(seen[:, None] == UNKNOWN, 1.0, wish == seen[:, None]).astype(float)


def family_log_likelihood(wishes: Wishes, seen: Evidence, family: IntArray, families: int, trades: int) -> FloatArray:
    """Return (family, trade, stretch): how well each inclination explains the rows."""
    told = np.flatnonzero((wishes.trade >= 0) & ((seen.outside_before >= 0) | (seen.outside_after >= 0)))
    keeps, flips = row_likelihoods(wishes, seen)
    likelihood = np.log(np.maximum(keeps + flips, 1e-300))[told]
    cell = family[told] * trades + wishes.trade[told]
    return sum_by(cell, likelihood, families * trades).reshape(families, trades, -1)


def chance_outside(wishes: Wishes, seen: Evidence, family_likelihood: FloatArray, after: FloatArray) -> FloatArray:
    """Return the chance that each row goes outside under the policy asked for (`after`: 1 or 0 per row).

    `family_likelihood` is (row, stretch): that of the row's family and trade, the row's own evidence included.
    """
    log_weight = np.log(WIDTHS) + family_likelihood
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    keeps, flips = row_likelihoods(wishes, seen)
    flipped = flips / np.maximum(keeps + flips, 1e-300)
    wish = np.where(after[:, None] > 0, wishes.after, wishes.before)
    outside = wish * (1 - flipped) + (1 - wish) * flipped
    return np.where(wishes.trade >= 0, (weight * outside).sum(axis=1), 0.0)
