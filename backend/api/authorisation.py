"""Lets a request through to its route only where the route's role is covered; the app asks it for every route."""

import hmac
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from backend.api.problems import StartingError, problem_of
from backend.api.route_roles import PUBLIC, ROUTE_ROLES
from backend.api.session_cookie import forget_session
from backend.domain.access import Identity, Role
from backend.errors import MissingCsrfTokenError, NotIdentifiedError, ProtectedModeError, RoleNeededError

if TYPE_CHECKING:
    from backend.api.access import Access

CSRF_HEADER: Final = "X-CSRF-Token"
_READS: Final = frozenset({"GET", "HEAD"})


async def authorise(request: Request) -> Identity | None:
    """Return who asks, None on public routes; raises where the role does not cover the route's.

    A route that is not in the table, which the start would have refused, raises KeyError: nobody gets through.
    """
    needed = ROUTE_ROLES[f"{request.method} {request.scope['route'].path}"]
    if needed is PUBLIC:
        return None
    identity = await access_of(request).identify(request)
    _check_csrf(request, identity)
    if not identity.role.covers(needed):
        raise RoleNeededError(needed.value, identity.role.value)
    return identity


def access_of(request: Request) -> "Access":
    """Return the part of the app that knows who asks."""
    access: Access = request.app.state.services.access
    return access


def _check_csrf(request: Request, identity: Identity) -> None:
    if identity.csrf_token is None or request.method in _READS:
        return
    brought = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(brought.encode(), identity.csrf_token.encode()):
        raise MissingCsrfTokenError


async def _asking(identity: Annotated[Identity | None, Depends(authorise)]) -> Identity:
    if identity is None:
        raise NotIdentifiedError
    return identity


async def _viewing(request: Request) -> bool:
    """Tell whether a public route is asked by somebody whom it may tell more."""
    try:
        return (await access_of(request).identify(request)).role.covers(Role.VIEWER)
    except (NotIdentifiedError, ProtectedModeError, StartingError, SQLAlchemyError):
        return False


def add_authorisation_handler(app: FastAPI) -> None:
    """Answer requests of nobody known so that a browser forgets the session that is over."""
    app.add_exception_handler(NotIdentifiedError, _on_not_identified)


async def _on_not_identified(request: Request, error: Exception) -> Response:
    response = problem_of(error)
    response.headers["WWW-Authenticate"] = "Bearer"
    forget_session(request, response)
    return response


IdentityDep = Annotated[Identity, Depends(_asking)]
ViewingDep = Annotated[bool, Depends(_viewing)]
