"""Lead times add up from operations, four in five lots end in their range, and a plant without dates says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.models import BundleParts
from backend.domain.plant import PlantData
from backend.domain.prediction import Candidate, ElapsedDays, NoLeadTime, PredictionQuery
from backend.domain.progress import no_progress
from backend.ml.fitting import FitOptions, lay_groundwork
from backend.ml.model import RoutingModel, fit_model
from backend.ml.times.elapsed import Foretold, read_elapsed
from backend.ml.times.lead_times import LeadTimes, fit_lead_times

OUTSOURCED_DAYS, IN_HOUSE_DAYS = 6.0, 1.0
EVERYTHING = pl.col("finished_at").is_not_null()


def with_dates(plant: PlantData, seed: int = 1) -> PlantData:
    """Let every operation add days to its lot, outsourced ones more; lots are released over two years."""
    draw = np.random.default_rng(seed)
    rows = plant.work_orders.sort("work_order_code", "sequence")
    mean = np.where(rows["in_house"].to_numpy(), IN_HOUSE_DAYS, OUTSOURCED_DAYS)
    days = pl.Series("days", mean * draw.gamma(4.0, 0.25, len(rows)))
    rows = rows.with_columns(days, released_at=pl.col("finished_at").min().over("work_order_code"))
    elapsed = pl.duration(microseconds=pl.col("days").cum_sum().over("work_order_code") * 86_400_000_000)
    return replace(plant, work_orders=rows.with_columns(finished_at=pl.col("released_at") + elapsed).drop("days"))


@pytest.fixture(scope="module")
def plant(plant_maker: Callable[..., PlantData]) -> PlantData:
    return with_dates(plant_maker(items=300, orders_per_item=6.0, seed=6))


@pytest.fixture(scope="module")
def dated_model(plant: PlantData) -> RoutingModel:
    return fit_model(plant, None, FitOptions())


def best_of(model: RoutingModel, code: str) -> Candidate:
    best = model.predict([PredictionQuery(code)])[0].best
    assert best
    return best


def test_what_operations_add_is_learnt_apart_for_outsourced_ones(dated_model: RoutingModel) -> None:
    seen = set()
    for number in range(1, 40):
        for operation in best_of(dated_model, f"ITEM{number:03d}").operations:
            assert operation.elapsed
            expected = IN_HOUSE_DAYS if operation.in_house else OUTSOURCED_DAYS
            assert operation.elapsed.days == pytest.approx(expected, rel=0.15)
            assert operation.elapsed.deviation_days == pytest.approx(expected / 2, rel=0.2)
            seen.add(operation.in_house)
    assert seen == {True, False}


def test_a_lead_time_is_the_sum_of_what_its_operations_add_inside_its_range(dated_model: RoutingModel) -> None:
    best = best_of(dated_model, "ITEM004")
    assert best.lead_time
    assert best.no_lead_time is None
    added = [operation.elapsed.days for operation in best.operations if operation.elapsed]
    assert best.lead_time.expected_days == pytest.approx(sum(added))
    assert 0 <= best.lead_time.low_days < best.lead_time.expected_days < best.lead_time.high_days
    assert best.lead_time.usual_in_house
    assert best.lead_time.usual_outsourced
    assert best.lead_time.usual_in_house.days == pytest.approx(IN_HOUSE_DAYS, rel=0.1)
    assert best.lead_time.usual_outsourced.days == pytest.approx(OUTSOURCED_DAYS, rel=0.1)


def test_four_in_five_later_lots_end_inside_their_range_and_nearer_than_the_plants_median(
    plant: PlantData, cutoff: datetime
) -> None:
    ground = lay_groundwork(plant, cutoff, 0, no_progress)
    learnt, book = ground.lead_times, ground.routing.voters.book
    assert isinstance(learnt, LeadTimes)
    rows = read_elapsed(plant.work_orders.filter(pl.col("released_at") > cutoff), EVERYTHING, book)
    lots = int(rows.lot.max()) + 1
    actual = np.bincount(rows.lot, rows.days)
    expected, ranges = learnt.of(rows.step, rows.lot, lots)
    assert lots > 150
    assert ((ranges.low <= actual) & (actual <= ranges.high)).mean() == pytest.approx(0.8, abs=0.08)
    assert np.abs(expected - actual).mean() < 0.7 * np.abs(np.median(actual) - actual).mean()


def test_ranges_are_measured_on_lots_that_are_through_and_old_enough_for_slow_ones_to_be_so(plant: PlantData) -> None:
    book = lay_groundwork(plant, None, 0, no_progress).routing.voters.book
    newest = plant.work_orders["finished_at"].max()
    assert isinstance(newest, datetime)
    done = pl.col("finished_at") <= newest - timedelta(days=100)
    through = plant.work_orders.group_by("work_order_code").agg(pl.col("released_at").min(), done=done.all())
    known = through.filter("done")
    rows = read_elapsed(plant.work_orders, done, book)
    assert 0.9 * len(known) < len(np.unique(rows.lot[rows.is_whole])) < len(known)
    assert not rows.is_whole.all()


def test_a_record_hardly_longer_than_its_lots_does_not_shorten_lead_times(plant: PlantData) -> None:
    began = pl.col("released_at").min().over("work_order_code")
    slower = plant.work_orders.with_columns(finished_at=began + (pl.col("finished_at") - began) * 5)
    newest = slower["released_at"].max()
    assert isinstance(newest, datetime)
    record = slower.filter(pl.col("released_at").is_between(newest - timedelta(days=220), newest - timedelta(days=70)))
    is_done = pl.col("finished_at") <= newest - timedelta(days=70)
    book = lay_groundwork(plant, None, 0, no_progress).routing.voters.book
    learnt = fit_lead_times(record, is_done, book)
    assert isinstance(learnt, LeadTimes)
    assert learnt.usual_days.tolist() == pytest.approx([5 * OUTSOURCED_DAYS, 5 * IN_HOUSE_DAYS], rel=0.06)


def test_four_in_five_lots_end_inside_the_range_though_one_in_five_is_made_otherwise_than_before(
    plant: PlantData,
) -> None:
    """One in five lots sends its first operation out, which no routing of earlier lots can know."""
    otherwise = pl.col("work_order_code").hash(seed=3).mod(5).eq(0) & (
        pl.col("sequence") == pl.col("sequence").min().over("work_order_code")
    )
    in_house = pl.when(otherwise).then(statement=False).otherwise("in_house")
    changed = with_dates(replace(plant, work_orders=plant.work_orders.with_columns(in_house=in_house)))
    book = lay_groundwork(changed, None, 0, no_progress).routing.voters.book
    learnt = fit_lead_times(changed.work_orders, EVERYTHING, book)
    assert isinstance(learnt, LeadTimes)
    rows = read_elapsed(changed.work_orders, EVERYTHING, book)
    lots = int(rows.lot.max()) + 1
    later = rows.lot > lots // 2
    foretold = Foretold.of(rows.take(~later), rows.take(later))
    expected, ranges = learnt.of(foretold.step, foretold.owner, len(foretold.total))
    held = (ranges.low <= foretold.total) & (foretold.total <= ranges.high)
    assert len(expected) > 500
    assert held.mean() == pytest.approx(0.8, abs=0.04)


def learnt_from(plant: PlantData, work_orders: pl.DataFrame) -> LeadTimes:
    book = lay_groundwork(plant, None, 0, no_progress).routing.voters.book
    learnt = fit_lead_times(work_orders, EVERYTHING, book)
    assert isinstance(learnt, LeadTimes)
    return learnt


def test_a_release_date_that_stands_for_none_teaches_nothing(plant: PlantData) -> None:
    placeholder = pl.when(pl.col("item_code") < "ITEM004").then(datetime(1900, 1, 1)).otherwise("released_at")  # noqa: DTZ001 - naive UTC
    learnt = learnt_from(plant, plant.work_orders.with_columns(released_at=placeholder))
    outsourced, in_house = learnt.usual_days
    assert outsourced == pytest.approx(OUTSOURCED_DAYS, rel=0.05)
    assert in_house == pytest.approx(IN_HOUSE_DAYS, rel=0.05)


def test_a_record_that_begins_with_a_day_of_finishing_teaches_by_lots_that_began_after_it(plant: PlantData) -> None:
    newest = plant.work_orders["finished_at"].max()
    assert isinstance(newest, datetime)
    record = plant.work_orders.filter(pl.col("finished_at") >= newest - timedelta(days=150))
    began_in_it = pl.when(pl.col("released_at") >= pl.col("finished_at").min()).then("released_at")
    book = lay_groundwork(plant, None, 0, no_progress).routing.voters.book
    found, wanted = (
        read_elapsed(rows, EVERYTHING, book) for rows in (record, record.with_columns(released_at=began_in_it))
    )
    assert found.days.tolist() == wanted.days.tolist()


def test_lots_that_were_closed_a_year_late_hardly_lengthen_lead_times(plant: PlantData) -> None:
    is_last = pl.col("sequence") == pl.col("sequence").max().over("work_order_code")
    forgotten = is_last & pl.col("work_order_code").hash(seed=1).mod(50).eq(0)
    late = pl.when(forgotten).then(pl.col("finished_at") + timedelta(days=365)).otherwise("finished_at")
    learnt = learnt_from(plant, plant.work_orders.with_columns(finished_at=late))
    assert learnt.usual_days.tolist() == pytest.approx([OUTSOURCED_DAYS, IN_HOUSE_DAYS], rel=0.1)


def test_an_operation_that_is_rare_and_slow_is_not_taken_for_a_forgotten_one(plant: PlantData) -> None:
    is_last = pl.col("sequence") == pl.col("sequence").max().over("work_order_code")
    is_rare = is_last & pl.col("item_code").eq("ITEM001")
    rows = plant.work_orders.with_columns(
        operation_code=pl.when(is_rare).then(pl.lit("RARE")).otherwise("operation_code"),
        finished_at=pl.when(is_rare).then(pl.col("finished_at") + timedelta(days=60)).otherwise("finished_at"),
    )
    book = lay_groundwork(replace(plant, work_orders=rows), None, 0, no_progress).routing.voters.book
    found = read_elapsed(rows, EVERYTHING, book)
    days = found.days[book.step_operation[found.step] == book.operations.find("RARE")]
    assert 1 < len(days) < 0.001 * len(found.days)
    assert days.min() > 60


def test_a_record_in_which_nothing_is_done_has_too_few_lots(plant: PlantData) -> None:
    book = lay_groundwork(plant, None, 0, no_progress).routing.voters.book
    assert fit_lead_times(plant.work_orders, pl.lit(value=False), book) is NoLeadTime.TOO_FEW_LOTS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (pl.lit(None, dtype=pl.Datetime("us")), NoLeadTime.NO_RELEASE_DATES),
        (pl.when(pl.col("item_code") < "ITEM004").then("released_at"), NoLeadTime.TOO_FEW_LOTS),
        (pl.when(pl.col("finished_at").is_null()).then("released_at"), NoLeadTime.NO_RELEASE_DATES),
    ],
    ids=["no release dates", "few lots with one", "none of a lot that is through"],
)
def test_a_plant_that_cannot_tell_lead_times_says_why(plant: PlantData, change: pl.Expr, reason: NoLeadTime) -> None:
    undated = replace(plant, work_orders=plant.work_orders.with_columns(released_at=change))
    model = fit_model(undated, None, FitOptions("nearest_neighbour"))
    for each in (model, RoutingModel.from_parts(model.to_parts())):
        best = best_of(each, "ITEM001")
        assert (best.lead_time, best.no_lead_time) == (None, reason)
        assert [operation.elapsed for operation in best.operations] == [None] * len(best.operations)


def test_how_long_a_plant_that_never_sent_anything_out_would_wait_is_not_guessed(plant: PlantData) -> None:
    sent_out = plant.routings.filter(~pl.col("in_house"))["item_code"].unique()
    made_here = plant.work_orders.filter(pl.col("in_house").all().over("work_order_code"))
    made_here = made_here.filter(~pl.col("item_code").is_in(sent_out.implode()))
    model = fit_model(replace(plant, work_orders=made_here), None, FitOptions("nearest_neighbour"))
    candidates = [best_of(model, code) for code in model.known_codes]
    for best in candidates:
        is_made_here = all(operation.in_house for operation in best.operations)
        assert best.no_lead_time == (None if is_made_here else NoLeadTime.NO_SUCH_LOTS)
        assert [operation.elapsed is not None for operation in best.operations] == [
            operation.in_house for operation in best.operations
        ]
        if best.lead_time:
            assert best.lead_time.usual_in_house
            assert best.lead_time.usual_outsourced is None
    assert {best.no_lead_time for best in candidates} == {None, NoLeadTime.NO_SUCH_LOTS}


def test_a_stored_model_knows_the_lead_times_and_one_of_an_earlier_release_does_not(dated_model: RoutingModel) -> None:
    parts = dated_model.to_parts()
    again, before = best_of(RoutingModel.from_parts(parts), "ITEM002"), best_of(dated_model, "ITEM002")
    assert again.lead_time
    assert before.lead_time
    assert again.lead_time.expected_days == pytest.approx(before.lead_time.expected_days, rel=1e-4)
    rest = {name: part for name, part in parts.model.items() if name != "lead_times"}
    older = RoutingModel.from_parts(BundleParts(rest, parts.vectorizer, parts.feature_config))
    assert best_of(older, "ITEM002").no_lead_time is NoLeadTime.NOT_LEARNT


def test_an_operation_that_takes_no_time_adds_none(plant: PlantData) -> None:
    at_once = plant.work_orders.with_columns(finished_at=pl.col("released_at") + timedelta(days=2))
    model = fit_model(replace(plant, work_orders=at_once), None, FitOptions("nearest_neighbour"))
    best = best_of(model, "ITEM001")
    assert best.lead_time
    assert isinstance(best.operations[0].elapsed, ElapsedDays)
    assert best.lead_time.expected_days == pytest.approx(2.0, abs=0.2)
