"""Quality cycles: the newest, all, one and its items, alerts, stale standards, and starting one."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Engine

from backend.api.authorisation import IdentityDep
from backend.api.cycle_drilldown import asked_items, figures_of
from backend.api.job_audit import audit_job
from backend.api.schemas.common import CycleId, ItemCode, Limit, Moment, naive_utc, problem_responses
from backend.api.schemas.cycle_items import CycleItemList, ItemLots, ItemQuery
from backend.api.schemas.jobs import EvaluationRequest, JobStarted
from backend.api.schemas.quality import AlertList, Cycle, CycleList, StaleStandards
from backend.api.services import JobsDep, Services, ServicesDep, StateDep, require_quality
from backend.domain.jobs import JobKind
from backend.errors import NoCycleItemsError, NoEvaluationError, UnkeptItemError, UnknownCycleError
from backend.monitoring.cycle_items import read_item, read_items
from backend.monitoring.cycles import get_cycle, latest_cycle, list_alerts, list_cycles
from backend.monitoring.reports import items_file
from backend.monitoring.standards import latest_standards
from backend.settings import CONFIG_FILE, read_config

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
    before: Annotated[Moment | None, Query(description="page back: only cycles older than this")] = None,
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


@router.get("/cycles/{cycle_id}/items", responses=problem_responses({404: "no such cycle, or it keeps no items"}))
def cycle_items(
    cycle_id: CycleId, services: ServicesDep, state: StateDep, query: Annotated[ItemQuery, Query()]
) -> CycleItemList:
    """List the items that a cycle's figures are made of, the worst first; with `dimension` and `value` a segment's.

    A cycle of more than 500 items keeps those with the largest errors, and some of every segment.
    """
    read = read_items(_items_path(cycle_id, services, state))
    if read is None:
        raise NoCycleItemsError
    header, stored = read
    found = asked_items(stored, query)
    return CycleItemList.model_validate(
        header | {"cycle_id": cycle_id, "found": len(found), "items": found[: query.limit]}
    )


@router.get("/cycles/{cycle_id}/items/item", responses=problem_responses({404: "no such cycle, or not that item"}))
def cycle_item(
    cycle_id: CycleId, item_code: Annotated[ItemCode, Query()], services: ServicesDep, state: StateDep
) -> ItemLots:
    """Show one item of a cycle: its lots with the largest errors, operation by operation predicted against actual.

    The code is no part of the path, for it may hold `/`.
    """
    found = read_item(_items_path(cycle_id, services, state), item_code)
    if found is None:
        raise UnkeptItemError
    return ItemLots.model_validate({"cycle_id": cycle_id, "item": figures_of(found.figures), "lots": found.lots})


def _items_path(cycle_id: str, services: Services, state: Engine) -> Path:
    cycle = get_cycle(state, cycle_id)
    if cycle is None:
        raise UnknownCycleError
    created_at = datetime.fromisoformat(cycle["created_at"].removesuffix("Z"))
    return items_file(services.settings.reports_dir, created_at, cycle_id)


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
def evaluate(
    services: ServicesDep, jobs: JobsDep, identity: IdentityDep, body: EvaluationRequest | None = None
) -> JobStarted:
    """Start a quality evaluation in the background."""
    sampling = read_config(services.settings.root / CONFIG_FILE).sampling  # as the file is now
    parameters = (body or EvaluationRequest()).parameters(sampling)
    job = jobs.start(JobKind.EVALUATION, parameters, asked_by=identity.name)
    audit_job(services, identity, "job.start", job)
    return JobStarted(job_id=job.job_id, status=job.status)
