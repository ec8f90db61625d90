"""Puts together what GET /api/system says; a part that is away is told as that, and fails no other."""

import os
import platform
import time
from dataclasses import asdict
from typing import Final, Literal

import psutil
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend import __version__
from backend._connection_pool import plant_name, plant_url
from backend.api.plant_calls import ask_plant
from backend.api.schemas.system import (
    DatabaseView,
    DiskView,
    MachineView,
    ModelView,
    ProcessView,
    QueueView,
    System,
)
from backend.api.services import Services
from backend.domain.jobs import JobKind, JobStatus
from backend.errors import BundleError, DatabaseUnavailableError, ProfileError, SettingError
from backend.iter_training.jobs.job_store import JobStore
from backend.monitoring.cycles import read_quarantine
from backend.monitoring.machine import (
    disks,
    job_processes,
    library_versions,
    own_process,
    platform_name,
    serving_processes,
)
from backend.state.database import reading, shown_state_name

_DOCTOR: Final = "Run 'routing-ml doctor': it says why and what to do"


async def ask_plant_database(services: Services) -> DatabaseView:
    """Ask the plant's database for an answer, for five seconds at most."""
    started_at = time.perf_counter()
    trouble = None
    try:
        await ask_plant(services.plant.check)
    except (DatabaseUnavailableError, ProfileError) as error:
        trouble = error.cause, error.remedy
    except SettingError as error:
        trouble = str(error), "Correct that key; .env.example explains each"
    return _database("plant", _plant_kind_and_name(services), started_at, trouble)


def system_facts(services: Services, plant: DatabaseView) -> System:
    """Measure everything else."""
    state = _ask_state_database(services)
    is_usable = state.reachable and services.jobs_are_open
    settings = services.settings
    folders = {"models": settings.models_dir, "logs": settings.log_dir, "data": settings.data_dir}
    memory = psutil.virtual_memory()
    return System(
        measured_at=services.clock(),
        version=__version__,
        python=platform.python_version(),
        platform=platform_name(),
        libraries=library_versions(),
        process=ProcessView.of(own_process()),
        owns_jobs=services.jobs.owns_jobs,
        workers=tuple(ProcessView.of(one) for one in serving_processes()),
        job_processes=tuple(ProcessView.of(one) for one in job_processes()),
        machine=MachineView(
            processors=os.cpu_count(), memory_bytes=memory.total, available_memory_bytes=memory.available
        ),
        disks=tuple(DiskView(**asdict(disk)) for disk in disks(folders)),
        databases=(plant, state),
        model=_model(services),
        queues=_queues(services) if is_usable else None,
        quarantined_rows=sum(row["rows"] for row in read_quarantine(services.state)) if is_usable else None,
        log_lines_dropped=services.logs.dropped_lines,
    )


def _plant_kind_and_name(services: Services) -> tuple[str | None, str | None]:
    try:
        return plant_url(services.settings).get_backend_name(), plant_name(services.settings)
    except SettingError:
        return None, None


def _ask_state_database(services: Services) -> DatabaseView:
    started_at = time.perf_counter()
    problem = services.trouble.get("jobs")
    try:
        with reading(services.state) as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        problem = f"it does not answer ({type(error).__name__})"
    named = services.state.url.get_backend_name(), shown_state_name(services.settings)
    return _database("state", named, started_at, (problem, _DOCTOR) if problem else None)


def _database(
    part: Literal["plant", "state"],
    kind_and_name: tuple[str | None, str | None],
    started_at: float,
    trouble: tuple[str, str] | None,
) -> DatabaseView:
    milliseconds = round((time.perf_counter() - started_at) * 1000, 1)
    problem, remedy = trouble or (None, None)
    return DatabaseView(
        part=part,
        kind=kind_and_name[0],
        name=kind_and_name[1],
        reachable=trouble is None,
        milliseconds=None if trouble else milliseconds,
        problem=problem,
        remedy=remedy,
    )


def _model(services: Services) -> ModelView:
    health = services.predictor.health()
    try:
        manifest = services.store.manifest()
        active, generation = manifest.active_version, manifest.generation
    except BundleError:  # /health says what is wrong with it, and the command
        active, generation = None, None
    return ModelView(
        version=health.active_version,
        active_version=active,
        generation=generation,
        data_cutoff=health.data_cutoff,
        loaded_at=health.loaded_at,
        load_seconds=None if health.load_seconds is None else round(health.load_seconds, 3),
        reload_failures=health.reload_failures,
    )


def _queues(services: Services) -> tuple[QueueView, ...]:
    unfinished = [(job.kind, job.status) for job in JobStore(services.state, services.clock).unfinished()]
    return tuple(
        QueueView(
            kind=kind,
            waiting=unfinished.count((kind, JobStatus.STARTED)),
            running=unfinished.count((kind, JobStatus.RUNNING)),
            max_size=services.settings.config.queue.max_size,
        )
        for kind in JobKind
    )
