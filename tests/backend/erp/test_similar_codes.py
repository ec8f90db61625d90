"""Codes that differ only in capital letters or spaces are counted and shown, and left as they are."""

import polars as pl

from backend.erp.similar_codes import similar_codes


def test_codes_in_several_spellings_are_counted_and_shown() -> None:
    told = similar_codes(pl.Series(["A-1", "a-1", "B-2", "C-3 ", "C-3", None, "", " ", "a-1"]))
    assert told is not None
    assert told.startswith("items: 2 item codes are written in several ways")
    assert "('A-1' / 'a-1'; 'C-3' / 'C-3 ')" in told


def test_only_some_examples_are_shown() -> None:
    told = similar_codes(pl.Series([each for number in range(9) for each in (f"X{number}", f"x{number}")]))
    assert told is not None
    assert told.startswith("items: 9 item codes")
    assert "'X4' / 'x4', …)" in told
    assert "X5" not in told


def test_codes_that_differ_otherwise_are_not_pointed_out() -> None:
    assert similar_codes(pl.Series(["A-1", "A1", "A-2", "A 1"])) is None
    assert similar_codes(pl.Series([], dtype=pl.String)) is None
    assert similar_codes(pl.Series([1, 2, 3])) is None
