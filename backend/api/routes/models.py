"""Model versions: list, show, compare, activate, roll back, and the hold on automatic promotion."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy import Engine

from backend.api.authorisation import IdentityDep
from backend.api.model_comparison import compare_versions
from backend.api.schemas.common import VERSION_PATTERN, Version, problem_responses
from backend.api.schemas.model_details import GateView, ModelComparison, ModelDetails
from backend.api.schemas.models import ChangeRequest, Hold, ModelVersion, VersionChanged, VersionList
from backend.api.services import ServicesDep, StateDep
from backend.errors import UnknownVersionError
from backend.iter_training.deployer import RELEASE_ACTION
from backend.registry.describing import describe_version
from backend.registry.manifest import Manifest
from backend.state.audit import record_audit
from backend.state.gate_decisions import read_decision
from backend.state.promotion_hold import clear_hold, read_hold

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("")
def list_versions(services: ServicesDep, state: StateDep) -> VersionList:
    """List the versions that can be activated, newest first."""
    manifest = services.store.manifest()
    shown = [
        ModelVersion(
            version=name,
            active=name == manifest.active_version,
            created_at=entry.record.created_at,
            data_cutoff=entry.record.data_cutoff,
            family=entry.record.family,
            kind=entry.record.kind,
            parent=entry.record.parent,
            trained_version=entry.record.trained_version,
            job_id=entry.record.job_id,
            plant_profile=entry.record.plant_profile,
            rows=entry.record.rows,
            metrics=entry.record.metrics,
            extra=entry.record.extra,
        )
        for name, entry in sorted(manifest.versions.items(), key=lambda pair: pair[1].record.created_at, reverse=True)
    ]
    hold = read_hold(state)
    return VersionList(
        hold=Hold(held_at=hold.held_at, version=hold.version, reason=hold.reason) if hold else None,
        active_version=manifest.active_version,
        previous_version=manifest.previous_version,
        generation=manifest.generation,
        versions=shown,
    )


@router.get("/compare", responses=problem_responses({404: "no such version"}))
def compare(
    services: ServicesDep,
    state: StateDep,
    left: Annotated[str, Query(pattern=VERSION_PATTERN)],
    right: Annotated[str, Query(pattern=VERSION_PATTERN)],
) -> ModelComparison:
    """Set two versions side by side: figures, parts of the plant, and what they were made with that differs."""
    manifest = services.store.manifest()
    return compare_versions(_details(manifest, left, state), _details(manifest, right, state))


@router.get("/{version}", responses=problem_responses({404: "no such version"}))
def show(version: Version, services: ServicesDep, state: StateDep) -> ModelDetails:
    """Show where a version comes from, its files, and what the gate decided and saw; as `routing-ml models show`."""
    return _details(services.store.manifest(), version, state)


def _details(manifest: Manifest, version: str, state: Engine) -> ModelDetails:
    told = describe_version(manifest, version)
    decision = read_decision(state, told["job_id"]) if told["job_id"] else None
    gate = GateView.of(told["job_id"], decision) if decision else None
    return ModelDetails.model_validate(told | {"active": version == manifest.active_version, "gate": gate})


@router.delete("/hold", status_code=204, response_class=Response)
def release(services: ServicesDep, state: StateDep, identity: IdentityDep) -> None:
    """Let automatic trainings promote again, after a roll-back of the watch; where nothing is held, nothing changes."""
    if clear_hold(state, services.clock()):
        record_audit(state, actor=identity.name, action=RELEASE_ACTION, subject="promotion", details={})


@router.post("/rollback", responses=problem_responses({409: "there is nothing to go back to"}))
def roll_back(services: ServicesDep, identity: IdentityDep, body: ChangeRequest | None = None) -> VersionChanged:
    """Serve the version before the active one again."""
    changed = services.deployer_for(identity).rollback((body or ChangeRequest()).reason)
    return VersionChanged.model_validate(changed)


@router.post("/{version}/activate", responses=problem_responses({404: "no such version", 409: "it cannot be used"}))
def activate(
    version: Version, services: ServicesDep, identity: IdentityDep, body: ChangeRequest | None = None
) -> VersionChanged:
    """Serve this version from now on."""
    if version not in services.store.manifest().versions:
        raise UnknownVersionError(version)
    changed = services.deployer_for(identity).activate(version, (body or ChangeRequest()).reason)
    return VersionChanged.model_validate(changed)
