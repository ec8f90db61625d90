"""One column of any driver's type as clean text, numbers, timestamps or flags."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from backend.domain.plant import TIMESTAMP

_ISO_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Values of one column, and which of them were there but could not be read."""

    values: pl.Series
    unreadable: pl.Series


def as_text(series: pl.Series, missing: Collection[str]) -> pl.Series:
    """Return trimmed NFC text, null where it is one of the missing words (lower case)."""
    if series.dtype.is_float():
        whole = series.drop_nulls() == series.drop_nulls().round()
        series = series.cast(pl.Int64) if whole.all() else series
    if series.dtype != pl.String:
        series = series.cast(pl.String)
    trimmed = series.str.strip_chars()
    if trimmed.str.len_bytes().sum() != trimmed.str.len_chars().sum():
        trimmed = trimmed.str.normalize("NFC")
    absent = trimmed.str.to_lowercase().is_in(list(missing)) if any(missing) else trimmed == ""
    return trimmed.to_frame().select(pl.when(~absent).then(trimmed).alias(series.name)).to_series()


def as_number(series: pl.Series, missing: Collection[str]) -> Parsed:
    """Return numbers; missing words are null, and so are missing numbers such as 9999."""
    if series.dtype == pl.String:
        words = as_text(series, missing)
        values = words.cast(pl.Float64, strict=False)
        unreadable = words.is_not_null() & ~values.is_finite().fill_null(value=False)
    else:
        values = series.cast(pl.Float64).fill_nan(None)
        unreadable = values.is_infinite().fill_null(value=False)
    numbers = _numbers(missing)
    dropped = unreadable | values.is_in(numbers) if numbers else unreadable
    return Parsed(null_where(values, dropped), unreadable)


def as_timestamp(series: pl.Series, missing: Collection[str], formats: Sequence[str], zone: str) -> Parsed:
    """Return naive UTC timestamps; values that say no offset of their own are in the plant's zone.

    A time that daylight saving skips is read an hour later, a doubled one as the earlier.
    """
    words = as_text(series, missing) if series.dtype == pl.String else series
    if words.dtype == pl.String:
        values = _parsed_dates(words, (*_ISO_FORMATS, *formats), zone)
    elif isinstance(words.dtype, pl.Datetime) and words.dtype.time_zone:
        values = words.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(TIMESTAMP)
        return Parsed(values, _no_rows(series))
    elif words.dtype.is_temporal() or words.dtype == pl.Null:
        values = _to_utc(words.cast(TIMESTAMP), zone)
    else:
        values = pl.Series(series.name, [None] * len(series), dtype=TIMESTAMP)
    return Parsed(values, words.is_not_null() & values.is_null())


def without_open_ends(values: pl.Series, open_ends: Sequence[date], zone: str) -> pl.Series:
    """Return timestamps with null for the dates that mean no end."""
    local = values.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    return null_where(values, local.is_in(list(open_ends)))


def as_flag(series: pl.Series, true_words: Collection[str], false_words: Collection[str]) -> Parsed:
    """Return booleans from a plant's words, in any case; a blank counts as unreadable."""
    words = as_text(series, ("",)).str.to_lowercase()
    yes = words.is_in([word.lower() for word in true_words]).fill_null(value=False)
    no = words.is_in([word.lower() for word in false_words]).fill_null(value=False)
    return Parsed(null_where(yes, ~(yes | no)), ~(yes | no))


def _parsed_dates(words: pl.Series, formats: Sequence[str], zone: str) -> pl.Series:
    values = _moments(words, formats[0], zone)
    for pattern in formats[1:]:
        left = (words.is_not_null() & values.is_null()).arg_true()
        if left.is_empty():
            break
        values = values.scatter(left, _moments(words.gather(left), pattern, zone))
    return values


def _moments(words: pl.Series, pattern: str, zone: str) -> pl.Series:
    parsed = words.str.to_datetime(pattern, strict=False, time_unit="us")
    if isinstance(parsed.dtype, pl.Datetime) and parsed.dtype.time_zone:
        return parsed.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return _to_utc(parsed, zone)


def _to_utc(values: pl.Series, zone: str) -> pl.Series:
    if zone == "UTC":
        return values

    def localised(local: pl.Series) -> pl.Series:
        return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")

    aware = localised(values)
    if aware.null_count() > values.null_count():
        aware = aware.fill_null(localised(values.dt.offset_by("1h")))
    return aware.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def null_where(values: pl.Series, dropped: pl.Series) -> pl.Series:
    """Return the values with null in the marked places."""
    if not dropped.any():
        return values
    return (
        values.to_frame().select(pl.when(~dropped.fill_null(value=False)).then(values).alias(values.name)).to_series()
    )


def _no_rows(series: pl.Series) -> pl.Series:
    return pl.repeat(value=False, n=len(series), dtype=pl.Boolean, eager=True)


def _numbers(words: Collection[str]) -> list[float]:
    numbers = []
    for word in words:
        try:
            number = float(word)
        except ValueError:
            continue
        if number == number:  # noqa: PLR0124 - 'nan' is a word here, no number
            numbers.append(number)
    return numbers
