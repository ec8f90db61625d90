from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, TIMESTAMP, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.domain.prediction import (
    Candidate,
    ItemPrediction,
    MinutesRange,
    PredictedOperation,
    PredictionQuery,
    PredictionStatus,
)
from backend.domain.quality import CycleReport, CycleStatus, EstimatedLimits, Severity
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.iter_training.evaluation.evaluator import Champion, CycleRequest, evaluate, sampling_of
from backend.iter_training.evaluation.holdout import unseen_work
from backend.iter_training.evaluation.item_results import item_results
from backend.iter_training.evaluation.judging import item_labels, judge, judge_lots, median_baseline
from backend.iter_training.evaluation.thresholds import Attainable, breaches
from backend.ml.judging.limits import SequenceCeiling
from backend.settings import Settings, load_settings

CUTOFF = datetime(2025, 6, 1)  # noqa: DTZ001 - the product's timestamps are naive UTC
OPERATIONS = ("CUT", "LAP", "PACK")


def plant(days_after: int = 40, items: int = 30) -> PlantData:
    """A lot of three operations of 20 minutes per item and day, each made in five days."""
    lots = [
        (day, f"I{n % items:02}", f"T{n % 3}")
        for n, day in enumerate(day for day in range(-60, days_after) for _ in range(3))
    ]
    rows = [
        {
            "work_order_code": f"WO{number:04}",
            "item_code": item,
            "sequence": 10 * (step + 1),
            "operation_code": operation,
            "work_centre": f"W{step}",
            "in_house": True,
            "quantity": 10.0,
            "setup_minutes": 5.0,
            "run_minutes": 15.0 + (number % 3 - 1) * 3,
            "finished_at": CUTOFF + timedelta(days=day + 5),
            "released_at": CUTOFF + timedelta(days=day, hours=1),
        }
        for number, (day, item, _) in enumerate(lots)
        for step, operation in enumerate(OPERATIONS)
    ]
    codes = [f"I{n:02}" for n in range(items)] + ["FRESH"]
    items_frame = pl.DataFrame(
        {"item_code": codes, "created_at": None, "PART_TYPE": [f"T{n % 3}" for n in range(len(codes))]},
        schema_overrides={"created_at": TIMESTAMP},
    )
    return PlantData(
        items_frame,
        pl.DataFrame(schema=ROUTING_SCHEMA),
        pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA),
        (Attribute("PART_TYPE", AttributeKind.CATEGORICAL),),
    )


class ConstantModel:
    """Predicts 5 + 1.6 minutes a piece for every operation, and notes what it was asked."""

    def __init__(self, known: Sequence[str] = (), minutes: float = 21.0) -> None:
        self.known = set(known)
        self.minutes = minutes
        self.asked: list[PredictionQuery] = []

    def knows(self, code: str) -> bool:
        return code in self.known

    def twin_ceiling(self) -> SequenceCeiling | None:
        return SequenceCeiling(0.5, 0.7)

    def predict(
        self, queries: Sequence[PredictionQuery], *, candidates: int = 3, evidence: bool = True
    ) -> list[ItemPrediction]:
        self.asked += queries
        around = MinutesRange(self.minutes - 4, self.minutes + 4)
        operations = tuple(
            PredictedOperation(10, code, code, f"W{n}", True, 5.0, around, 1.6, around, self.minutes, around, 0)
            for n, code in enumerate(OPERATIONS)
        )
        best = Candidate(0.9, operations[:candidates] if evidence else operations, 3 * self.minutes)
        return [ItemPrediction(query.item_code, PredictionStatus.OK, "", 10.0, (best,)) for query in queries]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path)


def cycle(
    settings: Settings,
    model: ConstantModel,
    data: PlantData,
    cutoff: datetime | None = CUTOFF,
    *,
    backtest: bool = False,
) -> CycleReport:
    request = CycleRequest("cycle_1", CUTOFF + timedelta(days=50), Sampling(500, SamplingStrategy.RANDOM, 0), backtest)
    return evaluate(Champion("version_1", cutoff, model), data, request, settings)


def test_a_cycle_scores_only_work_the_model_has_not_seen_and_says_how_many(settings: Settings) -> None:
    found = cycle(settings, ConstantModel(), plant())
    # started from the cutoff on, finished five days later: the last cohorts are not mature
    assert found.status is CycleStatus.OK
    assert found.metrics.operation_count == 3 * 3 * 40
    assert found.metrics.mae == pytest.approx((4 + 1 + 2) / 3, abs=1e-3)
    assert found.metrics.exact_match == 1.0
    assert found.metrics.coverage == 1.0
    assert f"{found.metrics.operation_count} operations of 30 items" in found.message
    assert "not seen" in found.message


def test_too_little_new_work_gives_no_headline_number(settings: Settings) -> None:
    found = cycle(settings, ConstantModel(), plant(), cutoff=CUTOFF + timedelta(days=38))
    assert found.status is CycleStatus.INSUFFICIENT_DATA
    assert found.metrics.mae is None
    assert found.alerts == ()
    assert "are needed" in found.message


def test_a_model_that_has_learnt_from_everything_can_only_be_backtested(settings: Settings) -> None:
    assert cycle(settings, ConstantModel(), plant(), cutoff=None).status is CycleStatus.INSUFFICIENT_DATA
    found = cycle(settings, ConstantModel(), plant(), cutoff=None, backtest=True)
    assert found.status is CycleStatus.BACKTEST
    assert found.metrics.mae is not None
    assert "BACKTEST" in found.message
    assert found.alerts == ()


def test_a_plant_without_work_orders_is_said_in_so_many_words(settings: Settings) -> None:
    empty = replace(plant(), work_orders=pl.DataFrame(schema=WORK_ORDER_SCHEMA))
    assert cycle(settings, ConstantModel(), empty).message == "The plant has no finished work order."


def test_items_the_bundle_does_not_hold_are_asked_with_their_attributes(settings: Settings) -> None:
    model = ConstantModel(known=["I00"])
    cycle(settings, model, plant())
    by_code = {query.item_code: query for query in model.asked}
    assert by_code["I00"].attributes is None
    assert by_code["I01"].attributes == {"PART_TYPE": "T1"}
    assert by_code["I01"].quantity == 10.0


def test_segments_name_part_type_history_operation_and_work_centre(settings: Settings) -> None:
    found = cycle(settings, ConstantModel(), plant())
    assert {one.dimension for one in found.segments} == {"part_type", "history", "operation", "work_centre"}
    assert {one.value for one in found.segments if one.dimension == "history"} == {"known"}
    wapes = [one.metrics.wape or 0 for one in found.segments]
    assert wapes == sorted(wapes, reverse=True)


def test_a_breach_is_a_warning_and_a_bad_one_critical(settings: Settings) -> None:
    bad = cycle(settings, ConstantModel(minutes=27.0), plant())
    assert [(alert.metric, alert.severity) for alert in bad.alerts] == [("mae", Severity.WARNING)]
    awful = cycle(settings, ConstantModel(minutes=60.0), plant())
    assert [(alert.metric, alert.severity) for alert in awful.alerts] == [("mae", Severity.CRITICAL)]


def test_sequence_mismatch_alerts_from_below(settings: Settings) -> None:
    metrics = cycle(settings, ConstantModel(), plant()).metrics
    limits = settings.config.thresholds
    (alert,) = breaches(replace(metrics, process_match=0.7), {}, Attainable(), limits, 2.0)
    assert alert.severity is Severity.WARNING
    (alert,) = breaches(replace(metrics, process_match=0.5), {}, Attainable(), limits, 2.0)
    assert alert.severity is Severity.CRITICAL
    assert breaches(replace(metrics, process_match=0.8, mae=5.0, cv=0.3), {}, Attainable(), limits, 2.0) == ()


def test_a_breach_that_may_be_chance_is_none(settings: Settings) -> None:
    metrics, limits = cycle(settings, ConstantModel(), plant()).metrics, settings.config.thresholds
    off = replace(metrics, mae=5.2)
    assert breaches(off, {"mae": (4.9, 5.5)}, Attainable(), limits, 2.0) == ()
    assert len(breaches(off, {"mae": (5.1, 5.3)}, Attainable(), limits, 2.0)) == 1


def test_a_threshold_that_nobody_can_keep_raises_no_alert(settings: Settings) -> None:
    metrics, limits = cycle(settings, ConstantModel(), plant()).metrics, settings.config.thresholds
    off = replace(metrics, mae=12.0, process_match=0.5)
    assert breaches(off, {}, Attainable(best=EstimatedLimits(6.0, 0.7, None)), limits, 2.0) == ()
    assert breaches(off, {}, Attainable(promised={"mae": 6.2, "process_match": 0.75}), limits, 2.0) == ()
    (alert,) = breaches(off, {}, Attainable(promised={"mae": 4.0, "process_match": 0.75}), limits, 2.0)
    assert alert.metric == "mae"


def test_a_job_may_leave_its_sampling_to_the_settings(settings: Settings) -> None:
    assert sampling_of({}, settings) == Sampling(500, SamplingStrategy.RANDOM, 0)
    asked = {"sample_size": 10, "strategy": "stratified", "seed": 4, "backtest": True}
    assert sampling_of(asked, settings) == Sampling(10, SamplingStrategy.STRATIFIED, 4)


def test_the_median_baseline_predicts_for_the_quantity(settings: Settings) -> None:
    data = plant()
    work = unseen_work(data.work_orders, CUTOFF, CUTOFF + timedelta(days=45))
    judged = judge(ConstantModel(), work, data, item_labels(data, CUTOFF))
    baseline = median_baseline(judged, work, data.finished_until(CUTOFF).lazy())
    assert baseline.operations.height == judged.operations.height
    assert set(baseline.operations["predicted_minutes"]) == {20.0}
    assert settings.config.gate.min_compared_operations < judged.operations.height


def delayed(data: PlantData, until: datetime) -> PlantData:
    """The plant as it is known on a day, where every other lot takes 20 days and 40 minutes more than foreseen."""
    is_long = pl.col("work_order_code").str.slice(2).cast(pl.Int32) % 2 == 0
    orders = data.work_orders.with_columns(
        run_minutes=pl.col("run_minutes") + pl.when(is_long).then(40.0).otherwise(0.0),
        finished_at=pl.col("finished_at") + pl.when(is_long).then(timedelta(days=15)).otherwise(timedelta()),
    )
    known = pl.when(pl.col("finished_at") <= until).then(pl.col("finished_at"))
    began = orders.filter(pl.col("released_at") <= until)
    return replace(data, work_orders=began.with_columns(finished_at=known))


def test_cohorts_show_the_error_that_work_finished_so_far_hides(settings: Settings) -> None:
    """Of the first days after a cutoff only short lots have finished, and the long ones err most."""
    until = CUTOFF + timedelta(days=30)
    truth = cycle(settings, ConstantModel(), delayed(plant(), CUTOFF + timedelta(days=90))).metrics.mae
    data = delayed(plant(), until)
    so_far = judge(ConstantModel(), unseen_work(data.work_orders, CUTOFF, until), data, item_labels(data, CUTOFF))
    begun_since = so_far.operations.filter(pl.col("work_order_code") >= "WO0180")
    naive = (begun_since["predicted_minutes"] - begun_since["actual_minutes"]).abs().mean()
    assert truth is not None and isinstance(naive, float)  # noqa: PT018 - for the type checker
    found = cycle(settings, ConstantModel(), data)
    assert naive < 0.75 * truth, "finished so far flatters the model"
    assert found.metrics.mae == pytest.approx(truth, rel=0.05)
    assert found.excluded["started_too_late_for_a_mature_cohort"] > 0


def test_times_booked_at_the_plan_are_counted_and_flatter_nobody(settings: Settings) -> None:
    """Every other lot is booked at the plan, which the model foresees; the others take half as long again."""
    data = plant()
    is_booked = pl.col("work_order_code").str.slice(2).cast(pl.Int32) % 2 == 0
    orders = data.work_orders.with_columns(
        planned_setup_minutes=pl.lit(5.0),
        planned_run_minutes=pl.lit(16.0),
        run_minutes=pl.when(is_booked).then(16.0).otherwise(26.5),
    )
    found = cycle(settings, ConstantModel(), replace(data, work_orders=orders))
    assert found.metrics.mae == pytest.approx(10.5)
    assert found.excluded["booked_at_plan"] == found.metrics.operation_count


def test_lots_of_equal_size_are_asked_for_once_and_all_judged() -> None:
    data, model = plant(), ConstantModel()
    is_half = (pl.col("item_code") == "I00") & pl.col("work_order_code").str.ends_with("0")
    orders = data.work_orders.with_columns(quantity=pl.when(is_half).then(5.0).otherwise("quantity"))
    work = unseen_work(orders, CUTOFF, CUTOFF + timedelta(days=50))
    judged = judge(model, work, replace(data, work_orders=orders), item_labels(data, CUTOFF))

    asked = [(query.item_code, query.quantity) for query in model.asked]
    lots = work.lots()
    assert len(judged.lots) == len(lots) > len(asked) == len({(lot.item_code, lot.quantity) for lot in lots})
    assert judged.operations.height == sum(len(lot.operation_codes) for lot in lots)


def test_every_judged_lot_keeps_its_own_prediction_though_equal_ones_are_asked_for_once() -> None:
    data = plant()
    work = unseen_work(data.work_orders, CUTOFF, CUTOFF + timedelta(days=50))
    judged = judge_lots(ConstantModel(), work, data, item_labels(data, CUTOFF))
    assert [one.item_code for one in judged.predictions] == [lot.item_code for lot in judged.lots]
    assert item_results(judged).kept_items == len({lot.item_code for lot in judged.lots})
