"""What POST /api/predict takes and gives."""

from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from backend.api.schemas.common import (
    MOST_ITEMS,
    NO_CONTROL_CHARACTERS,
    Answer,
    ItemCode,
    Quantity,
    Request,
    UtcTime,
)
from backend.domain.prediction import ItemPrediction, PredictionQuery

AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_CONTROL_CHARACTERS)]
AttributeText = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
AttributeNumber = Annotated[float, Field(strict=True, ge=-1e15, le=1e15, allow_inf_nan=False)]

Attributes = Annotated[dict[AttributeName, AttributeText | AttributeNumber | None], Field(max_length=300)]


class ItemRequest(Request):
    """One item: a code, attributes of an item that the ERP does not know yet, or both."""

    item_code: ItemCode | None = None
    attributes: Attributes | None = None
    quantity: Quantity | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.item_code is None and not self.attributes:
            raise PydanticCustomError("empty_item", "an item needs an item_code or attributes")
        return self


class PredictRequest(Request):
    """Up to 1,000 items; the answers come in the order item_codes, items."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"item_codes": ["ITEM001", "ITEM002"]},
                {
                    "items": [{"attributes": {"PART_TYPE": "SEAL RING", "OUTDIAMETER": 52.5}, "quantity": 20}],
                    "candidates": 2,
                },
            ]
        }
    )

    item_codes: tuple[ItemCode, ...] = Field(default=(), max_length=MOST_ITEMS)
    items: tuple[ItemRequest, ...] = Field(default=(), max_length=MOST_ITEMS)
    quantity: Quantity | None = Field(default=None, description="lot size of every item that names none itself")
    candidates: int | None = Field(default=None, strict=True, ge=1, le=20, description="most routings per item")
    evidence: bool = Field(default=True, strict=True, description="whether similar items and reasons are wanted")

    @model_validator(mode="after")
    def _asks_for_a_sensible_number(self) -> Self:
        asked = len(self.item_codes) + len(self.items)
        if asked == 0:
            raise PydanticCustomError("no_items", "name at least one item in item_codes or items")
        if asked > MOST_ITEMS:
            raise PydanticCustomError("too_many_items", "at most 1000 items per request; split it")
        return self

    def queries(self) -> list[PredictionQuery]:
        """Return one query per item, in the order of the answers."""
        coded = [PredictionQuery(code, None, self.quantity) for code in self.item_codes]
        described = [
            PredictionQuery(item.item_code, item.attributes or None, item.quantity or self.quantity)
            for item in self.items
        ]
        return coded + described


class PredictResponse(Answer):
    """One prediction per item, all from one model version."""

    predictions: tuple[ItemPrediction, ...]
    model_version: str
    data_cutoff: UtcTime | None = Field(description="newest work-order result that the model has learnt from")


EXAMPLE_RESPONSE: Final[dict[str, Any]] = {
    "predictions": [
        {
            "item_code": "ITEM001",
            "status": "ok",
            "message": "",
            "quantity": 1.0,
            "candidates": [
                {
                    "probability": 0.93,
                    "operations": [
                        {
                            "sequence": 10,
                            "operation_code": "OP10",
                            "operation_name": "선삭",
                            "work_centre": "WC-T01",
                            "in_house": True,
                            "setup_minutes": 25.0,
                            "setup_range": {"low": 18.0, "high": 33.0},
                            "run_minutes_per_unit": 4.2,
                            "run_range": {"low": 3.1, "high": 5.6},
                            "lot_minutes": 29.2,
                            "lot_range": {"low": 21.1, "high": 38.6},
                            "evidence_count": 14,
                            "elapsed": {"days": 1.1, "deviation_days": 0.7},
                        }
                    ],
                    "total_minutes": 29.2,
                    "total_range": {"low": 21.5, "high": 37.9},
                    "total_spread": {"correlation": 0.12, "low_factor": 0.95, "high_factor": 0.93, "lean": 0.17},
                    "lead_time": {
                        "expected_days": 1.1,
                        "low_days": 0.3,
                        "high_days": 2.0,
                        "spread": {"correlation": 0.02, "low_factor": 1.19, "high_factor": 1.33, "lean": 0.0},
                        "usual_in_house": {"days": 1.0, "deviation_days": 0.7},
                        "usual_outsourced": {"days": 6.0, "deviation_days": 3.3},
                    },
                }
            ],
            "similar_items": [
                {
                    "item_code": "ITEM007",
                    "similarity": 0.97,
                    "operation_codes": ["OP10"],
                    "work_order_codes": ["WO0000123"],
                    "alike": ["PART_TYPE", "MATERIAL"],
                    "differs": ["OUTDIAMETER"],
                }
            ],
            "influences": [{"attribute": "PART_TYPE", "share": 0.4}],
            "reasons": [
                {
                    "operation_code": "OP10",
                    "included": True,
                    "presence": [{"cause": "PART_TYPE", "factor": 12.0}],
                    "run_minutes": [{"cause": "MATERIAL", "factor": 1.2}],
                }
            ],
        }
    ],
    "model_version": "version_20251022T140000Z_g000017",
    "data_cutoff": "2025-09-24T00:00:00Z",
}
