"""What the endpoints of items and their attributes take and give."""

from typing import Any, Final, Self

from pydantic import ConfigDict, Field

from backend.api.schemas.common import MOST_ITEMS, Answer, ItemCode, Request, UtcTime
from backend.domain.catalogue import AttributeSummary, NumberSummary, ValueCount
from backend.domain.plant import AttributeKind
from backend.domain.prediction import AttributeValue
from backend.domain.routing import RoutingOperation
from backend.domain.standards import ItemStandards, StandardsStatus
from backend.erp.profile import AttributeRule


class ItemDetails(Answer):
    """One item as the plant has it: numbers in one unit, null where there is no value."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_code": "ITEM001",
                    "created_at": "2019-03-04T00:00:00Z",
                    "attributes": {"PART_TYPE": "SEAL RING", "OUTDIAMETER": 52.5, "DRAW_NO": None},
                }
            ]
        }
    )

    item_code: str
    created_at: UtcTime | None
    attributes: dict[str, AttributeValue]


class AttributeLabel(Answer):
    """What people call an attribute."""

    ko: str
    en: str


class AttributeView(Answer):
    """One attribute that an item can be described by; values most frequent first, of texts none."""

    name: str
    kind: AttributeKind
    label: AttributeLabel | None = Field(description="from the plant profile")
    unit: str | None = Field(description="of the numbers; lengths are in mm")
    weight: float = Field(description="share of the similarity between items that rests on it")
    filled_share: float = Field(description="share of the known items that have a value")
    distinct_values: int | None = Field(description="null for texts")
    values: tuple[ValueCount, ...]
    numbers: NumberSummary | None = Field(description="of numeric attributes")

    @classmethod
    def of(cls, summary: AttributeSummary, rule: AttributeRule | None) -> Self:
        """Put what the model counted beside what the profile says."""
        label = rule.label if rule else None
        return cls(
            name=summary.name,
            kind=summary.kind,
            label=AttributeLabel(ko=label.ko, en=label.en) if label else None,
            unit=rule.shown_unit if rule else None,
            weight=summary.weight,
            filled_share=summary.filled_share,
            distinct_values=summary.distinct_values,
            values=summary.values,
            numbers=summary.numbers,
        )


class AttributeList(Answer):
    """The attributes that the active model was made for, in the order of the plant's items."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model_version": "version_20251022T140000Z_g000017",
                    "attributes": [
                        {
                            "name": "OUTDIAMETER",
                            "kind": "numeric",
                            "label": {"ko": "외경", "en": "Outer diameter"},
                            "unit": "mm",
                            "weight": 0.08,
                            "filled_share": 0.71,
                            "distinct_values": 412,
                            "values": [{"value": 52.5, "items": 310}],
                            "numbers": {"minimum": 4.0, "p5": 12.0, "median": 52.5, "p95": 240.0, "maximum": 900.0},
                        }
                    ],
                }
            ]
        }
    )

    model_version: str
    attributes: tuple[AttributeView, ...]


class StandardsRequest(Request):
    """Up to 1,000 items whose routings in the ERP are wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"item_codes": ["ITEM001", "ITEM002"]}]})

    item_codes: tuple[ItemCode, ...] = Field(min_length=1, max_length=MOST_ITEMS)


class StandardRoutingView(Answer):
    """A routing that is valid now."""

    routing_code: str
    valid_from: UtcTime | None
    operations: tuple[RoutingOperation, ...]


class ItemStandardsView(Answer):
    """An item's routings in the ERP, the newest first."""

    item_code: str
    status: StandardsStatus = Field(description="no_routing: the ERP has the item, but no valid, trusted routing of it")
    routings: tuple[StandardRoutingView, ...]
    rows_set_aside: int = Field(description="routing rows that could not be trusted; above 0, operations may lack")

    @classmethod
    def of(cls, found: ItemStandards) -> Self:
        """Write one item's answer."""
        routings = tuple(
            StandardRoutingView(
                routing_code=routing.routing_code, valid_from=routing.valid_from, operations=routing.operations
            )
            for routing in found.routings
        )
        return cls(
            item_code=found.item_code, status=found.status, routings=routings, rows_set_aside=found.rows_set_aside
        )


_EXAMPLE_STANDARDS: Final[dict[str, Any]] = {
    "as_of": "2025-10-22T14:00:00Z",
    "items": [
        {
            "item_code": "ITEM001",
            "status": "ok",
            "routings": [
                {
                    "routing_code": "01",
                    "valid_from": "2020-05-04T00:00:00Z",
                    "operations": [
                        {
                            "sequence": 10,
                            "operation_code": "OP10",
                            "operation_name": "선삭",
                            "work_centre": "WC-T01",
                            "in_house": True,
                            "setup_minutes": 30.0,
                            "run_minutes_per_unit": 3.5,
                        }
                    ],
                }
            ],
            "rows_set_aside": 0,
        },
        {"item_code": "ITEM002", "status": "not_found", "routings": [], "rows_set_aside": 0},
    ],
}


class StandardsResponse(Answer):
    """One answer per item, in the order asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_STANDARDS]})

    as_of: UtcTime = Field(description="routings that are valid at this moment")
    items: tuple[ItemStandardsView, ...]
