"""POST /api/predict."""

from collections import Counter

from fastapi import APIRouter
from fastapi.responses import Response

from backend.api.schemas.common import problem_responses
from backend.api.schemas.prediction import EXAMPLE_RESPONSE, PredictRequest, PredictResponse
from backend.api.services import ServicesDep

router = APIRouter(tags=["prediction"])


@router.post(
    "/api/predict",
    response_model=PredictResponse,
    responses={
        200: {"content": {"application/json": {"example": EXAMPLE_RESPONSE}}},
        **problem_responses({503: "no model is active"}),
    },
)
def predict(body: PredictRequest, services: ServicesDep) -> Response:
    """Propose a routing for each item, with times, ranges and evidence.

    An item that cannot be answered says so in its own status; it never fails the others.
    """
    answer = services.predictor.predict(body.queries(), candidates=body.candidates, evidence=body.evidence)
    for status, count in Counter(item.status for item in answer.predictions).items():
        services.metrics.predicted_items.labels(status.value).inc(count)
    shown = PredictResponse.model_construct(
        predictions=answer.predictions, model_version=answer.model_version, data_cutoff=answer.data_cutoff
    )
    return Response(shown.__pydantic_serializer__.to_json(shown), media_type="application/json")
