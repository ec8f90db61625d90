"""What the visits of an operation that comes back in a routing take beside each other.

A level of the shrinkage under item x operation: each visit's mean residual stands against the mean of all visits of
its item and operation, and is drawn to it as far as its lots leave in doubt. Plants without returns have none of it.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from backend.domain.prediction import MOST_EVIDENCE
from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, numbered_runs, run_starts
from backend.ml.history.visits import VISIT_CODES, VISITS
from backend.ml.times.shrinkage import pooled


@record
class VisitRows:
    """Rows of operations: item x operations + operation, which visit (0: not told apart), sequence number."""

    pair: Ints
    visit: Ints
    sequence: Ints

    def keys(self) -> Ints:
        """Return a number per row that names item, operation and visit."""
        return np.asarray(self.pair.astype(np.int64) * VISIT_CODES + self.visit)

    def take(self, chosen: Ints) -> "VisitRows":
        """Return some of the rows."""
        return VisitRows(self.pair[chosen], self.visit[chosen], self.sequence[chosen])


@record
class VisitShifts:
    """Per row: what its visit takes more than the operation usually does (log), the variance of that, its lots."""

    shift: Floats
    unsure: Floats
    lots: Ints


def no_shifts(rows: int) -> VisitShifts:
    """Return what is known where visits were not told apart."""
    return VisitShifts(np.zeros(rows), np.zeros(rows), np.zeros(rows, np.int64))


@dataclass(frozen=True)
class Visits:
    """Means of residual log minutes of visits."""

    keys: Ints
    """Item, operation and visit as VisitRows.keys has them, sorted."""
    means: Floats
    lots: Ints
    sequence: Ints
    """The number that the newest lot's row had, by which rows of lots that are seen in part are known again."""
    between: Floats
    """Variance of visits around the mean of their item and operation, per operation."""
    lot: Floats
    """Variance from lot to lot, per operation."""

    @classmethod
    def of(cls, rows: VisitRows, residual: Floats, operations: int, like: "Visits | None" = None) -> "Visits":
        """Learn from rows (of each visit the oldest first), with variances as `like` has them, else from the rows."""
        used = np.flatnonzero(rows.visit > 0)
        key = rows.keys()[used]
        order = np.argsort(key, kind="stable")
        used = used[order]
        keys, member, count = numbered_runs(key[order])
        mean = np.bincount(member, weights=residual[used], minlength=len(keys)) / np.maximum(count, 1)
        newest = rows.sequence[used][np.cumsum(count) - 1]
        found = cls(keys, mean, count, newest, np.zeros(operations), np.zeros(operations))
        if like is not None:
            return found.with_variances(like.between, like.lot)
        within = np.bincount(member, weights=(residual[used] - mean[member]) ** 2, minlength=len(keys))
        return found.with_variances(*found._variances(within, operations))

    def with_variances(self, between: Floats, lot: Floats) -> "Visits":
        """Return the same means with other variances."""
        return Visits(self.keys, self.means, self.lots, self.sequence, between, lot)

    def _variances(self, within: Floats, operations: int) -> tuple[Floats, Floats]:
        operation = self._operation
        lot = pooled(operation, within, self.lots - 1.0, operations)
        share = 1 - 1 / self._together
        between = self._away**2 - share * lot[operation] / self.lots
        return pooled(operation, between, share, operations), lot

    @cached_property
    def _operation(self) -> Ints:
        return np.asarray(self.keys // VISIT_CODES % len(self.between))

    @cached_property
    def _group(self) -> Ints:
        """Which of the visits are of one item, operation and number of visits."""
        return numbered_runs(self.keys // VISITS)[1]

    @cached_property
    def _together(self) -> Floats:
        return np.asarray(np.bincount(self._group)[self._group].astype(np.float64))

    @cached_property
    def _away(self) -> Floats:
        """How far each visit's mean is from that of all."""
        means = self.means.astype(np.float64)
        return np.asarray(means - np.bincount(self._group, weights=means)[self._group] / self._together)

    @cached_property
    def _shrunk(self) -> tuple[Floats, Floats]:
        """Shift and variance per visit."""
        between, noise = self.between[self._operation], self.lot[self._operation] / np.maximum(self.lots, 1)
        share = between / (between + noise)
        return share * self._away, share * noise

    def at(self, rows: VisitRows) -> VisitShifts:
        """Return what is known of the visits of rows; pairs below 0 are of items that are not known."""
        keys, asked = self.keys, rows.keys()
        operation = rows.pair % len(self.between)
        apart = rows.visit > 0
        shift, unsure = np.zeros(len(asked)), np.where(apart, self.between[operation], 0.0)
        if not len(keys):
            return VisitShifts(shift, unsure, np.zeros(len(asked), np.int64))
        where = np.minimum(keys.searchsorted(asked), len(keys) - 1)
        found = (keys[where] == asked) & apart
        shrunk, variance = self._shrunk
        shift, unsure = np.where(found, shrunk[where], shift), np.where(found, variance[where], unsure)
        return VisitShifts(shift, unsure, np.where(found, self.lots[where], 0).astype(np.int64))

    def recognised(self, pair: Ints, sequence: Ints) -> Ints:
        """Return which visit rows are by their sequence numbers, of visits with one number the one with most lots."""
        order = np.lexsort((self.lots, self.sequence, self.keys // VISIT_CODES))
        places = _places(self.keys[order] // VISIT_CODES, self.sequence[order])
        last = np.r_[run_starts(places)[1:], len(places)] - 1
        places, codes = places[last], (self.keys[order] % VISIT_CODES)[last]
        asked = _places(pair, sequence)
        where = np.minimum(places.searchsorted(asked), len(places) - 1)
        return np.where(places[where] == asked, codes[where], 0) if len(places) else np.zeros(len(asked), np.int64)

    def told(self, rows: VisitRows, residual: Floats) -> "Visits":
        """Return the means after new rows of visits that are known."""
        keys = rows.keys()
        where = np.minimum(self.keys.searchsorted(keys), max(len(self.keys) - 1, 0))
        known = (rows.visit > 0) & ~np.isnan(residual)
        known[known] = self.keys[where[known]] == keys[known]
        added = np.bincount(where[known], minlength=len(self.keys))
        sums = np.bincount(where[known], weights=residual[known], minlength=len(self.keys))
        means = (self.lots * self.means.astype(np.float64) + sums) / (self.lots + added)
        return Visits(
            self.keys, means, np.minimum(self.lots + added, MOST_EVIDENCE), self.sequence, self.between, self.lot
        )

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        narrow = {
            "means": self.means.astype(np.float32),
            "lots": np.minimum(self.lots, MOST_EVIDENCE).astype(np.uint8),
            "sequence": self.sequence.astype(np.int32),
        }
        return {field.name: getattr(self, field.name) for field in fields(self)} | narrow


def visits_from_parts(parts: dict[str, Any] | None) -> Visits | None:
    """Read what to_parts wrote; bundles of plants without returns, and of earlier releases, have nothing."""
    return Visits(**parts) if parts else None


def _places(pair: Ints, sequence: Ints) -> Ints:
    return np.asarray((pair.astype(np.int64) << 32) + sequence.astype(np.int64).clip(0, 2**31 - 1))
