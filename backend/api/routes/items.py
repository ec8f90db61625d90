"""GET /api/items: finding item codes."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic_core import to_json

from backend.api.plant_calls import ask_plant
from backend.api.schemas.common import NO_CONTROL_CHARACTERS, problem_responses
from backend.api.schemas.plant import ItemList
from backend.api.services import ServicesDep

router = APIRouter(tags=["prediction"])

SearchText = Annotated[str, Query(max_length=100, pattern=NO_CONTROL_CHARACTERS, description="part of a code or name")]


@router.get(
    "/api/items", response_model=ItemList, responses=problem_responses({503: "the plant's database cannot be used"})
)
async def search_items(
    services: ServicesDep, search: SearchText = "", limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> Response:
    """List items whose code or name contains the text, by code."""
    found = await ask_plant(services.plant.search_items, search.strip(), limit)
    return Response(to_json({"items": found}, inf_nan_mode="null"), media_type="application/json")
