"""Families of items that their codes reveal: how much of a code must be equal is learnt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from backend.ml.common.arrays import Ints
from backend.ml.common.string_table import StringTable
from backend.ml.items.agreement import agreement

_LENGTHS: Final = range(2, 15)
_MAX_MEAN_SIZE: Final = 200
_LEAST_GAIN: Final = 0.02
NO_FAMILY: Final = -1


@dataclass(frozen=True, slots=True)
class CodeFamilies:
    """Item codes that begin alike form a family; `rule` is how a family is read off a code.

    rule > 0: that many leading characters; rule < 0: what precedes the last character that is neither letter
    nor digit; rule 0: codes tell nothing on this plant.
    """

    rule: int
    names: StringTable

    @classmethod
    def fit(cls, codes: Sequence[str], labels: Ints) -> tuple["CodeFamilies", Ints]:
        """Choose the rule under which family members share most routings; also return each item's family.

        `labels` are routing numbers, -1 for items without one.
        """
        frame = pl.Series("code", codes, dtype=pl.String).to_frame()
        rule = max((-1, *_LENGTHS), key=lambda each: _gain(_keys(frame, each), labels))
        if _gain(_keys(frame, rule), labels) < _LEAST_GAIN:
            return cls(0, StringTable.of([])), np.full(len(codes), NO_FAMILY, dtype=np.int32)
        keys = _keys(frame, rule)
        families = cls(rule, StringTable.of(keys.unique().sort()))  # one known member tells the next one much
        return families, families.of(codes)

    def of(self, codes: Iterable[str | None]) -> Ints:
        """Return the family number of each code, -1 where it belongs to none."""
        return np.fromiter((self._find(code) for code in codes), dtype=np.int32)

    def _find(self, code: str | None) -> int:
        key = family_key(code, self.rule) if code and self.rule else ""
        return self.names.find(key) if key else NO_FAMILY

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {"rule": self.rule, "names": self.names.to_parts()}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "CodeFamilies":
        """Read what to_parts wrote."""
        return cls(parts["rule"], StringTable.from_parts(parts["names"]))


def family_key(code: str, rule: int) -> str:
    """Return the family part of one code ("" if the code is too short to have one).

    >>> family_key("AB-1234-07", -1), family_key("AB-1234-07", 4)
    ('AB-1234', 'AB-1')
    """
    if rule > 0:
        return code[:rule] if len(code) > rule else ""
    for index in range(len(code) - 1, 0, -1):
        if not code[index].isalnum():
            return code[:index]
    return ""


def _keys(frame: pl.DataFrame, rule: int) -> pl.Series:
    distinct = frame["code"].to_list()
    return pl.Series("key", [family_key(code, rule) for code in distinct], dtype=pl.String)


def _gain(keys: pl.Series, labels: Ints) -> float:
    """Return agreement within families times the share of items that have relatives."""
    numbers = keys.rank("dense").to_numpy().astype(np.int64)
    known = (labels >= 0) & (keys != "").to_numpy()
    if known.sum() < 4:
        return 0.0
    counts = np.bincount(numbers[known])
    sizes = counts[numbers[known]]
    if counts[counts > 0].mean() > _MAX_MEAN_SIZE:
        return 0.0
    related = sizes > 1
    return float(related.sum() / len(labels)) * agreement(numbers[known], labels[known])
