"""Routings as rows of the ERP's own layout, in its words and units."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from backend.domain.routing import RoutingOperation
from backend.erp.export_columns import DEFAULT_COLUMNS, TIME_FIELDS, ExportColumn
from backend.erp.profile import ProfileFile
from backend.erp.time_units import MINUTES_PER

Cell: TypeAlias = str | int | float | None
"""None is a blank."""
_DIGITS: Final = 6
"""After the point: a millionth of an hour is 4 ms."""


@dataclass(frozen=True, slots=True)
class ExportedRouting:
    """One routing on its way to the ERP."""

    item_code: str | None
    operations: tuple[RoutingOperation, ...]
    routing_code: str | None = None
    quantity: float | None = None


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A row per operation, in the order of the routings."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    day: date
    """The day of the export on the plant's calendar."""


def lay_out(routings: Sequence[ExportedRouting], rules: ProfileFile, now: datetime) -> ExportTable:
    """Return the rows of routings as the profile's `export` names the columns; `now` is naive UTC."""
    columns = rules.export or DEFAULT_COLUMNS
    day = now.replace(tzinfo=UTC).astimezone(ZoneInfo(rules.time_zone)).date()
    cells = [_cell_of(column, rules, day) for column in columns]
    rows = tuple(tuple(cell(routing, step) for cell in cells) for routing, step in _steps(routings))
    return ExportTable(tuple(column.column for column in columns), rows, day)


def _steps(routings: Sequence[ExportedRouting]) -> Iterator[tuple[ExportedRouting, RoutingOperation]]:
    return ((routing, step) for routing in routings for step in routing.operations)


def _cell_of(
    column: ExportColumn, rules: ProfileFile, day: date
) -> Callable[[ExportedRouting, RoutingOperation], Cell]:
    """Return what fills one column."""
    minutes_per_unit = MINUTES_PER[column.unit or _unit_of(column, rules)]

    def cell(routing: ExportedRouting, step: RoutingOperation) -> Cell:
        found = _value(column.field, routing, step, rules, day)
        if isinstance(found, float) and column.field in TIME_FIELDS:
            found = found / minutes_per_unit
        found = round(found, _DIGITS) if isinstance(found, float) else found
        return column.value if found in {None, ""} else found

    return cell


def _unit_of(column: ExportColumn, rules: ProfileFile) -> str:
    times = rules.routing_times
    return times.setup_minutes if column.field == "setup_minutes" else times.run_minutes_per_unit


def _value(field: str | None, routing: ExportedRouting, step: RoutingOperation, rules: ProfileFile, day: date) -> Cell:
    match field:
        case None:
            return None
        case "item_code" | "routing_code" | "quantity":
            whole: Cell = getattr(routing, field)
            return whole
        case "in_house":
            return (rules.in_house_values if step.in_house else rules.outsourced_values)[0]
        case "today":
            return day.isoformat()
        case "lot_minutes":
            quantity = routing.quantity
            return None if quantity is None else step.setup_minutes + step.run_minutes_per_unit * quantity
        case _:
            part: Cell = getattr(step, field)
            return part
