"""The standards of set-up and run laid side by side: one row per item and operation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints, merged, run_starts
from backend.ml.times.pair_matrices import Matrices, diagonal, inverse
from backend.ml.times.shrinkage import Components
from backend.ml.times.standard_claims import Claims


@dataclass(frozen=True, slots=True)
class StandardRows:
    """Arrays (kind, row) unless told otherwise; rows are sorted by item."""

    key: Ints
    """(row,)."""
    member: Ints
    """(row,): number of the item among those with standards."""
    operation: Ints
    """(row,)."""
    place: Ints
    """Where the row's claim stands; -1: none."""
    off: Floats
    """By how much the standard is longer than expected, less the usual; 0 where there is none."""
    unsure: Floats
    """Variance of what is expected."""
    shared: Floats
    """The part of it that the item's rows share."""
    made: Flags

    @property
    def alone(self) -> Floats:
        """Return the part of the variance that is the row's own."""
        return self.unsure - self.shared

    def parts(self, most: int) -> list[Ints]:
        """Return the rows in parts of about so many, each of whole items."""
        cuts = np.searchsorted(self.member, self.member[most::most])
        return [part for part in np.split(np.arange(len(self.member)), np.unique(cuts)) if len(part)]

    def precision(self, part: Ints, errors: Matrices) -> Matrices:
        """Return how sure some rows' distances are but for what their items share; `errors` per operation."""
        there = (self.place[:, part] >= 0).T
        both = np.asarray(there.all(axis=1))[:, None, None]
        noise = errors[self.operation[part]] + diagonal(self.alone[:, part].T)
        one = diagonal(there / np.einsum("rii->ri", noise))
        return np.where(both, inverse(noise), one)

    def pulled_in(self, errors: Matrices, deviations: float) -> "StandardRows":
        """Return rows that are at most so many deviations from the median of their item: slips of the pen are."""
        off = self.off.copy()
        for kind in (0, 1):
            here = np.flatnonzero(self.place[kind] >= 0)
            if len(here):
                limit = deviations * np.sqrt(self.alone[kind, here] + errors[self.operation[here], kind, kind])
                middle = _medians(self.member[here], off[kind, here])
                off[kind, here] = off[kind, here].clip(middle - limit, middle + limit)
        return replace(self, off=off)

    @classmethod
    def of(
        cls,
        claims: Sequence[Claims],
        biases: Sequence[Floats | None],
        components: Sequence[Components],
        keys: Sequence[Ints],
    ) -> "StandardRows":
        """Lay the claims of kinds with a known bias side by side."""
        key = merged(*keys)
        operations = len(components[0].lot)
        item, operation = np.divmod(key, operations)
        _, member = np.unique(item, return_inverse=True)
        place = np.full((2, len(key)), -1)
        off, unsure, shared = (np.zeros((2, len(key))) for _ in range(3))
        unsure[:] = 1.0
        made = np.zeros((2, len(key)), bool)
        for kind, (claim, bias) in enumerate(zip(claims, biases, strict=True)):
            if bias is None:
                continue
            at = np.searchsorted(key, keys[kind])
            place[kind, at] = np.arange(len(at))
            off[kind, at] = claim.standards.residual - bias - claim.guess
            unsure[kind, at] = claim.unsure
            shared[kind, at] = np.maximum(claim.unsure - components[kind].pair[claim.standards.operation], 0.0)
            made[kind, at] = claim.made
        return cls(key, member, operation, place, off, unsure, shared, made)


def _medians(member: Ints, values: Floats) -> Floats:
    """Return the median of each row's member, members ascending: sorted as one number each, in a tenth of the time."""
    low = float(values.min())
    span = 1.001 * (float(values.max()) - low) + 1e-9
    ordered = np.sort(member + (values - low) / span)
    first = run_starts(member)
    count = np.diff(np.r_[first, len(member)])
    middle = (ordered[first + (count - 1) // 2] + ordered[first + count // 2]) / 2
    return np.asarray(low + (middle - member[first]) * span).repeat(count)
