"""Puts model versions into service and takes them out again, and leaves an audit row each time."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from backend.domain.clock import Clock, utc_now
from backend.monitoring.log_files import log_for_operators
from backend.registry.bundle import read_own_version_file
from backend.registry.canary import Canary, run_canary
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from backend.settings import Settings, load_settings
from backend.state.audit import is_audited, record_audit
from backend.state.command_actor import command_actor
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state

logger = logging.getLogger(__name__)

DEPLOY_ACTION: Final = "model.deploy"
ACTIVATE_ACTION: Final = "model.activate"
ROLLBACK_ACTION: Final = "model.rollback"
RELEASE_ACTION: Final = "promotion.release"


class ModelDeployer:
    """Deploys, activates and rolls back versions; every server process follows within a request.

    Each result has "version" (now active), "previous_version", "generation" and "audited": a state
    database that is down does not stop a roll-back, but is said.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        actor: str | None = None,
        *,
        clock: Clock = utc_now,
        canary: Canary = run_canary,
    ) -> None:
        self._settings = settings or load_settings()
        self._actor = actor or command_actor()
        self._clock = clock
        self._store = ModelStore(self._settings, clock=clock, canary=canary)

    def deploy(self, bundle_folder: Path, reason: str, expected_generation: int | None = None) -> dict[str, Any]:
        """Copy a bundle into the store and make it active.

        Repeating it for the same training job changes nothing: "version" is then that job's version.
        Raises BundleError where the bundle is altered or does not pass its trial load, and
        StaleGenerationError where the manifest has left the expected generation before the commit.
        """
        _, own = read_own_version_file(bundle_folder)
        before = self._store.manifest()
        manifest = self._store.promote(
            bundle_folder, actor=self._actor, reason=reason, expected_generation=expected_generation
        )
        version = manifest.version_of_job(own.record.job_id) if own.record.job_id else manifest.active_version
        details = {
            "reason": reason,
            "job_id": own.record.job_id,
            "kind": own.record.kind,
            "parent": own.record.parent,
            "metrics": own.record.metrics,
            "extra": own.record.extra,
        }
        return self._answer(manifest, before, DEPLOY_ACTION, details, str(version))

    def activate(self, version: str, reason: str, expected_generation: int | None = None) -> dict[str, Any]:
        """Make a known version active; raises UnknownVersionError, BundleError or StaleGenerationError."""
        before = self._store.manifest()
        manifest = self._store.activate(
            version, actor=self._actor, reason=reason, expected_generation=expected_generation
        )
        return self._answer(manifest, before, ACTIVATE_ACTION, {"reason": reason}, version)

    def rollback(self, reason: str = "asked for by an operator") -> dict[str, Any]:
        """Undo the last change of version; raises NoPreviousVersionError or BundleError."""
        before = self._store.manifest()
        manifest = self._store.rollback(actor=self._actor, reason=reason)
        return self._answer(manifest, before, ROLLBACK_ACTION, {"reason": reason}, str(manifest.active_version))

    def _answer(
        self, manifest: Manifest, before: Manifest, action: str, details: dict[str, Any], version: str
    ) -> dict[str, Any]:
        facts = {"generation": manifest.generation, "replaced": before.active_version, **details}
        changed = manifest.generation != before.generation
        told = f"{action} {version} (generation {manifest.generation}) by {self._actor}: {details['reason']}"
        log_for_operators(self._settings, logger, logging.INFO, told)
        return {
            "version": version,
            "previous_version": manifest.previous_version,
            "generation": manifest.generation,
            "audited": self._audited(lambda engine: self._record(engine, action, version, facts, changed)),
        }

    def _record(self, engine: Engine, action: str, version: str, facts: dict[str, Any], changed: bool) -> None:
        """Add the row; after a crash between commit and audit, the repetition adds the missing one."""
        missing = action == DEPLOY_ACTION and not is_audited(engine, action=action, subject=version)
        if changed or missing:
            record_audit(engine, actor=self._actor, action=action, subject=version, details=facts, clock=self._clock)

    def _audited(self, record: Callable[[Engine], None]) -> bool:
        """Write to the audit trail; the change is committed already, so a failure is only reported."""
        try:
            migrate_state(self._settings)
            engine = open_state_engine(state_url(self._settings))
            try:
                record(engine)
            finally:
                engine.dispose()
        except (SQLAlchemyError, OSError):
            logger.exception("the version was changed, but the state database could not take the audit row")
            return False
        return True
