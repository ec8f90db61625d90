"""What the endpoints behind a cycle's figures take and give: items, and lots predicted against actual."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from backend.api.schemas.common import NO_CONTROL_CHARACTERS, Answer, Limit, Request

Dimension = Literal["part_type", "history", "operation", "work_centre"]
ItemOrder = Literal["absolute_error", "mae", "routing_error", "process_match"]
SegmentValue = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=NO_CONTROL_CHARACTERS)]

_ITEM: Final[dict[str, Any]] = {
    "item_code": "ITEM001",
    "part_type": "샤프트",
    "history": "known",
    "lots": 4,
    "operations": 22,
    "absolute_error_minutes": 311.4,
    "mae": 14.155,
    "predicted_minutes": 2011.0,
    "actual_minutes": 2246.2,
    "routing_error_minutes": 58.8,
    "process_match": 0.875,
    "exact_match": 0.5,
}
_HEAD: Final[dict[str, Any]] = {
    "cycle_id": "cycle_20251022T140000_1a2b3c4d",
    "judged_items": 480,
    "kept_items": 480,
    "most_items": 500,
    "of_a_segment": 5,
}
_LOT: Final[dict[str, Any]] = {
    "work_order_code": "W250919-006677-35",
    "quantity": 20.0,
    "absolute_error_minutes": 12.0,
    "predicted_minutes": 109.0,
    "actual_minutes": 131.0,
    "operations": [
        {
            "predicted": {
                "operation_code": "OP10",
                "operation_name": "선삭",
                "work_centre": "WC-T01",
                "in_house": True,
                "minutes": 109.0,
                "low": 84.0,
                "high": 140.0,
            },
            "actual": {"operation_code": "OP10", "work_centre": "WC-T02", "in_house": True, "minutes": 121.0},
        },
        {
            "predicted": None,
            "actual": {"operation_code": "OP20", "work_centre": None, "in_house": None, "minutes": 10.0},
        },
    ],
}


class ItemQuery(Request):
    """Which of a cycle's items are asked for."""

    dimension: Dimension | None = Field(default=None, description="of a segment, with its `value`")
    value: SegmentValue | None = None
    search: Annotated[str, StringConstraints(max_length=100)] = Field(default="", description="within item codes")
    sort: ItemOrder = Field(default="absolute_error", description="the worst first")
    limit: Limit = 50

    @model_validator(mode="after")
    def _names_a_whole_segment(self) -> Self:
        if (self.dimension is None) != (self.value is None):
            raise PydanticCustomError("half_a_segment", "dimension and value belong together")
        return self


class ItemFigures(Answer):
    """One item of a cycle over all of its lots; of a segment of operations or work centres, over those alone."""

    item_code: str
    part_type: str | None
    history: str = Field(description="known, standard_only or new: what there was to learn from about the very item")
    lots: int
    operations: int = Field(description="operations whose times were compared")
    absolute_error_minutes: float = Field(description="the sum over them")
    mae: float | None = Field(description="minutes per operation and lot; null where no time could be compared")
    predicted_minutes: float = Field(description="the sum over them")
    actual_minutes: float
    routing_error_minutes: float | None = Field(
        description="of whole routings, averaged over lots; null where no lot was measured throughout"
    )
    process_match: float
    exact_match: float = Field(description="share of its lots whose operation sequence was foreseen")


class ItemList(Answer):
    """Items of a cycle, the worst first."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HEAD | {"found": 480, "items": [_ITEM]}]})

    cycle_id: str
    judged_items: int
    kept_items: int = Field(
        description="below judged_items: most_items with the largest errors, and of_a_segment of every segment besides"
    )
    most_items: int
    of_a_segment: int
    found: int = Field(description="kept items that were asked for, of which the first are shown")
    items: tuple[ItemFigures, ...]


class ForeseenOperation(Answer):
    """An operation of the proposed routing; minutes are set-up + run of the whole lot."""

    operation_code: str
    operation_name: str
    work_centre: str
    in_house: bool
    minutes: float
    low: float = Field(description="the 80 % range")
    high: float


class ActualOperation(Answer):
    """An operation as the shop did it."""

    operation_code: str
    work_centre: str | None
    in_house: bool | None
    minutes: float | None = Field(description="null where the booking may not be judged, as one that equals the plan")


class AlignedOperation(Answer):
    """An operation on both sides; null where one side lacks it."""

    predicted: ForeseenOperation | None
    actual: ActualOperation | None


class JudgedLotView(Answer):
    """One work order of the item, predicted against actual."""

    work_order_code: str
    quantity: float
    absolute_error_minutes: float = Field(description="the sum over operations whose times were compared")
    predicted_minutes: float = Field(description="of the whole routing")
    actual_minutes: float | None = Field(description="null where an operation's time may not be judged")
    operations: tuple[AlignedOperation, ...]


class ItemLots(Answer):
    """One item of a cycle with the lots, three at most, that have the largest errors."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"cycle_id": _HEAD["cycle_id"], "item": _ITEM, "lots": [_LOT]}]}
    )

    cycle_id: str
    item: ItemFigures
    lots: tuple[JudgedLotView, ...]
