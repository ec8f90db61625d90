import json
import subprocess
import sys

import numpy as np
import pytest

from backend.domain.models import BundleParts
from backend.domain.prediction import PredictionQuery
from backend.errors import BundleError
from backend.ml.model import RoutingModel

PLAIN = (str, bytes, bool, int, float, type(None))


def _assert_plain(value: object, path: str) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            assert type(key) is str, path
            _assert_plain(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            _assert_plain(each, f"{path}[{number}]")
    elif isinstance(value, np.ndarray):
        assert value.dtype.kind in "biuf", path
    else:
        assert type(value) in PLAIN, f"{path} is a {type(value)}"


def test_parts_are_plain_values_and_arrays_without_objects(model: RoutingModel) -> None:
    parts = model.to_parts()
    _assert_plain(parts.model, "model")
    _assert_plain(parts.vectorizer, "vectorizer")
    assert json.loads(json.dumps(parts.feature_config)) == parts.feature_config


def test_a_stored_model_answers_as_the_fitted_one(model: RoutingModel) -> None:
    stored = RoutingModel.from_parts(model.to_parts())
    queries = [
        *(PredictionQuery(f"ITEM{number:03d}") for number in range(1, 60)),
        PredictionQuery("X1", {"part_type": "FACE", "diameter": 77}),
    ]
    for fitted, again in zip(model.predict(queries), stored.predict(queries), strict=True):
        assert fitted.best
        assert again.best
        assert [op.operation_code for op in fitted.best.operations] == [
            op.operation_code for op in again.best.operations
        ]
        assert fitted.best.total_minutes == pytest.approx(again.best.total_minutes, rel=0.01)
    assert stored.family == model.family
    assert stored.data_cutoff == model.data_cutoff
    assert stored.attributes == model.attributes
    assert list(stored.known_codes) == list(model.known_codes)


def test_another_schema_is_refused_by_name(model: RoutingModel) -> None:
    parts = model.to_parts()
    old = BundleParts(parts.model, parts.vectorizer, parts.feature_config | {"schema": 99})
    with pytest.raises(BundleError, match="schema is 99"):
        RoutingModel.from_parts(old)


def test_predicting_never_loads_the_training_libraries() -> None:
    code = "import sys, backend.ml.model as m; print([n for n in ('sklearn', 'scipy', 'lightgbm') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
