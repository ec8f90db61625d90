"""POST /api/predict."""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from backend.api.schemas.common import problem_responses
from backend.api.schemas.prediction import EXAMPLE_RESPONSE, PredictRequest, PredictResponse
from backend.api.services import ServicesDep
from backend.domain.prediction import ItemPrediction

router = APIRouter(tags=["prediction"])
_ITEMS: Final = TypeAdapter(list[ItemPrediction])


class PiecewiseResponse(Response):
    """A JSON body in pieces: each is handed over when the connection has room for it, and forgotten."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        super().__init__(media_type="application/json")
        self._pieces = deque(pieces)
        self.headers["Content-Length"] = str(sum(map(len, pieces)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        """Send the answer."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while self._pieces:
            body = self._pieces.popleft()
            await send({"type": "http.response.body", "body": body, "more_body": bool(self._pieces)})


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
    asked = services.predictor.predict_in_pieces(body.queries(), candidates=body.candidates, evidence=body.evidence)
    envelope = PredictResponse.model_construct(
        predictions=(), model_version=asked.model_version, data_cutoff=asked.data_cutoff
    )
    head, _, tail = envelope.__pydantic_serializer__.to_json(envelope).partition(b"[]")
    parts: list[bytes] = []
    for piece in asked.pieces:
        for status, count in Counter(item.status for item in piece).items():
            services.metrics.predicted_items.labels(status.value).inc(count)
        parts.append((b"," if parts else head + b"[") + _ITEMS.dump_json(piece)[1:-1])
    parts[-1] += b"]" + tail
    return PiecewiseResponse(parts)
