"""GET /api/audit: who changed what, when and why."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.authorisation import IdentityDep
from backend.api.schemas.audit import AuditEntryView, AuditList
from backend.api.schemas.common import Limit
from backend.api.services import StateDep
from backend.domain.access import Role
from backend.state.audit import ACCESS_ACTIONS, list_audit

router = APIRouter(prefix="/api/audit", tags=["operating"])


@router.get("")
def list_entries(
    state: StateDep,
    identity: IdentityDep,
    action: Annotated[
        str | None,
        Query(
            pattern=r"^[a-z_.]{1,60}$",
            description="this one; all below 'model.'",
            examples=["model.activate"],
        ),
    ] = None,
    limit: Annotated[Limit, Query()] = 50,
    before: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="page back: only entries before this audit_id")
    ] = None,
) -> AuditList:
    """List what was done to this installation, newest first: versions switched, holds released, backups restored.

    Logins, and changes of users and keys, are shown to admins alone.
    """
    hidden = () if identity.role.covers(Role.ADMIN) else ACCESS_ACTIONS
    actions = (action,) if action else ()
    entries = list_audit(state, limit=limit, actions=actions, hidden=hidden, before=before)
    return AuditList(entries=tuple(AuditEntryView.of(entry) for entry in entries))
