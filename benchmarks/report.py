"""What a benchmark reports: figures beside their limits and references, and tables."""

import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic import TypeAdapter

Cell: TypeAlias = str | int | float | None
"""None is shown as a dash."""


class Verdict(StrEnum):
    """Whether a figure keeps its limit."""

    OK = "ok"
    MISSED = "MISSED"
    NOT_MEASURED = "NOT MEASURED"
    NO_LIMIT = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure, the limit it must keep, and what it is compared with in the same run."""

    name: str
    value: float | None
    """None or NaN: it could not be measured, which never passes for good."""
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    beside: float | None = None
    """The same figure of a reference: an oracle, an empty route, a bare library call."""
    beside_name: str = ""

    @property
    def verdict(self) -> Verdict:
        """Return whether the value lies within the limits, both of which are allowed values."""
        if self.at_least is None and self.at_most is None:
            return Verdict.NO_LIMIT
        if self.value is None or math.isnan(self.value):
            return Verdict.NOT_MEASURED
        high_enough = self.at_least is None or self.value >= self.at_least
        low_enough = self.at_most is None or self.value <= self.at_most
        return Verdict.OK if high_enough and low_enough else Verdict.MISSED

    @property
    def ratio(self) -> float | None:
        """Return value / reference; None where either is missing or the reference is zero."""
        if self.value is None or not self.beside:
            return None
        return self.value / self.beside


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names; the first column names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"table {self.title!r}: every row needs {len(self.columns)} cells")


@dataclass(frozen=True, slots=True)
class Report:
    """What one part of the benchmark found."""

    title: str
    protocol: str
    """Markdown: what is split how, what is counted, which seeds; enough to repeat it."""
    settings: dict[str, str]
    """What this run was made with: items, seeds, sizes."""
    bars: tuple[Bar, ...] = ()
    tables: tuple[Table, ...] = ()
    skipped: str = ""
    """Why nothing was measured, in a plain sentence; empty where something was."""

    @property
    def missed(self) -> tuple[Bar, ...]:
        """Return the figures that break their limit or could not be measured."""
        return tuple(bar for bar in self.bars if bar.verdict in (Verdict.MISSED, Verdict.NOT_MEASURED))

    def summary(self) -> str:
        """Say in a few words how many limits are kept."""
        if self.skipped:
            return f"skipped: {self.skipped}"
        limited = sum(bar.verdict is not Verdict.NO_LIMIT for bar in self.bars)
        return f"{limited - len(self.missed)} of {limited} limits kept" if limited else "no limits"


@dataclass(frozen=True, slots=True)
class Measured:
    """A report with what its process cost."""

    report: Report
    wall_seconds: float
    cpu_seconds: float
    """With processes that it started."""
    peak_megabytes: float
    """Of the part's own process alone."""


_MEASURED = TypeAdapter(Measured)


def to_json(measured: Measured) -> str:
    """Return JSON; numpy numbers become plain ones."""
    return json.dumps(asdict(measured), default=_plain_number, ensure_ascii=False)


def from_json(text: str) -> Measured:
    """Read what to_json wrote."""
    return _MEASURED.validate_json(text)


def show(value: Cell) -> str:
    """Return a cell as text: three or four telling digits.

    >>> [show(value) for value in (None, "all", 325000, 12345.6, 123.45, 12.345, 1.2345, 0.98765)]
    ['–', 'all', '325,000', '12,346', '123.5', '12.35', '1.234', '0.9877']
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, str | int):
        return value if isinstance(value, str) else f"{value:,}"
    digits = next((d for bound, d in ((1000, 0), (100, 1), (10, 2), (1, 3)) if abs(value) >= bound), 4)
    return f"{value:,.{digits}f}"


def limit_text(bar: Bar) -> str:
    """Say what a figure may be.

    >>> limit_text(Bar("coverage", 80, "%", at_least=78.5, at_most=81.5))
    '78.5 to 81.5'
    """
    if bar.at_least is not None and bar.at_most is not None:
        return f"{bar.at_least:g} to {bar.at_most:g}"
    if bar.at_least is not None:
        return f"≥ {bar.at_least:,g}"
    return f"≤ {bar.at_most:,g}" if bar.at_most is not None else ""


def bars_table(bars: tuple[Bar, ...]) -> Table:
    """Lay figures out beside limits and references."""
    compared = any(bar.beside is not None for bar in bars)
    columns = ("figure", "value", "unit", "limit", "verdict")
    rows = []
    for bar in bars:
        row = (bar.name, show(bar.value), bar.unit, limit_text(bar), bar.verdict.value)
        reference = f"{bar.beside_name} {show(bar.beside)}".strip() if bar.beside is not None else ""
        rows.append((*row, reference, show(bar.ratio) if reference else "") if compared else row)
    return Table("Figures", (*columns, "beside", "ratio") if compared else columns, tuple(rows))


def _plain_number(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a report holds text and numbers, not {type(value).__name__}")
