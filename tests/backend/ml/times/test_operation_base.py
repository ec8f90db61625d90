"""Where an operation's minutes start: its own level and slope over the quantity, as far as its lots can tell."""

from collections.abc import Callable

import numpy as np
import pytest

from backend.domain.plant import PlantData
from backend.ml.common.arrays import Floats, Ints
from backend.ml.model import Family, FitOptions, fit_model
from backend.ml.times import target_fit
from backend.ml.times.operation_base import BaseRows, OperationBase, common_base, fit_base

LEVELS, SLOPES = np.array([1.0, 3.0, 2.0]), np.array([-0.1, -0.6, 0.0])
"""The last operation has two lots; the first two have many."""


def alone(operation: Ints, log_quantity: Floats) -> BaseRows:
    """Take every lot to be of an item of its own."""
    return BaseRows(operation, np.arange(len(operation)), log_quantity, np.ones(len(operation)), 4)


def fitted(spoilt: float = 0.0) -> OperationBase:
    draw = np.random.default_rng(3)
    operation = np.r_[np.repeat([0, 1], 400), 2, 2]
    log_quantity = draw.normal(3, 1, len(operation))
    values = LEVELS[operation] + SLOPES[operation] * (log_quantity - 3) + 0.2 * draw.normal(size=len(operation))
    values[:800:20] += spoilt
    log_quantity[5:800:40] = np.nan
    return fit_base(values, alone(operation, log_quantity), nothing=-1.0)


def test_level_and_slope_of_operations_with_many_lots_are_found() -> None:
    base = fitted()
    assert base.slope[:2] == pytest.approx(SLOPES[:2], abs=0.03)
    asked = np.array([0, 1, 0]), np.array([5.0, 1.0, np.nan])
    assert base.of(*asked) == pytest.approx([1.0 - 0.2, 3.0 + 1.2, 1.0], abs=0.06)


def test_outliers_hardly_move_it() -> None:
    assert fitted(spoilt=8.0).level[:2] == pytest.approx(fitted().level[:2], abs=0.12)


def test_few_lots_draw_the_slope_to_what_is_usual_and_none_give_what_all_have_in_common() -> None:
    base = fitted()
    assert -0.7 < base.slope[2] < 0.0
    assert base.level[2] == pytest.approx(2.0, abs=0.4)
    assert base.slope[3] == pytest.approx(base.slope[:2].mean(), abs=0.1)
    assert 1.0 < base.level[3] < 3.0


def test_a_plant_that_books_no_quantities_has_levels_alone() -> None:
    operation = np.repeat([0, 1], 50)
    base = fit_base(LEVELS[operation], alone(operation, np.full(100, np.nan)), nothing=0.0)
    assert base.of(np.array([0, 1]), np.array([2.0, np.nan])) == pytest.approx([1.0, 3.0])


def test_without_any_lot_it_is_what_it_is_told_to_be() -> None:
    none = np.zeros(0)
    base = fit_base(none, alone(none.astype(int), none), nothing=-4.0)
    assert base.of(np.array([1]), np.array([3.0])).tolist() == [-4.0]


def test_items_made_in_large_lots_that_are_slow_anyway_do_not_make_large_lots_slow() -> None:
    draw = np.random.default_rng(5)
    item = np.repeat(np.arange(200), 6)
    usual = draw.normal(3, 1, 200)
    log_quantity = usual[item] + 0.5 * draw.normal(size=len(item))
    values = 0.8 * usual[item] - 0.2 * log_quantity + 0.1 * draw.normal(size=len(item))
    rows = BaseRows(np.zeros(len(item), int), item, log_quantity, np.ones(len(item)), 1)
    assert fit_base(values, rows, nothing=0.0).slope[0] == pytest.approx(-0.2, abs=0.05)


@pytest.mark.parametrize(("family", "levels"), [("boosted_trees", 1), ("nearest_neighbour", 7)])
def test_trees_that_learn_from_very_many_lots_start_from_one_level(
    family: Family, levels: int, plant_maker: Callable[..., PlantData], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_fit, "_MANY_ROWS", 100)
    parts = fit_model(plant_maker(60), None, FitOptions(family)).to_parts().model["times"]["run"]["base"]
    assert len(set(parts["level"].tolist())) == levels


def test_one_level_for_all_keeps_the_slope_that_operations_usually_have() -> None:
    base = OperationBase(np.arange(3.0), np.array([-0.1, -0.2, -0.9]), np.full(3, 2.0))
    one = common_base(base, level=5.0)
    assert one.of(np.array([0, 2]), np.array([2.0, 3.0])) == pytest.approx([5.0, 4.8])
