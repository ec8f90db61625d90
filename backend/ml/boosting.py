"""Fitting of boosted trees on log minutes, robust against outliers and against what changed since."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.arrays import Floats
from backend.ml.boosters import Booster, without_parameters

MAX_ROWS: Final = 300_000
_ROUNDS: Final = 150
_PROBE_ROUNDS: Final = 40
_CLIP_DEVIATIONS: Final = 3.0


@dataclass(frozen=True, slots=True)
class TreeRows:
    """What trees are fitted on: one row per lot and operation; `categories` flags columns of codes."""

    matrix: Floats
    target: Floats
    weights: Floats
    categories: list[bool]


def fit_booster(rows: TreeRows, moved: Callable[[Floats], Floats], *, seed: int, threads: int) -> str:
    """Return a LightGBM model string for the level of now.

    After a first fit, targets far from it are pulled in (squared error on clipped targets does better
    than absolute error here), and `moved` tells from the residuals how far each row's time lies above
    today's.
    """
    probe = _train(rows, _PROBE_ROUNDS, seed, threads)
    expected = Booster(probe, threads).predict(rows.matrix)
    residual = rows.target - expected
    spread = max(1.4826 * float(np.median(np.abs(residual - np.median(residual)))), 1e-6)
    clipped = np.clip(residual, -_CLIP_DEVIATIONS * spread, _CLIP_DEVIATIONS * spread)
    return _train(replace(rows, target=expected + clipped - moved(clipped)), _ROUNDS, seed, threads)


def _train(fitted: TreeRows, rounds: int, seed: int, threads: int) -> str:
    import lightgbm  # noqa: PLC0415 - 100 MB that serving does not need

    rows = len(fitted.target)
    parameters = {
        "objective": "regression",
        "learning_rate": 0.1,
        "num_leaves": int(np.clip(rows // 40, 4, 63)),
        "min_data_in_leaf": int(np.clip(rows // 200, 3, 40)),
        "feature_fraction": 0.7,
        "max_bin": 127,
        "cat_smooth": 20.0,
        "min_data_per_group": int(np.clip(rows // 100, 3, 50)),
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "num_threads": threads,
        "verbose": -1,
    }
    data = lightgbm.Dataset(
        fitted.matrix,
        label=fitted.target,
        weight=fitted.weights,
        categorical_feature=np.flatnonzero(np.array(fitted.categories)).tolist(),
        params={"max_bin": 127, "verbose": -1},
        free_raw_data=True,
    )
    return without_parameters(str(lightgbm.train(parameters, data, num_boost_round=rounds).model_to_string()))
