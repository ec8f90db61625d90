"""An item's answer is its own, whatever else is asked for in the same call."""

import pytest

from backend.domain.prediction import PredictionQuery
from backend.ml.model import RoutingModel


@pytest.mark.parametrize("size", [2, 3, 10, 60])
def test_an_answer_is_the_same_alone_and_in_company(model: RoutingModel, size: int) -> None:
    queries = [PredictionQuery(code) for code in model.known_codes[:size]]
    assert model.predict(queries) == [model.predict([query])[0] for query in queries]


def test_attributes_are_answered_the_same_alone_and_in_company(model: RoutingModel) -> None:
    queries = [PredictionQuery(None, {"diameter": 20.0 + i, "material": None}) for i in range(20)]
    assert model.predict(queries) == [model.predict([query])[0] for query in queries]
