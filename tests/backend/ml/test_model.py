from collections.abc import Callable
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import PlantData
from backend.domain.prediction import AttributeValue, PredictionQuery, PredictionStatus
from backend.ml.model import FAMILIES, Family, FitOptions, ModelFitting, RoutingModel, fit_model

PlantMaker = Callable[..., PlantData]


def _attributes(plant: PlantData, row: dict[str, object]) -> dict[str, object]:
    return {attribute.name: row[attribute.name] for attribute in plant.attributes}


def _true_codes(plant: PlantData) -> dict[str, tuple[str, ...]]:
    grouped = plant.routings.sort("item_code", "sequence").group_by("item_code").agg("operation_code")
    return {code: tuple(codes) for code, codes in grouped.iter_rows()}


def _predicted_codes(model: RoutingModel, queries: list[PredictionQuery]) -> list[tuple[str, ...]]:
    answers = model.predict(queries)
    return [tuple(op.operation_code for op in a.best.operations) if a.best else () for a in answers]


def test_a_known_item_gets_the_routing_it_was_made_by(model: RoutingModel, small_plant: PlantData) -> None:
    truth = _true_codes(small_plant)
    codes = sorted(truth)
    predicted = _predicted_codes(model, [PredictionQuery(code) for code in codes])
    assert np.mean([p == truth[c] for p, c in zip(predicted, codes, strict=True)]) > 0.98


def test_a_new_item_is_predicted_from_its_attributes(model: RoutingModel, plant_maker: PlantMaker) -> None:
    others = plant_maker(items=200, seed=77)
    truth = _true_codes(others)
    rows = list(others.items.iter_rows(named=True))
    queries = [PredictionQuery("NEW-" + row["item_code"], _attributes(others, row)) for row in rows]  # type: ignore[arg-type]
    predicted = _predicted_codes(model, queries)
    assert np.mean([p == truth[r["item_code"]] for p, r in zip(predicted, rows, strict=True)]) > 0.75


def test_ranges_cover_about_four_in_five_lots_of_the_future(
    model: RoutingModel, small_plant: PlantData, cutoff: datetime
) -> None:
    future = small_plant.work_orders.filter(pl.col("finished_at") > cutoff)
    rows = list(future.iter_rows(named=True))
    answers = model.predict([PredictionQuery(r["item_code"], None, r["quantity"]) for r in rows], evidence=False)
    inside = []
    for row, answer in zip(rows, answers, strict=True):
        found = (
            [op for op in answer.best.operations if op.operation_code == row["operation_code"]] if answer.best else []
        )
        actual = row["setup_minutes"] + row["run_minutes"]
        inside += [op.lot_range.low <= actual <= op.lot_range.high for op in found]
    assert len(inside) > 300
    assert 0.72 < np.mean(inside) < 0.88


def test_ranges_of_totals_cover_about_four_in_five_lots_of_the_future(
    model: RoutingModel, small_plant: PlantData, cutoff: datetime
) -> None:
    future = small_plant.work_orders.filter(pl.col("finished_at") > cutoff).group_by("work_order_code", "item_code")
    actual = (pl.col("setup_minutes") + pl.col("run_minutes")).sum()
    lots = list(future.agg("operation_code", actual=actual, quantity=pl.col("quantity").first()).iter_rows(named=True))
    answers = model.predict([PredictionQuery(lot["item_code"], None, lot["quantity"]) for lot in lots], evidence=False)
    inside = []
    for lot, answer in zip(lots, answers, strict=True):
        best = answer.best
        if best and best.total_range and [op.operation_code for op in best.operations] == lot["operation_code"]:
            inside.append(best.total_range.low <= lot["actual"] <= best.total_range.high)
    assert len(inside) > 80
    assert 0.7 < np.mean(inside) < 0.9


def test_every_candidate_says_from_which_numbers_the_range_of_its_total_follows(model: RoutingModel) -> None:
    for answer in model.predict([PredictionQuery(f"ITEM{number:03d}", quantity=3) for number in range(1, 20)]):
        for candidate in answer.candidates:
            ranged, spread = candidate.total_range, candidate.total_spread
            assert ranged
            assert spread
            above = np.array([op.lot_range.high - op.lot_minutes for op in candidate.operations])
            squares, square = float(np.sum(above**2)), float(np.sum(above)) ** 2
            deviation = np.sqrt((1 - spread.correlation) * squares + spread.correlation * square)
            assert ranged.high == pytest.approx(candidate.total_minutes + spread.high_factor * deviation)
            assert 0 <= ranged.low <= candidate.total_minutes


@pytest.mark.parametrize("quantity", [0.001, 7, 1e6])
def test_an_answer_is_whole_and_consistent(model: RoutingModel, quantity: float) -> None:
    answer = model.predict([PredictionQuery("ITEM001", quantity=quantity)])[0]
    assert answer.status is PredictionStatus.OK
    assert answer.best
    assert answer.quantity == quantity
    assert [op.sequence for op in answer.best.operations] == [10 * (i + 1) for i in range(len(answer.best.operations))]
    for op in answer.best.operations:
        assert op.lot_minutes == pytest.approx(op.setup_minutes + quantity * op.run_minutes_per_unit)
        assert 0 <= op.setup_range.low <= op.setup_minutes <= op.setup_range.high
        assert 0 <= op.run_range.low <= op.run_minutes_per_unit <= op.run_range.high
        assert 0 <= op.lot_range.low <= op.lot_minutes <= op.lot_range.high
        assert op.operation_name == op.operation_code.title()
    together, total = sum(op.lot_minutes for op in answer.best.operations), answer.best.total_minutes
    assert together * (1 - 1e-9) <= total < 1.1 * together, "medians of times that are skewed do not add up"
    chances = [candidate.probability for candidate in answer.candidates]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= 1 + 1e-9


def test_outsourced_steps_are_marked(model: RoutingModel, small_plant: PlantData) -> None:
    coated = small_plant.items.filter(pl.col("description").str.contains("코팅"))["item_code"][0]
    best = model.predict([PredictionQuery(coated)])[0].best
    assert best
    assert {op.operation_code: op.in_house for op in best.operations}["COAT"] is False
    assert all(op.in_house for op in best.operations if op.operation_code != "COAT")


def test_evidence_names_items_orders_and_attributes(
    model: RoutingModel, small_plant: PlantData, cutoff: datetime
) -> None:
    made = small_plant.work_orders.filter(pl.col("finished_at") <= cutoff)
    code = made["item_code"][0]
    answer = model.predict([PredictionQuery(code)])[0]
    own, *others = answer.similar_items
    assert own.item_code == code
    assert own.work_order_codes
    assert set(own.work_order_codes) <= set(made.filter(pl.col("item_code") == code)["work_order_code"])
    assert others
    assert all(0 <= item.similarity <= 1 and model.knows(item.item_code) for item in others)
    assert sum(influence.share for influence in answer.influences) <= 1.001
    assert answer.influences[0].attribute in {"part_type", "description", "diameter", "material"}


def test_similar_items_are_alike_and_differ_in_what_was_told_of_the_asked_one(
    model: RoutingModel, small_plant: PlantData
) -> None:
    kinds = dict(small_plant.items.select("item_code", "part_type").iter_rows())
    others = model.predict([PredictionQuery(None, {"part_type": "FACE", "diameter": 50.0})])[0].similar_items
    assert len(others) > 1
    for other in others:
        assert {*other.alike, *other.differs} <= {"part_type", "diameter"}
        assert ("part_type" in other.alike) == (kinds[other.item_code] == "FACE")
        assert ("part_type" in other.differs) == (kinds[other.item_code] != "FACE")


def test_evidence_can_be_left_out(model: RoutingModel) -> None:
    answer = model.predict([PredictionQuery("ITEM001")], evidence=False)[0]
    assert answer.best
    assert answer.similar_items == ()
    assert answer.influences == ()


def test_without_quantity_the_usual_lot_is_taken_and_said(model: RoutingModel) -> None:
    known, new = model.predict([PredictionQuery("ITEM001"), PredictionQuery(None, {"part_type": "FACE"})])
    assert known.quantity > 0
    assert f"{known.quantity:g}" in known.message
    assert "the plant's usual lot" in new.message


def test_a_category_that_training_never_met_is_said(model: RoutingModel) -> None:
    def said(**attributes: AttributeValue) -> str:
        return model.predict([PredictionQuery(None, attributes, quantity=5)])[0].message

    met, never_met = said(part_type="FACE"), said(part_type="STAMPING", material=None)
    assert "knows nothing" not in met
    assert "knows nothing of part_type 'STAMPING':" in never_met
    assert len(said(part_type="X" * 10_000)) < 300


def test_a_number_in_another_unit_is_told(model: RoutingModel) -> None:
    def told(diameter: float) -> str:
        return model.predict([PredictionQuery(None, {"part_type": "FACE", "diameter": diameter})])[0].message

    assert "unit" not in told(5.0)
    assert "diameter of nearly all items is 1" in told(0.05)
    assert told(50_000.0).split(";")[0].endswith("is the value in the same unit?")


def test_work_finished_after_the_cutoff_is_not_learnt(model: RoutingModel, cutoff: datetime) -> None:
    assert model.data_cutoff is not None
    assert model.data_cutoff <= cutoff


def test_candidates_are_as_many_as_asked_for_at_most(model: RoutingModel) -> None:
    assert len(model.predict([PredictionQuery("ITEM001")], candidates=1)[0].candidates) == 1
    assert 1 < len(model.predict([PredictionQuery("ITEM001")], candidates=5)[0].candidates) <= 5


def test_low_probability_is_said_in_the_status(model: RoutingModel) -> None:
    answer = model.predict([PredictionQuery("ITEM001")], low_evidence_probability=1.0)[0]
    assert answer.status is PredictionStatus.LOW_EVIDENCE
    assert answer.best


def test_a_long_batch_keeps_its_order(model: RoutingModel) -> None:
    queries = [PredictionQuery(f"ITEM{1 + i % 300:03d}" if i % 7 else f"UNKNOWN{i}") for i in range(1100)]
    answers = model.predict(queries, evidence=False)
    assert [answer.item_code for answer in answers] == [query.item_code for query in queries]
    assert all((a.status is PredictionStatus.NOT_FOUND) == (i % 7 == 0) for i, a in enumerate(answers))


def test_an_answer_does_not_depend_on_its_batch(model: RoutingModel) -> None:
    queries = [PredictionQuery(f"ITEM{number:03d}") for number in range(1, 30)]
    together = model.predict(queries)
    for answer, query in zip(together, queries, strict=True):
        alone = model.predict([query])[0]
        assert answer.best
        assert alone.best
        assert alone.similar_items == answer.similar_items
        assert [op.work_centre for op in alone.best.operations] == [op.work_centre for op in answer.best.operations]
        assert alone.best.total_minutes == pytest.approx(answer.best.total_minutes)
        assert alone.best.probability == pytest.approx(answer.best.probability, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_same_data_and_seed_give_the_same_parts(plant_maker: PlantMaker, family: Family) -> None:
    plant = plant_maker(items=30)
    first, second = (fit_model(plant, None, FitOptions(family, seed=3)).to_parts() for _ in range(2))
    assert _flat(first.model) == _flat(second.model)
    assert _flat(first.vectorizer) == _flat(second.vectorizer)
    assert first.feature_config == second.feature_config


def test_families_of_one_fitting_are_as_if_each_was_fitted_alone(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=30)
    fitting = ModelFitting(plant, None, seed=3, threads=1)
    for family in FAMILIES:
        shared = fitting.model(family).to_parts()
        alone = fit_model(plant, None, FitOptions(family, seed=3, threads=1)).to_parts()
        assert _flat(shared.model) == _flat(alone.model)
        assert _flat(shared.vectorizer) == _flat(alone.vectorizer)
        assert shared.feature_config == alone.feature_config


def _flat(value: object) -> object:
    if isinstance(value, dict):
        return {key: _flat(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_flat(each) for each in value]
    return (value.dtype.str, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value
