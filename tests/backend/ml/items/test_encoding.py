"""Values share a code where they share a value, or lie in the same bin."""

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import Attribute, AttributeKind
from backend.ml.items.encoding import UNSEEN, ItemEncoder, ItemTable
from backend.ml.items.features import FeatureMap
from backend.ml.items.item_codes import ItemCodes
from backend.ml.items.item_store import StoredColumn, StoredColumns

ATTRIBUTES = (
    Attribute("size", AttributeKind.NUMERIC),
    Attribute("empty", AttributeKind.NUMERIC),
    Attribute("kind", AttributeKind.CATEGORICAL),
    Attribute("words", AttributeKind.TEXT),
)


@pytest.fixture(scope="module")
def encoded() -> tuple[ItemEncoder, ItemTable]:
    draw = np.random.default_rng(2)
    size = draw.choice(np.array([np.nan, -np.inf, np.inf, 1.0, 2.0, 2.5, 7.0, 1e9]), 300)
    frame = pl.DataFrame(
        {
            "size": pl.Series(size).fill_nan(None),
            "empty": pl.Series([None] * 300, dtype=pl.Float64),
            "kind": draw.choice(["", "a", "b", "c"], 300).tolist(),
            "words": draw.choice(["", "steel ring", "ring", "pin"], 300).tolist(),
            "item_code": [f"I{number:04d}" for number in range(300)],
        }
    )
    encoder = ItemEncoder.fit(frame, ATTRIBUTES)
    return encoder, encoder.encode_frame(frame)


def test_known_items_have_the_codes_that_their_values_have(encoded: tuple[ItemEncoder, ItemTable]) -> None:
    encoder, table = encoded
    codes = encoder.code_columns(table)
    stored = StoredColumns(map(StoredColumn.of, table.values[:-1], table.tokens[:-1]))
    some = np.random.default_rng(3).integers(0, 300, 500)

    assert {column.place is None for column in stored.each} == {True, False}
    assert np.array_equal(ItemCodes(encoder, stored).of(some), codes[:-1, some].T)


def test_trees_and_network_see_an_item_alone_as_among_others(encoded: tuple[ItemEncoder, ItemTable]) -> None:
    encoder, table = encoded
    features = FeatureMap.fit(encoder, table)
    codes = encoder.code_columns(table)
    matrix, inputs = features.tree_matrix(encoder, table), features.network_inputs(codes, table)

    assert matrix.shape[1] == len(features.tree_columns(encoder))
    for row in range(0, 300, 37):
        alone = table.take(np.array([row]))
        assert np.array_equal(features.tree_matrix(encoder, alone)[0], matrix[row], equal_nan=True)
        assert features.network_inputs(encoder.code_columns(alone), alone)[0].tolist() == inputs[row].tolist()


def test_trees_see_numbers_as_they_are_and_a_one_for_each_word(encoded: tuple[ItemEncoder, ItemTable]) -> None:
    encoder, table = encoded
    features = FeatureMap.fit(encoder, table)
    matrix = features.tree_matrix(encoder, table)
    texts, tokens = encoder.columns[3], table.tokens[3]
    assert tokens is not None

    assert np.array_equal(matrix[:, 0], table.values[0], equal_nan=True)
    for place, token in enumerate(features.tree_tokens[3].tolist()):
        has = [token in tokens[row] for row in range(300)]
        assert matrix[:, 3 + place].astype(bool).tolist() == has, texts.vocabulary[token]


def test_trees_see_the_usual_number_where_one_is_missing_that_never_was_in_training() -> None:
    weights = np.arange(1.0, 302.0)
    sizes = [None if number % 5 == 0 else float(number) for number in range(301)]
    frame = pl.DataFrame({"weight": weights, "size": sizes, "item_code": [f"I{n:04d}" for n in range(301)]})
    kinds = [Attribute(name, AttributeKind.NUMERIC) for name in ("weight", "size")]
    encoder = ItemEncoder.fit(frame, kinds)
    features = FeatureMap.fit(encoder, encoder.encode_frame(frame))
    weight, size = features.tree_matrix(encoder, encoder.encode_rows([{"item_code": "NEW"}]))[0, :2]
    assert weight == pytest.approx(151, abs=5)
    assert np.isnan(size), "trees have learnt what no size means"


def test_a_number_among_categories_is_known_however_it_is_spelt_and_a_code_only_to_the_letter() -> None:
    values = ["3.0", "1.5", "1.25", "010", "10"]
    frame = pl.DataFrame({"kind": values, "item_code": [f"I{n}" for n in range(5)]})
    encoder = ItemEncoder.fit(frame, [Attribute("kind", AttributeKind.CATEGORICAL)])
    asked = ["3", "3,0", "1.50", "10", "010", "0010", "4", "ring"]
    codes = encoder.encode_rows([{"kind": value} for value in asked]).values[0]
    known = encoder.encode_rows([{"kind": value} for value in ("3.0", "3.0", "1.5", "10", "010")]).values[0]
    assert codes[:5].tolist() == known.tolist()
    assert len(set(known.tolist())) == 4
    assert set(codes[5:].tolist()) == {UNSEEN}
