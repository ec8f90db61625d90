"""When jobs start by themselves: cron expressions in the plant's time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

from backend.domain.jobs import JobKind


@dataclass(frozen=True, slots=True)
class Plan:
    """A kind of job and when it is due; all moments are naive UTC.

    The expression is read on the clock of the plant. An hour that the clocks repeat has no second due time,
    and a due time that they skip comes as much later.
    """

    kind: JobKind
    cron: str
    zone: ZoneInfo

    def latest(self, now: datetime) -> datetime:
        """Return the newest due time that is not after now.

        >>> Plan(JobKind.REFRESH, "30 2 * * *", ZoneInfo("Asia/Seoul")).latest(datetime(2026, 3, 1, 12))
        datetime.datetime(2026, 2, 28, 17, 30)
        """
        due = croniter(self.cron, self._on_the_clock(now) + timedelta(microseconds=1)).get_prev(datetime)
        while self._in_utc(due) > now:
            due = croniter(self.cron, due).get_prev(datetime)
        return self._in_utc(due)

    def next(self, now: datetime) -> datetime:
        """Return the first due time after now."""
        due = croniter(self.cron, self._on_the_clock(now)).get_next(datetime)
        while self._in_utc(due) <= now:
            due = croniter(self.cron, due).get_next(datetime)
        return self._in_utc(due)

    def _on_the_clock(self, moment: datetime) -> datetime:
        """Return the clock's time; in an hour that is repeated, the time that it would be without the change."""
        local = moment.replace(tzinfo=UTC).astimezone(self.zone)
        first = local.replace(fold=0).utcoffset() or timedelta(0)
        repeated = first - (local.utcoffset() or timedelta(0))
        return (local + repeated).replace(tzinfo=None, fold=0)

    def _in_utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class DueTime:
    """What became of the newest due time of a kind of job."""

    kind: JobKind
    due_at: datetime
    job_id: str | None
    """None where no job was started."""
    outcome: str


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A plan with its newest due time (None before the first one) and its next."""

    kind: JobKind
    cron: str
    time_zone: str
    last: DueTime | None
    next_due_at: datetime
