"""Which attributes are said to be mixed otherwise than before."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.iter_training.drift.input_drift import find_input_drift

NOW = datetime(2026, 6, 30)  # noqa: DTZ001 - the product's timestamps are naive UTC
ITEMS = 1600
MATERIALS = ("1.4301", "1.4404", "S235", "C45")


def plant(seed: int, **columns: pl.Expr) -> PlantData:
    """Items in families of four, created over a year, each made ten times; `columns` replace attributes."""
    rng = np.random.default_rng(seed)
    family = np.arange(ITEMS) // 4
    age = rng.uniform(0, 364, ITEMS // 4)[family]
    items = pl.DataFrame(
        {
            "item_code": [f"I{n}" for n in range(ITEMS)],
            "created_at": [NOW - timedelta(days=float(one)) for one in age],
            "MATERIAL": np.array(MATERIALS)[rng.choice(4, ITEMS // 4, p=(0.5, 0.04, 0.26, 0.2))[family]],
            "DIAMETER": 10 * rng.lognormal(1, 0.6, ITEMS // 4)[family],
            "DRAWING": [f"D{n}" for n in family],
            "NAME": [f"part {n}" for n in range(ITEMS)],
        }
    )
    items = items.with_columns(is_new=pl.col("created_at") > NOW - timedelta(days=28)).with_columns(**columns)
    item = rng.integers(0, ITEMS, 10 * ITEMS)
    orders = pl.DataFrame(
        {
            "item_code": [f"I{n}" for n in item],
            "finished_at": [NOW - timedelta(days=float(one)) for one in rng.uniform(0, 364, len(item))],
        }
    )
    kinds = {"MATERIAL": "CATEGORICAL", "DIAMETER": "NUMERIC", "DRAWING": "CATEGORICAL", "NAME": "TEXT"}
    attributes = tuple(Attribute(name, AttributeKind[kind]) for name, kind in kinds.items())
    empty = pl.DataFrame(schema=WORK_ORDER_SCHEMA)
    made = pl.concat([empty, orders.cast({"finished_at": WORK_ORDER_SCHEMA["finished_at"]})], how="diagonal")
    return PlantData(items, pl.DataFrame(schema=ROUTING_SCHEMA), made, attributes)


def some(share: float, changed: pl.Expr, column: str) -> pl.Expr:
    """Change a share of the new items."""
    chosen = pl.col("is_new") & (pl.col("item_code").hash(1) % 100 < 100 * share)
    return pl.when(chosen).then(changed).otherwise(pl.col(column))


@pytest.mark.parametrize("seed", range(6))
def test_families_of_like_items_are_no_drift(seed: int) -> None:
    assert find_input_drift(plant(seed), NOW) == ()


def test_a_material_that_became_frequent_is_named_with_its_shares() -> None:
    (found,) = find_input_drift(plant(1, MATERIAL=some(0.4, pl.lit("1.4404"), "MATERIAL")), NOW)
    assert (found.population, found.attribute, found.value) == ("new_items", "MATERIAL", "1.4404")
    assert found.share_pct > 35
    assert found.before_pct < 10
    assert found.sentence == (
        f"MATERIAL: {found.share_pct:.0f} % of the {found.items} new items are 1.4404, {found.before_pct:.0f} % before"
    )


def test_a_value_that_never_was_before_is_named_itself() -> None:
    (found,) = find_input_drift(plant(2, MATERIAL=some(0.4, pl.lit("titanium"), "MATERIAL")), NOW)
    assert (found.value, found.before_pct) == ("titanium", 0.0)


def test_an_attribute_that_is_no_longer_filled_in_is_said_to_be_missing() -> None:
    found = find_input_drift(plant(3, DIAMETER=some(0.5, pl.lit(None), "DIAMETER")), NOW)
    assert [(one.attribute, one.value) for one in found] == [("DIAMETER", "missing")]


def test_a_number_is_named_by_the_range_that_became_frequent() -> None:
    (found,) = find_input_drift(plant(4, DIAMETER=some(0.5, pl.lit(500.0), "DIAMETER")), NOW)
    assert found.attribute == "DIAMETER"
    assert found.value.endswith(" or more")


def test_one_change_is_told_once_though_two_attributes_show_it() -> None:
    changed = plant(5, MATERIAL=some(0.4, pl.lit("titanium"), "MATERIAL"), DIAMETER=some(0.4, pl.lit(None), "DIAMETER"))
    assert len(find_input_drift(changed, NOW)) == 1


def test_work_that_turns_to_other_items_is_told_of_the_items_in_work() -> None:
    data = plant(6)
    of_steel = data.items.filter(pl.col("MATERIAL") == "C45")["item_code"].implode()
    newest = pl.col("finished_at") > NOW - timedelta(days=28)
    kept = data.work_orders.filter(
        ~newest | pl.col("item_code").is_in(of_steel) | (pl.col("item_code").hash(1) % 4 == 0)
    )
    turned = PlantData(data.items, data.routings, kept, data.attributes)
    (found,) = find_input_drift(turned, NOW)
    assert (found.population, found.attribute, found.value) == ("items_in_work", "MATERIAL", "C45")


def test_a_plant_with_few_new_items_or_few_months_says_nothing() -> None:
    data = plant(7, MATERIAL=some(0.9, pl.lit("titanium"), "MATERIAL"))
    few = PlantData(data.items[::40], data.routings, data.work_orders.clear(), data.attributes)
    assert find_input_drift(few, NOW) == ()
    assert (
        find_input_drift(PlantData(data.items.clear(), data.routings, data.work_orders.clear(), data.attributes), NOW)
        == ()
    )
