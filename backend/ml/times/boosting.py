"""Fitting of boosted trees on log minutes, robust against outliers and against what changed since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.common.outliers import pulled_in
from backend.ml.trees.boosters import Booster, PackedText, bare_model

if TYPE_CHECKING:
    import lightgbm

MAX_ROWS: Final = 300_000
_ROUNDS: Final = 150
_PROBE_ROUNDS: Final = 40
FEW_ROWS: Final = 30_000
"""With more, more trees have never done worse: they are not counted out."""


@dataclass(frozen=True, slots=True)
class TreeRows:
    """What trees are fitted on: one row per lot and operation; `categories` flags columns of codes."""

    matrix: Floats
    """Operations come first."""
    target: Floats
    weights: Floats
    categories: list[bool]

    @property
    def operation(self) -> Ints:
        """Return the number of each row's operation."""
        return self.matrix[:, 0].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Part:
    """What one booster learns from, and what it is judged on (None: it is not judged)."""

    rows: TreeRows
    moved: Callable[[Floats], Floats]
    """Tells from residuals of `rows` the level at each row's time and work centre."""
    unseen: TreeRows | None


def fit_boosters(parts: Sequence[Part], *, seed: int, threads: int) -> list[PackedText]:
    """Return a packed LightGBM model string per part, for what depends on neither time nor work centre.

    All get as many trees as do best on what they have not seen, at least one.
    """
    fitted = [_fit(part, seed, threads) for part in parts]
    rounds = _ROUNDS
    if all(part.unseen for part in parts):
        rounds = 1 + int(np.argmin(np.sum([error for _, error in fitted], axis=0)))
    return [_text(model, rounds) for model, _ in fitted]


def _fit(part: Part, seed: int, threads: int) -> tuple["lightgbm.Booster", Floats]:
    """Fit twice: after a first try, targets far from it are pulled in.

    Squared error on such targets does better than absolute error here.
    """
    rows = part.rows
    probe, _ = _train(rows, None, _PROBE_ROUNDS, seed, threads)
    expected = Booster(_text(probe, _PROBE_ROUNDS), threads).predict(rows.matrix)
    near = pulled_in(rows.target, expected, rows.operation)
    return _train(replace(rows, target=near - part.moved(near - expected)), part.unseen, _ROUNDS, seed, threads)


def _train(
    fitted: TreeRows, unseen: TreeRows | None, rounds: int, seed: int, threads: int
) -> tuple["lightgbm.Booster", Floats]:
    """Return a model, and its absolute error on unseen rows after 1, 2, 3 ... trees (nothing where there are none)."""
    import lightgbm  # noqa: PLC0415 - 100 MB that serving does not need

    data, seen = _dataset(fitted, None), {"unseen": {"l1": [0.0]}}
    parameters = _parameters(len(fitted.target)) | {"seed": seed, "num_threads": threads}
    if unseen is None:
        return lightgbm.train(parameters, data, rounds), np.zeros(0)
    model = lightgbm.train(
        parameters,
        data,
        rounds,
        valid_sets=[_dataset(unseen, data)],
        valid_names=["unseen"],
        callbacks=[lightgbm.record_evaluation(seen)],
    )
    return model, float(unseen.weights.sum()) * np.array(seen["unseen"]["l1"])


def _dataset(rows: TreeRows, reference: "lightgbm.Dataset | None") -> "lightgbm.Dataset":
    import lightgbm  # noqa: PLC0415

    return lightgbm.Dataset(
        rows.matrix,
        reference=reference,
        label=rows.target,
        weight=rows.weights,
        categorical_feature=np.flatnonzero(np.array(rows.categories)).tolist(),
        params={"max_bin": 127, "verbose": -1},
        free_raw_data=True,
    )


def _parameters(rows: int) -> dict[str, Any]:
    return {
        "objective": "regression",
        "metric": "l1",
        "boost_from_average": False,
        "learning_rate": 0.1,
        "num_leaves": int(np.clip(rows // 40, 4, 63)),
        "min_data_in_leaf": int(np.clip(rows // 200, 3, 40)),
        "feature_fraction": 0.7,
        "max_bin": 127,
        "cat_smooth": 20.0,
        "min_data_per_group": int(np.clip(rows // 100, 3, 50)),
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }


def _text(model: "lightgbm.Booster", rounds: int) -> PackedText:
    return PackedText.of(bare_model(str(model.model_to_string(num_iteration=rounds))))
