import collections
import functools
import os
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.registry.plain_pickle import PlainPickleError, dump_plain, load_plain

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)
ARRAYS = [
    np.arange(6).reshape(2, 3),
    np.asfortranarray(np.ones((3, 2), dtype=np.float32)),
    np.arange(10, dtype=np.int16)[::2],
    np.array(["ITEM001", "씰링"]),
    np.array(["a", None], dtype=object),
    np.array(True),
    np.array(["2026-11-23"], dtype="datetime64[D]"),
    np.zeros(0),
    np.array([(1, 2.0)], dtype=[("code", "i4"), ("minutes", "f8")]),
    np.array([b"x", b"yy"]),
]


class Exploit:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("echo owned > /tmp/owned",))


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert load_plain(dump_plain(value)) == value


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_numpy_arrays_come_back_as_they_were(array: np.ndarray[Any, Any]) -> None:
    found = load_plain(dump_plain({"array": array}))["array"]
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    "scalar", [np.float64(1.5), np.int32(3), np.bool_(True), np.str_("가"), np.datetime64("2026-11-23")]
)
def test_numpy_scalars_come_back_as_they_were(scalar: object) -> None:
    assert load_plain(dump_plain(scalar)) == scalar


@pytest.mark.parametrize(
    "value",
    [
        Exploit(),
        os.system,
        eval,
        functools.partial(print, "x"),
        collections.OrderedDict(a=1),
        np.ma.array([1]),
        np.random.default_rng(0),
        {"deep": [(Exploit(),)]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_that_could_run_code_is_refused(value: object) -> None:
    with pytest.raises(PlainPickleError, match="is not plain data"):
        load_plain(pickle.dumps(value))
    with pytest.raises(PlainPickleError):
        dump_plain(value)


def test_a_numpy_scalar_of_objects_is_refused() -> None:
    hand_made = b"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n(S'O'\nI00\nI01\ntRS'x'\ntR."
    with pytest.raises(PlainPickleError, match="objects"):
        load_plain(hand_made)


@pytest.mark.parametrize("data", [b"", b"\x80\x05", b"no pickle", b"\x80\x05Pid\n.", b"\x80\x05\x8a\xff."])
def test_what_is_no_pickle_is_refused(data: bytes) -> None:
    with pytest.raises(PlainPickleError):
        load_plain(data)
