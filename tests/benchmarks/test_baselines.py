"""The simpler ways are what their names say."""

import polars as pl
import pytest

from benchmarks.baselines import enter_histories, enter_routes, finished
from benchmarks.demo_contest import Contest, begin
from benchmarks.demo_task import KNOWN, NEW_FAMILY, DemoTask
from benchmarks.item_vectors import item_vectors


@pytest.fixture(scope="module")
def contest(task: DemoTask) -> Contest:
    contest = begin(task)
    enter_histories(contest)
    enter_routes(contest, item_vectors(task))
    return contest


def test_times_are_the_operations_median_or_the_items_mean(contest: Contest, task: DemoTask) -> None:
    lot = task.groups[KNOWN][0]
    past = finished(task).filter(pl.col("operation_code") == lot.operation_codes[0])
    own = past.filter(pl.col("item_code") == lot.item_code).tail(10)
    for name, rows, middle in (("operation median", past, pl.median), ("item history mean", own, pl.mean)):
        per_piece = rows.with_columns(run=pl.col("run_minutes") / pl.col("quantity"))
        setup, run = per_piece.select(middle("setup_minutes", "run")).row(0)
        answer = contest.answers[name][KNOWN].steps.row(by_predicate=pl.col("row") == lot.rows[0], named=True)
        assert answer["setup_minutes"] == pytest.approx(setup)
        assert answer["lot_minutes"] == pytest.approx(setup + run * lot.quantity)


def test_the_nearest_neighbour_of_a_known_item_is_the_item_itself(contest: Contest, task: DemoTask) -> None:
    lots = task.groups[KNOWN]
    sequences = contest.answers["nearest neighbour copy"][KNOWN].sequences or []
    with_routing = set(task.plant.routings["item_code"])
    own = [
        codes == lot.operation_codes
        for codes, lot in zip(sequences, lots, strict=True)
        if lot.item_code in with_routing
    ]
    assert sum(own) > 0.9 * len(own) > 0


def test_a_vote_gives_the_winners_share_as_its_probability(contest: Contest) -> None:
    voted = contest.answers["one-hot kNN vote"][NEW_FAMILY].probability
    assert voted is not None
    assert {round(share * 10, 6) % 1 for share in voted.tolist()} == {0.0}
