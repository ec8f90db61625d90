"""The simulated plants of the trigger's benchmark: what changes, what does not, and what the oracle sees of it."""

import numpy as np
import polars as pl
import pytest

from backend.ml.common.arrays import Floats
from benchmarks.trigger_oracle import alarms, daily_scores, threshold_for
from benchmarks.trigger_streams import GATE_DAYS, Change, Plant, Stream, draw

PLANT = Plant("small", 1000, items=300)
DAYS = GATE_DAYS + 28
FROM = GATE_DAYS + 14.5


@pytest.fixture(scope="module")
def calm() -> Stream:
    return draw(np.random.default_rng(1), PLANT, DAYS)


def errors(stream: Stream) -> Floats:
    predicted, actual = (stream.operations[name].to_numpy() for name in ("predicted_minutes", "actual_minutes"))
    return np.asarray(np.abs(np.log(predicted / actual)))


def test_a_change_begins_on_its_day(calm: Stream) -> None:
    wider = calm.changed(Change("wider", error_factor=1.5), FROM)
    ratio = errors(wider) / errors(calm)
    assert ratio[calm.ends < FROM] == pytest.approx(1.0)
    assert ratio[calm.ends >= FROM] == pytest.approx(1.5)


def test_a_replaced_work_centre_is_never_foreseen(calm: Stream) -> None:
    replaced = calm.changed(Change("replaced", new_centre=True), FROM)
    new = replaced.operations.filter(pl.col("work_centre") == "NEW")
    assert new.height > 0
    assert not new["work_centre_right"].any()
    assert replaced.operations["work_centre"].n_unique() == calm.operations["work_centre"].n_unique() + 1


def test_of_many_lots_those_of_a_part_of_the_items_are_judged(calm: Stream) -> None:
    lots = calm.evidence(GATE_DAYS, DAYS, most_lots=50).lots
    newest = lots.filter(pl.col("finished_at") >= lots["finished_at"].max() - pl.duration(days=7)).height
    assert 20 < newest < 100
    assert calm.evidence(GATE_DAYS, DAYS).lots.height == (calm.lot_ends >= GATE_DAYS).sum()


def test_the_oracle_alarms_soon_after_a_change_and_seldom_without(calm: Stream) -> None:
    factor = 1.5
    threshold = threshold_for([daily_scores(calm, DAYS, factor)], 0)
    changed = daily_scores(calm.changed(Change("wider", error_factor=factor), FROM), DAYS, factor)
    assert FROM < next(alarms(changed, threshold)) < FROM + 2
