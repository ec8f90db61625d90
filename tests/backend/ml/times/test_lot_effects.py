"""Practice is learnt inside pairs and periods, and not from noise."""

import numpy as np
import pytest

from backend.ml.times.lot_effects import LotEffects, fit_lot_effects

PAIRS, LOTS = 400, 5


def fitted(slope: float, pairs: int = PAIRS) -> LotEffects:
    draw = np.random.default_rng(0)
    earlier = np.tile(np.arange(LOTS), pairs)
    pair = np.repeat(np.arange(pairs), LOTS)
    period = np.sort(draw.integers(0, 24, (pairs, LOTS)), axis=1).ravel()
    own = draw.normal(0, 1, pairs)[pair] + 0.02 * period
    residual = own + slope * np.log1p(earlier) + 0.1 * draw.normal(size=len(pair))
    return fit_lot_effects(pair, (np.zeros_like(pair), period), earlier, residual)


@pytest.mark.parametrize("slope", [-0.2, -0.04])
def test_the_slope_is_found_beside_levels_of_items_and_a_trend_of_the_plant(slope: float) -> None:
    assert fitted(slope).practice == pytest.approx(slope, abs=0.02)
    assert fitted(slope).of(np.array([0, 3])).tolist() == pytest.approx([0.0, fitted(slope).practice * np.log(4)])


def test_a_few_wild_lots_give_no_steeper_curve_than_practice_has() -> None:
    assert fitted(-3.0, pairs=20).practice == -0.32
    none = np.zeros(3, np.int64)
    assert fit_lot_effects(np.arange(3), (none, none), none, np.ones(3)).practice == 0


def test_practice_ends_where_the_lots_show_no_more_of_it_and_an_unknown_item_has_the_usual_practice() -> None:
    draw, lots = np.random.default_rng(2), 40
    earlier = np.tile(np.arange(lots), PAIRS)
    pair = np.repeat(np.arange(PAIRS), lots)
    residual = -0.1 * np.log1p(np.minimum(earlier, 8)) + 0.01 * draw.normal(size=len(pair))
    period = draw.integers(0, 10, len(pair))
    found = fit_lot_effects(pair, (np.zeros_like(pair), period), earlier, residual)
    assert found.most_lots == 8
    assert found.of(np.array([8, 30])).tolist() == pytest.approx([-0.1 * np.log(9)] * 2, abs=0.01)
    usual = found.of(np.array([0]), np.array([True]))[0]
    assert usual == pytest.approx(-0.1 * np.log1p(np.minimum(np.arange(lots), 8)).mean(), abs=0.01)


def test_one_operation_s_own_trend_is_no_practice() -> None:
    draw, lots = np.random.default_rng(3), 40
    earlier = np.tile(np.arange(lots), PAIRS)
    pair = np.repeat(np.arange(PAIRS), lots)
    operation, period = pair % 2, 23 - earlier * 24 // lots
    residual = np.where((operation == 1) & (period < 12), -0.5, 0.0) + 0.01 * draw.normal(size=len(pair))
    assert fit_lot_effects(pair, (operation, period), earlier, residual).practice == pytest.approx(0, abs=0.01)


def test_a_record_that_begins_with_short_lots_shows_no_practice_that_slows() -> None:
    draw, lots = np.random.default_rng(4), 40
    earlier = np.tile(np.arange(lots), PAIRS)
    pair = np.repeat(np.arange(PAIRS), lots)
    residual = 0.3 * np.log1p(np.minimum(earlier, 4)) + 0.1 * draw.normal(size=len(pair))
    period = 23 - earlier * 24 // lots
    assert fit_lot_effects(pair, (np.zeros_like(pair), period), earlier, residual).practice == 0
