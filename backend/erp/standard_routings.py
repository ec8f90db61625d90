"""The routings that the ERP itself has for some items now, to compare a proposal with."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import polars as pl

from backend.domain.routing import RoutingOperation
from backend.domain.standards import ItemStandards, StandardRouting, StandardsStatus
from backend.erp.quarantine import NamingQuarantine
from backend.erp.reading import PlantReader

_OPERATION: Final = tuple(RoutingOperation.__dataclass_fields__)


def read_standard_routings(reader: PlantReader, codes: Sequence[str], moment: datetime) -> list[ItemStandards]:
    """Return an answer per code, in their order: its routings that are valid at a moment (naive UTC)."""
    quarantine = NamingQuarantine()
    routings = _by_item(_valid(reader.read_routings(codes, quarantine), moment))
    without = [code for code in dict.fromkeys(codes) if code not in routings]
    known = set(reader.read_items(without)["item_code"]) if without else set()
    return [_answer(code, routings.get(code, ()), quarantine.rows_by_item[code], code in known) for code in codes]


def _answer(code: str, routings: tuple[StandardRouting, ...], set_aside: int, known: bool) -> ItemStandards:
    if routings:
        return ItemStandards(code, StandardsStatus.OK, routings, set_aside)
    return ItemStandards(code, StandardsStatus.NO_ROUTING if known else StandardsStatus.NOT_FOUND, (), set_aside)


def _valid(rows: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return the rows valid at a moment, the newest alone where several stand at one place of a routing."""
    begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= moment)
    lasting = pl.col("valid_to").is_null() | (pl.col("valid_to") > moment)
    newest_first = rows.filter(begun & lasting).sort("valid_from", descending=True, nulls_last=True)
    place = ["item_code", "routing_code", "sequence", "operation_code"]
    return newest_first.unique(place, keep="first", maintain_order=True)


def _by_item(rows: pl.DataFrame) -> dict[str, tuple[StandardRouting, ...]]:
    ordered = rows.sort("item_code", "routing_code", "sequence", "operation_code").iter_rows(named=True)
    return {code: tuple(_routings(group)) for code, group in groupby(ordered, itemgetter("item_code"))}


def _routings(rows: Iterator[dict[str, Any]]) -> list[StandardRouting]:
    found = [_routing(code, list(group)) for code, group in groupby(rows, itemgetter("routing_code"))]
    return sorted(found, key=lambda routing: routing.valid_from or datetime.min, reverse=True)  # noqa: DTZ901 - naive UTC


def _routing(code: str, rows: list[dict[str, Any]]) -> StandardRouting:
    operations = tuple(RoutingOperation(**{name: row[name] for name in _OPERATION}) for row in rows)
    begins = [row["valid_from"] for row in rows if row["valid_from"] is not None]
    return StandardRouting(code, max(begins, default=None), operations)
