"""What follows from a quality cycle: the trigger's decision and the watch's verdict."""

from pydantic import Field

from backend.api.schemas.common import Answer
from backend.domain.jobs import JobKind
from backend.domain.trigger import Measure, TriggerAction


class CauseView(Answer):
    """One thing that is worse than promised, and not by chance."""

    measure: Measure
    dimension: str = Field(description="empty for the whole plant and for configured thresholds")
    value: str
    excess: float = Field(description="how much worse than promised, or than the threshold")
    chance: float = Field(description="how likely mere chance would show as much")
    operations: int
    days: float
    text: str
    limit: float = Field(description="the excess that counts")


class AlarmView(Answer):
    """An alarm that is open from one cycle to the next."""

    opened_at: str = Field(description="the newest work order when it was raised (UTC)")
    causes: list[tuple[str, str, str]] = Field(description="measure, dimension and value of each")
    retrains: int
    retrained_at: str | None


class RequestView(Answer):
    """The job that a cycle asked for."""

    kind: JobKind
    job_id: str | None
    outcome: str | None = Field(description="started, or why not; null until a server has dealt with it")


class TriggerView(Answer):
    """Is the model worse than promised, and what follows from it."""

    action: TriggerAction
    reason: str
    trained_version: str = Field(description="whose promise was held")
    judged_operations: int
    judged_from: str | None = Field(description="where the newest alarm was raised; earlier work is not judged again")
    causes: list[CauseView]
    alarm: AlarmView | None
    request: RequestView | None = None


class WatchView(Answer):
    """How a promoted version does beside the one that it replaced."""

    version: str
    replaced: str
    roll_back: bool = Field(description="the replaced one should serve again")
    reason: str
    compared_operations: int
    loss_pct: float
    outcome: str = Field(description="what was done about it; empty where nothing was")
