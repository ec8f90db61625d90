"""What is known of an item's operation: its own lots, the item's other operations, its family's items."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Flags, Floats, Ints, numbered_runs, sums_of
from backend.ml.history.pair_history import Kind, PairHistory, Places, compact_keys
from backend.ml.times.shrinkage import LEAST_WEIGHT, Components, Known


@dataclass(frozen=True, slots=True)
class FamilyTotals:
    """Precision-weighted sums over a family's items, per (family, operation) and per family."""

    keys: Ints
    """family x operations + operation, sorted."""
    precision: Floats
    weighted_sum: Floats
    items: Ints
    families: Ints
    """Sorted numbers of the families that have lots; the rest is one entry per family."""
    family_precision: Floats
    family_sum: Floats
    family_items: Ints
    family_operations: Ints

    def of(self, family: Ints, operation: Ints, operations: int) -> Floats:
        """Return rows of items, precision and weighted sum of each (family, operation).

        They are followed by items, precision, sum and operations of each family; -1 stands for an unknown family.
        """
        return self.at(self.find(family, operation, operations))

    def find(self, family: Ints, operation: Ints, operations: int) -> "Kin":
        """Return where they stand; the same for all totals with the same keys and families."""
        key = family.astype(np.int64) * operations + operation
        return Kin(*_find(self.keys, key), *_find(self.families, family))

    def at(self, kin: "Kin") -> Floats:
        """Return what `of` does, given where it stands."""
        if not len(self.keys):
            return np.zeros((7, len(kin.operation)))
        tables = (self.items, self.precision, self.weighted_sum)
        sums = (self.family_items, self.family_precision, self.family_sum, self.family_operations)
        rows = [*[each[kin.operation] for each in tables], *[each[kin.family] for each in sums]]
        found = np.array([kin.has_operation, kin.has_family])
        return np.asarray(np.array(rows, np.float64) * found.take(_OF_FAMILY, axis=0))

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {
            "keys": compact_keys(self.keys),
            "precision": self.precision.astype(np.float32),
            "weighted_sum": self.weighted_sum.astype(np.float32),
            "items": np.minimum(self.items, 65_535).astype(np.uint16),
            "families": self.families.astype(np.int32),
            "family_precision": self.family_precision.astype(np.float32),
            "family_sum": self.family_sum.astype(np.float32),
            "family_items": self.family_items.astype(np.int32),
            "family_operations": self.family_operations.astype(np.int16),
        }


_OF_FAMILY: Final = np.array([0, 0, 0, 1, 1, 1, 1])
"""Which rows of FamilyTotals.of are of a family's operation (0), which of all of the family (1)."""


@record
class Kin:
    """Where families and their operations stand in the totals, and whether they are there."""

    operation: Ints
    has_operation: Flags
    family: Ints
    has_family: Flags


def no_families() -> FamilyTotals:
    """Return the totals of a plant without families."""
    none, zero = np.zeros(0, np.int64), np.zeros(0)
    return FamilyTotals(none, zero, zero, none, none, zero, zero, none, none)


def family_totals(pairs: PairHistory, kind: int, family_of: Ints, components: Components) -> FamilyTotals:
    """Sum up the pairs with lots of one kind; `family_of` is each item's family (-1: none)."""
    operations = pairs.operations
    item, operation = pairs.pairs.row_of_values(), pairs.pairs.values.astype(np.int64)
    family = family_of[item].astype(np.int64)
    used = np.flatnonzero(((pairs.counts[kind] > 0) | (pairs.worth[kind] > 0)) & (family >= 0))
    if not len(used):
        return no_families()
    item, operation, family = item[used], operation[used], family[used]
    count, mean = pairs.weights(kind, used), pairs.means[kind][used].astype(np.float64)
    own, precision = _precisions(components, operation, count)
    keys, group, items = np.unique(family * operations + operation, return_inverse=True, return_counts=True)
    owners, owner, _ = numbered_runs(item)
    weight = np.bincount(owner, weights=own)
    level = np.bincount(owner, weights=own * mean) / weight
    shared = 1 / (components.item + 1 / weight)
    families, member, members = np.unique(family_of[owners], return_inverse=True, return_counts=True)
    return FamilyTotals(
        keys,
        np.bincount(group, weights=precision),
        np.bincount(group, weights=precision * mean),
        items,
        families.astype(np.int64),
        np.bincount(member, weights=shared),
        np.bincount(member, weights=shared * level),
        members,
        np.bincount(np.searchsorted(families, keys // operations), minlength=len(families)),
    )


def known_of(
    pairs: PairHistory, kind: int, totals: FamilyTotals, components: Components, asked: tuple[Ints, Ints, Ints]
) -> Known:
    """Return what is known for each (item, family, operation); -1 stands for an unknown item or family."""
    item, family, operation = asked
    kin = totals.of(family, operation, pairs.operations)
    return known_at(pairs, kind, pairs.places(item, operation), components, (operation, kin))


def known_at(
    pairs: PairHistory, kind: Kind, places: Places, components: Components, asked: tuple[Ints, Floats]
) -> Known:
    """Return the same for operations, given where the items' pairs stand and what is known of their families.

    For both kinds of minutes at once, components and families (see FamilyTotals.of) have an axis before the last.
    """
    operation, kin = asked
    lots, told, own = pairs.at(places.pair, places.found, kind)
    made = told > 0
    weight, weighted = _items(pairs, kind, components, places)
    both, pair, noise = _variances(components, operation, told)
    mine, sister = made / (both + pair + noise), made / (components.item + pair + noise)
    alone = weight > 0
    safe = np.where(alone, weight, 1.0)
    inside = alone / (components.item + 1 / safe)
    sisters, sister_precision, sister_sum = kin[0] - made, kin[1] - sister, kin[2] - sister * own
    people, precision, total = kin[3] - alone, kin[4] - inside, kin[5] - inside * weighted / safe
    rest = weight - mine
    there = np.array([rest > 1e-6 * safe, sisters > 0, people > 0])
    sure = np.where(there, np.maximum([rest, sister_precision, precision], 1e-9), 1.0)
    means = [weighted - mine * own, sister_sum, total] / sure * there
    noises = np.where(there, 1 / sure, np.inf)
    return Known(
        lots,
        told,
        own,
        means[0],
        noises[0],
        means[1],
        noises[1],
        sisters,
        means[2],
        noises[2],
        people,
        kin[6],
    )


def _items(pairs: PairHistory, kind: Kind, components: Components, places: Places) -> tuple[Floats, Floats]:
    """Return the summed precision and weighted mean over all operations of each question's item."""
    count = pairs.weights(kind, places.row)
    both, pair, noise = _variances(components, places.operation, count)
    precision = (count > 0) / (both + pair + noise)
    weighted = precision * pairs.means_at(kind, places.row)
    groups = int(places.group[-1]) + 1 if len(places.group) else 0
    precision, weighted = (sums_of(each, places.owner, groups) for each in (precision, weighted))
    return precision.take(places.group, axis=-1), weighted.take(places.group, axis=-1)


def _precisions(components: Components, operation: Ints, count: Floats) -> tuple[Floats, Floats]:
    """Return how much a pair's mean tells about what all operations of the item share, and about what the family does.

    The latter at the operation.
    """
    both, pair, noise = _variances(components, operation, count)
    return np.asarray(1 / (both + pair + noise)), np.asarray(1 / (components.item + pair + noise))


def _variances(components: Components, operation: Ints, count: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the variances of families' and items' operations, and of the mean of so many lots."""
    both, pair, lot = components.at(operation)
    return both, pair, lot / np.maximum(count, LEAST_WEIGHT)


def _find(keys: Ints, asked: Ints) -> tuple[Ints, Flags]:
    """Return where keys stand, and whether they are there; what is below 0 never is."""
    if not len(keys):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), dtype=bool)
    # of another type than the keys, it would have all of them converted
    where = np.minimum(keys.searchsorted(asked.astype(keys.dtype)), len(keys) - 1)
    return where, keys[where] == asked
