"""Model versions: list, activate, roll back."""

from fastapi import APIRouter

from backend.api.schemas.common import Version, problem_responses
from backend.api.schemas.models import ChangeRequest, ModelVersion, VersionChanged, VersionList
from backend.api.services import ServicesDep
from backend.errors import UnknownVersionError

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("")
def list_versions(services: ServicesDep) -> VersionList:
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
    return VersionList(
        active_version=manifest.active_version,
        previous_version=manifest.previous_version,
        generation=manifest.generation,
        versions=shown,
    )


@router.post("/rollback", responses=problem_responses({409: "there is nothing to go back to"}))
def roll_back(services: ServicesDep, body: ChangeRequest | None = None) -> VersionChanged:
    """Serve the version before the active one again."""
    return VersionChanged.model_validate(services.deployer.rollback(reason=(body or ChangeRequest()).reason))


@router.post("/{version}/activate", responses=problem_responses({404: "no such version", 409: "it cannot be used"}))
def activate(version: Version, services: ServicesDep, body: ChangeRequest | None = None) -> VersionChanged:
    """Serve this version from now on."""
    if version not in services.store.manifest().versions:
        raise UnknownVersionError(version)
    changed = services.deployer.activate(version, (body or ChangeRequest()).reason)
    return VersionChanged.model_validate(changed)
