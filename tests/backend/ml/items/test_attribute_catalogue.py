import numpy as np
import polars as pl

from backend.domain.catalogue import AttributeSummary, ValueCount
from backend.domain.plant import Attribute, AttributeKind
from backend.ml.items.attribute_catalogue import count_attributes
from backend.ml.items.encoding import ItemEncoder

ATTRIBUTES = (
    Attribute("KIND", AttributeKind.CATEGORICAL),
    Attribute("SIZE", AttributeKind.NUMERIC),
    Attribute("NAME", AttributeKind.TEXT),
    Attribute("NEVER", AttributeKind.NUMERIC),
)
ITEMS = pl.DataFrame(
    {
        "item_code": ["A", "B", "C", "D"],
        "KIND": ["링", "SEAT", "링", None],
        "SIZE": [52.3, 10.0, 52.3, None],
        "NAME": ["a ring", None, "a ring", "a seat"],
        "NEVER": pl.Series([None] * 4, dtype=pl.Float64),
    }
)


def summaries(most: int = 10, containing: str = "") -> dict[str, AttributeSummary]:
    encoder = ItemEncoder.fit(ITEMS, ATTRIBUTES)
    weights = np.array([0.5, 0.25, 0.125, 0.0, 0.125], dtype=np.float32)
    counted = count_attributes(encoder.columns, encoder.encode_frame(ITEMS).values, weights)
    return {each.attribute.name: each.summary(most, containing) for each in counted}


def test_values_are_counted_over_the_known_items_most_frequent_first() -> None:
    found = summaries()

    assert list(found) == ["KIND", "SIZE", "NAME", "NEVER"], "the item code is no attribute"
    assert found["KIND"].values == (ValueCount("링", 2), ValueCount("SEAT", 1))
    assert found["SIZE"].values == (ValueCount(52.3, 2), ValueCount(10.0, 1))
    assert (found["KIND"].weight, found["KIND"].filled_share, found["KIND"].distinct_values) == (0.5, 0.75, 2)


def test_numbers_are_told_with_their_spread_and_texts_without_values() -> None:
    found = summaries()
    numbers = found["SIZE"].numbers

    assert numbers is not None
    assert (numbers.minimum, numbers.median, numbers.maximum) == (10.0, 52.3, 52.3)
    assert (found["NAME"].values, found["NAME"].distinct_values, found["NAME"].filled_share) == ((), None, 0.75)
    assert (found["NEVER"].numbers, found["NEVER"].filled_share) == (None, 0.0)


def test_values_are_found_by_a_part_of_them_in_any_case() -> None:
    assert summaries(containing="seA")["KIND"].values == (ValueCount("SEAT", 1),)
    assert summaries(containing="52.3")["SIZE"].values == (ValueCount(52.3, 2),)
    assert summaries(most=1)["KIND"].values == (ValueCount("링", 2),)
