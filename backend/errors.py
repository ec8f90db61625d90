"""Errors that carry their facts; HTTP status and exit codes are chosen at the edge."""

from dataclasses import dataclass
from typing import Any, Final

WHOLE_FILE: Final = "(file)"
"""The key of a SettingError that is about a file as such."""


class RoutingMLError(Exception):
    """Base of every error this product raises on purpose; str() names cause and remedy."""


@dataclass(slots=True, eq=False)
class SettingError(RoutingMLError):
    """A key of .env or iter_training.yaml is unknown or its value is out of range."""

    source: str
    key: str
    value: Any
    allowed: str

    def __str__(self) -> str:
        if self.key == WHOLE_FILE:
            return f"{self.source}: {self.value}; allowed: {self.allowed}"
        return f"{self.source}: {self.key} = {self.value!r} is refused; allowed: {self.allowed}"


@dataclass(slots=True, eq=False)
class DatabaseUnavailableError(RoutingMLError):
    """The plant's database cannot be reached or refuses us."""

    database: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"cannot use database {self.database}: {self.cause}. {self.remedy}"


class DatabaseMisfitError(DatabaseUnavailableError):
    """The database answers, but what we ask does not fit it (a missing table, wrong SQL): it never will by itself."""


@dataclass(slots=True, eq=False)
class ProfileError(RoutingMLError):
    """A plant profile is missing or malformed."""

    profile: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"plant profile {self.profile!r}: {self.cause}. {self.remedy}"


@dataclass(slots=True, eq=False)
class ImportFileError(RoutingMLError):
    """A file given to `routing-ml import` cannot be loaded."""

    path: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"cannot import {self.path}: {self.cause}. {self.remedy}"


@dataclass(slots=True, eq=False)
class InsufficientDataError(RoutingMLError):
    """There is too little trustworthy data for what was asked."""

    what: str
    found: int
    needed: int
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: {self.found} found, {self.needed} needed. {self.remedy}"


@dataclass(slots=True, eq=False)
class TooMuchBadDataError(RoutingMLError):
    """More rows are in quarantine than the configured share allows."""

    table: str
    bad_share: float
    allowed_share: float
    rows_by_reason: dict[str, int]

    def __str__(self) -> str:
        most_rows_first = sorted(self.rows_by_reason.items(), key=lambda each: -each[1])
        reasons = "; ".join(f"{rows:,} {reason}" for reason, rows in most_rows_first)
        return (
            f"{self.bad_share:.1%} of the {self.table} rows cannot be trusted, "
            f"{self.allowed_share:.1%} are allowed (training.max_bad_row_share): {reasons}. "
            "docs/plant-profiles.md, section 4, tells what is set aside"
        )


@dataclass(slots=True, eq=False)
class NoModelError(RoutingMLError):
    """No model version is active."""

    remedy: str = "run 'routing-ml train' (after 'routing-ml demo' or 'routing-ml import' if there is no plant yet)"

    def __str__(self) -> str:
        return f"no model is active; {self.remedy}"


@dataclass(slots=True, eq=False)
class BundleError(RoutingMLError):
    """A model bundle is incomplete, altered or not loadable."""

    version: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"model {self.version}: {self.cause}. {self.remedy}"


@dataclass(slots=True, eq=False)
class UnknownItemError(RoutingMLError):
    """An item code that the plant does not have was named."""

    def __str__(self) -> str:
        return "the plant has no such item; GET /api/items?search= finds those that exist"


@dataclass(slots=True, eq=False)
class UnknownVersionError(RoutingMLError):
    """A model version that the manifest does not know was named."""

    version: str

    def __str__(self) -> str:
        return f"model version {self.version!r} is not known; 'routing-ml models list' shows those that are"


@dataclass(slots=True, eq=False)
class NoPreviousVersionError(RoutingMLError):
    """A roll-back was asked for and there is nothing to go back to."""

    active: str | None

    def __str__(self) -> str:
        if self.active is None:
            return f"there is nothing to roll back: {NoModelError()}"
        return (
            f"there is no version before {self.active!r} to roll back to; "
            "'routing-ml models list' shows versions that can be activated"
        )


@dataclass(slots=True, eq=False)
class StaleGenerationError(RoutingMLError):
    """Somebody else changed the manifest between our read and our write."""

    expected: int
    found: int

    def __str__(self) -> str:
        return f"the manifest moved from generation {self.expected} to {self.found} meanwhile; look again and repeat"


@dataclass(slots=True, eq=False)
class IllegalJobMoveError(RoutingMLError):
    """A job was asked to go to a state that its present state does not allow."""

    job_id: str
    current: str
    wanted: str

    def __str__(self) -> str:
        return f"job {self.job_id} is {self.current} and cannot become {self.wanted}"


@dataclass(slots=True, eq=False)
class UnknownJobError(RoutingMLError):
    """A job id that is not in the job table was named."""

    def __str__(self) -> str:
        return "there is no such job; 'routing-ml jobs list' shows those that exist"


@dataclass(slots=True, eq=False)
class QueueFullError(RoutingMLError):
    """The queue of a job kind is at its limit."""

    kind: str
    waiting: tuple[str, ...]
    max_size: int

    def __str__(self) -> str:
        return (
            f"the {self.kind} queue holds {len(self.waiting)} of at most {self.max_size} jobs "
            f"({', '.join(self.waiting)}); wait for one to end or cancel one"
        )


@dataclass(slots=True, eq=False)
class CooldownError(RoutingMLError):
    """An automatic start came too soon after the last one."""

    remaining_hours: float
    cooldown_hours: float

    def __str__(self) -> str:
        return (
            f"automatic training rests {self.cooldown_hours:g} h after an automatic one (queue.cooldown_hours); "
            f"{self.remaining_hours:.1f} h are left. A manual start is not held back"
        )


@dataclass(slots=True, eq=False)
class FeatureDisabledError(RoutingMLError):
    """A feature is switched off in .env."""

    switch: str

    def __str__(self) -> str:
        return f"{self.switch}=false in .env; set it to true to use this; the server reads it anew"


@dataclass(slots=True, eq=False)
class NoEvaluationError(RoutingMLError):
    """No quality cycle has been completed yet."""

    def __str__(self) -> str:
        return "no quality evaluation has been made yet; POST /api/quality/evaluate or 'routing-ml evaluate' makes one"


@dataclass(slots=True, eq=False)
class UnknownCycleError(RoutingMLError):
    """A quality cycle that is not stored was named."""

    def __str__(self) -> str:
        return "there is no such quality cycle; GET /api/quality/history lists those that exist"


@dataclass(slots=True, eq=False)
class NoCycleItemsError(RoutingMLError):
    """A quality cycle has no file of the items that it judged."""

    def __str__(self) -> str:
        return (
            "this cycle keeps no items: too little could be judged, an earlier release made it, or its file in "
            "deliverables/quality_reports was deleted; POST /api/quality/evaluate makes a cycle that keeps them"
        )


@dataclass(slots=True, eq=False)
class UnkeptItemError(RoutingMLError):
    """An item that a quality cycle did not judge, or did not keep, was named."""

    def __str__(self) -> str:
        return "the cycle did not judge this item, or does not keep it; …/items lists those that it keeps"


@dataclass(slots=True, eq=False)
class EmptyLogError(RoutingMLError):
    """A log that nobody has written to was asked for."""

    def __str__(self) -> str:
        return "nothing has been written to this log yet; GET /api/logs says what there is"


@dataclass(slots=True, eq=False)
class DecisionMismatchError(RoutingMLError):
    """A decision about a routing contradicts the two routings that came with it."""

    decision: str
    changes: int

    def __str__(self) -> str:
        if self.changes:
            return f"the routing is said to be accepted and has {self.changes} changes; send decision 'edited'"
        return "the routing is said to be edited and equals the proposed one; send decision 'accepted'"


@dataclass(slots=True, eq=False)
class StoryError(RoutingMLError):
    """The demo's story cannot go on."""

    cause: str

    def __str__(self) -> str:
        return f"the story stops here: {self.cause}"


@dataclass(slots=True, eq=False)
class NotIdentifiedError(RoutingMLError):
    """Nobody is known to have sent the request."""

    cause: str = "no credentials came with it"

    def __str__(self) -> str:
        return f"who asks is not known: {self.cause}; log in at /login, or send an API key as 'Authorization: Bearer'"


@dataclass(slots=True, eq=False)
class RoleNeededError(RoutingMLError):
    """Somebody asked for what their role may not do."""

    needed: str
    role: str

    def __str__(self) -> str:
        return f"this needs the role {self.needed}, and yours is {self.role}; an admin can give it to you"


@dataclass(slots=True, eq=False)
class ProtectedModeError(RoutingMLError):
    """Nobody has credentials yet, and the request does not come from this machine's own user."""

    cause: str

    def __str__(self) -> str:
        return (
            f"no user has been made yet, so only this machine itself is served, and {self.cause}; "
            "'routing-ml users add NAME --role admin', run on the server, makes the first admin"
        )


@dataclass(slots=True, eq=False)
class MissingCsrfTokenError(RoutingMLError):
    """A change made with a session did not bring the session's token along."""

    def __str__(self) -> str:
        return "a change made with a session needs its token as X-CSRF-Token; GET /api/auth/me says it"


@dataclass(slots=True, eq=False)
class WrongLoginError(RoutingMLError):
    """Name and password are not those of a user who may log in."""

    def __str__(self) -> str:
        return "user and password do not belong together, or the user may not log in"


@dataclass(slots=True, eq=False)
class TooManyLoginsError(RoutingMLError):
    """Too many logins failed lately."""

    retry_after_seconds: int

    def __str__(self) -> str:
        return f"too many logins failed; try again in {self.retry_after_seconds} s"


@dataclass(slots=True, eq=False)
class WeakPasswordError(RoutingMLError):
    """A new password is refused."""

    cause: str

    def __str__(self) -> str:
        return f"choose another password: {self.cause}"


@dataclass(slots=True, eq=False)
class OnlySessionsError(RoutingMLError):
    """Something was asked for that only a user who has logged in can do."""

    def __str__(self) -> str:
        return "only a user who has logged in has a session and a password of their own; log in at /login"


@dataclass(slots=True, eq=False)
class RefusedNameError(RoutingMLError):
    """A user or a key cannot have that name."""

    def __str__(self) -> str:
        return (
            "choose another name: at most 60 letters, digits, '.', '_' or '-' (users: '@' too, small letters), "
            "beginning with a letter or digit, and none of the audit trail's own such as 'local'"
        )


@dataclass(slots=True, eq=False)
class UserExistsError(RoutingMLError):
    """A user of that name exists already."""

    def __str__(self) -> str:
        return "there is a user of that name already; 'routing-ml users list' shows all"


@dataclass(slots=True, eq=False)
class UnknownUserError(RoutingMLError):
    """A user that does not exist was named."""

    def __str__(self) -> str:
        return "there is no such user; 'routing-ml users list' shows those that exist"


@dataclass(slots=True, eq=False)
class LastAdminError(RoutingMLError):
    """The last enabled admin was to be removed, disabled or given a lower role."""

    def __str__(self) -> str:
        return "nobody else is an admin; make another one first"


@dataclass(slots=True, eq=False)
class KeyNameTakenError(RoutingMLError):
    """A key of that name exists already, perhaps a revoked one."""

    def __str__(self) -> str:
        return "a key of that name exists or has existed; the audit trail needs another one"


@dataclass(slots=True, eq=False)
class UnknownKeyError(RoutingMLError):
    """A key that does not exist was named."""

    def __str__(self) -> str:
        return "there is no such key; 'routing-ml keys list' shows those that exist"


@dataclass(slots=True, eq=False)
class RefusedChangesError(RoutingMLError):
    """Settings were asked for that cannot be had; each entry of `errors` has a location and a problem."""

    errors: tuple[dict[str, str], ...]

    def __str__(self) -> str:
        return f"{len(self.errors)} of the settings cannot be changed so; nothing was changed"


@dataclass(slots=True, eq=False)
class StaleConfigError(RoutingMLError):
    """Somebody else changed config/iter_training.yaml between our read and our write."""

    etag: str
    values: dict[str, Any]
    """What the file says now, by section and key."""
    differing: tuple[str, ...]
    """Keys of the refused change whose present value is another than the one wanted."""

    def __str__(self) -> str:
        return "config/iter_training.yaml was changed meanwhile; look at what it says now and repeat"


@dataclass(slots=True, eq=False)
class UneditableConfigError(RoutingMLError):
    """Keys of config/iter_training.yaml are written in a way that only a person can change."""

    keys: str

    def __str__(self) -> str:
        return (
            f"{self.keys}: config/iter_training.yaml is written in a way that cannot be changed without harm to the "
            "rest (an anchor, a document marker); edit the file on the server"
        )


@dataclass(slots=True, eq=False)
class ConfigBusyError(RoutingMLError):
    """Another process is changing config/iter_training.yaml and takes longer than allowed."""

    waited_seconds: float

    def __str__(self) -> str:
        return f"another process has been changing the settings for {self.waited_seconds:g} s; try again"


@dataclass(slots=True, eq=False)
class UnwritableConfigError(RoutingMLError):
    """The disk or the rights of the server's user do not let config/iter_training.yaml be replaced."""

    cause: str

    def __str__(self) -> str:
        return (
            f"config/iter_training.yaml cannot be written: {self.cause}; nothing was changed. "
            "Free space, or let the server's user write in the folder config"
        )


@dataclass(slots=True, eq=False)
class UnknownChangeError(RoutingMLError):
    """A change of the settings that the audit trail does not have was named."""

    def __str__(self) -> str:
        return "there is no such change; GET /api/config/iter_training/history lists those that were made"
