"""The one table of who may do what: every route with the role that it needs."""

from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from backend.domain.access import Role

PUBLIC: Final = None
"""Answers everybody: what holds no data, and what one needs to log in."""

ROUTE_ROLES: Final[dict[str, Role | None]] = {
    "GET /health": PUBLIC,  # the status alone; everything else in it needs a viewer
    "POST /api/auth/login": PUBLIC,
    "GET /docs": PUBLIC,
    "GET /docs/assets/{name}": PUBLIC,
    "GET /openapi.json": PUBLIC,
    "HEAD /openapi.json": PUBLIC,
    "GET /{path:path}": PUBLIC,  # the files of the user interface
    "HEAD /{path:path}": PUBLIC,
    "GET /api/auth/me": Role.VIEWER,
    "POST /api/auth/logout": Role.VIEWER,
    "PUT /api/auth/password": Role.VIEWER,
    "GET /metrics": Role.VIEWER,
    "GET /api/db/health": Role.VIEWER,
    "GET /api/system": Role.VIEWER,
    "GET /api/audit": Role.VIEWER,
    "GET /api/data/quarantine": Role.VIEWER,
    "GET /api/feedback/agreement": Role.VIEWER,
    "POST /api/feedback/newest": Role.VIEWER,
    "GET /api/items": Role.VIEWER,
    "GET /api/items/attributes": Role.VIEWER,
    "GET /api/items/item": Role.VIEWER,
    "POST /api/items/routings": Role.VIEWER,  # only reads; its many codes have no room in an address
    "GET /api/models": Role.VIEWER,
    "GET /api/models/compare": Role.VIEWER,
    "GET /api/models/{version}": Role.VIEWER,
    "GET /api/quality/alerts": Role.VIEWER,
    "GET /api/quality/current": Role.VIEWER,
    "GET /api/quality/cycles/{cycle_id}": Role.VIEWER,
    "GET /api/quality/cycles/{cycle_id}/items": Role.VIEWER,
    "GET /api/quality/cycles/{cycle_id}/items/item": Role.VIEWER,
    "GET /api/quality/history": Role.VIEWER,
    "GET /api/quality/stale-standards": Role.VIEWER,
    "GET /api/training/jobs": Role.VIEWER,
    "GET /api/training/jobs/{job_id}/events": Role.VIEWER,
    "GET /api/training/jobs/{job_id}/status": Role.VIEWER,
    "GET /api/training/schedule": Role.VIEWER,
    "GET /api/feedback": Role.PLANNER,
    "POST /api/feedback": Role.PLANNER,
    "POST /api/predict": Role.PLANNER,
    "POST /api/predict/export": Role.PLANNER,
    "DELETE /api/models/hold": Role.OPERATOR,
    "DELETE /api/training/jobs/{job_id}": Role.OPERATOR,
    "GET /api/logs": Role.OPERATOR,
    "GET /api/logs/download": Role.OPERATOR,
    "GET /api/logs/events": Role.OPERATOR,
    "POST /api/models/rollback": Role.OPERATOR,
    "POST /api/models/{version}/activate": Role.OPERATOR,
    "POST /api/quality/evaluate": Role.OPERATOR,
    "POST /api/training/refresh": Role.OPERATOR,
    "POST /api/training/start": Role.OPERATOR,
    "GET /api/auth/users": Role.ADMIN,
    "POST /api/auth/users": Role.ADMIN,
    "PATCH /api/auth/users/{name}": Role.ADMIN,
    "DELETE /api/auth/users/{name}": Role.ADMIN,
    "GET /api/auth/keys": Role.ADMIN,
    "POST /api/auth/keys": Role.ADMIN,
    "DELETE /api/auth/keys/{key_id}": Role.ADMIN,
}


class UndeclaredRouteError(Exception):
    """Routes that the table does not have: a server with them must not start."""


def routes_of(app: FastAPI) -> set[str]:
    """Return the routes of an app as the table names them."""
    found = ((context.path, context.methods) for context in iter_route_contexts(app.routes))
    return {f"{method} {path}" for path, methods in found for method in methods or {"(any)"}}


def check_every_route_has_a_role(app: FastAPI) -> None:
    """Raise UndeclaredRouteError for routes that are not in the table."""
    if undeclared := sorted(routes_of(app) - ROUTE_ROLES.keys()):
        raise UndeclaredRouteError(f"routes without a role in {__name__}: {', '.join(undeclared)}")
