"""What the endpoints that look into the plant's data give."""

from typing import Any

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer


class ItemList(Answer):
    """Items whose code or name contains the text; columns are the plant's own."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [{"item_code": "ITEM001", "PART_TYPE": "SEAL RING"}]}]}
    )

    items: list[dict[str, Any]]


class QuarantineRow(Answer):
    """How many rows of one table the last full read set aside for one reason."""

    source_table: str
    reason: str
    rows: int
    rows_read: int
    read_at: str


class QuarantineList(Answer):
    """What the last full read of the plant could not trust, most rows first; empty before the first."""

    quarantine: list[QuarantineRow]
    total_rows: int = Field(description="rows set aside in all")
