"""Rows made dirty on purpose, the way real ERPs are dirty, and counted."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from backend.erp.demo.array_types import BoolArray

Row: TypeAlias = tuple[Any, ...]

DUPLICATE: Final = "duplicate"


@dataclass(frozen=True, slots=True)
class Dirt:
    """One kind of dirt: how often, in which column and what becomes of the value."""

    kind: str
    rate: float
    column: str
    spoil: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _with_leading_space(code: str) -> str:
    return f" {code}"


def _negative(value: float | None) -> float | None:
    return None if value is None else -abs(value) - 1


def _letter(word: str) -> str:
    return "Y" if word == "사내" else "N"


ITEM_DIRT: Final = (
    Dirt("leading_space_in_code", 0.003, "ITEM_CD", _with_leading_space),
    Dirt(DUPLICATE, 0.0015, "ITEM_CD", _same),
    Dirt("diameter_9999", 0.002, "OUTDIAMETER", lambda _: 9999.0),
    Dirt("negative_diameter", 0.0003, "INDIAMETER", _negative),
    Dirt("creation_date_missing", 0.001, "CREATE_DATE", lambda _: None),
    Dirt("creation_date_unparsable", 0.0005, "CREATE_DATE", lambda _: "0000-00-00"),
)

ROUTING_DIRT: Final = (
    Dirt("leading_space_in_code", 0.003, "ITEM_CODE", _with_leading_space),
    Dirt(DUPLICATE, 0.002, "ITEM_CODE", _same),
    Dirt("negative_time", 0.001, "RUN_MIN", _negative),
    Dirt("absurd_time", 0.001, "SETUP_MIN", lambda _: 999_999.0),
    Dirt("unparsable_time", 0.0005, "SETUP_MIN", lambda _: "N/A"),
    Dirt("operation_code_missing", 0.0002, "OP_CODE", lambda _: ""),
    Dirt("in_house_as_letter", 0.02, "INOUT_GBN", _letter),
)

WORK_ORDER_DIRT: Final = (
    Dirt("leading_space_in_code", 0.003, "ITEM_CODE", _with_leading_space),
    Dirt(DUPLICATE, 0.002, "ITEM_CODE", _same),
    Dirt("negative_time", 0.001, "ACT_RUN_HOURS", _negative),
    Dirt("absurd_time", 0.001, "ACT_RUN_HOURS", lambda _: 999_999.0),
    Dirt("unparsable_time", 0.0005, "ACT_SETUP_HOURS", lambda _: "N/A"),
    Dirt("unparsable_date", 0.0005, "FINISH_DATE", lambda _: "미정"),
    Dirt("quantity_zero", 0.0005, "ORDER_QTY", lambda _: 0),
    Dirt("operation_code_missing", 0.0002, "OP_CODE", lambda _: ""),
    Dirt("in_house_as_letter", 0.02, "INOUT_GBN", _letter),
)


def make_dirty(
    rows: list[Row], columns: Sequence[str], kinds: Sequence[Dirt], protected: BoolArray, rng: np.random.Generator
) -> Counter[str]:
    """Spoil rows in place, append duplicates at the end, and return how many of each kind.

    Every unprotected row gets at most one kind.
    """
    luck = rng.random(len(rows))
    luck[protected] = 1.0
    bounds = np.cumsum([dirt.rate for dirt in kinds])
    chosen = np.searchsorted(bounds, luck, side="right")
    counts: Counter[str] = Counter()
    for number in np.flatnonzero(chosen < len(kinds)).tolist():
        dirt = kinds[chosen[number]]
        counts[dirt.kind] += 1
        if dirt.kind == DUPLICATE:
            rows.append(rows[number])
        else:
            rows[number] = _spoilt(rows[number], columns.index(dirt.column), dirt.spoil)
    return counts


def _spoilt(row: Row, position: int, spoil: Callable[[Any], Any]) -> Row:
    return (*row[:position], spoil(row[position]), *row[position + 1 :])
