"""Variances are recovered from simulated lots, and the best guess is as good as its variance says."""

import numpy as np
import pytest

from backend.ml.common.arrays import Floats, Ints
from backend.ml.times.circles import family_totals, known_of
from backend.ml.times.residual_layers import LayerRows, fit_layers, kind_history
from backend.ml.times.shrinkage import Components, best_guess, no_components

OPERATIONS, FAMILIES, SIZE = 6, 400, 6
FAMILY, ITEM, SISTERS, PAIR, LOT = 0.04, 0.02, 0.01, 0.005, 0.03


def simulated(seed: int) -> tuple[LayerRows, Floats, Floats]:
    """Return lots of items in families, their residuals and the true level of each lot's pair."""
    draw = np.random.default_rng(seed)
    items = FAMILIES * SIZE
    family_of = np.repeat(np.arange(FAMILIES), SIZE)
    level = (
        np.sqrt(FAMILY) * draw.normal(size=FAMILIES)[family_of][:, None]
        + np.sqrt(SISTERS) * draw.normal(size=(FAMILIES, OPERATIONS))[family_of]
        + np.sqrt(ITEM) * draw.normal(size=items)[:, None]
        + np.sqrt(PAIR) * draw.normal(size=(items, OPERATIONS))
    )
    lots = draw.poisson(1.2, size=(items, OPERATIONS))
    item, operation = np.repeat(np.nonzero(lots >= 0), lots.ravel(), axis=1)
    truth = level[item, operation]
    residual = truth + np.sqrt(LOT) * draw.normal(size=len(item))
    age = draw.uniform(0, 700, len(item))
    age = age[np.lexsort((-age, operation, item))]
    centre = np.zeros(len(item), np.int64)
    return LayerRows(item, family_of[item], operation, centre, age, OPERATIONS, 1), residual, truth


TRUE = Components(FAMILY, ITEM, *(np.full(OPERATIONS, each) for each in (SISTERS, PAIR, LOT)))


def test_the_variances_of_family_item_operation_and_lot_are_recovered() -> None:
    rows, residual, _ = simulated(11)
    found = fit_layers(rows, residual).components
    assert found.family == pytest.approx(FAMILY, rel=0.15)
    assert found.item == pytest.approx(ITEM, rel=0.15)
    assert found.family_operation.mean() == pytest.approx(SISTERS, rel=0.2)
    assert found.pair.mean() == pytest.approx(PAIR, rel=0.3)
    assert found.lot.mean() == pytest.approx(LOT, rel=0.05)


def guessed(hidden: str) -> tuple[Floats, Floats, Floats]:
    """Return guess, variance and truth of a third of the pairs, none of whose own lots are known."""
    rows, residual, truth = simulated(2)
    components = TRUE
    asked = (rows.item * OPERATIONS + rows.operation) % 3 == 0
    if hidden == "item":
        asked = rows.item % SIZE == 0
    used = np.flatnonzero(~asked)
    history = kind_history(0, rows, residual, used)
    family_of = np.repeat(np.arange(FAMILIES), SIZE)
    totals = family_totals(history, 0, family_of, components)
    pairs, first = np.unique(rows.item[asked] * OPERATIONS + rows.operation[asked], return_index=True)
    item, operation = pairs // OPERATIONS, pairs % OPERATIONS
    family: Ints = family_of[item] if hidden != "family" else np.full(len(item), -1)
    known = known_of(history, 0, totals, components, (item, family, operation))
    mean, variance = best_guess(components, operation, known)
    return mean, variance, truth[asked][first]


@pytest.mark.parametrize("hidden", ["operation", "item", "family"])
def test_a_guess_without_own_lots_errs_by_as_much_as_it_says(hidden: str) -> None:
    mean, variance, truth = guessed(hidden)
    assert float(((truth - mean) ** 2 / variance).mean()) == pytest.approx(1.0, abs=0.1)


def test_every_circle_that_is_known_makes_a_guess_surer() -> None:
    errors = [float(((truth - mean) ** 2).mean()) for mean, _, truth in (guessed(h) for h in ("operation", "item"))]
    assert errors[0] < errors[1] < 0.6 * (FAMILY + ITEM + SISTERS + PAIR)


def test_nothing_to_estimate_variances_from_gives_the_usual_ones() -> None:
    none = np.zeros(0, np.int64)
    nothing = LayerRows(none, none, none, none, np.zeros(0), OPERATIONS, 1)
    found = fit_layers(nothing, np.zeros(0)).components
    assert found.to_parts().keys() == no_components(OPERATIONS).to_parts().keys()
    assert found.family == no_components(OPERATIONS).family


def test_an_outlier_among_several_lots_does_not_move_its_item() -> None:
    rows, residual, truth = simulated(4)
    several = np.flatnonzero(np.bincount(rows.pair())[rows.pair()] >= 4)[::7]
    spoilt = residual.copy()
    spoilt[several] += 2.0
    robust = fit_layers(rows, spoilt)
    assert float(np.median(robust.residual[several] - truth[several])) == pytest.approx(0.0, abs=0.1)


def test_an_outlier_hardly_moves_its_item() -> None:
    rows, residual, _ = simulated(4)
    spoilt = residual.copy()
    spoilt[::100] += 2.0
    clean, robust = fit_layers(rows, residual), fit_layers(rows, spoilt)
    moved = robust.residual[::100] - clean.residual[::100]
    assert float(np.median(moved)) < 1.0  # of the 2.0 that were added
    assert robust.components.lot.mean() == pytest.approx(LOT, rel=0.35)
