"""From a cycle's segment to its items: which belong to it, their figures in it, and the worst first."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from backend.api.schemas.cycle_items import ItemFigures, ItemOrder, ItemQuery

_OF_OPERATIONS: Final = {"operation": "operation_code", "work_centre": "work_centre"}
"""Segments that an item belongs to with a part of its operations, and where that part says so."""
_SUMS: Final = ("operations", "absolute_error_minutes", "predicted_minutes", "actual_minutes")
_BADNESS: Final[dict[ItemOrder, Callable[[ItemFigures], float]]] = {
    "absolute_error": lambda item: item.absolute_error_minutes,
    "mae": lambda item: -1.0 if item.mae is None else item.mae,
    "routing_error": lambda item: -1.0 if item.routing_error_minutes is None else item.routing_error_minutes,
    "process_match": lambda item: -item.process_match,
}


def asked_items(stored: list[dict[str, Any]], query: ItemQuery) -> list[ItemFigures]:
    """Return the items that a query asks for, the worst first; equally bad ones in the order of their codes."""
    text = query.search.casefold()
    found = (figures_of(item) for item in _of_segment(stored, query) if text in item["item_code"].casefold())
    return sorted(found, key=lambda item: (-_BADNESS[query.sort](item), item.item_code))


def figures_of(stored: dict[str, Any]) -> ItemFigures:
    """Show one item."""
    operations = stored["operations"]
    mae = round(stored["absolute_error_minutes"] / operations, 3) if operations else None
    return ItemFigures.model_validate(stored | {"mae": mae})


def _of_segment(stored: list[dict[str, Any]], query: ItemQuery) -> Iterator[dict[str, Any]]:
    if query.dimension is None:
        yield from stored
    elif query.dimension in _OF_OPERATIONS:
        column = _OF_OPERATIONS[query.dimension]
        for item in stored:
            parts = [part for part in item["parts"] if part[column] == query.value]
            if parts:
                yield item | {name: round(sum(part[name] for part in parts), 3) for name in _SUMS}
    else:
        yield from (item for item in stored if item[query.dimension] == query.value)
