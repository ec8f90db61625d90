"""GET /health and GET /api/db/health: the truth about what works, and the command that mends the rest."""

import time
from typing import Literal

from fastapi import APIRouter

from backend import __version__
from backend.api.authorisation import ViewingDep
from backend.api.health_reasons import health_reasons
from backend.api.plant_calls import ask_plant
from backend.api.schemas.common import problem_responses
from backend.api.schemas.health import DatabaseHealth, Health, HealthStatus
from backend.api.services import Services, ServicesDep
from backend.errors import RoutingMLError

router = APIRouter(tags=["health"])


@router.get("/health")
def health(services: ServicesDep, viewing: ViewingDep) -> Health | HealthStatus:
    """Say whether the server can do all of its work; 200 as long as it serves at all.

    Without a role, the status alone.
    """
    predictor = services.predictor.health()
    reasons = health_reasons(services, predictor)
    status: Literal["healthy", "degraded"] = "degraded" if reasons else "healthy"
    if not viewing:
        return HealthStatus(status=status)
    return Health(
        status=status,
        version=__version__,
        model_version=predictor.active_version,
        owns_jobs=services.jobs.owns_jobs,
        time_zone=_time_zone(services),
        reasons=reasons,
    )


def _time_zone(services: Services) -> str | None:
    """Return the plant's time zone; None where no profile can be read, which GET /api/db/health explains."""
    try:
        return services.plant.profile.rules.time_zone
    except RoutingMLError:
        return None


@router.get("/api/db/health", responses=problem_responses({503: "the plant's database cannot be used"}))
async def database_health(services: ServicesDep) -> DatabaseHealth:
    """Ask the plant's database for an answer, within five seconds."""
    started_at = time.perf_counter()
    profile = await ask_plant(_look, services)
    milliseconds = round((time.perf_counter() - started_at) * 1000, 1)
    return DatabaseHealth(database="connected", profile=profile, milliseconds=milliseconds)


def _look(services: Services) -> str:
    services.plant.check()
    return services.plant.profile.name
