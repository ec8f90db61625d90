"""What is known of an item's operation: its own lots, the item's other operations, its family's items."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.pair_history import PairHistory, Places, compact_keys
from backend.ml.shrinkage import LEAST_WEIGHT, Components, Known


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


def no_families() -> FamilyTotals:
    """Return the totals of a plant without families."""
    none, zero = np.zeros(0, np.int64), np.zeros(0)
    return FamilyTotals(none, zero, zero, none, none, zero, zero, none, none)


def family_totals(pairs: PairHistory, kind: int, family_of: Ints, components: Components) -> FamilyTotals:
    """Sum up the pairs with lots of one kind; `family_of` is each item's family (-1: none)."""
    operations = pairs.operations
    item, operation = (pairs.keys // operations).astype(np.int64), (pairs.keys % operations).astype(np.int64)
    family = family_of[item].astype(np.int64)
    used = np.flatnonzero(((pairs.counts[kind] > 0) | (pairs.worth[kind] > 0)) & (family >= 0))
    if not len(used):
        return no_families()
    item, operation, family = item[used], operation[used], family[used]
    count, mean = pairs.weights(kind, used), pairs.means[kind][used].astype(np.float64)
    precision = _sister_precision(components, operation, count)
    keys, group, items = np.unique(family * operations + operation, return_inverse=True, return_counts=True)
    owners, owner = np.unique(item, return_inverse=True)
    own = _item_precision(components, operation, count)
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
    return known_at(pairs.places(item, operation), pairs, kind, totals, components, (family, operation))


def known_at(  # noqa: PLR0913 PLR0917 - as known_of, with what was found once for both kinds
    places: Places,
    pairs: PairHistory,
    kind: int,
    totals: FamilyTotals,
    components: Components,
    asked: tuple[Ints, Ints],
) -> Known:
    """Return the same for each (family, operation), given where the items' pairs stand."""
    family, operation = asked
    lots, told, own = pairs.at(places, kind)
    made = told > 0
    weight, weighted = _items(pairs, kind, components, places)
    mine = made * _item_precision(components, operation, told)
    sister = made * _sister_precision(components, operation, told)
    alone = weight > 0
    safe = np.where(alone, weight, 1.0)
    inside = alone / (components.item + 1 / safe)
    at, found = _find(totals.keys, np.where(family >= 0, family.astype(np.int64) * pairs.operations + operation, -1))
    sisters = _pick(totals.items, at, found) - made
    sister_precision = _pick(totals.precision, at, found) - sister
    sister_sum = _pick(totals.weighted_sum, at, found) - sister * own
    at, found = _find(totals.families, family)
    people = _pick(totals.family_items, at, found) - alone
    precision = _pick(totals.family_precision, at, found) - inside
    total = _pick(totals.family_sum, at, found) - inside * weighted / safe
    rest_mean, rest_noise = _mean(weighted - mine * own, weight - mine, weight - mine > 1e-6 * safe)
    sister_mean, sister_noise = _mean(sister_sum, sister_precision, sisters > 0)
    family_mean, family_noise = _mean(total, precision, people > 0)
    kinds = _pick(totals.family_operations, at, found)
    return Known(
        lots,
        told,
        own,
        rest_mean,
        rest_noise,
        sister_mean,
        sister_noise,
        sisters,
        family_mean,
        family_noise,
        people,
        kinds,
    )


def _mean(total: Floats, precision: Floats, there: Floats) -> tuple[Floats, Floats]:
    sure = np.where(there, np.maximum(precision, 1e-9), 1.0)
    return np.where(there, total / sure, 0.0), np.where(there, 1 / sure, np.inf)


def _items(pairs: PairHistory, kind: int, components: Components, places: Places) -> tuple[Floats, Floats]:
    """Return the summed precision and weighted mean over all operations of each question's item."""
    count = pairs.weights(kind, places.row)
    precision = (count > 0) * _item_precision(components, places.operation, count)
    weighted = precision * pairs.means[kind][places.row]
    groups = int(places.group[-1]) + 1 if len(places.group) else 0
    return (
        np.bincount(places.owner, weights=precision, minlength=groups)[places.group],
        np.bincount(places.owner, weights=weighted, minlength=groups)[places.group],
    )


def _item_precision(components: Components, operation: Ints, count: Floats) -> Floats:
    """Return how much a pair's mean tells about what all operations of the item share."""
    noise = components.lot[operation] / np.maximum(count, LEAST_WEIGHT)
    return np.asarray(1 / (components.family_operation[operation] + components.pair[operation] + noise))


def _sister_precision(components: Components, operation: Ints, count: Floats) -> Floats:
    """Return how much a pair's mean tells about what the family shares at the operation."""
    noise = components.lot[operation] / np.maximum(count, LEAST_WEIGHT)
    return np.asarray(1 / (components.item + components.pair[operation] + noise))


def _find(keys: Ints, asked: Ints) -> tuple[Ints, Floats]:
    """Return where keys stand, and 1 for each that was found, else 0."""
    if not len(keys):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked))
    where = np.minimum(keys.searchsorted(np.maximum(asked, 0).astype(keys.dtype)), len(keys) - 1)
    return where, ((keys[where] == asked) & (asked >= 0)).astype(np.float64)


def _pick(values: Floats, where: Ints, found: Floats) -> Floats:
    return np.asarray(values[where] * found) if len(values) else np.zeros(len(where))
