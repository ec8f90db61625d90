import numpy as np
import pytest

from backend.ml.common.arrays import Ragged
from backend.ml.operations.presence import fit_network


def _inputs(active: np.ndarray) -> Ragged:
    rows, values = np.nonzero(active)
    return Ragged.from_rows(rows, values.astype(np.int32), len(active))


@pytest.mark.parametrize("labels", [1, 2, 200])
def test_the_network_learns_each_of_few_or_many_labels(labels: int) -> None:
    draw = np.random.default_rng(0)
    active = draw.random((600, 12)) < 0.3
    targets = active[:, np.arange(labels) % 12].astype(np.float32)
    network = fit_network(_inputs(active), targets, 12, seed=0)
    assert np.mean((network.log_odds(_inputs(active)) > 0) == (targets > 0)) > 0.99


def test_labels_that_never_vary_are_constants() -> None:
    active = np.random.default_rng(0).random((50, 4)) < 0.5
    targets = np.tile(np.array([1.0, 0.0], dtype=np.float32), (50, 1))
    odds = fit_network(_inputs(active), targets, 4, seed=0).log_odds(_inputs(active))
    assert (odds[:, 0] > 5).all()
    assert (odds[:, 1] < -5).all()
