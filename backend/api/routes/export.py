"""POST /api/predict/export: routings as a file in the ERP's own column layout."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from backend.api.schemas.common import problem_responses
from backend.api.schemas.export import EXAMPLE_FILES, MEDIA_TYPES, ExportRequest
from backend.api.services import ServicesDep
from backend.erp.export_files import to_csv, to_json, to_xlsx
from backend.erp.export_table import lay_out

router = APIRouter(tags=["prediction"])
_WRITERS: Final = {"csv": to_csv, "xlsx": to_xlsx, "json": to_json}


@router.post(
    "/api/predict/export",
    response_class=Response,
    responses={
        200: {"description": "the file", "content": EXAMPLE_FILES},
        **problem_responses({503: "the plant profile cannot be read"}),
    },
)
def export(body: ExportRequest, services: ServicesDep) -> Response:
    """Write routings as a file with the columns, words and units of the plant profile's `export`.

    In CSV a text that a spreadsheet would take for a formula begins with an apostrophe. Bodies of this
    route may have 4 MiB.
    """
    routings = [routing.value() for routing in body.routings]
    table = lay_out(routings, services.plant.profile.rules, services.clock())
    name = f"routings_{table.day:%Y%m%d}.{body.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_WRITERS[body.format](table), media_type=MEDIA_TYPES[body.format], headers=headers)
