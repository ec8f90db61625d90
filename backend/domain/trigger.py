"""What the trigger weighs and what it decides, as frozen values; the rule is in backend.iter_training.trigger."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Level:
    """A mean over operations (or lots) with its standard error, clustered by item."""

    count: int
    clusters: int
    mean: float
    error: float
    """Standard error of the mean."""


class Measure(StrEnum):
    """What is held against the promise; each is a loss, so less is better."""

    TIMES = "times"
    """Mean |log(predicted / actual minutes)|, outlying ones clipped."""
    SEQUENCES = "sequences"
    """Mean of 1 - process_match per lot."""
    WORK_CENTRES = "work_centres"
    """Share of operations whose work centre was foreseen wrongly."""
    BIAS = "bias"
    """Mean log(predicted / actual minutes) of one segment; both directions are bad."""
    THRESHOLD = "threshold"
    """A configured absolute threshold."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The level that a version showed at its gate, on work it had not seen."""

    levels: dict[str, dict[str, Level]]
    """Measure to history (known, new …) to level: a week with more new items is no worse model."""
    segments: dict[str, dict[str, Level]]
    """"measure of dimension" to segment to its level; segments with too few operations are left out."""
    wobbles: dict[str, float] = field(default_factory=dict)
    """"measure of dimension" to what its segments' levels moved from week to week (standard deviation)."""
    largest: float | None = None
    """Log errors beyond it count as it; None: an earlier release's promise, which has only the clip of all errors."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is worse than promised, and not by chance."""

    measure: Measure
    dimension: str
    """Empty for the whole plant."""
    value: str
    excess: float
    """Share above the promised level; for a bias, log(predicted / actual) beyond the promised one."""
    chance: float
    """How likely mere chance would show as much."""
    operations: int
    days: float
    text: str
    limit: float
    """The excess that counts."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the cause from one cycle to the next."""
        return self.measure.value, self.dimension, self.value

    @property
    def is_threshold(self) -> bool:
        """Tell whether it is an absolute threshold; `value` then names the metric."""
        return self.measure is Measure.THRESHOLD


class TriggerAction(StrEnum):
    """What follows from a cycle."""

    NONE = "none"
    INSUFFICIENT_DATA = "insufficient_data"
    """Too few operations finished to tell anything."""
    REFRESH = "refresh"
    """Something is worse than promised: the fast layers are refreshed first."""
    WAIT = "wait"
    """Refreshed or trained; work finished since must show whether that has mended it."""
    RETRAIN = "retrain"
    """It is still worse on work that finished after the refresh."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is open from one cycle to the next. Moments are naive UTC of the plant's own calendar."""

    opened_at: datetime
    """The newest work order when it was raised; work finished since is judged by the refreshed model."""
    causes: tuple[tuple[str, str, str], ...]
    retrains: int = 0
    retrained_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TriggerDecision:
    """What one cycle decided, with its reasons in plain words; stored with the cycle, and all that the next needs."""

    action: TriggerAction
    reason: str
    trained_version: str
    """Whose promise was held; another one starts with a clean sheet."""
    causes: tuple[Cause, ...] = ()
    alarm: Alarm | None = None
    judged_from: datetime | None = None
    """Where the newest alarm was raised: work finished before it is not judged again."""
    judged_operations: int = 0

    @property
    def asks(self) -> bool:
        """Tell whether a job is asked for."""
        return self.action in {TriggerAction.REFRESH, TriggerAction.RETRAIN}
