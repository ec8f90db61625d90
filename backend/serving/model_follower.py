"""Keeps the manifest's active version in memory: one load at a time, the old model until the new one stands."""

import gc
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeoutError
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend.domain.clock import Clock
from backend.domain.models import VersionRecord
from backend.errors import BundleError, NoModelError, RoutingMLError
from backend.ml.model import RoutingModel
from backend.registry.bundle import FileDigest
from backend.registry.manifest import ManifestStamp
from backend.registry.store import ModelStore
from backend.serving.background import start_in_background
from backend.serving.health import HealthProblem
from backend.serving.threads import return_freed_memory

logger = logging.getLogger(__name__)

RETRY_SECONDS: Final = 30.0
"""How long a version that did not load, or only from default/, is left alone, unless the manifest changes."""
PATIENCE_SECONDS: Final = 1.0
"""How long a request waits for a newer version before it is answered by the present one."""
_LOOK_CLOSER: Final = "Run 'routing-ml doctor', or 'routing-ml models rollback'"


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One version in memory; never changed, only replaced as a whole."""

    version: str
    model: RoutingModel
    record: VersionRecord
    loaded_at: datetime
    load_seconds: float
    """From reading the files to being able to answer."""
    digests: dict[str, FileDigest]
    problem: HealthProblem | None
    """What is wrong on disk although it could be loaded (from default/)."""


class ModelFollower:
    """Follows models/manifest.json for the price of a stat per request."""

    def __init__(
        self,
        store: ModelStore,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        patience_seconds: float = PATIENCE_SECONDS,
        on_failure: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._on_failure = on_failure
        self._clock = clock
        self._monotonic = monotonic
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._flight: Future[None] | None = None
        self._served: ServedModel | None = None
        self._tried: ManifestStamp | None = None
        self._retry_at: float | None = None
        self._problem: HealthProblem | None = None
        self.reload_failures = 0

    def current(self) -> ServedModel | None:
        """Return the model to answer with; None where no version has ever been loadable."""
        deadline = time.monotonic() + self._patience_seconds
        while (flight := self._needed_flight()) is not None:
            try:
                flight.result(max(0.0, deadline - time.monotonic()) if self._served else None)
            except WaitTimeoutError:
                break
        return self._served

    def problems(self) -> list[HealthProblem]:
        """Return what is wrong with the model on disk or in memory, after a look at the manifest."""
        served = self.current()
        found = [problem for problem in (self._problem, served.problem if served else None) if problem]
        if served is not None and self._store.stamp() is None:
            problem = f"models/manifest.json is missing; {served.version} goes on serving from memory"
            found.append(HealthProblem(problem, "Restore it: cp <backup>/manifest.json models/"))
        if served is None and not found:
            found.append(HealthProblem("no model is active", NoModelError().remedy))
        return found

    def _needed_flight(self) -> "Future[None] | None":
        stamp = self._store.stamp()
        with self._lock:
            if self._flight is not None:
                return self._flight
            if not self._is_load_due(stamp):
                return None
            self._flight = start_in_background(self._fly, "model-load")
            return self._flight

    def _is_load_due(self, stamp: ManifestStamp | None) -> bool:
        if stamp is None:
            return False
        if stamp != self._tried:
            return True
        return self._retry_at is not None and self._monotonic() >= self._retry_at

    def _fly(self) -> None:
        """Load what the manifest says now; the stamp is taken first, so a later change is seen later."""
        stamp = self._store.stamp()
        try:
            served = self._load()
        except NoModelError as error:
            self._land(stamp, None, self._explain(error) if self._served else None)
        except RoutingMLError as error:
            logger.error("the active model version could not be loaded: %s", error)  # noqa: TRY400 - it says it all
            self._land(stamp, None, self._explain(error))
        except Exception as error:  # a bad version must never take down the good one in memory
            logger.exception("the active model version could not be loaded")
            self._land(stamp, None, self._explain(error))
        else:
            self._land(stamp, served, None)
            return_freed_memory()
        finally:
            with self._lock:
                self._flight = None

    def _land(self, stamp: ManifestStamp | None, served: ServedModel | None, problem: HealthProblem | None) -> None:
        with self._lock:
            self._tried = stamp
            self._problem = problem
            looks_damaged = problem or (served and served.problem)
            self._retry_at = self._monotonic() + RETRY_SECONDS if looks_damaged else None
            self.reload_failures += 1 if problem else 0
            self._served = served or self._served
        if problem and self._on_failure:
            self._on_failure()
        if served:
            gc.collect()
            gc.freeze()  # what lives as long as the model is not looked through again: that would hold a request 50 ms

    def _load(self) -> ServedModel:
        manifest, present = self._store.manifest(), self._served
        if manifest.active is not None and present is not None and present.problem is None:
            same = (present.version, present.digests) == (manifest.active_version, manifest.active.digests)
            if same:
                return present
        started_at = time.perf_counter()
        loaded = self._store.load_active()
        model = RoutingModel.from_parts(loaded.parts, loaded.version)
        model.prepare()
        problem = self._problem_on_disk(str(loaded.damage)) if loaded.damage else None
        logger.info("serving model %s", loaded.version)
        seconds = time.perf_counter() - started_at
        return ServedModel(loaded.version, model, loaded.record, self._clock(), seconds, loaded.digests, problem)

    def _explain(self, error: Exception) -> HealthProblem:
        kept = f"; {self._served.version} goes on serving" if self._served else ""
        cause = str(error) if isinstance(error, RoutingMLError) else f"{type(error).__name__}: {error}"
        remedy = error.remedy if isinstance(error, BundleError) else _LOOK_CLOSER
        return self._problem_on_disk(f"the active model version could not be loaded ({cause}){kept}", remedy)

    def _problem_on_disk(self, text: str, otherwise: str = _LOOK_CLOSER) -> HealthProblem:
        """Add the exact command for what is wrong with the files, if that is it."""
        try:
            severe = [found.remedy for found in self._store.verify() if found.severe]
        except (BundleError, OSError) as error:
            severe = [str(error)]
        return HealthProblem(text, severe[0] if severe else otherwise)
