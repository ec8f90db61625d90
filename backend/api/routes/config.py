"""The settings of config/iter_training.yaml: read, change, take a change back, and the history of changes."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response

from backend.api.authorisation import IdentityDep
from backend.api.problems import IfMatchNeededError
from backend.api.schemas.common import Limit, problem_responses
from backend.api.schemas.config import (
    ConfigChangeRequest,
    ConfigChangeView,
    ConfigHistory,
    ConfigRestoreRequest,
    ConfigView,
)
from backend.api.services import Services, ServicesDep, StateDep
from backend.configuration.config_file import CHANGE_ACTION, RESTORE_ACTION, Change, ConfigFile, ConfigText
from backend.errors import UnknownChangeError
from backend.state.audit import list_audit, read_audit

router = APIRouter(prefix="/api/config/iter_training", tags=["operating"])

_ACTIONS: Final = (CHANGE_ACTION, RESTORE_ACTION)
_PROBLEMS: Final = problem_responses(
    {
        409: "the file is written in a way that only a person can change",
        412: "the file was changed meanwhile: `values` are those of now, `differing` the keys that are not as wanted",
        422: "`errors` names every bad key and its reason; nothing was changed",
        428: "If-Match is missing",
        503: "the file cannot be read as it is, or not be written",
    }
)
_RESTORE_PROBLEMS: Final = _PROBLEMS | problem_responses({404: "no such change"})
IfMatch = Annotated[str | None, Header(description="the ETag of the GET that the change was made on")]


@router.get("", response_model_exclude_none=True, responses=problem_responses({503: "the file cannot be honoured"}))
def show(services: ServicesDep, response: Response) -> ConfigView:
    """Show the settings as the file has them now: values, text, and what each key takes, in the JSON schema.

    The ETag header names the version of the file; it changes with every byte, whoever writes.
    """
    return _shown(services, ConfigFile(services.settings).read(), response)


@router.put("", response_model_exclude_none=True, responses=_PROBLEMS)
def change(  # noqa: PLR0913, PLR0917 - one argument per part of the request and of the app
    body: ConfigChangeRequest,
    services: ServicesDep,
    state: StateDep,
    identity: IdentityDep,
    response: Response,
    if_match: IfMatch = None,
) -> ConfigView:
    """Change the settings named in the body and leave all others, and the file's comments, as they are.

    Paths and the plant profile are changed on the server alone. `effect` in the schema says when a change is felt.
    """
    wanted = Change(body.changes, _etags(if_match), identity.name, body.reason)
    return _shown(services, ConfigFile(services.settings).change(state, wanted), response)


@router.post("/restore", response_model_exclude_none=True, responses=_RESTORE_PROBLEMS)
def restore(  # noqa: PLR0913, PLR0917 - one argument per part of the request and of the app
    body: ConfigRestoreRequest,
    services: ServicesDep,
    state: StateDep,
    identity: IdentityDep,
    response: Response,
    if_match: IfMatch = None,
) -> ConfigView:
    """Give the keys of an earlier change the values back that they had before it; other keys stay as they are."""
    etags = _etags(if_match)
    entry = read_audit(state, body.audit_id)
    if entry is None or entry.action not in _ACTIONS:
        raise UnknownChangeError
    values = {one["key"]: one["before"] for one in entry.details["changes"]}
    wanted = Change(values, etags, identity.name, body.reason, restored_audit_id=entry.audit_id)
    return _shown(services, ConfigFile(services.settings).change(state, wanted), response)


@router.get("/history")
def history(
    state: StateDep,
    limit: Annotated[Limit, Query()] = 50,
    before: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="page back: only changes before this audit_id")
    ] = None,
) -> ConfigHistory:
    """List the changes made over HTTP, newest first; what was edited on the server by hand is not among them."""
    entries = list_audit(state, limit=limit, actions=_ACTIONS, before=before)
    return ConfigHistory(changes=tuple(ConfigChangeView.of(entry) for entry in entries))


def _etags(if_match: str | None) -> frozenset[str]:
    """Return the ETags of the header; `*` names no version, so it is no comparison.

    Ours are strong. A proxy that compresses an answer, as nginx does, marks its tag as weak, because other bytes are
    sent; what the tag names are the bytes of the file, and those are the same.
    """
    tags = {tag.strip() for tag in (if_match or "").split(",")} - {"", "*"}
    if not tags:
        raise IfMatchNeededError
    return frozenset(tag.removeprefix("W/").strip('"') for tag in tags)


def _shown(services: Services, file: ConfigText, response: Response) -> ConfigView:
    response.headers["ETag"] = f'"{file.etag}"'
    return ConfigView.of(file, services.settings.config)
