"""The API documentation at /docs, served whole from this machine, and the OpenAPI document behind it."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response
from swagger_ui_bundle import swagger_ui_path

from backend.api.problems import problem
from backend.api.schemas.common import Problem

_FILES: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}

# As for the user interface; Swagger UI also draws with pictures that stand in its style sheet. Nobody may frame the
# page: what is clicked in it counts as this site's own, and on the server's own machine that needs no login.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Routing ML API</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<link rel="icon" href="docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script>
</body>
</html>
"""

# The bundled Swagger UI 4 draws OpenAPI 3.1 documents well enough, but only if they say 3.0.
_START: Final = """fetch("openapi.json").then((answer) => answer.json()).then((spec) => {
  spec.openapi = "3.0.3";
  window.ui = SwaggerUIBundle({ spec, dom_id: "#swagger-ui", deepLinking: true });
});
"""


def add_documentation(app: FastAPI) -> None:
    """Add /docs and what it loads."""
    app.add_api_route("/docs", _page, include_in_schema=False)
    app.add_api_route("/docs/assets/{name}", _asset, include_in_schema=False)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]


def _page() -> Response:
    return HTMLResponse(_PAGE, headers=_HEADERS)


def _asset(name: str) -> Response:
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _FILES:
        return problem(404, "not-found", "there is no such file")
    return FileResponse(str(swagger_ui_path / name), media_type=_FILES[name])


def _document(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's document with our problem documents in the place of its own error form."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas |= _problem_schemas()
        for operation in (one for path in document["paths"].values() for one in path.values()):
            _describe_problems(operation)
            _demand_if_match(operation)
    return app.openapi_schema or {}


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def _demand_if_match(operation: dict[str, Any]) -> None:
    """Say that the header is needed: to the framework it is not, so that its absence is answered with a 428."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"].lower() == "if-match":
            parameter |= {"required": True, "schema": {"type": "string", "title": "If-Match"}}


def _describe_problems(operation: dict[str, Any]) -> None:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers = operation["responses"]
    if "422" in answers:
        answers["422"] = {"description": "the request does not have the described form", "content": content}
    if "requestBody" in operation:
        for status, meaning in ((400, "not JSON"), (413, "the body is too large"), (415, "not sent as JSON")):
            answers.setdefault(str(status), {"description": meaning, "content": content})
    answers["default"] = {"description": "any other problem", "content": content}
