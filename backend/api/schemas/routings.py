"""Routings as clients send them: what was proposed, what a planner made of it."""

from typing import Annotated, Final, TypeAlias

from pydantic import Field, StringConstraints

from backend.api.schemas.common import NO_CONTROL_CHARACTERS, Request
from backend.domain.routing import RoutingOperation

MOST_OPERATIONS: Final = 200

PlantCode: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NO_CONTROL_CHARACTERS)
]
ShortText: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_CONTROL_CHARACTERS)
]
Minutes: TypeAlias = Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)]


class OperationBody(Request):
    """One operation of a routing."""

    sequence: int = Field(strict=True, ge=0, le=2**31 - 1)
    operation_code: PlantCode
    operation_name: ShortText = ""
    work_centre: PlantCode
    in_house: bool = Field(strict=True)
    setup_minutes: Minutes
    run_minutes_per_unit: Minutes

    def value(self) -> RoutingOperation:
        """Return it as the product's own value."""
        return RoutingOperation(**self.model_dump())


Operations: TypeAlias = Annotated[tuple[OperationBody, ...], Field(min_length=1, max_length=MOST_OPERATIONS)]
