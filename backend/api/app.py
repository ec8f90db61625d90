"""The one place that puts the HTTP application together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from backend import __version__
from backend.api.authorisation import add_authorisation_handler, authorise
from backend.api.documentation import add_documentation
from backend.api.input_guard import InputGuard
from backend.api.problems import add_problem_handlers
from backend.api.request_log import RequestLog
from backend.api.route_roles import check_every_route_has_a_role
from backend.api.routes import (
    audit,
    auth,
    data,
    export,
    feedback,
    health,
    items,
    jobs,
    logs,
    metrics,
    models,
    predict,
    quality,
    system,
    users,
)
from backend.api.services import Services
from backend.api.user_interface import add_user_interface
from backend.domain.clock import Clock, utc_now
from backend.settings import Settings, load_settings

DESCRIPTION = """Predicts manufacturing routings with evidence and honest ranges, measures itself against
the shop floor, retrains itself and deploys only what is proven better.

Errors are RFC 9457 problem documents; their `request_id` is the one in the log and in the `X-Request-ID` header.
Bodies are UTF-8 JSON of at most 1 MiB (4 MiB for an export); times are ISO 8601 in UTC."""


_PARTS = (
    *(health, predict, export, items, feedback, quality, jobs, models),
    *(data, audit, system, logs, metrics, auth, users),
)


def create_app(settings: Settings | None = None, clock: Clock = utc_now) -> FastAPI:
    """Build the app of one installation; its parts open when the server starts it.

    Raises UndeclaredRouteError where a route is in no role's reach.
    """
    services = Services(settings or load_settings(), clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await services.open()
        try:
            yield
        finally:
            await services.close()

    app = FastAPI(
        title="Routing ML",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(authorise)],
        docs_url=None,
        redoc_url=None,
        strict_content_type=False,  # the input guard demands JSON, and answers with a problem document
    )
    app.state.services = services
    for part in _PARTS:
        app.include_router(part.router)
    add_documentation(app)
    add_user_interface(app)  # after all others: it answers whatever they leave
    add_problem_handlers(app)
    add_authorisation_handler(app)
    check_every_route_has_a_role(app)
    app.add_middleware(InputGuard)
    app.add_middleware(RequestLog, metrics=services.metrics)  # the last added is the outermost
    return app
