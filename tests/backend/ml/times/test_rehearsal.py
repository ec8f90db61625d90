"""Rehearsals know what was known at the time, and no more."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from backend.domain.plant import PlantData
from backend.domain.progress import no_progress
from backend.ml.fitting import lay_groundwork, time_setting
from backend.ml.history.pair_history import RUN, SETUP
from backend.ml.times.target_fit import fit_target, weighed


def test_standards_are_weighed_by_the_lots_of_the_time_alone(plant_maker: Callable[..., PlantData]) -> None:
    ground = lay_groundwork(plant_maker(80), None, 0, no_progress)
    setting = time_setting(ground, trees=False, threads=1)
    minutes = ((SETUP, ground.rows.setup_minutes), (RUN, ground.rows.run_minutes_per_unit))
    fits = [fit_target(ground.rows, each, kind, setting) for kind, each in minutes]
    half = [np.flatnonzero(fit.rows.age_days >= np.median(fit.rows.age_days)) for fit in fits]
    spoilt = [
        replace(
            fit, layers=replace(fit.layers, residual=fit.layers.residual + (~np.isin(np.arange(len(fit.used)), old)))
        )
        for fit, old in zip(fits, half, strict=True)
    ]
    then, anyway = weighed(fits, half), weighed(spoilt, half)
    assert max(each.lots.max() for each in then) > 0
    assert all(np.array_equal(one.lots, other.lots) for one, other in zip(then, anyway, strict=True))
    assert max(each.lots.max() for each in weighed(fits, [old[:0] for old in half])) == 0
