"""The items behind a cycle's figures: a gzipped file of JSON lines beside its reports.

The first line says what is kept; then come two lines per item, the item with the largest error first: its figures, and
its lots with operations predicted against actual. So a list is read without reading the lots.
"""

import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ITEMS_SCHEMA: Final = 1
_DIGITS: Final = 3
_COMPRESSION: Final = 6


@dataclass(frozen=True, slots=True)
class KeptItem:
    """One item: its figures over all its lots, and some of the lots."""

    figures: dict[str, Any]
    lots: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CycleItems:
    """The items of a cycle that are kept, and how they were chosen."""

    judged_items: int
    kept_items: int
    most_items: int
    of_a_segment: int
    lots_of_an_item: int
    items: Iterable[KeptItem]


def items_to_bytes(kept: CycleItems) -> bytes:
    """Return the file's content; the same items give the same bytes."""
    header = {
        "schema": ITEMS_SCHEMA,
        "judged_items": kept.judged_items,
        "kept_items": kept.kept_items,
        "most_items": kept.most_items,
        "of_a_segment": kept.of_a_segment,
        "lots_of_an_item": kept.lots_of_an_item,
    }
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=_COMPRESSION, mtime=0) as file:
        file.write(_line(header))
        for item in kept.items:
            file.write(_line(item.figures))
            file.write(_line(item.lots))
    return packed.getvalue()


def read_items(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """Return the header and every item's figures, the largest error first; None where there is no file."""
    try:
        with gzip.open(path) as file:
            header = json.loads(file.readline())
            return header, [json.loads(line) for number, line in enumerate(file) if number % 2 == 0]
    except FileNotFoundError:
        return None


def read_item(path: Path, item_code: str) -> KeptItem | None:
    """Return one item with its lots; None where it is not kept, or there is no file."""
    try:
        with gzip.open(path) as file:
            file.readline()
            while line := file.readline():
                figures, lots = json.loads(line), file.readline()
                if figures["item_code"] == item_code:
                    return KeptItem(figures, json.loads(lots))
    except FileNotFoundError:
        return None
    return None


def _line(content: Any) -> bytes:
    return json.dumps(_rounded(content), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _rounded(value: Any) -> Any:
    """Round to what is shown anyway; a list of a whole plant's lots is half as long so."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
