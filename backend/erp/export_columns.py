"""The `export:` of a plant profile: which columns an ERP takes routings in, in which order."""

from typing import Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.erp.time_units import TimeUnit

ExportField: TypeAlias = Literal[
    "item_code",
    "routing_code",
    "sequence",
    "operation_code",
    "operation_name",
    "work_centre",
    "in_house",
    "setup_minutes",
    "run_minutes_per_unit",
    "quantity",
    "lot_minutes",
    "today",
]
TIME_FIELDS: Final = frozenset({"setup_minutes", "run_minutes_per_unit", "lot_minutes"})


class ExportColumn(BaseModel):
    """One column of the ERP's own layout."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")
    """The ERP's name of it."""
    field: ExportField | None = None
    value: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    """What stands in every row, or with a field where that is blank."""
    unit: TimeUnit | None = None
    """Of a time; None: as the ERP's routings have it (routing_times)."""

    @model_validator(mode="after")
    def _says_what_it_holds(self) -> Self:
        if self.field is None and self.value is None:
            raise ValueError("Input should have a field, a value, or both")
        if self.unit is not None and self.field not in TIME_FIELDS:
            raise ValueError(f"Input should have a unit only with one of {', '.join(sorted(TIME_FIELDS))}")
        return self


DEFAULT_COLUMNS: Final = (
    ExportColumn(column="item_code", field="item_code"),
    ExportColumn(column="routing_code", field="routing_code", value="1"),
    ExportColumn(column="sequence", field="sequence"),
    ExportColumn(column="operation_code", field="operation_code"),
    ExportColumn(column="operation_name", field="operation_name"),
    ExportColumn(column="work_centre", field="work_centre"),
    ExportColumn(column="in_house", field="in_house"),
    ExportColumn(column="setup_minutes", field="setup_minutes", unit="minutes"),
    ExportColumn(column="run_minutes_per_unit", field="run_minutes_per_unit", unit="minutes"),
)
"""The layout of routings.sql, for profiles that name no other."""
