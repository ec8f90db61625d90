"""GET /metrics for Prometheus."""

from fastapi import APIRouter
from fastapi.responses import Response

from backend.api.services import ServicesDep
from backend.monitoring.prometheus import CONTENT_TYPE

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(services: ServicesDep) -> Response:
    """Say all metrics in Prometheus' text format."""
    return Response(services.metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})
