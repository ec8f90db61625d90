"""Keeps in the audit trail who started or cancelled a job by the API."""

from backend.api.services import Services
from backend.domain.access import Identity
from backend.domain.jobs import JobRecord
from backend.state.audit import record_audit


def audit_job(services: Services, identity: Identity, action: str, job: JobRecord) -> None:
    """Add the row."""
    details = {"kind": job.kind.value, "parameters": job.parameters}
    record_audit(
        services.state,
        actor=identity.name,
        action=action,
        subject=job.job_id,
        details=details,
        clock=services.clock,
    )
