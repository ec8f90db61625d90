import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.domain.prediction import Candidate, ItemPrediction, MinutesRange, PredictedOperation, PredictionStatus
from backend.ml.judging import metrics
from backend.ml.judging.comparison import REPEAT_SCHEMA, ActualLot, Comparison, compare, summarise
from backend.ml.judging.segments import label_items, worst_segments

minutes = st.floats(min_value=0.1, max_value=1e4)
pairs = st.lists(st.tuples(minutes, minutes), min_size=1, max_size=60)


@given(pairs)
def test_errors_are_never_negative_and_zero_for_a_perfect_forecast(values: list[tuple[float, float]]) -> None:
    predicted, actual = zip(*values, strict=True)
    for metric in (metrics.mae, metrics.trim_mae, metrics.rmse, metrics.wape, metrics.cv):
        found = metric(predicted, actual)
        assert found is not None
        assert found >= 0
        assert metric(actual, actual) == 0


@given(pairs)
@example([(0.25, 1 / 3)])  # rounding the mean square before its root once made rmse the smaller one
def test_rmse_is_at_least_mae(values: list[tuple[float, float]]) -> None:
    predicted, actual = zip(*values, strict=True)
    rmse, mae = metrics.rmse(predicted, actual), metrics.mae(predicted, actual)
    assert rmse is not None
    assert mae is not None
    assert rmse >= mae - 1e-4


def test_nothing_to_compare_gives_no_number() -> None:
    empty = summarise(compare([], []))
    assert empty.mae is None
    assert empty.process_match is None
    assert empty.coverage is None
    assert empty.actual_cv is None
    assert (empty.item_count, empty.operation_count) == (0, 0)


def test_no_model_beats_the_shops_own_variation() -> None:
    """actual_cv of repeat orders equals the cv of the best predictor, which knows the true mean."""
    rng = np.random.default_rng(7)
    items = np.repeat(np.arange(400), 6)
    rate = rng.uniform(1, 5, 400)[items]
    quantity = rng.integers(5, 50, items.size).astype(float)
    run = rate * quantity * rng.normal(1, 0.2, items.size)
    setup = np.full(items.size, 10.0)
    shop = metrics.actual_cv(setup, run, quantity, items)
    oracle = metrics.cv(10 + rate * quantity, setup + run)
    assert shop == pytest.approx(oracle, rel=0.08)


def _operation(code: str, lot_minutes: float, centre: str = "W1", *, in_house: bool = True) -> PredictedOperation:
    around = MinutesRange(lot_minutes * 0.8, lot_minutes * 1.2)
    return PredictedOperation(10, code, code, centre, in_house, 0.0, around, 1.0, around, lot_minutes, around, 0)


def _prediction(item: str, *operations: PredictedOperation) -> ItemPrediction:
    candidate = Candidate(0.9, operations, sum(operation.lot_minutes for operation in operations))
    return ItemPrediction(item, PredictionStatus.OK, "", 10.0, (candidate,))


def _lot(item: str, codes: tuple[str, ...], actual: tuple[float | None, ...], first_row: int = 0) -> ActualLot:
    count = len(codes)
    rows = tuple(range(first_row, first_row + count))
    return ActualLot(f"WO-{item}", item, 10.0, rows, codes, ("W1",) * count, (True,) * count, actual)


def test_only_operations_found_on_both_sides_have_a_time_error() -> None:
    lot = _lot("A", ("CUT", "LAP", "PACK"), (10.0, 20.0, 5.0))
    found = summarise(compare([lot], [_prediction("A", _operation("CUT", 12), _operation("LAP", 20, "W2"))]))
    assert found.mae == 1.0
    assert found.operation_count == 2
    assert found.process_match == pytest.approx(0.6667)
    assert found.exact_match == 0.0
    assert found.routing_mae == 3.0, "the missing PACK is in the total"
    assert found.work_centre_match == 0.5
    assert found.outsourcing_success == 1.0
    assert found.coverage == 1.0


def test_an_operation_booked_at_plan_counts_for_the_sequence_but_not_for_times() -> None:
    lot = _lot("A", ("CUT", "LAP"), (10.0, None))
    found = summarise(compare([lot], [_prediction("A", _operation("CUT", 11), _operation("LAP", 99))]))
    assert found.exact_match == 1.0
    assert found.mae == 1.0
    assert found.routing_mae is None


@pytest.mark.parametrize(
    ("codes", "actual", "expected"),
    [
        (("CUT", "LAP"), (12.0, 20.0), 1.0),
        (("CUT", "LAP"), (12.0, 30.0), 0.0),
        (("CUT", "LAP"), (12.0, None), None),
        (("CUT", "LAP", "PACK"), (12.0, 20.0, 1.0), None),
    ],
    ids=["inside", "outside", "an operation is not judged", "made by another sequence"],
)
def test_the_range_of_a_total_is_judged_on_whole_lots_that_were_made_as_proposed(
    codes: tuple[str, ...], actual: tuple[float | None, ...], expected: float | None
) -> None:
    operations = (_operation("CUT", 12), _operation("LAP", 20))
    candidate = Candidate(0.9, operations, 32.0, MinutesRange(30.0, 36.0))
    prediction = ItemPrediction("A", PredictionStatus.OK, "", 10.0, (candidate,))
    assert summarise(compare([_lot("A", codes, actual)], [prediction])).total_coverage == expected


def test_a_lot_without_prediction_counts_as_a_miss() -> None:
    nothing = ItemPrediction("A", PredictionStatus.NOT_FOUND, "", 10.0)
    found = summarise(compare([_lot("A", ("CUT",), (10.0,))], [nothing]))
    assert found.process_match == 0.0
    assert found.mae is None
    assert found.item_count == 1


def test_the_right_sequence_on_a_wrong_machine_is_no_exact_route() -> None:
    found = summarise(compare([_lot("A", ("CUT",), (10.0,))], [_prediction("A", _operation("CUT", 10, "W9"))]))
    assert (found.exact_match, found.exact_route) == (1.0, 0.0)


def test_the_worst_segment_comes_first_with_its_count() -> None:
    lots = [_lot(f"I{n}", ("CUT", "LAP"), (10.0, 10.0), 2 * n) for n in range(30)]
    predictions = [_prediction(f"I{n}", _operation("CUT", 11), _operation("LAP", 20)) for n in range(30)]
    labels = pl.DataFrame({"item_code": [f"I{n}" for n in range(30)], "history": ["new"] * 25 + ["known"] * 5})
    compared = label_items(compare(lots, predictions), labels)
    segments = worst_segments(compared, {"operation": "operation_code", "history": "history"})
    assert [(one.dimension, one.value) for one in segments] == [
        ("operation", "LAP"),
        ("history", "new"),
        ("operation", "CUT"),
    ], "five known items are too few for a figure"
    assert segments[0].metrics.operation_count == 30
    assert segments[0].metrics.process_match is None


def test_visits_of_one_operation_are_no_repeats_of_each_other() -> None:
    rows = [
        ("A", "CUT", "W1", 10.0, 0.0, minutes, visit) for visit, minutes in ((1, 20.0), (2, 60.0)) for _ in range(3)
    ]
    repeats = pl.DataFrame(rows, schema=REPEAT_SCHEMA, orient="row")
    compared = compare([_lot("A", ("CUT",), (25.0,))], [_prediction("A", _operation("CUT", 25))])
    assert summarise(Comparison(compared.lots, compared.operations, repeats)).actual_cv == 0


def test_repeat_orders_give_the_shops_variation_beside_the_models() -> None:
    repeats = pl.DataFrame(
        [("A", "CUT", "W1", 10.0, 5.0, 18.0, 0), ("A", "CUT", "W1", 10.0, 5.0, 22.0, 0)],
        schema=REPEAT_SCHEMA,
        orient="row",
    )
    compared = compare([_lot("A", ("CUT",), (25.0,))], [_prediction("A", _operation("CUT", 25))])
    assert summarise(Comparison(compared.lots, compared.operations, repeats)).actual_cv == pytest.approx(0.1131)
