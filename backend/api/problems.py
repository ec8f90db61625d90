"""RFC 9457 problem documents: the one table from error class to HTTP status, and how problems are written.

A problem never repeats what the client sent; it carries the request id, under which the log has the rest.
"""

import dataclasses
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend import errors
from backend.api.allowed_methods import allowed_methods
from backend.api.validation_words import describe_validation
from backend.monitoring.log_format import request_id

MEDIA_TYPE: Final = "application/problem+json"

_log = logging.getLogger("routing_ml.api")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """How one class of errors is answered."""

    status: int
    name: str
    """The last part of the problem's type URI."""
    detail: str | None = None
    """Said instead of the error's own words, which would repeat the client's input."""
    facts: bool = False
    """Whether the error's fields are given as members of the problem."""


class StartingError(errors.RoutingMLError):
    """A part of the server is not ready yet, or could not be made ready."""


class IfMatchNeededError(errors.RoutingMLError):
    """A change was sent without saying which version of the resource it was made on."""

    def __str__(self) -> str:
        return "send the ETag of what you have read as If-Match, so that nobody's change is overwritten unseen"


PROBLEM_KINDS: Final[dict[type[Exception], ProblemKind]] = {
    errors.FeatureDisabledError: ProblemKind(403, "feature-disabled", facts=True),
    errors.NotIdentifiedError: ProblemKind(401, "not-identified"),
    errors.WrongLoginError: ProblemKind(401, "wrong-login"),
    errors.ProtectedModeError: ProblemKind(403, "protected-mode"),
    errors.RoleNeededError: ProblemKind(403, "role-needed", facts=True),
    errors.MissingCsrfTokenError: ProblemKind(403, "missing-csrf-token"),
    errors.OnlySessionsError: ProblemKind(409, "only-sessions"),
    errors.TooManyLoginsError: ProblemKind(429, "too-many-logins", facts=True),
    errors.WeakPasswordError: ProblemKind(422, "weak-password"),
    errors.RefusedNameError: ProblemKind(422, "refused-name"),
    errors.UserExistsError: ProblemKind(409, "user-exists"),
    errors.UnknownUserError: ProblemKind(404, "unknown-user"),
    errors.LastAdminError: ProblemKind(409, "last-admin"),
    errors.KeyNameTakenError: ProblemKind(409, "key-name-taken"),
    errors.UnknownKeyError: ProblemKind(404, "unknown-key"),
    errors.NoEvaluationError: ProblemKind(404, "no-evaluation"),
    errors.NoCycleItemsError: ProblemKind(404, "no-cycle-items"),
    errors.UnkeptItemError: ProblemKind(404, "unkept-item"),
    errors.EmptyLogError: ProblemKind(404, "empty-log"),
    errors.UnknownCycleError: ProblemKind(404, "unknown-cycle"),
    errors.UnknownItemError: ProblemKind(404, "unknown-item"),
    errors.UnknownJobError: ProblemKind(404, "unknown-job"),
    errors.UnknownVersionError: ProblemKind(
        404, "unknown-version", "there is no such model version; GET /api/models lists those that exist"
    ),
    errors.UnknownChangeError: ProblemKind(404, "unknown-change"),
    errors.QueueFullError: ProblemKind(409, "queue-full", facts=True),
    errors.CooldownError: ProblemKind(409, "cooldown", facts=True),
    errors.IllegalJobMoveError: ProblemKind(409, "illegal-job-move", facts=True),
    errors.NoPreviousVersionError: ProblemKind(409, "no-previous-version"),
    errors.StaleGenerationError: ProblemKind(409, "stale-generation", facts=True),
    errors.InsufficientDataError: ProblemKind(409, "insufficient-data", facts=True),
    errors.TooMuchBadDataError: ProblemKind(409, "too-much-bad-data", facts=True),
    errors.BundleError: ProblemKind(409, "unusable-bundle"),
    errors.UneditableConfigError: ProblemKind(409, "uneditable-settings"),
    errors.StaleConfigError: ProblemKind(412, "stale-settings", facts=True),
    errors.RefusedChangesError: ProblemKind(422, "refused-settings", facts=True),
    errors.DecisionMismatchError: ProblemKind(422, "decision-mismatch", facts=True),
    IfMatchNeededError: ProblemKind(428, "if-match-needed"),
    errors.ConfigBusyError: ProblemKind(503, "settings-busy"),
    errors.UnwritableConfigError: ProblemKind(503, "unwritable-settings"),
    errors.NoModelError: ProblemKind(503, "no-model"),
    errors.DatabaseUnavailableError: ProblemKind(503, "database-unavailable"),
    errors.ProfileError: ProblemKind(503, "plant-profile"),
    errors.SettingError: ProblemKind(503, "setting"),
    StartingError: ProblemKind(503, "starting"),
    SQLAlchemyError: ProblemKind(
        503,
        "state-database-unavailable",
        "the server's own state database does not answer; 'routing-ml doctor' says why and what to do",
    ),
}
"""The nearest class in an error's inheritance decides."""


def problem(status: int, name: str, detail: str, headers: dict[str, str] | None = None, **facts: Any) -> Response:
    """Write one problem document."""
    content = {
        "type": f"urn:routing-ml:problem:{name}",
        "title": _title(status),
        "status": status,
        "detail": detail,
        "request_id": request_id.get(),
        **facts,
    }
    return Response(json.dumps(content), status, headers, MEDIA_TYPE)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def kind_of(error: Exception) -> ProblemKind:
    """Look an error up by its class or the nearest parent that has an entry."""
    for parent in type(error).__mro__:
        if parent in PROBLEM_KINDS:
            return PROBLEM_KINDS[parent]
    return ProblemKind(500, "internal", "this should not have happened; the log has the cause under the request id")


def problem_of(error: Exception) -> Response:
    """Answer an error; parts that are away are logged as warnings, our own defects with their traceback."""
    kind = kind_of(error)
    if kind.status == 500:
        _log.error("%s: %s", type(error).__name__, error, exc_info=error)
    elif kind.status > 500:
        _log.warning("%s: %s", type(error).__name__, error)
    wait = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, errors.TooManyLoginsError) else None
    return problem(kind.status, kind.name, kind.detail or str(error), wait, **_facts(error, kind))


def _facts(error: Exception, kind: ProblemKind) -> dict[str, Any]:
    if not kind.facts or not dataclasses.is_dataclass(error):
        return {}
    return {field.name: getattr(error, field.name) for field in dataclasses.fields(error)}


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every expected error of the app with a problem document."""
    for error_class in (errors.RoutingMLError, SQLAlchemyError):
        app.add_exception_handler(error_class, _on_known_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


async def _on_known_error(_request: Request, error: Exception) -> Response:
    return problem_of(error)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    if request.method not in allowed_methods(request):
        return await _on_http_exception(request, HTTPException(405))
    found = describe_validation(error.errors(), _known_names(request.app))
    return problem(422, "invalid-input", "the request does not have the form that /docs describes", errors=found)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    details = {404: "there is nothing here; /docs lists what there is", 405: "this method is not for this address"}
    detail = details.get(error.status_code, "the request cannot be answered")
    name = _title(error.status_code).lower().replace(" ", "-")
    allow = {"Allow": ", ".join(allowed_methods(request))} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else {}
    return problem(error.status_code, name, detail, dict(error.headers or {}) | allow)


def _known_names(app: FastAPI) -> frozenset[str]:
    """Return the names that our own API documentation uses, which alone may be shown to a client."""
    if not hasattr(app.state, "known_names"):
        app.state.known_names = frozenset(_names_in(app.openapi()))
    names: frozenset[str] = app.state.known_names
    return names


def _names_in(document: dict[str, Any]) -> Iterator[str]:
    for schema in document["components"]["schemas"].values():
        yield from schema.get("properties", ())
    for operation in (one for path in document["paths"].values() for one in path.values()):
        yield from (parameter["name"] for parameter in operation.get("parameters", ()))
