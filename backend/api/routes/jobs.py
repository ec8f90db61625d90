"""Background jobs: start training or a refresh; list, watch, follow and cancel jobs of every kind."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from backend.api.authorisation import IdentityDep
from backend.api.job_audit import audit_job
from backend.api.job_events import JobEvents, Position
from backend.api.schemas.common import JobId, Limit, problem_responses
from backend.api.schemas.jobs import JobList, JobStarted, JobView, Schedule, ScheduledJobView, TrainingRequest
from backend.api.services import JobsDep, ServicesDep
from backend.domain.jobs import JobKind
from backend.settings import CONFIG_FILE, read_config

router = APIRouter(prefix="/api/training", tags=["jobs"])


@router.post(
    "/start",
    responses=problem_responses({403: "switched off by ENABLE_TRAINING", 409: "the queue is full"}),
)
def start(
    services: ServicesDep, jobs: JobsDep, identity: IdentityDep, body: TrainingRequest | None = None
) -> JobStarted:
    """Train challengers in the background; the gate decides whether one is deployed."""
    sampling = read_config(services.settings.root / CONFIG_FILE).sampling  # as the file is now
    parameters = (body or TrainingRequest()).parameters(sampling)
    job = jobs.start(JobKind.TRAINING, parameters, asked_by=identity.name)
    audit_job(services, identity, "job.start", job)
    return JobStarted(job_id=job.job_id, status=job.status)


@router.post(
    "/refresh",
    responses=problem_responses({403: "switched off by ENABLE_TRAINING", 409: "the queue is full"}),
)
def refresh(services: ServicesDep, jobs: JobsDep, identity: IdentityDep) -> JobStarted:
    """Bring the active model's fast layers up to the newest work orders; SKIPPED where there are none."""
    job = jobs.start(JobKind.REFRESH, {}, asked_by=identity.name)
    audit_job(services, identity, "job.start", job)
    return JobStarted(job_id=job.job_id, status=job.status)


@router.get("/jobs")
def list_jobs(
    jobs: JobsDep, kind: Annotated[JobKind | None, Query()] = None, limit: Annotated[Limit, Query()] = 50
) -> JobList:
    """List jobs, newest first."""
    return JobList(jobs=[JobView.of(job) for job in jobs.list_jobs(kind, limit)])


@router.get("/schedule")
def show_schedule(jobs: JobsDep) -> Schedule:
    """Show which jobs start by themselves, and what became of their last due time."""
    return Schedule(jobs=[ScheduledJobView.of(job) for job in jobs.scheduled()])


@router.get("/jobs/{job_id}/status", responses=problem_responses({404: "no such job"}))
def job_status(job_id: JobId, jobs: JobsDep) -> JobView:
    """Show a job of any kind: status, progress (0 to 100), current step, result."""
    return JobView.of(jobs.get(job_id))


@router.delete("/jobs/{job_id}", responses=problem_responses({404: "no such job", 409: "the job has ended"}))
def cancel_job(job_id: JobId, services: ServicesDep, jobs: JobsDep, identity: IdentityDep) -> JobView:
    """Cancel a job; a running one has stopped within five seconds."""
    job = jobs.cancel(job_id)
    audit_job(services, identity, "job.cancel", job)
    return JobView.of(job)


@router.get(
    "/jobs/{job_id}/events",
    response_class=Response,
    responses={
        200: {
            "description": "server-sent events: `status` with the job, `log` with a line; ends with the job",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        204: {"description": "the job has ended and everything was sent before"},
        **problem_responses({404: "no such job"}),
    },
)
async def job_events(
    job_id: JobId, request: Request, jobs: JobsDep, last_event_id: Annotated[str | None, Header(max_length=100)] = None
) -> Response:
    """Follow a job's changes and log lines as they happen; Last-Event-ID resumes."""
    events = JobEvents(jobs, job_id, Position.parse(last_event_id))
    if await run_in_threadpool(events.nothing_left):
        return Response(status_code=204)
    return events.response(request)
