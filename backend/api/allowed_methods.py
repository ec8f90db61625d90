"""Which methods an address answers; a framework that stops at the first route of an address names only that one's."""

from typing import Final

from fastapi import Request
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

_PARAMETER: Final = "{"
USER_INTERFACE: Final = "/{path:path}"
"""The route that answers whatever all others leave."""


def allowed_methods(request: Request) -> list[str]:
    """Return the methods of the API at a request's address, in alphabetical order; none where it has no such address.

    An address that is a route's word for word, as /api/models/hold, is nobody's value in /api/models/{version}.
    """
    path = request.scope["path"]
    contexts = [(one.path or "", one.methods or set()) for one in iter_route_contexts(request.app.routes)]
    literal = [methods for route, methods in contexts if route == path and _PARAMETER not in route]
    found = literal or [methods for route, methods in contexts if route != USER_INTERFACE and _fits(route, path)]
    return sorted({method for methods in found for method in methods})


def _fits(route: str, path: str) -> bool:
    return compile_path(route)[0].fullmatch(path) is not None
