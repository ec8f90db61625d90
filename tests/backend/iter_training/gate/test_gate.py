from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from backend.config_keys import GateSettings
from backend.domain.models import GateDecision
from backend.iter_training.evaluation.paired_test import paired_test
from backend.iter_training.gate.gate import BundleFacts, JudgedModel, check_enough, decide, decide_first
from backend.iter_training.gate.refresh_gate import decide_refresh
from backend.ml.judging.comparison import Comparison, summarise

SOUND = BundleFacts(None, 12.0, 3.0)
DIMENSIONS = ("stratum", "operation_code", "work_centre")
SETTINGS = GateSettings()
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shop:
    """Simulated actuals: 4 operations per lot, items with habits of their own, 5 part types."""

    items: npt.NDArray[np.int64]
    operations: npt.NDArray[np.int64]
    actual: Floats
    expected: Floats

    @property
    def size(self) -> int:
        return self.actual.size

    def judged(self, version: str, predicted: Floats, lot_match: float = 0.9) -> JudgedModel:
        item = pl.Series([f"I{n}" for n in self.items])
        stratum = pl.Series([f"T{n % 5}" for n in self.items])
        operations = pl.DataFrame(
            {
                "row": np.arange(self.size),
                "work_order_code": item,
                "item_code": item,
                "operation_code": [f"O{n}" for n in self.operations],
                "work_centre": [f"W{n}" for n in self.operations],
                "predicted_minutes": predicted,
                "actual_minutes": self.actual,
                "low": predicted * 0.6,
                "high": predicted * 1.6,
                "work_centre_right": np.full(self.size, fill_value=True),
                "in_house_right": np.full(self.size, fill_value=True),
                "stratum": stratum,
            }
        )
        lots = operations.group_by("work_order_code", "item_code", "stratum", maintain_order=True).agg(
            process_match=pl.lit(lot_match),
            exact_match=pl.lit(value=True),
            exact_route=pl.lit(value=True),
            predicted_minutes=pl.col("predicted_minutes").sum(),
            actual_minutes=pl.col("actual_minutes").sum(),
            total_low=pl.lit(None, pl.Float64),
            total_high=pl.lit(None, pl.Float64),
        )
        comparison = Comparison(lots, operations)
        return JudgedModel(version, comparison, summarise(comparison))


def simulate(rng: np.random.Generator, items: int = 250) -> Shop:
    item = np.repeat(np.arange(items), 4)
    operation = np.tile(np.arange(4), items)
    expected = rng.lognormal(3, 1, item.size)
    habit = rng.normal(0, 0.15, items)[item]
    return Shop(item, operation, expected * np.exp(habit + rng.normal(0, 0.25, item.size)), expected)


def guess(rng: np.random.Generator, shop: Shop, deviation: float) -> Floats:
    """A model whose log error has the given deviation beside the shop's noise."""
    return np.asarray(shop.expected * np.exp(rng.normal(0, deviation, shop.size)))


def duel(champion: JudgedModel, challenger: JudgedModel) -> GateDecision:
    return decide(champion, challenger, SOUND, SETTINGS, DIMENSIONS)


def check_refresh(parent: JudgedModel, refreshed: JudgedModel) -> GateDecision:
    return decide_refresh(parent, refreshed, SOUND, SETTINGS, 50)


def failed(decision: GateDecision) -> set[str]:
    return {check.name for check in decision.checks if not check.passed}


def test_an_equal_challenger_is_hardly_ever_promoted() -> None:
    rng = np.random.default_rng(1)
    promoted = 0
    for _ in range(120):
        shop = simulate(rng)
        promoted += duel(shop.judged("a", guess(rng, shop, 0.2)), shop.judged("b", guess(rng, shop, 0.2))).promote
    assert promoted <= 1


def test_a_clearly_better_challenger_is_always_promoted() -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        shop = simulate(rng)
        decision = duel(shop.judged("a", guess(rng, shop, 0.3)), shop.judged("b", guess(rng, shop, 0.05)))
        assert decision.promote, decision.reason


def test_a_challenger_with_one_biased_segment_is_never_promoted() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        shop = simulate(rng)
        champion, challenger = guess(rng, shop, 0.3), guess(rng, shop, 0.05)
        biased = np.where(shop.items % 5 == 2, challenger * 1.3, challenger)
        decision = duel(shop.judged("a", champion), shop.judged("b", biased))
        assert not decision.promote
        assert "segments" in failed(decision)
        assert "T2" in decision.reason


def test_segments_are_not_refused_by_chance_however_many_there_are() -> None:
    rng = np.random.default_rng(13)
    refused = 0
    for _ in range(40):
        shop = simulate(rng)
        shop = replace(shop, operations=np.arange(shop.size) % 20)
        same = guess(rng, shop, 0.2), guess(rng, shop, 0.2)
        refused += "segments" in failed(duel(shop.judged("a", same[0]), shop.judged("b", same[1])))
    assert refused <= 4


@pytest.mark.parametrize(("segment_before", "promoted"), [(1.0, False), (1.35, True)])
def test_a_bias_is_borne_only_where_the_champion_has_one_as_large_elsewhere(
    segment_before: float, promoted: bool
) -> None:
    """The plant has changed: the champion is off all over, the challenger in one segment and by no more."""
    rng = np.random.default_rng(14)
    shop = simulate(rng, items=500)
    first, second = (shop.items % 5 == part for part in (2, 3))
    champion = guess(rng, shop, 0.4) * np.where(second, segment_before, 1.0)
    challenger = guess(rng, shop, 0.05) * np.where(first, 1.3, 1.0)
    decision = duel(shop.judged("a", champion), shop.judged("b", challenger))
    assert decision.promote is promoted, decision.reason


def test_times_get_more_of_the_level_than_sequences() -> None:
    rng = np.random.default_rng(15)
    shop = simulate(rng)
    same = guess(rng, shop, 0.2)
    check = duel(shop.judged("a", same), shop.judged("b", same)).checks
    detail = next(one.detail for one in check if one.name == "improvement")
    assert "p < 0.00125 (times) or 0.00025 (sequences)" in detail


def test_better_sequences_with_equal_times_are_a_gain() -> None:
    rng = np.random.default_rng(4)
    shop = simulate(rng)
    times = guess(rng, shop, 0.1)
    champion, challenger = shop.judged("a", times, 0.8), shop.judged("b", times, 0.9)
    noisy = challenger.comparison.lots.with_columns(process_match=pl.lit(rng.uniform(0.8, 1, 250)))
    better = replace(challenger, comparison=Comparison(noisy, challenger.comparison.operations))
    decision = duel(champion, better)
    assert decision.promote, decision.reason
    assert "better sequences" in decision.reason


def test_worse_sequences_are_not_bought_with_better_times() -> None:
    rng = np.random.default_rng(5)
    shop = simulate(rng)
    champion = shop.judged("a", guess(rng, shop, 0.3), 0.9)
    decision = duel(champion, shop.judged("b", guess(rng, shop, 0.05), 0.85))
    assert "process_match" in failed(decision)


def test_the_very_same_model_is_no_gain_and_the_reason_says_so() -> None:
    shop = simulate(np.random.default_rng(6))
    decision = duel(shop.judged("a", shop.expected), shop.judged("b", shop.expected))
    assert failed(decision) == {"improvement"}
    assert "no proven gain" in decision.reason
    assert decision.champion_version == "a"


def test_too_few_operations_decide_nothing() -> None:
    rng = np.random.default_rng(7)
    shop = simulate(rng, items=20)
    decision = duel(shop.judged("a", guess(rng, shop, 0.5)), shop.judged("b", shop.expected))
    assert "compared_operations" in failed(decision)
    assert decision.compared_operations == 80


@pytest.mark.parametrize(
    ("facts", "check"),
    [
        (BundleFacts("model.pkl is incomplete", 0.0, 0.0), "bundle_loads"),
        (BundleFacts(None, 4000.0, 3.0), "bundle_size"),
        (BundleFacts(None, 12.0, 900.0), "predict_time"),
        (BundleFacts(None, 12.0, 20.0, 2.0), "predict_time"),
    ],
)
def test_an_unfit_bundle_is_refused_however_good(facts: BundleFacts, check: str) -> None:
    rng = np.random.default_rng(8)
    shop = simulate(rng)
    champion, challenger = shop.judged("a", guess(rng, shop, 0.5)), shop.judged("b", shop.expected)
    assert failed(decide(champion, challenger, facts, SETTINGS, DIMENSIONS)) == {check}


def test_a_few_times_as_slow_as_the_champion_or_harmlessly_slow_is_no_reason() -> None:
    rng = np.random.default_rng(8)
    shop = simulate(rng)
    champion, challenger = shop.judged("a", guess(rng, shop, 0.5)), shop.judged("b", shop.expected)
    for milliseconds, champions in ((20.0, 6.0), (9.0, 0.5)):
        facts = BundleFacts(None, 12.0, milliseconds, champions)
        assert decide(champion, challenger, facts, SETTINGS, DIMENSIONS).promote


def test_the_first_model_needs_sanity_not_a_champion() -> None:
    rng = np.random.default_rng(9)
    shop = simulate(rng)
    median = shop.judged("median", np.full(shop.size, 20.0)).comparison
    first = shop.judged("b", guess(rng, shop, 0.2))
    decision = decide_first(first, median, SOUND, SETTINGS, min_operations=50)
    assert decision.promote
    assert decision.champion_version is None
    assert decision.champion_metrics == {}


def test_a_first_model_worse_than_the_median_is_refused() -> None:
    shop = simulate(np.random.default_rng(10))
    bad = shop.judged("b", shop.expected * 9)
    good = shop.judged("median", shop.expected).comparison
    assert failed(decide_first(bad, good, SOUND, SETTINGS, min_operations=50)) == {"better_than_median"}


def test_a_first_model_that_predicts_no_number_is_refused() -> None:
    shop = simulate(np.random.default_rng(11))
    broken = shop.expected.copy()
    broken[3] = np.nan
    decision = decide_first(
        shop.judged("b", broken), shop.judged("m", shop.expected * 9).comparison, SOUND, SETTINGS, min_operations=50
    )
    assert "finite" in failed(decision)


def test_clusters_make_the_paired_test_more_careful() -> None:
    rng = np.random.default_rng(12)
    shared = np.repeat(rng.normal(0.02, 0.2, 50), 20)
    champion, challenger = shared + 1, np.ones(1000)
    alone = paired_test(champion, challenger, np.arange(1000))
    clustered = paired_test(champion, challenger, np.repeat(np.arange(50), 20))
    assert clustered.p_better > alone.p_better
    assert clustered.clusters == 50


def test_a_refresh_that_changes_next_to_nothing_is_hardly_ever_refused() -> None:
    rng = np.random.default_rng(6)
    refused = 0
    for _ in range(60):
        shop = simulate(rng, items=60)
        before = guess(rng, shop, 0.2)
        after = before * np.exp(rng.normal(0, 0.03, shop.size))
        refused += not check_refresh(shop.judged("a", before), shop.judged("b", after)).promote
    assert refused <= 1


def test_a_refresh_is_refused_where_it_makes_times_worse_or_a_segment_biased() -> None:
    rng = np.random.default_rng(7)
    shop = simulate(rng)
    before = guess(rng, shop, 0.1)
    worse = check_refresh(shop.judged("a", before), shop.judged("b", before * np.exp(rng.normal(0, 0.2, shop.size))))
    biased = np.where(shop.operations == 2, before * 1.3, before)
    segment = check_refresh(shop.judged("a", before), shop.judged("b", biased))
    assert "not_worse" in failed(worse)
    assert "worse times" in worse.reason
    assert "segments" in failed(segment)
    assert "operation_code O2" in segment.reason


def test_a_refresh_is_refused_on_too_few_operations() -> None:
    rng = np.random.default_rng(8)
    shop = simulate(rng, items=10)
    same = shop.judged("a", guess(rng, shop, 0.1))
    assert failed(check_refresh(same, same)) == {"compared_operations"}


def test_where_no_lot_could_be_judged_the_reason_names_the_days_set_apart_and_where_some_could_it_does_not() -> None:
    none, some = (check_enough(compared, 50, "evaluation.min_operations") for compared in (0, 12))
    assert not none.passed
    assert "raise training.holdout_days" in none.detail
    assert some.detail == "12 operations compared, 50 are needed (evaluation.min_operations)"
