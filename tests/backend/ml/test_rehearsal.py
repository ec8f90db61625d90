"""Rehearsals know what was known at the time, and no more."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from backend.domain.plant import PlantData
from backend.domain.progress import no_progress
from backend.ml.fitting import lay_groundwork, time_setting
from backend.ml.pair_history import SETUP
from backend.ml.standards import NO_STANDARDS
from backend.ml.target_fit import fit_target


def test_standards_are_weighed_by_the_lots_of_the_time_alone(plant_maker: Callable[..., PlantData]) -> None:
    ground = lay_groundwork(plant_maker(80), None, 0, no_progress)
    fit = fit_target(ground.rows, ground.rows.setup_minutes, SETUP, time_setting(ground, trees=False, threads=1))
    half = np.flatnonzero(fit.rows.age_days >= np.median(fit.rows.age_days))
    spoilt = replace(fit.layers, residual=fit.layers.residual + (~np.isin(np.arange(len(fit.used)), half)))
    assert fit.worth.lots.max() > 0
    assert np.array_equal(
        replace(fit, layers=spoilt).weighed(half, NO_STANDARDS).lots, fit.weighed(half, NO_STANDARDS).lots
    )
    assert fit.weighed(half[:0], NO_STANDARDS).lots.max() == 0
