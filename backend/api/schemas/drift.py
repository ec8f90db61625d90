"""What a quality cycle says has changed in the plant."""

from pydantic import Field

from backend.api.schemas.common import Answer


class ErrorDriftView(Answer):
    """A part of the plant whose operations take longer, or less, than was foreseen."""

    dimension: str = Field(description="plant, operation, work_centre or part_type (item class)")
    value: str = Field(description="empty for the whole plant")
    change_pct: float = Field(description="of the minutes; positive: it takes longer")
    low_pct: float = Field(description="the change's 95 % interval")
    high_pct: float
    since: str = Field(description="a day in the plant's time zone")
    began_before: bool = Field(description="since is the first day that was looked at: it may be older")
    operations: int = Field(description="finished since then")
    items: int
    sentence: str


class InputDriftView(Answer):
    """An attribute whose values are mixed otherwise than in the months before."""

    population: str = Field(description="new_items or items_in_work")
    attribute: str
    value: str = Field(description="the value, or range of values, that changed most")
    share_pct: float = Field(description="of the newest items")
    before_pct: float
    stability_index: float = Field(description="population stability index over all values; 0: the same mix")
    items: int
    sentence: str


class DriftView(Answer):
    """What has changed in the plant, beyond chance; nothing found is two empty lists."""

    since: str = Field(description="first and last day looked at, in the plant's time zone")
    until: str
    operations: int
    errors: list[ErrorDriftView] = Field(description="those that explain most first, each beside those before it")
    inputs: list[InputDriftView]
