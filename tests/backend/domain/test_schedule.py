"""Due times on the clock of the plant."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.jobs import JobKind
from backend.domain.schedule import Plan

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTLY = Plan(JobKind.REFRESH, "30 2 * * *", BERLIN)
DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC throughout
MOMENTS = st.datetimes(DAY - timedelta(days=365), DAY + timedelta(days=730))


def test_a_due_time_is_due_in_its_very_minute() -> None:
    seoul = Plan(JobKind.REFRESH, "0 3 * * *", ZoneInfo("Asia/Seoul"))
    at = DAY.replace(month=5, hour=18)
    assert seoul.latest(at) == at
    assert seoul.latest(at - timedelta(microseconds=1)) == at - timedelta(days=1)
    assert seoul.next(at) == at + timedelta(days=1)


def fired(plan: Plan, begin: datetime, hours: int) -> list[datetime]:
    """Look every ten minutes, as a scheduler does; return what came due."""
    last, due = plan.latest(begin), []
    for step in range(hours * 6):
        found = plan.latest(begin + timedelta(minutes=10 * step))
        if found > last:
            due.append(found)
            last = found
    return due


@pytest.mark.parametrize(
    "change", [DAY.replace(month=3, day=29), DAY.replace(month=10, day=25)], ids=["skipped", "repeated"]
)
def test_a_change_of_clocks_neither_loses_nor_doubles_a_night(change: datetime) -> None:
    begin = change - timedelta(hours=12)
    assert len(fired(NIGHTLY, begin, 48)) == 2


@given(MOMENTS, st.sampled_from(["30 2 * * *", "*/10 * * * *", "0 4 * * 0", "15 1 1 * *"]))
def test_now_lies_between_the_latest_due_time_and_the_next(now: datetime, cron: str) -> None:
    plan = Plan(JobKind.REFRESH, cron, BERLIN)
    assert plan.latest(now) <= now < plan.next(now)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_due_times_never_go_back(now: datetime, later: timedelta) -> None:
    assert NIGHTLY.latest(now) <= NIGHTLY.latest(now + later)


def test_in_the_hour_that_is_repeated_a_due_time_stays_the_latest() -> None:
    after = datetime(2026, 10, 25, 1, 10)  # noqa: DTZ001 - 02:10 in Berlin for the second time
    assert NIGHTLY.latest(after) == after.replace(hour=0, minute=30)
