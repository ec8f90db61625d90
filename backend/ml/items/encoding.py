"""Item attributes of any plant as compact arrays: codes, numbers and tokens, missing as its own value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from backend.domain.plant import Attribute, AttributeKind
from backend.domain.prediction import AttributeValue
from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, Ragged, offsets_of
from backend.ml.common.string_table import StringTable
from backend.ml.common.tokens import text_code, tokens_of

MISSING: Final = 0
UNSEEN: Final = 1
"""Values that training did not meet, or met once: they share one code, so it is a trained one."""
FIRST: Final = 2
MAX_BINS: Final = 64
MAX_TOKENS: Final = 2000
_PLAIN_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,9})([.,]\d{1,6})?")
"""Without leading zeros: 010 is a code."""
_MOST_DIGITS: Final = 3
_MOST_REMEMBERED: Final = 4096
"""Strings of a longer vocabulary seldom come again, and would take memory."""
_FAR: Final = 10.0
"""Factor beyond nearly all items' numbers from which on another unit is more likely than another item."""
_LEAST_EDGES: Final = 8
"""Fewer edges of bins do not tell what is usual."""
_BLOCK: Final = 2048
"""Items whose numbers are compared with all edges at once."""
ITEM_CODE: Final = Attribute("item_code", AttributeKind.TEXT)
"""Codes often carry meaning (prefixes, sizes), so their tokens are read like a text attribute."""


@dataclass(frozen=True, slots=True)
class Column:
    """How one attribute is encoded: its known values or tokens, or the edges of its bins."""

    attribute: Attribute
    vocabulary: StringTable
    edges: Floats
    _places: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Where strings stand that were asked for before: the same few come again and again."""

    def find(self, text: str) -> int:
        """Return where a value or token stands in the vocabulary, -1 where it is not known."""
        place = self._places.get(text, -1)
        if place < 0:
            place = self.vocabulary.find(text)
            if place >= 0 and len(self.vocabulary) <= _MOST_REMEMBERED:
                self._places[text] = place
        return place

    @property
    def bins(self) -> int:
        """Return how many codes the attribute can take (texts: none)."""
        if self.attribute.kind is AttributeKind.CATEGORICAL:
            return len(self.vocabulary) + FIRST
        return len(self.edges) + FIRST if self.attribute.kind is AttributeKind.NUMERIC else 0


@record
class ItemTable:
    """Encoded attributes of some items: one array per column, and the tokens of texts.

    Categorical columns hold codes, numeric ones float32 with NaN for missing, texts a hash.
    """

    values: tuple[npt.NDArray[Any], ...]
    tokens: tuple[Ragged | None, ...]

    def __len__(self) -> int:
        return len(self.values[0])

    def without_codes(self) -> "ItemTable":
        """Return the same items as if nobody told their codes, which are the last column."""
        none = Ragged(np.zeros(len(self) + 1, np.int64), np.zeros(0, np.int16))
        return ItemTable((*self.values[:-1], np.zeros_like(self.values[-1])), (*self.tokens[:-1], none))

    def take(self, rows: Ints) -> "ItemTable":
        """Return some rows, in the order asked for."""
        tokens = tuple(ragged.take(rows) if ragged else None for ragged in self.tokens)
        return ItemTable(tuple(column[rows] for column in self.values), tokens)


class ItemEncoder:
    """Turns attribute values into an ItemTable by what training has seen."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.columns = columns
        kinds = [each.attribute.kind for each in columns]
        self.numeric = [i for i, kind in enumerate(kinds) if kind is AttributeKind.NUMERIC]
        self.categorical = [i for i, kind in enumerate(kinds) if kind is AttributeKind.CATEGORICAL]
        self._texts = [i for i, kind in enumerate(kinds) if kind is AttributeKind.TEXT]
        """Numbers of the columns of a kind."""
        self._coded = [i for i in range(len(columns)) if i not in self.numeric]
        self.numeric_rows, self.categorical_rows = (
            np.array(each, np.intp) for each in (self.numeric, self.categorical)
        )
        """The same as arrays: a list takes ten times as long to choose rows with."""
        self._edges = _padded([columns[i].edges for i in self.numeric])
        self._names = [column.attribute.name for column in columns]
        self._usual = [_usual(columns[i]) for i in self.numeric if len(columns[i].edges) >= _LEAST_EDGES]

    @classmethod
    def fit(cls, items: pl.DataFrame, attributes: Sequence[Attribute]) -> "ItemEncoder":
        """Learn vocabularies and bin edges from items."""
        return cls(tuple(_fit_column(items[each.name], each) for each in (*attributes, ITEM_CODE)))

    def encode_frame(self, items: pl.DataFrame) -> ItemTable:
        """Encode a frame that has one column per attribute and item_code."""
        encoded = [_encode_series(items[column.attribute.name], column) for column in self.columns]
        return ItemTable(tuple(values for values, _ in encoded), tuple(tokens for _, tokens in encoded))

    def encode_rows(self, rows: Sequence[Mapping[str, AttributeValue]]) -> ItemTable:
        """Encode checked attribute values (see queries.checked_attributes), one mapping per item."""
        given = list(zip(*[map(row.get, self._names) for row in rows], strict=True))
        # one array per kind, for a few dozen columns of one item take longer to make than to fill
        numbers = np.array([given[i] for i in self.numeric], dtype=np.float32)  # None becomes NaN
        codes = np.array([_codes(given[i], self.columns[i]) for i in self.categorical], dtype=np.int32)
        values = dict(zip((*self.numeric, *self.categorical), (*numbers, *codes), strict=True))
        tokens: list[Ragged | None] = [None] * len(given)
        for i in self._texts:
            values[i], tokens[i] = encode_values(given[i], self.columns[i])
        return ItemTable(tuple([values[i] for i in range(len(given))]), tuple(tokens))

    def unseen(self, values: Mapping[str, AttributeValue]) -> list[str]:
        """Return the categorical attributes whose (checked) value training met nowhere, or once."""
        named = [(self._names[i], self.columns[i]) for i in self.categorical]
        return [name for name, column in named if (value := values.get(name)) and _category(column, str(value)) < 0]

    def far_outside(self, values: Mapping[str, AttributeValue]) -> list[tuple[str, float, float]]:
        """Return numeric attributes whose value is ten times less or more than those of nearly all items, and these.

        Lengths that are sent in metres where millimetres are asked for are of that kind.
        """
        found = []
        for name, low, high in self._usual:
            value = values.get(name)
            if value is not None and low > 0 and not low / _FAR <= float(value) <= high * _FAR:
                found.append((name, low, high))
        return found

    def code_columns(self, table: ItemTable) -> Ints:
        """Return a row of comparable codes per attribute: numbers as bins, texts as hashes."""
        codes = np.empty((len(self.columns), len(table)), dtype=np.int64)
        for i in self._coded:
            codes[i] = table.values[i]
        if self.numeric:
            numbers = np.array([table.values[i] for i in self.numeric])
            for start in range(0, len(table), _BLOCK):
                codes[self.numeric_rows, start : start + _BLOCK] = _bins(
                    numbers[:, start : start + _BLOCK], self._edges
                )
        return codes

    def exact_codes(self, table: ItemTable, codes: Ints) -> Ints:
        """Return code columns with each number as a code of its own, in the numbers' order and below 2 ** 33.

        A missing number stays MISSING.
        """
        exact = codes.copy()
        if self.numeric:
            numbers = np.array([table.values[i] for i in self.numeric], dtype=np.float32)
            bits = numbers.view(np.int32).astype(np.int64)
            ordered = np.where(bits < 0, -bits - 2**31, bits) + 2**31
            exact[self.numeric_rows] = np.where(np.isnan(numbers), MISSING, ordered)
        return exact

    def codes_of(self, number: int, values: npt.NDArray[Any]) -> Ints:
        """Return the codes of values of one column, as in code_columns."""
        column = self.columns[number]
        if column.attribute.kind is not AttributeKind.NUMERIC:
            return values
        return np.where(np.isnan(values), MISSING, column.edges.searchsorted(values) + UNSEEN)

    def to_parts(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and arrays."""
        return {
            "columns": [
                {
                    "name": column.attribute.name,
                    "kind": column.attribute.kind.value,
                    "vocabulary": column.vocabulary.to_parts(),
                    "edges": column.edges,
                }
                for column in self.columns
            ]
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "ItemEncoder":
        """Read what to_parts wrote."""
        return cls(
            tuple(
                Column(
                    Attribute(each["name"], AttributeKind(each["kind"])),
                    StringTable.from_parts(each["vocabulary"]),
                    each["edges"],
                )
                for each in parts["columns"]
            )
        )


def concatenate(tables: Sequence[ItemTable]) -> ItemTable:
    """Join encoded items of one encoder."""
    values = tuple(np.concatenate(columns) for columns in zip(*(t.values for t in tables), strict=True))
    tokens = tuple(_concatenate_ragged(columns) for columns in zip(*(t.tokens for t in tables), strict=True))
    return ItemTable(values, tokens)


def _concatenate_ragged(parts: Sequence[Ragged | None]) -> Ragged | None:
    present = [part for part in parts if part is not None]
    if not present:
        return None
    lengths = np.concatenate([part.lengths() for part in present])
    return Ragged(offsets_of(lengths), np.concatenate([part.values for part in present]))


def _fit_column(series: pl.Series, attribute: Attribute) -> Column:
    none = np.zeros(0, dtype=np.float32)
    if attribute.kind is AttributeKind.NUMERIC:
        return Column(attribute, StringTable.of([]), _bin_edges(series))
    words = series.drop_nulls()
    least = 2 if len(series) >= 500 else 1
    if attribute.kind is AttributeKind.CATEGORICAL:
        counts = words.rename("value").value_counts().filter(pl.col("count") >= least)
        return Column(attribute, StringTable.of(sorted(counts["value"].to_list())), none)
    return Column(attribute, StringTable.of(sorted(_frequent_tokens(words, least + 1))), none)


def _bin_edges(series: pl.Series) -> Floats:
    values = series.drop_nulls().to_numpy().astype(np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return np.zeros(0, dtype=np.float32)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, MAX_BINS + 1)[1:-1], method="nearest"))
    return edges.astype(np.float32)


def _frequent_tokens(words: pl.Series, least: int) -> list[str]:
    texts = words.rename("text").value_counts()
    pieces = [(token, count) for text, count in texts.iter_rows() for token in tokens_of(text)]
    if not pieces:
        return []
    frame = pl.DataFrame(pieces, schema={"token": pl.String, "count": pl.Int64}, orient="row")
    counts = frame.group_by("token").sum().filter(pl.col("count") >= least)
    return counts.sort(["count", "token"], descending=[True, False])["token"].head(MAX_TOKENS).to_list()


def _encode_series(series: pl.Series, column: Column) -> tuple[npt.NDArray[Any], Ragged | None]:
    if column.attribute.kind is AttributeKind.NUMERIC:
        return series.cast(pl.Float32).fill_null(np.nan).to_numpy(), None
    distinct = series.fill_null("").unique(maintain_order=True)
    encoded, tokens = encode_values(distinct.to_list(), column)
    frame = pl.DataFrame({"value": distinct, "row": np.arange(len(distinct), dtype=np.int64)})
    asked = series.fill_null("").rename("value").to_frame()
    rows = asked.join(frame, on="value", how="left", maintain_order="left")["row"].to_numpy()
    return encoded[rows], tokens.take(rows) if tokens else None


def _category(column: Column, text: str) -> int:
    """Return a value's place, -1 where it is not known; a plain number is also known as 3, 3.0 or 3.00."""
    place = column.find(text)
    if place >= 0 or not _PLAIN_NUMBER.fullmatch(text):
        return place
    number = float(text.replace(",", "."))
    spelt = (f"{number:.{digits}f}" for digits in range(_MOST_DIGITS + 1))
    return max((column.find(each) for each in spelt if float(each) == number), default=-1)


def _codes(values: Sequence[AttributeValue], column: Column) -> list[int]:
    return [_category(column, str(value)) + FIRST if value else MISSING for value in values]  # -1 + FIRST is UNSEEN


def encode_values(values: Sequence[AttributeValue], column: Column) -> tuple[npt.NDArray[Any], Ragged | None]:
    """Encode checked values of one column, and the tokens of texts."""
    if column.attribute.kind is AttributeKind.NUMERIC:
        return np.array(values, dtype=np.float32), None  # None becomes NaN
    if column.attribute.kind is AttributeKind.CATEGORICAL:
        return np.array(_codes(values, column), dtype=np.int32), None
    texts = [str(value) if value else "" for value in values]
    hashes = np.array(list(map(text_code, texts)), dtype=np.uint32)
    rows = [[i for i in map(column.find, tokens_of(text)) if i >= 0] for text in texts]
    lengths = np.array(list(map(len, rows)), dtype=np.int64)
    return hashes, Ragged(offsets_of(lengths), np.array([i for row in rows for i in row], dtype=np.int16))


def _usual(column: Column) -> tuple[str, float, float]:
    """Return a column's name, and between which numbers those of nearly all items are."""
    return column.attribute.name, float(column.edges[0]), float(column.edges[-1])


def _padded(edges: Sequence[Floats]) -> Floats:
    """Return a row of edges per column, filled up with what no number is above."""
    padded = np.full((len(edges), max(map(len, edges), default=0)), np.inf, dtype=np.float32)
    for row, each in zip(padded, edges, strict=True):
        row[: len(each)] = each
    return padded


def _bins(numbers: Floats, edges: Floats) -> Ints:
    """Return the bin of each number (column, item): MISSING for none, else UNSEEN and one more per edge below it."""
    above = edges[:, None, :] < numbers[:, :, None]
    # added up as the bytes that they are, below 256: made wide one by one, flags would take eight times as long
    below = np.add.reduce(above.view(np.uint8), axis=2, dtype=np.uint8)
    return np.where(np.isnan(numbers), MISSING, below + UNSEEN)
