import json
import subprocess
import sys

import numpy as np
import pytest

from backend.domain.models import BundleParts
from backend.domain.prediction import PredictionQuery
from backend.errors import BundleError
from backend.ml.bundle_schema import SCHEMA
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


def _in_schema(parts: BundleParts, schema: object) -> BundleParts:
    return BundleParts(parts.model, parts.vectorizer, parts.feature_config | {"schema": schema})


@pytest.mark.parametrize("schema", range(1, SCHEMA))
def test_an_older_schema_is_refused_by_name_and_says_to_train_again(model: RoutingModel, schema: int) -> None:
    with pytest.raises(BundleError, match=rf"version_7.*schema is {schema}.*lacks what") as refused:
        RoutingModel.from_parts(_in_schema(model.to_parts(), schema), "version_7")
    assert "routing-ml train" in str(refused.value)


def test_a_bundle_without_ranges_of_totals_answers_without_them(model: RoutingModel) -> None:
    parts = model.to_parts()
    times = {name: part for name, part in parts.model["times"].items() if name != "totals"}
    older = RoutingModel.from_parts(BundleParts(parts.model | {"times": times}, parts.vectorizer, parts.feature_config))
    best, whole = (each.predict([PredictionQuery("ITEM001")])[0].best for each in (older, model))
    assert best
    assert whole
    assert (best.total_range, best.total_spread) == (None, None)
    assert best.total_minutes == pytest.approx(whole.total_minutes, rel=0.05)
    assert "totals" not in {name for name, part in older.to_parts().model["times"].items() if part is not None}


@pytest.mark.parametrize("lost", ["histories", "times", "habits"])
def test_parts_that_lack_one_are_refused_by_name(model: RoutingModel, lost: str) -> None:
    parts = model.to_parts()
    rest = {name: part for name, part in parts.model.items() if name != lost}
    with pytest.raises(BundleError, match=rf"version_7.*{lost}"):
        RoutingModel.from_parts(BundleParts(rest, parts.vectorizer, parts.feature_config), "version_7")


@pytest.mark.parametrize("schema", [SCHEMA + 1, 99, 0, None, "3", True, 2.0])
def test_a_newer_or_unknown_schema_is_refused_by_name(model: RoutingModel, schema: object) -> None:
    with pytest.raises(BundleError, match=f"schema is {schema}.*Update routing-ml"):
        RoutingModel.from_parts(_in_schema(model.to_parts(), schema))


def test_predicting_never_loads_the_training_libraries() -> None:
    code = "import sys, backend.ml.model as m; print([n for n in ('sklearn', 'scipy', 'lightgbm') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
