"""Errors that carry their facts; HTTP status and exit codes are chosen at the edge."""

from dataclasses import dataclass
from typing import Any


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
        return f"{self.source}: {self.key} = {self.value!r} is refused; allowed: {self.allowed}"


@dataclass(slots=True, eq=False)
class DatabaseUnavailableError(RoutingMLError):
    """The plant's database cannot be reached or refuses us."""

    database: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"cannot use database {self.database}: {self.cause}. {self.remedy}"


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

    def __str__(self) -> str:
        return (
            f"{self.bad_share:.1%} of the {self.table} rows cannot be trusted, "
            f"{self.allowed_share:.1%} are allowed (training.max_bad_row_share); "
            "'routing-ml doctor' lists the reasons"
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
