"""Quality cycles: the newest, all, alerts, stale standards, and starting one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from backend.api.schemas.common import CycleId, Limit, naive_utc, problem_responses
from backend.api.schemas.jobs import EvaluationRequest, JobStarted
from backend.api.schemas.quality import AlertList, Cycle, CycleList, StaleStandards
from backend.api.services import JobsDep, ServicesDep, StateDep, require_quality
from backend.domain.jobs import JobKind
from backend.errors import NoEvaluationError, UnknownCycleError
from backend.monitoring.cycles import get_cycle, latest_cycle, list_alerts, list_cycles
from backend.monitoring.standards import latest_standards

router = APIRouter(
    prefix="/api/quality",
    tags=["quality"],
    dependencies=[Depends(require_quality)],
    responses=problem_responses({403: "switched off by ENABLE_QUALITY_MONITORING"}),
)


@router.get("/current", response_model=Cycle, responses=problem_responses({404: "no evaluation yet"}))
def current(state: StateDep) -> dict[str, Any]:
    """Show the newest quality cycle, its metrics at the top level; a backtest only where there is nothing else."""
    cycle = latest_cycle(state)
    if cycle is None:
        raise NoEvaluationError
    return cycle


@router.get("/history", response_model=CycleList)
def history(
    state: StateDep,
    limit: Annotated[Limit, Query()] = 50,
    before: Annotated[datetime | None, Query(description="page back: only cycles older than this")] = None,
) -> dict[str, Any]:
    """List quality cycles, newest first, without their segments."""
    return {"cycles": list_cycles(state, limit, naive_utc(before))}


@router.get("/cycles/{cycle_id}", response_model=Cycle, responses=problem_responses({404: "no such cycle"}))
def one_cycle(cycle_id: CycleId, state: StateDep) -> dict[str, Any]:
    """Show one quality cycle whole, with its segments, worst first."""
    cycle = get_cycle(state, cycle_id)
    if cycle is None:
        raise UnknownCycleError
    return cycle


@router.get("/alerts", response_model=AlertList)
def alerts(state: StateDep, limit: Annotated[Limit, Query()] = 50) -> dict[str, Any]:
    """List breached thresholds, newest first."""
    return {"alerts": list_alerts(state, limit)}


@router.get("/stale-standards", response_model=StaleStandards, responses=problem_responses({404: "no evaluation yet"}))
def stale_standards(state: StateDep, limit: Annotated[Limit, Query()] = 50) -> dict[str, Any]:
    """List standard times that the shop's own lots contradict, those that cost most minutes a year first."""
    report = latest_standards(state)
    if report is None:
        raise NoEvaluationError
    return report | {"stale": report["stale"][:limit]}


@router.post("/evaluate", responses=problem_responses({409: "the queue is full"}))
def evaluate(services: ServicesDep, jobs: JobsDep, body: EvaluationRequest | None = None) -> JobStarted:
    """Start a quality evaluation in the background."""
    parameters = (body or EvaluationRequest()).parameters(services.settings.config.sampling)
    job = jobs.start(JobKind.EVALUATION, parameters)
    return JobStarted(job_id=job.job_id, status=job.status)
