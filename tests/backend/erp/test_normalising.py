import unicodedata
from datetime import date, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from backend.erp.normalising import as_flag, as_number, as_text, as_timestamp, without_open_ends

MISSING = ("", "nan", "9999")
TEXTS = st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)), max_size=20)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@given(TEXTS)
def test_text_is_trimmed_composed_and_stays_so(values: list[str | None]) -> None:
    once = as_text(pl.Series("a", values, dtype=pl.String), MISSING)
    assert as_text(once, MISSING).to_list() == once.to_list()
    for value in once.drop_nulls():
        assert value == unicodedata.normalize("NFC", value).strip()
        assert value.lower() not in MISSING


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_numbers_read_back_from_their_text(values: list[float]) -> None:
    parsed = as_number(pl.Series("a", [repr(value) for value in values], dtype=pl.String), ("",))
    assert parsed.values.to_list() == values
    assert not parsed.unreadable.any()


@given(TEXTS)
def test_every_text_is_a_number_or_missing_or_unreadable_and_never_two_of_them(values: list[str | None]) -> None:
    series = pl.Series("a", values, dtype=pl.String)
    parsed = as_number(series, MISSING)
    words = as_text(series, MISSING)
    states = zip(parsed.values.is_not_null(), parsed.unreadable, words.is_null(), strict=True)
    for value, (is_number, is_unreadable, is_missing) in zip(values, states, strict=True):
        assert is_number + is_unreadable + is_missing == 1 or (value or "").strip() in {"9999.0", "+9999", "09999"}


def test_decomposed_korean_and_wide_spaces_are_normalised() -> None:
    decomposed = unicodedata.normalize("NFD", "외주")
    assert as_text(pl.Series(["\u3000" + decomposed + " "]), ("",)).to_list() == ["외주"]


def test_codes_that_arrive_as_numbers_lose_no_digit_and_gain_no_point() -> None:
    assert as_text(pl.Series([10.0, None, 20.0]), ("",)).to_list() == ["10", None, "20"]
    assert as_text(pl.Series([10.5]), ("",)).to_list() == ["10.5"]
    assert as_text(pl.Series([True, False]), ("",)).to_list() == ["true", "false"]


def test_9999_means_none_as_text_and_as_number() -> None:
    assert as_number(pl.Series(["9999", "9999.0", "12"]), MISSING).values.to_list() == [None, None, 12.0]
    assert as_number(pl.Series([9999.0, float("nan"), 12.0]), MISSING).values.to_list() == [None, None, 12.0]


def test_infinity_is_unreadable() -> None:
    parsed = as_number(pl.Series(["inf", "1e999", "1"]), ("",))
    assert parsed.unreadable.to_list() == [True, True, False]
    assert parsed.values.to_list() == [None, None, 1.0]


def test_moments_that_say_their_own_offset_are_read_by_it_and_others_by_the_plants_zone() -> None:
    words = [
        "2025-03-30T01:30:00+01:00",
        "2025-03-30T03:30:00.5+0200",
        "2025-03-30 03:30:00+02",
        "2025-03-30T00:30Z",
        "2025-03-30T12:00:00",
        "30.03.2025 02:30 +0200",
    ]
    parsed = as_timestamp(pl.Series(words), ("",), ["%d.%m.%Y %H:%M %z"], "Europe/Vienna")
    assert parsed.values.to_list() == [
        _at("2025-03-30 00:30:00"),
        _at("2025-03-30 01:30:00.500000"),
        _at("2025-03-30 01:30:00"),
        _at("2025-03-30 00:30:00"),
        _at("2025-03-30 10:00:00"),
        _at("2025-03-30 00:30:00"),
    ]
    assert not parsed.unreadable.any()


def test_dates_of_many_spellings_are_read_in_the_plants_zone() -> None:
    words = ["2024-01-02 09:00:00", "2024-01-02", "2024-01-02T09:00:00.5", "20240102", "2024/01/02 09:00", "soon", ""]
    parsed = as_timestamp(pl.Series(words), ("",), ["%Y/%m/%d %H:%M"], "Asia/Seoul")
    assert parsed.values.to_list() == [
        _at("2024-01-02 00:00:00"),
        _at("2024-01-01 15:00:00"),
        _at("2024-01-02 00:00:00.500000"),
        _at("2024-01-01 15:00:00"),
        _at("2024-01-02 00:00:00"),
        None,
        None,
    ]
    assert parsed.unreadable.to_list() == [False] * 5 + [True, False]


def test_an_hour_that_summer_time_skips_or_doubles_is_still_a_time() -> None:
    local = pl.Series(["2024-03-31 02:30:00", "2024-10-27 02:30:00"])
    parsed = as_timestamp(local, ("",), (), "Europe/Berlin")
    assert parsed.values.to_list() == [_at("2024-03-31 01:30:00"), _at("2024-10-27 00:30:00")]


def test_an_open_end_is_no_end() -> None:
    parsed = as_timestamp(pl.Series(["2999-12-31", "2024-12-31"]), ("",), (), "Asia/Seoul")
    ends = without_open_ends(parsed.values, [date(2999, 12, 31)], "Asia/Seoul")
    assert ends.to_list() == [None, _at("2024-12-30 15:00:00")]


def test_in_house_words_of_a_plant_are_understood_and_others_are_not_guessed() -> None:
    parsed = as_flag(pl.Series(["사내", "외주 ", "y", "N", None, "?"]), ("사내", "Y"), ("외주", "N"))
    assert parsed.values.to_list() == [True, False, True, False, None, None]
    assert parsed.unreadable.to_list() == [False, False, False, False, True, True]
