"""The parts that the routes use, made once per app; slow ones are opened in the background."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from backend.api.access import Access
from backend.api.health_reasons import health_metrics
from backend.api.job_health import JobHealth
from backend.api.problems import StartingError
from backend.domain.access import Identity
from backend.domain.clock import Clock, utc_now
from backend.erp.reading import PlantReader
from backend.errors import BundleError, FeatureDisabledError, RoutingMLError
from backend.iter_training.deployer import ModelDeployer
from backend.iter_training.jobs.job_engine import JobEngine
from backend.monitoring.log_files import LogFiles
from backend.monitoring.metric_sources import (
    ActiveModel,
    backup_source,
    job_source,
    model_source,
    quarantine_source,
)
from backend.monitoring.prometheus import Metrics
from backend.monitoring.quality_metrics import loop_source, quality_source
from backend.registry.store import ModelStore
from backend.serving.predictor import Predictor
from backend.settings import Settings, read_environment
from backend.state.database import open_state_engine, state_url

FIRST_ANSWER_SECONDS: Final = 3.0
"""How long the start waits for the slow parts, so that the first /health is already the whole truth."""
RETRY_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 10.0

_log = logging.getLogger("routing_ml.api")


class Services:
    """Everything behind the routes of one app."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.clock = clock
        self.state: Engine = open_state_engine(state_url(settings))
        self.store = ModelStore(settings)
        self.metrics = self._make_metrics(clock)
        self.logs = LogFiles(settings, on_dropped_line=self.metrics.log_lines_dropped.inc)
        self.predictor = Predictor(settings, clock, on_reload_failure=self.metrics.model_reload_failures.inc)
        self.plant = PlantReader(settings)
        self.jobs = JobEngine(settings, clock, keeps_schedule=True)
        self.job_health = JobHealth(self.state, clock)
        self.trouble: dict[str, str] = {}
        """What went wrong with a part while it was opened, by part."""
        self._jobs_open = threading.Event()
        self.access = Access(settings, clock, self)
        self._opening: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start opening everything; return after a moment even where a part is slow or broken."""
        self.settings.make_directories()
        self.logs.open()
        if self.access.peer_owner is None:
            _log.warning("this system does not tell whose a local connection is: all users of this machine are local")
        self._opening = [asyncio.create_task(self._open_jobs()), asyncio.create_task(self._open_model())]
        await asyncio.wait(self._opening, timeout=FIRST_ANSWER_SECONDS)

    async def close(self) -> None:
        """Stop what was opened; a running job's process is stopped too."""
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        await asyncio.to_thread(self.jobs.close)
        self.state.dispose()
        self.metrics.close()
        self.logs.close()

    def deployer_for(self, identity: Identity) -> ModelDeployer:
        """Return what switches versions in somebody's name."""
        return ModelDeployer(self.settings, actor=identity.name, clock=self.clock)

    def opened_jobs(self) -> JobEngine:
        """Return the job engine once it is open; raises StartingError where that takes too long."""
        self.wait_for_state()
        return self.jobs

    def wait_for_state(self) -> Engine:
        """Return the state database's engine once its tables are there.

        Raises StartingError where that takes long, and at once where it is known to have failed: requests
        that wait would take the threads from those that predict.
        """
        if not self._jobs_open.wait(0 if "jobs" in self.trouble else PATIENCE_SECONDS):
            cause = self.trouble.get("jobs", "it is still starting")
            raise StartingError(
                f"jobs and quality figures are not available yet: {cause}; 'routing-ml doctor' says more"
            )
        return self.state

    @property
    def jobs_are_open(self) -> bool:
        """Tell whether jobs can be started."""
        return self._jobs_open.is_set()

    async def _open_jobs(self) -> None:
        """Open the job engine; a state database that is away now may be back later."""
        while not self._jobs_open.is_set():
            try:
                await asyncio.to_thread(self.jobs.open)
            except (RoutingMLError, SQLAlchemyError, OSError) as error:
                self.trouble["jobs"] = f"the state database cannot be used ({type(error).__name__})"
                _log.exception("the job engine cannot be opened; trying again in %.0f s", RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self.trouble.pop("jobs", None)
                await self._warn_where_nobody_can_log_in()
                self._jobs_open.set()

    async def _warn_where_nobody_can_log_in(self) -> None:
        try:
            await asyncio.to_thread(self.access.warn_where_nobody_can_log_in, self.state)
        except SQLAlchemyError as error:
            _log.warning("whether anybody can log in is not known: %s", type(error).__name__)

    async def _open_model(self) -> None:
        """Mend the model folder where a crash left it half-done, and load the active version, mended or not."""
        mended = await self._mend_models()
        version = await asyncio.to_thread(self.predictor.active_version)
        if version is None:  # else whoever loaded it has said which
            _log.info("no model serves yet; 'routing-ml train' makes one, /health says what else is wrong")
        while not mended:
            await asyncio.sleep(RETRY_SECONDS)
            mended = await self._mend_models()

    async def _mend_models(self) -> bool:
        try:
            await asyncio.to_thread(self.store.recover)
        except (RoutingMLError, OSError) as error:
            self.trouble["model"] = f"the model folder cannot be looked through: {error}"
            _log.warning("%s; trying again in %.0f s", self.trouble["model"], RETRY_SECONDS)
            return False
        self.trouble.pop("model", None)
        return True

    def _make_metrics(self, clock: Clock) -> Metrics:
        return Metrics(
            {
                "jobs": job_source(self.state),
                "quality": quality_source(self.state, clock),
                "quarantine": quarantine_source(self.state),
                "loop": loop_source(self.state),
                "model": model_source(self._active_model, clock),
                "health": lambda: health_metrics(self),
                "backups": backup_source(self.settings, clock),
            }
        )

    def _active_model(self) -> ActiveModel | None:
        try:
            manifest = self.store.manifest()
        except BundleError as error:
            raise ValueError(str(error)) from error
        active = manifest.active
        if active is None:
            return None
        record = active.record
        return ActiveModel(manifest.generation, manifest.active_version, record.created_at, record.data_cutoff)


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services  # async, because a thread would be taken for a plain function
    return services


ServicesDep = Annotated[Services, Depends(_services)]


def _jobs(services: ServicesDep) -> JobEngine:
    return services.opened_jobs()


def _state(services: ServicesDep) -> Engine:
    return services.wait_for_state()


JobsDep = Annotated[JobEngine, Depends(_jobs)]
StateDep = Annotated[Engine, Depends(_state)]


def require_quality(services: ServicesDep) -> Iterator[None]:
    """Let a route work only while quality monitoring is switched on."""
    if not read_environment(services.settings.root).ENABLE_QUALITY_MONITORING:  # as .env is now
        raise FeatureDisabledError("ENABLE_QUALITY_MONITORING")
    yield
