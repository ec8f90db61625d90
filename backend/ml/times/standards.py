"""Standard times as evidence: how well a plant's standards tell what its operations take, counted in lots.

The standards of an item's set-up and run times are weighed together. They may be off together: by a factor of the
whole item, and row by row, as where somebody who wrote a row was in a hurry. What one kind's lots or family tell of
such an error is then taken out of the other kind's standards as well; by how much, the plant's own lots show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.history.pair_history import MOST_STEPS, STEPS
from backend.ml.times.pair_matrices import Matrices, diagonal
from backend.ml.times.shrinkage import Components
from backend.ml.times.standard_bias import usual_bias
from backend.ml.times.standard_claims import Claims, StandardLots
from backend.ml.times.standard_errors import ItemErrors, Items, fit_item_errors, row_errors
from backend.ml.times.standard_rows import StandardRows

_CHUNK: Final = 100_000
_CLIP_DEVIATIONS: Final = 3.0
_FLOOR: Final = 1e-6
_LEAST_SHARED: Final = 0.1
"""Of what is not known of a pair, the part shared with the item's others from which on they are heard together."""


@dataclass(frozen=True, slots=True)
class StandardErrors:
    """How far a plant's standards are off, as its lots have shown."""

    biases: list[Floats | None]
    """Per kind of minutes and claim; None where no pair has lots."""
    rows: Matrices
    """Per operation: covariance of set-up and run around what an item's standards have in common."""
    items: ItemErrors


def learn_errors(claims: Sequence[Claims], components: Sequence[Components], keys: Sequence[Ints]) -> StandardErrors:
    """Learn errors from claims beside which no standards are known: those of a family may be off together."""
    biases = [usual_bias(each) if each.made.any() else None for each in claims]
    rows = StandardRows.of(claims, biases, components, keys)
    errors = row_errors(rows, len(components[0].lot))
    items = Items.of(rows.pulled_in(errors, _CLIP_DEVIATIONS), errors)
    return StandardErrors(biases, errors, fit_item_errors(items))


def weigh_standards(
    claims: Sequence[Claims], components: Sequence[Components], keys: Sequence[Ints], errors: StandardErrors
) -> list[StandardLots]:
    """Return what the standards of each kind tell, and how many own lots that is worth.

    A kind of which no pair has lots is worth nothing.
    """
    rows = StandardRows.of(claims, errors.biases, components, keys).pulled_in(errors.rows, _CLIP_DEVIATIONS)
    items = Items.of(rows, errors.rows)
    told = [each.standards.residual.copy() for each in claims]
    lots = [np.zeros(len(each)) for each in told]
    for part in rows.parts(_CHUNK):
        learnt = _learnt(rows, part, errors.rows, (items, errors.items))
        for kind, bias in enumerate(errors.biases):
            at = rows.place[kind, part]
            here = np.flatnonzero(at >= 0)
            if bias is not None and len(here):
                at = at[here]
                lot = components[kind].lot[claims[kind].standards.operation[at]]
                moved, lots[kind][at] = _as_lots(rows, kind, part[here], learnt[:, here, kind], (lot, errors.rows))
                told[kind][at] = claims[kind].guess[at] + moved
    return [StandardLots(*each) for each in zip(keys, told, lots, strict=True)]


def _as_lots(
    rows: StandardRows, kind: int, part: Ints, learnt: Floats, known: tuple[Floats, Matrices]
) -> tuple[Floats, Floats]:
    """Return how far from what is expected lots would be that move it as far, and how many.

    What rows of an item tell of each other is heard once more when they are asked (see best_guess). `known`: the
    variance of a lot, and row errors per operation; no lot stands further out than its standard does.
    """
    (common, own, left), (lot, errors) = learnt, known
    unsure, alone = rows.unsure[kind, part], rows.alone[kind, part]
    worth = lot * np.maximum(1 / left - 1 / unsure, 0.0)
    worth = np.minimum(np.round(worth * STEPS), MOST_STEPS) / STEPS
    noise = lot / np.maximum(worth, 1 / STEPS)
    member = rows.member[part] - rows.member[part[0]]
    shared = rows.shared[kind, part]
    together = (shared > _LEAST_SHARED * unsure) & (worth > 0)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(member, weights=values * together)[member])

    beyond = own * (1 + np.minimum(noise, errors[rows.operation[part], kind, kind]) / alone)
    heard = np.maximum(summed(1 / (alone + noise)), 1e-9)
    again = (common / np.where(together, shared, 1.0) - summed(beyond / (alone + noise))) / heard
    by_itself = (common + own) * (1 + noise / unsure)
    moved = np.where(together, common + beyond + again, by_itself)
    return moved, worth


def _learnt(rows: StandardRows, part: Ints, errors: Matrices, of_items: tuple[Items, ItemErrors]) -> Floats:
    """Return how far standards move what is expected of some rows, and the variance that is left.

    That it is not sure whether standards are stale is no part of it: it says nothing of what they are worth.

    (moved with all rows of the item, alone, variance; row; kind).
    """
    items, mixture = of_items
    first = rows.member[part[0]]
    item = rows.member[part] - first
    own = diagonal(rows.alone[:, part].T)
    gain = own @ rows.precision(part, errors)
    off = rows.off[:, part].T
    common, alone, left = np.zeros((3, len(part), 2))
    for chance, state in mixture.states(items.take(slice(first, rows.member[part[-1]] + 1))):
        level, both, around = (each[item] for each in state)
        moved = np.einsum("rij,rj->ri", gain, off - level[:, 2:])
        cross = gain @ both.transpose(0, 2, 1)
        sum_ = gain @ around[:, 2:, 2:] @ gain.transpose(0, 2, 1)
        spread = around[:, :2, :2] - cross - cross.transpose(0, 2, 1) + sum_
        share = chance[item][:, None]
        common += share * level[:, :2]
        alone += share * moved
        left += share * np.einsum("rii->ri", spread)
    left += np.einsum("rii->ri", own - gain @ own)
    return np.array([common, alone, np.maximum(left, _FLOOR)])
