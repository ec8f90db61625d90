"""How fast habits age is learnt from lots, in all and of each operation."""

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.history.habits import fit_ageing

ITEMS, LOTS, SWITCHED_DAYS_AGO = 200, 10, 150.0
STEPS = np.array([0, 0, 1, 1])
"""Operation 0 is done in step 0 or 1, operation 1 in step 2 or 3."""
VARIANTS = Ragged(np.arange(0, 10, 2), np.array([0, 2, 0, 3, 1, 2, 1, 3]))
"""Variant 2 x (step of operation 0) + (step of operation 1), each counted from 0."""


def _lots(switches: bool) -> tuple[Ints, Ints, Floats]:
    """Return item, variant and age of lots, oldest first; operation 0 is done here and there by chance."""
    draw = np.random.default_rng(5)
    item = np.repeat(np.arange(ITEMS), LOTS).astype(np.uint32)
    age_days = draw.uniform(0, 900, len(item))
    new = (age_days < SWITCHED_DAYS_AGO) & switches
    variant = 2 * (draw.random(len(item)) < 0.2) + new
    order = np.argsort(-age_days)
    return item[order], variant[order], age_days[order]


def test_an_operation_that_the_plant_began_to_do_otherwise_ages_faster_and_one_that_varies_by_chance_does_not() -> None:
    item, variant, age_days = _lots(switches=True)
    chance, switched = fit_ageing(variant, item, VARIANTS, STEPS, (age_days, 365.0))
    assert chance == 0
    assert switched >= 1 / 120 - 1 / 365


def test_where_nothing_changes_no_operation_ages_faster() -> None:
    item, variant, age_days = _lots(switches=False)
    assert fit_ageing(variant, item, VARIANTS, STEPS, (age_days, 365.0)).tolist() == [0, 0]
    one_way = np.zeros_like(variant)
    assert fit_ageing(one_way, item, VARIANTS, STEPS, (age_days, 365.0)).tolist() == [0, 0]
    none = np.zeros(0, np.int64)
    assert fit_ageing(none, none, VARIANTS, STEPS, (np.zeros(0), 365.0)).tolist() == [0, 0]
