"""The least that a FastAPI server can do: uvicorn benchmarks.empty_app:app answers with a body of a given size."""

import os

from fastapi import FastAPI, Response

app = FastAPI()
BODY = b'"' + b"x" * (int(os.environ.get("BENCHMARK_BODY_BYTES", "1000")) - 2) + b'"'


@app.post("/api/predict")
def predict() -> Response:
    """Answer without reading, computing or serialising; in a worker thread, as the product's route is."""
    return Response(BODY, media_type="application/json")
