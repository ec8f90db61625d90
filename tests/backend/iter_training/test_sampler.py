from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.plant import TIMESTAMP, Attribute, AttributeKind
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.iter_training.evaluation.item_choice import allocate, choose_items, stratum_attribute

NEWEST = datetime(2025, 10, 1)  # noqa: DTZ001 - the product's timestamps are naive UTC
strategies = st.sampled_from(list(SamplingStrategy))


def population(size: int) -> pl.DataFrame:
    """Part types in shares of 1/2, 1/4, 1/8 …; item n was last made n days before the newest."""
    strata = [f"T{min(int(np.log2(size / (n + 1))), 6)}" for n in range(size)]
    made = [NEWEST - timedelta(days=n) if n % 3 else None for n in range(size)]
    return pl.DataFrame(
        {"item_code": [f"I{n:05}" for n in range(size)], "stratum": strata, "last_finished_at": made},
        schema_overrides={"last_finished_at": TIMESTAMP},
    )


@given(strategies, st.integers(1, 120), st.integers(0, 2**31), st.integers(1, 100))
def test_a_sample_has_the_size_asked_and_only_known_items_once(
    strategy: SamplingStrategy, size: int, seed: int, items: int
) -> None:
    chosen = choose_items(population(items), Sampling(size, strategy, seed))
    assert len(chosen) == (items if strategy is SamplingStrategy.ALL else min(size, items))
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= set(population(items)["item_code"])


@given(strategies, st.integers(0, 2**31))
def test_the_same_seed_gives_the_same_items_in_whatever_order_the_plant_lists_them(
    strategy: SamplingStrategy, seed: int
) -> None:
    plant = population(80)
    sampling = Sampling(20, strategy, seed)
    assert choose_items(plant, sampling) == choose_items(plant.reverse(), sampling)


def test_another_seed_gives_other_items() -> None:
    plant = population(500)
    samples = [choose_items(plant, Sampling(20, SamplingStrategy.RANDOM, seed)) for seed in (1, 2)]
    assert samples[0] != samples[1]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=30), st.data())
def test_strata_hold_their_proportion_and_none_is_left_out(counts: list[int], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, sum(counts)))
    shares = allocate(np.array(counts, dtype=np.int64), size)
    assert shares.sum() == size
    assert (shares <= counts).all()
    if size >= len(counts):
        assert shares.min() >= 1


def test_stratified_mirrors_the_plant() -> None:
    plant = population(1024)
    chosen = choose_items(plant, Sampling(128, SamplingStrategy.STRATIFIED, 3))
    sampled = plant.filter(pl.col("item_code").is_in(chosen))["stratum"].value_counts()
    found = dict(sampled.iter_rows())
    assert set(found) == set(plant["stratum"])
    assert found["T0"] == pytest.approx(64, abs=3)


def test_recent_bias_prefers_items_made_lately() -> None:
    plant = population(2000)
    ages = {row["item_code"]: (NEWEST - row["last_finished_at"]).days for row in plant.drop_nulls().to_dicts()}
    chosen = choose_items(plant, Sampling(200, SamplingStrategy.RECENT_BIAS, 5))
    assert np.median([ages[code] for code in chosen if code in ages]) < 300


def test_items_are_grouped_by_the_first_categorical_attribute_that_says_something() -> None:
    items = pl.DataFrame(
        {
            "item_code": [f"I{n}" for n in range(600)],
            "NAME": [f"name {n}" for n in range(600)],
            "UNIT": ["EA"] * 600,
            "DRAWING": [f"D{n}" for n in range(600)],
            "PART_TYPE": [f"T{n % 7}" for n in range(600)],
            "MATERIAL": [f"M{n % 9}" for n in range(600)],
        }
    )
    kinds = {"NAME": AttributeKind.TEXT}
    attributes = tuple(Attribute(name, kinds.get(name, AttributeKind.CATEGORICAL)) for name in items.columns[1:])
    assert stratum_attribute(items, attributes) == "PART_TYPE"
    assert stratum_attribute(items, attributes[:3]) is None
