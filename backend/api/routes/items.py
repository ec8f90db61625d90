"""Items of the plant: finding them, their attributes, and the ERP's own routings of them."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic_core import to_json

from backend.api.plant_calls import ask_plant
from backend.api.schemas.common import NO_CONTROL_CHARACTERS, ItemCode, problem_responses
from backend.api.schemas.items import (
    AttributeList,
    AttributeView,
    ItemDetails,
    ItemStandardsView,
    StandardsRequest,
    StandardsResponse,
)
from backend.api.schemas.plant import ItemList
from backend.api.services import ServicesDep
from backend.erp.standard_routings import read_standard_routings
from backend.errors import UnknownItemError
from backend.serving.item_source import attributes_by_code

router = APIRouter(prefix="/api/items", tags=["prediction"])

_SOURCE_AWAY = {503: "the plant's database cannot be used"}
SearchText = Annotated[str, Query(max_length=100, pattern=NO_CONTROL_CHARACTERS, description="part of a code or name")]
ValueText = Annotated[str, Query(max_length=100, pattern=NO_CONTROL_CHARACTERS, description="part of a value")]


@router.get("", response_model=ItemList, responses=problem_responses(_SOURCE_AWAY))
async def search_items(
    services: ServicesDep, search: SearchText = "", limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> Response:
    """List items whose code or name contains the text, by code."""
    found = await ask_plant(services.plant.search_items, search.strip(), limit)
    return Response(to_json({"items": found}, inf_nan_mode="null"), media_type="application/json")


@router.get("/item", responses=problem_responses({404: "the plant has no such item", **_SOURCE_AWAY}))
async def show_item(services: ServicesDep, item_code: Annotated[ItemCode, Query()]) -> ItemDetails:
    """Show one item's attributes, as a prediction takes them; the code is no part of the path, for it may hold `/`."""
    rows = await ask_plant(services.plant.read_items, [item_code])
    if rows.is_empty():
        raise UnknownItemError
    (attributes,) = attributes_by_code(rows).values()
    return ItemDetails(item_code=item_code, created_at=rows["created_at"][0], attributes=attributes)


@router.get("/attributes", responses=problem_responses({503: "no model is active"}))
def list_attributes(
    services: ServicesDep,
    name: Annotated[str | None, Query(max_length=100, description="this attribute alone")] = None,
    search: ValueText = "",
    values: Annotated[int, Query(ge=0, le=500, description="most values per attribute")] = 20,
) -> AttributeList:
    """List the attributes a prediction takes, with the values that most items have: what a form is built from.

    `name` and `search` together suggest values while a person types.
    """
    version, counted = services.predictor.catalogue()
    rules = services.plant.profile.rules.attributes
    wanted = (each for each in counted if name in {None, each.attribute.name})
    shown = (AttributeView.of(each.summary(values, search), rules.get(each.attribute.name)) for each in wanted)
    return AttributeList(model_version=version, attributes=tuple(shown))


@router.post("/routings", responses=problem_responses(_SOURCE_AWAY))
async def list_routings(body: StandardsRequest, services: ServicesDep) -> StandardsResponse:
    """Show the ERP's own routings of items that are valid now, to compare a proposal with.

    An item that the ERP does not have says so in its own status; it never fails the others.
    """
    now = services.clock()
    found = await ask_plant(read_standard_routings, services.plant, body.item_codes, now)
    return StandardsResponse(as_of=now, items=tuple(ItemStandardsView.of(item) for item in found))
