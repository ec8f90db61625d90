"""One raw batch, its columns found by name in any case and read by the profile's rules."""

import polars as pl

from backend.erp.normalising import Parsed, as_flag, as_number, as_text, as_timestamp, null_where, without_open_ends
from backend.erp.profile import ProfileFile
from backend.erp.time_units import MINUTES_PER


class RawColumns:
    """Reads columns of one batch; an absent column is all null."""

    def __init__(self, batch: pl.DataFrame, rules: ProfileFile) -> None:
        self._columns = {name.lower(): batch[name] for name in batch.columns}
        self._length = len(batch)
        self._rules = rules
        words = {word.lower() for word in rules.missing_values} | {""}
        self._missing = frozenset(words)
        self._missing_words = frozenset(word for word in words if not word.lstrip("-").isdigit())
        """Without 9999 and its like, which a code, a quantity or a time may well be."""

    def text(self, name: str) -> pl.Series:
        """Return a code or name; a number that means none elsewhere is a code here."""
        return as_text(self._raw(name), self._missing_words)

    def number(self, name: str) -> Parsed:
        """Return a quantity or sequence number."""
        return as_number(self._raw(name), self._missing_words)

    def minutes(self, name: str, unit: str) -> Parsed:
        """Return a time in minutes."""
        parsed = as_number(self._raw(name), self._missing_words)
        return parsed if unit == "minutes" else Parsed(parsed.values * MINUTES_PER[unit], parsed.unreadable)

    def timestamp(self, name: str) -> Parsed:
        """Return a moment as naive UTC."""
        return as_timestamp(self._raw(name), self._missing, self._rules.date_formats, self._rules.time_zone)

    def end_timestamp(self, name: str) -> Parsed:
        """Return a moment as naive UTC, null where it means no end."""
        parsed = self.timestamp(name)
        values = without_open_ends(parsed.values, self._rules.open_end_dates, self._rules.time_zone)
        return Parsed(values, parsed.unreadable)

    def in_house(self) -> Parsed:
        """Return whether the plant itself does the operation."""
        return as_flag(self._raw("in_house"), self._rules.in_house_values, self._rules.outsourced_values)

    def work_centre(self, in_house: pl.Series) -> pl.Series:
        """Return the work centre, with the profile's word for outsourced operations that name none."""
        named = self.text("work_centre")
        if self._rules.outsourced_work_centre is None:
            return named
        blank_outside = named.is_null() & ~in_house.fill_null(value=True)
        word = pl.Series([self._rules.outsourced_work_centre])
        return named.zip_with(~blank_outside, word) if blank_outside.any() else named

    def attribute_text(self, name: str, missing: tuple[str, ...]) -> pl.Series:
        """Return an attribute's text; the profile's missing values and its own are null."""
        return as_text(self._raw(name), self._missing | {word.lower() for word in missing})

    def attribute_number(self, name: str, missing: tuple[str, ...]) -> Parsed:
        """Return an attribute's numbers; the profile's missing values and its own are null."""
        return as_number(self._raw(name), self._missing | {word.lower() for word in missing})

    def _raw(self, name: str) -> pl.Series:
        absent = pl.Series(name, [None] * self._length, dtype=pl.String) if name.lower() not in self._columns else None
        return self._columns[name.lower()] if absent is None else absent


def whole_numbers(parsed: Parsed) -> Parsed:
    """Return 32-bit integers; anything else counts as unreadable."""
    fits = (parsed.values == parsed.values.floor()) & parsed.values.is_between(0, 2**31 - 1)
    broken = parsed.values.is_not_null() & ~fits.fill_null(value=False)
    return Parsed(null_where(parsed.values, broken).cast(pl.Int32), parsed.unreadable | broken)
