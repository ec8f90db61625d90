import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.plant import PlantData
from backend.domain.prediction import PredictionQuery, PredictionStatus
from backend.ml.model import RoutingModel


def test_an_unknown_code_is_not_found(model: RoutingModel) -> None:
    assert model.predict([PredictionQuery("NOPE")])[0].status is PredictionStatus.NOT_FOUND


def test_a_query_with_nothing_is_invalid(model: RoutingModel) -> None:
    assert model.predict([PredictionQuery()])[0].status is PredictionStatus.INVALID


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"diameter": "wide"}, "diameter"),
        ({"diameter": math.nan}, "diameter"),
        ({"diameter": math.inf}, "diameter"),
        ({"diameter": "1e999"}, "diameter"),
        ({"material": math.nan}, "material"),
        ({"weight": 3}, "weight"),
        ({"item_code": "A"}, "item_code"),
    ],
)
def test_an_attribute_that_cannot_be_read_is_named(
    model: RoutingModel, attributes: dict[str, str | float], named: str
) -> None:
    answer, fine = model.predict([PredictionQuery("A", attributes), PredictionQuery("ITEM001")])
    assert answer.status is PredictionStatus.INVALID
    assert named in answer.message
    assert fine.status is PredictionStatus.OK


@pytest.mark.parametrize("quantity", [0, -1, math.nan, math.inf, 1e300])
def test_an_impossible_quantity_is_invalid(model: RoutingModel, quantity: float) -> None:
    answer = model.predict([PredictionQuery("ITEM001", quantity=quantity)])[0]
    assert answer.status is PredictionStatus.INVALID
    assert "quantity" in answer.message


@pytest.mark.parametrize("text", ["55.5", " 55,5 "])
def test_numbers_may_come_as_text(model: RoutingModel, text: str) -> None:
    as_number, as_text = model.predict([PredictionQuery("A", {"diameter": d}) for d in (55.5, text)])
    assert as_number == as_text


def test_values_never_seen_and_missing_ones_are_answered(model: RoutingModel) -> None:
    strange = {"part_type": "별난 부품", "material": None, "description": "never seen ✓", "diameter": 1e9}
    answer = model.predict([PredictionQuery(None, strange)])[0]
    assert answer.status in {PredictionStatus.OK, PredictionStatus.LOW_EVIDENCE}
    assert answer.best
    assert all(math.isfinite(op.lot_range.high) for op in answer.best.operations)


def test_attributes_win_over_what_is_stored_but_history_stays(model: RoutingModel, small_plant: PlantData) -> None:
    code = small_plant.work_orders["item_code"][0]
    answer = model.predict([PredictionQuery(code, {"part_type": "FACE", "diameter": 80})])[0]
    assert answer.item_code == code
    assert answer.best
    assert any(op.evidence_count > 0 for op in answer.best.operations)


values = st.one_of(st.none(), st.text(max_size=30), st.floats(), st.integers(-(10**12), 10**12))
names = st.sampled_from(["part_type", "material", "colour", "diameter", "description"])


@settings(max_examples=150, deadline=None)
@given(
    code=st.one_of(st.none(), st.text(max_size=12), st.just("ITEM003")),
    attributes=st.dictionaries(names, values, max_size=5),
    quantity=st.one_of(st.none(), st.floats()),
)
def test_no_query_crashes_and_times_are_never_negative(
    model: RoutingModel, code: str | None, attributes: dict[str, str | float | None], quantity: float | None
) -> None:
    answer = model.predict([PredictionQuery(code, attributes or None, quantity)])[0]
    for candidate in answer.candidates:
        assert 0 <= candidate.probability <= 1
        for op in candidate.operations:
            assert min(op.setup_minutes, op.run_minutes_per_unit, op.lot_range.low) >= 0
            assert op.lot_range.low <= op.lot_minutes <= op.lot_range.high < math.inf
