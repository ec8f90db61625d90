"""Plants as they come: scales, quantities, codes and attributes that no demo plant has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.domain.prediction import Candidate, ItemPrediction, PredictionQuery, PredictionStatus
from backend.ml.items.encoding import ItemEncoder
from backend.ml.items.features import MAX_VALUES, FeatureMap
from backend.ml.model import Family, FitOptions, RoutingModel, fit_model
from backend.ml.routings.candidate_choice import Ground

PlantMaker = Callable[..., PlantData]
TIMES = ("setup_minutes", "run_minutes", "planned_setup_minutes", "planned_run_minutes")
NEW_FACE: Final[dict[str, str | float | None]] = {
    "part_type": "FACE",
    "material": "SIC",
    "colour": "red",
    "diameter": 50.0,
    "description": "Face 50mm plain",
}

WORDS: Final = {
    "CUT": "切断",
    "TURN": "Дреха",
    "MILL": "Fräsen/Größe ½",
    "GRIND": "연삭",
    "LAP": "ラップ",
    "COAT": "🔩",
    "INSPECT": "kontrola č. 1",
}


def _best(answer: ItemPrediction) -> Candidate:
    assert answer.best, answer.message
    return answer.best


def _fit(plant: PlantData, family: Family = "boosted_trees") -> RoutingModel:
    return fit_model(plant, None, FitOptions(family))


def _answers(model: RoutingModel, count: int = 40) -> list[ItemPrediction]:
    return model.predict([PredictionQuery(code) for code in model.known_codes[:count]], evidence=False)


def _assert_sensible(answers: list[ItemPrediction]) -> None:
    """Every time is a finite number inside its range, and nothing is below zero."""
    assert answers
    for answer in answers:
        for op in _best(answer).operations:
            for value, range_ in (
                (op.setup_minutes, op.setup_range),
                (op.run_minutes_per_unit, op.run_range),
                (op.lot_minutes, op.lot_range),
            ):
                assert 0 <= range_.low <= value <= range_.high < 1e9


@pytest.fixture(scope="module")
def usual(plant_maker: PlantMaker) -> tuple[PlantData, RoutingModel]:
    plant = plant_maker(items=80, orders_per_item=4.0)
    plant = replace(plant, routings=plant.routings.clear())
    return plant, _fit(plant)


def test_times_of_days_keep_their_scale(usual: tuple[PlantData, RoutingModel]) -> None:
    plant, in_minutes = usual
    longest = plant.work_orders.with_columns([pl.col(name) * 1440 for name in TIMES])
    assert longest["run_minutes"].max() > 300_000  # type: ignore[operator]
    in_days = _answers(_fit(replace(plant, work_orders=longest)))
    _assert_sensible(in_days)
    for day, minute in zip(in_days, _answers(in_minutes), strict=True):
        for slow, fast in zip(_best(day).operations, _best(minute).operations, strict=True):
            assert slow.lot_minutes == pytest.approx(1440 * fast.lot_minutes, rel=0.02)
            assert slow.lot_range.high == pytest.approx(1440 * fast.lot_range.high, rel=0.05)


def test_a_few_monstrous_bookings_do_not_move_the_rest(usual: tuple[PlantData, RoutingModel]) -> None:
    plant, model = usual
    draw = np.random.default_rng(3)
    monstrous = np.where(draw.random(len(plant.work_orders)) < 0.1, draw.pareto(0.6, len(plant.work_orders)) + 1, 1.0)
    heavy = plant.work_orders.with_columns(run_minutes=pl.col("run_minutes") * pl.Series(monstrous))
    answers = _answers(_fit(replace(plant, work_orders=heavy)))
    _assert_sensible(answers)
    ratios = [
        a.run_minutes_per_unit / b.run_minutes_per_unit
        for one, other in zip(answers, _answers(model), strict=True)
        for a, b in zip(_best(one).operations, _best(other).operations, strict=True)
    ]
    assert 0.8 < float(np.median(ratios)) < 1.3
    assert float(np.mean(np.abs(np.log(ratios)) < np.log(2))) > 0.9


@pytest.mark.parametrize(("quantity", "family"), [(None, "boosted_trees"), (9e6, "nearest_neighbour")])
def test_quantities_that_say_nothing(plant_maker: PlantMaker, family: Family, quantity: float | None) -> None:
    plant = plant_maker(items=40)
    orders = plant.work_orders.with_columns(quantity=pl.lit(quantity, dtype=pl.Float64))
    answers = _answers(_fit(replace(plant, work_orders=orders), family))
    _assert_sensible(answers)
    actual = float(orders["run_minutes"].median())  # type: ignore[arg-type]
    lots = [op.lot_minutes - op.setup_minutes for answer in answers for op in _best(answer).operations]
    assert actual / 3 < float(np.median(lots)) < actual * 3, "a lot of the usual size takes as long as lots took"


def test_missing_and_constant_attributes_leave_an_item_its_own_routing(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=20)
    nothing = {each.name: pl.lit(None, dtype=plant.items.schema[each.name]) for each in plant.attributes}
    constant = {"part_type": pl.lit("same"), "diameter": pl.lit(1.5), "description": pl.lit("same")}
    model = _fit(replace(plant, items=plant.items.with_columns(**nothing | constant)))
    known, new = model.predict([PredictionQuery("ITEM001"), PredictionQuery("NEW", {"part_type": "same"})])
    own = plant.routings.filter(pl.col("item_code") == "ITEM001").sort("sequence")["operation_code"].to_list()
    assert [op.operation_code for op in _best(known).operations] == own
    assert _best(new).probability < 0.6, "without attributes nobody can be sure of a new item"


def test_a_column_of_fifty_thousand_values_stays_bounded() -> None:
    codes = [f"D-{number}" for number in range(50_000)]
    items = pl.DataFrame({"item_code": codes, "drawing": codes[:40_000] + codes[:10_000]})
    encoder = ItemEncoder.fit(items, (Attribute("drawing", AttributeKind.CATEGORICAL),))
    features = FeatureMap.fit(encoder, encoder.encode_frame(items))
    assert features.input_count <= 2 * MAX_VALUES + 10
    unseen = encoder.encode_rows([{"drawing": "never"}, {"drawing": "D-39999"}])
    assert unseen.values[0][0] == unseen.values[0][1], "a value met once says no more than one never met"


@pytest.fixture(scope="module")
def renamed(plant_maker: PlantMaker) -> tuple[PlantData, RoutingModel]:
    """A plant with numbers for item codes, words of any alphabet for operations, that buys everything outside."""
    plant = plant_maker(items=12)
    numbers = {code: f"{i:05d}" for i, code in enumerate(plant.items["item_code"].to_list())}
    item, step = pl.col("item_code").replace_strict(numbers), pl.col("operation_code").replace_strict(WORDS)
    outside = [pl.lit(value=False).alias("in_house"), pl.lit("Фирма 7").alias("work_centre")]
    plant = replace(
        plant,
        items=plant.items.with_columns(item),
        routings=plant.routings.with_columns(item, step, *outside),
        work_orders=plant.work_orders.with_columns(item, step, *outside),
    )
    return plant, RoutingModel.from_parts(_fit(plant).to_parts())


def test_codes_that_are_numbers_stay_codes(renamed: tuple[PlantData, RoutingModel]) -> None:
    _, model = renamed
    assert model.knows("00007")
    assert not model.knows("7")


def test_words_of_any_alphabet_come_back_to_the_letter(renamed: tuple[PlantData, RoutingModel]) -> None:
    plant, model = renamed
    own = plant.routings.sort("item_code", "sequence").group_by("item_code", maintain_order=True).agg("operation_code")
    for code, routing in own.iter_rows():
        assert [op.operation_code for op in _best(model.predict([PredictionQuery(code)])[0]).operations] == routing


def test_a_plant_that_buys_every_operation_outside(renamed: tuple[PlantData, RoutingModel]) -> None:
    _, model = renamed
    bought = [op for answer in _answers(model) for op in _best(answer).operations]
    assert len(bought) >= 12
    assert {(op.in_house, op.work_centre) for op in bought} == {(False, "Фирма 7")}


def test_an_item_under_a_new_code_is_made_like_before(usual: tuple[PlantData, RoutingModel]) -> None:
    plant, model = usual
    names = [each.name for each in plant.attributes]
    rows = [row for row in plant.items.to_dicts() if row["item_code"] in set(plant.work_orders["item_code"])]
    old = model.predict([PredictionQuery(row["item_code"]) for row in rows], evidence=False)
    renamed = [PredictionQuery(f"R{9000 + i}", {name: row[name] for name in names}) for i, row in enumerate(rows)]
    new = model.predict(renamed, evidence=False)
    same = [
        [op.operation_code for op in _best(a).operations] == [op.operation_code for op in _best(b).operations]
        for a, b in zip(old, new, strict=True)
    ]
    assert np.mean(same) >= 0.9


def test_work_orders_without_finish_dates_are_no_history(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=12)
    never = plant.work_orders.with_columns(finished_at=pl.lit(None, dtype=pl.Datetime("us")))
    model = _fit(replace(plant, work_orders=never))
    assert model.data_cutoff is None
    answer = model.predict([PredictionQuery("ITEM001")])[0]
    standards = plant.routings.filter(pl.col("item_code") == "ITEM001")["run_minutes_per_unit"].sum()
    assert sum(op.run_minutes_per_unit for op in _best(answer).operations) == pytest.approx(standards, rel=0.3)


def test_where_every_item_is_made_in_its_own_way_nobody_is_sure(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=40)
    draw = np.random.default_rng(1)
    rows = []
    for first in plant.routings.unique("item_code", keep="first", maintain_order=True).to_dicts():
        for place, step in enumerate(draw.permutation(30)[: draw.integers(3, 12)].tolist()):
            rows.append({**first, "sequence": 10 * place, "operation_code": f"S{step}", "operation_name": f"S{step}"})
    unique = replace(
        plant,
        routings=pl.DataFrame(rows, schema=plant.routings.schema),
        work_orders=pl.DataFrame(schema=WORK_ORDER_SCHEMA),
    )
    new = _fit(unique).predict([PredictionQuery("NEW", NEW_FACE)])[0]
    assert _best(new).probability < 0.3
    assert new.status is PredictionStatus.LOW_EVIDENCE


def test_a_habit_changed_half_a_year_ago_outweighs_the_old_one(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=50, orders_per_item=8.0)
    changed = datetime(2025, 6, 1)  # noqa: DTZ001 - naive UTC; the newest lots end half a year later
    polished = pl.when((pl.col("operation_code") == "INSPECT") & (pl.col("finished_at") > changed)).then(pl.lit("SCAN"))
    orders = plant.work_orders.with_columns(operation_code=polished.otherwise("operation_code"))
    model = _fit(replace(plant, work_orders=orders, routings=plant.routings.clear()))
    made_since = set(orders.filter(pl.col("operation_code") == "SCAN")["item_code"])
    known = model.predict([PredictionQuery(code) for code in sorted(made_since)], evidence=False)
    new = model.predict([PredictionQuery("NEW-1", NEW_FACE)], evidence=False)
    last = [_best(answer).operations[-1].operation_code for answer in [*known, *new]]
    assert last.count("SCAN") >= 0.95 * len(last)


def test_of_seventy_centres_in_ten_years_only_open_ones_are_proposed(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=50, orders_per_item=10.0)
    orders = _in_ten_years_on_seventy_centres(plant)
    assert orders["work_centre"].n_unique() == 70
    model = _fit(replace(plant, work_orders=orders, routings=plant.routings.clear()))
    answers = _answers(model, 100) + model.predict([PredictionQuery("NEW-1", NEW_FACE)])
    proposed = {op.work_centre for answer in answers for op in _best(answer).operations}
    newest = orders.filter(pl.col("finished_at") > orders["finished_at"].max() - pl.duration(days=120))
    assert proposed <= set(newest["work_centre"])


def test_a_set_up_that_was_not_booked_is_no_set_up_of_no_minutes(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=40, orders_per_item=4.0)
    forgotten = np.random.default_rng(2).random(len(plant.work_orders)) < 0.3
    never = pl.col("operation_code").is_in(["CUT", "INSPECT"])
    minutes = pl.when(pl.Series(forgotten) | never).then(0.0).otherwise(pl.col("setup_minutes"))
    model = _fit(replace(plant, work_orders=plant.work_orders.with_columns(setup_minutes=minutes)))
    booked = [op for answer in _answers(model) for op in _best(answer).operations]
    assert all(op.setup_minutes < 0.5 for op in booked if op.operation_code in {"CUT", "INSPECT"})
    others = [op.setup_minutes for op in booked if op.operation_code not in {"CUT", "INSPECT"}]
    assert float(np.median(others)) == pytest.approx(12.0, rel=0.15)


def test_an_item_described_without_a_code_is_no_stranger_where_codes_begin_with_the_part_type(
    plant_maker: PlantMaker,
) -> None:
    plant = plant_maker(items=200, orders_per_item=1.0)
    kind = pl.format("{}-{}", "part_type", "colour").rank("dense").cast(pl.Int64)
    plant = replace(plant, items=plant.items.with_columns(part_type=pl.format("Q{}", 10 + kind)))
    kinds = dict(plant.items.select("item_code", "part_type").iter_rows())
    codes = {code: f"{kind}-{1000 + int(code[4:]) // 4}-{int(code[4:]) % 4}" for code, kind in kinds.items()}
    item = pl.col("item_code").replace_strict(codes)
    own = pl.format("{}-{}", pl.col("item_code").replace_strict(kinds), "operation_code").alias("operation_code")
    every = pl.col("operation_code").is_in(["CUT", "TURN", "INSPECT"])
    plant = replace(
        plant,
        items=plant.items.with_columns(item),
        routings=plant.routings.filter(every).with_columns(own, item),
        work_orders=plant.work_orders.filter(every).with_columns(own, item),
    )
    model = _fit(plant, "nearest_neighbour")
    names = [each.name for each in plant.attributes]
    rows = plant.items.to_dicts()[:60]
    answers = model.predict([PredictionQuery(None, {name: row[name] for name in names}) for row in rows])
    bests = [_best(answer) for answer in answers]
    right_type = [
        all(op.operation_code.startswith(row["part_type"]) for op in best.operations)
        for best, row in zip(bests, rows, strict=True)
    ]
    assert all(right_type)
    assert float(np.mean([best.probability for best in bests])) > 0.9
    rehearsed = model.to_parts().model["choice"]["calibrated"][Ground.NO_CODE]
    assert rehearsed[-1] > 0.9, "more than a ground without rehearsals is given"


def test_a_saw_that_only_open_lots_have_seen_is_proposed_and_the_one_it_replaced_is_not(
    plant_maker: PlantMaker,
) -> None:
    """Lots are open for ten months; their first operation is through in days, on another saw for half a year."""
    plant = plant_maker(items=40, orders_per_item=12.0)
    end, is_cut = plant.work_orders["finished_at"].max(), pl.col("operation_code") == "CUT"
    assert isinstance(end, datetime)
    later = pl.col("finished_at") + pl.duration(days=300)
    new = pl.col("finished_at") > end - timedelta(days=180)
    orders = plant.work_orders.with_columns(
        released_at=None,
        work_centre=pl.when(is_cut & new).then(pl.lit("SAW-NEW")).otherwise("work_centre"),
        finished_at=pl.when(is_cut).then("finished_at").otherwise(pl.when(later <= end).then(later)),
    )
    model = _fit(replace(plant, work_orders=orders.cast(WORK_ORDER_SCHEMA), routings=plant.routings.clear()))  # type: ignore[arg-type]
    answers = [*_answers(model, 40), *model.predict([PredictionQuery("NEW-1", NEW_FACE)])]
    saws = {op.work_centre for answer in answers for op in _best(answer).operations if op.operation_code == "CUT"}
    assert saws == {"SAW-NEW"}


def _in_ten_years_on_seventy_centres(plant: PlantData) -> pl.DataFrame:
    """Return the plant's work orders, each operation on another centre every year."""
    start, end = plant.work_orders["finished_at"].min(), plant.work_orders["finished_at"].max()
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    stretched = start + (pl.col("finished_at") - start) * (3650 / (end - start).days)
    orders = plant.work_orders.with_columns(finished_at=stretched.cast(pl.Datetime("us")), released_at=None)
    era = ((pl.col("finished_at") - start).dt.total_days() // 365).clip(0, 9)
    return orders.with_columns(work_centre=pl.format("{}-{}", "operation_code", era)).cast(WORK_ORDER_SCHEMA)  # type: ignore[arg-type]


@pytest.mark.parametrize(("valid_since_days", "is_proposed"), [(5000, False), (1, True)])
def test_a_centre_that_only_routings_name_is_proposed_while_no_lot_has_had_the_chance_to_go_there(
    plant_maker: PlantMaker, valid_since_days: int, is_proposed: bool
) -> None:
    plant = plant_maker(items=300)
    orders = _in_ten_years_on_seventy_centres(plant)
    newest = orders["finished_at"].max()
    assert isinstance(newest, datetime)
    since = pl.lit(newest - timedelta(days=valid_since_days)).cast(pl.Datetime("us"))
    planned = plant.routings.with_columns(work_centre=pl.lit("PLANNED"), valid_from=since)
    model = _fit(replace(plant, work_orders=orders, routings=planned))
    proposed = [op.work_centre for answer in _answers(model, 300) for op in _best(answer).operations]
    assert ("PLANNED" in proposed) == is_proposed
