import numpy as np
import numpy.typing as npt
import pytest

from backend.ml.common.arrays import Ragged
from backend.ml.items.item_store import StoredColumn, StoredColumns

ITEMS = 3000
_DRAW = np.random.default_rng(6)
FEW_NUMBERS = _DRAW.choice(np.array([np.nan, -0.0, 0.0, 1.5, 7.0], np.float32), ITEMS)
MANY_NUMBERS = _DRAW.random(ITEMS).astype(np.float32)
CODES = _DRAW.integers(0, 200, ITEMS).astype(np.int32)


@pytest.mark.parametrize(
    ("values", "nbytes"),
    [(FEW_NUMBERS, ITEMS + 5 * 4), (MANY_NUMBERS, 4 * ITEMS), (CODES, ITEMS)],
    ids=["few numbers", "many numbers", "codes"],
)
def test_values_are_kept_to_the_bit_in_few_bytes(values: npt.NDArray[np.generic], nbytes: int) -> None:
    column = StoredColumn.from_parts(StoredColumn.of(values, None).to_parts())
    some = _DRAW.integers(0, ITEMS, 500)

    assert StoredColumns([column]).take(some)[1] == [None]
    assert column.values_of(some).astype(values.dtype).tobytes() == values[some].tobytes()
    assert column.nbytes == nbytes


def test_texts_of_one_code_keep_their_own_tokens() -> None:
    texts = np.array([[], [1], [1, 2], [3]], dtype=object)
    which = _DRAW.integers(0, 4, ITEMS)
    rows = [texts[each] for each in which]
    lengths = np.array([len(row) for row in rows])
    tokens = Ragged.from_rows(np.arange(ITEMS).repeat(lengths), np.concatenate(rows).astype(np.int16), ITEMS)
    hashes = np.array([0, 9, 9, 4], np.uint32)[which]

    column = StoredColumn.from_parts(StoredColumn.of(hashes, tokens).to_parts())
    (values,), (taken,) = StoredColumns([column]).take(np.arange(ITEMS))
    assert taken is not None
    assert len(column.values) == 4
    assert values.tolist() == hashes.tolist()
    assert [taken[i].tolist() for i in range(ITEMS)] == rows


def test_columns_are_read_together_as_each_alone() -> None:
    tokens = Ragged.from_rows(np.arange(ITEMS), _DRAW.integers(0, 9, ITEMS).astype(np.int16), ITEMS)
    few_codes, many_codes = CODES % 7, CODES.astype(np.int32) * 3
    given = [(CODES, None), (FEW_NUMBERS, None), (few_codes, None), (CODES.astype(np.uint32), tokens)]
    given += [(MANY_NUMBERS, None), (many_codes, None), (many_codes + 1, None)]
    alone = [StoredColumn.of(*column) for column in given]
    together = StoredColumns(alone)
    some = _DRAW.integers(0, ITEMS, 50)

    values, taken = together.take(some)
    for own, column, one in zip(values, alone, together.each, strict=True):
        assert own.dtype == column.values.dtype
        assert own.tobytes() == column.values_of(some).tobytes()
        assert one.to_parts()["values"].tobytes() == column.to_parts()["values"].tobytes()
        assert one.to_parts()["values"].flags.c_contiguous
    assert [each is None for each in taken] == [each is None for _, each in given]
    assert taken[3] is not None
    assert taken[3].values.tolist() == tokens.take(some).values.tolist()
