"""What POST /api/predict/export takes, and what it gives."""

from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from backend.api.schemas.common import MOST_ITEMS, ItemCode, Quantity, Request
from backend.api.schemas.routings import Operations, PlantCode
from backend.erp.export_table import ExportedRouting

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


class RoutingBody(Request):
    """One routing as the planner left it."""

    item_code: ItemCode | None = Field(default=None, description="blank for an item that has no code yet")
    routing_code: PlantCode | None = Field(default=None, description="the ERP's routing that it is to replace")
    quantity: Quantity | None = Field(default=None, description="needed where the layout has minutes of a whole lot")
    operations: Operations

    def value(self) -> ExportedRouting:
        """Return it as the product's own value."""
        operations = tuple(step.value() for step in self.operations)
        return ExportedRouting(self.item_code, operations, self.routing_code, self.quantity)


class ExportRequest(Request):
    """Up to 1,000 routings and the kind of file that is wanted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "format": "csv",
                    "routings": [
                        {
                            "item_code": "00123",
                            "operations": [
                                {
                                    "sequence": 10,
                                    "operation_code": "OP10",
                                    "operation_name": "선삭",
                                    "work_centre": "WC-T01",
                                    "in_house": True,
                                    "setup_minutes": 25.0,
                                    "run_minutes_per_unit": 4.2,
                                }
                            ],
                        }
                    ],
                }
            ]
        }
    )

    format: Literal["csv", "xlsx", "json"]
    routings: tuple[RoutingBody, ...] = Field(min_length=1, max_length=MOST_ITEMS)


EXAMPLE_FILES: Final[dict[str, Any]] = {
    "text/csv": {
        "schema": {"type": "string"},
        "example": "ITEM_CODE,ROUT_NO,OP_SEQ,OP_CODE,SETUP_MIN,RUN_MIN\r\n00123,01,10,OP10,25,4.2\r\n",
    },
    MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
    "application/json": {
        "schema": {"type": "array", "items": {"type": "object"}},
        "example": [{"ITEM_CODE": "00123", "ROUT_NO": "01", "OP_SEQ": 10, "OP_CODE": "OP10", "SETUP_MIN": 25.0}],
    },
}
