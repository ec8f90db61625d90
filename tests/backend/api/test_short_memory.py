"""Answers are remembered for a second, and never beyond a change that this process has made."""

import pytest
from sqlalchemy.exc import OperationalError

from backend.api.short_memory import FRESH, WITHOUT_DATABASE, ShortMemory
from tests.backend.api.asking import MovingClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


async def test_an_answer_is_asked_for_once_a_second(clock: MovingClock) -> None:
    memory = ShortMemory[str](clock)
    answers = iter(("first", "second"))
    assert [await memory.get("who", lambda: next(answers)) for _ in range(3)] == ["first"] * 3
    clock.now += FRESH
    assert await memory.get("who", lambda: next(answers)) == "second"


async def test_an_answer_of_before_a_change_is_not_kept_beyond_it(clock: MovingClock) -> None:
    memory = ShortMemory[str](clock)

    def read_just_before_the_change() -> str:
        memory.forget()
        return "admin"

    assert await memory.get("who", read_just_before_the_change) == "admin"
    assert await memory.get("who", lambda: None) is None


async def test_without_the_database_an_answer_lasts_a_quarter_of_an_hour(clock: MovingClock) -> None:
    memory = ShortMemory[str](clock)

    def away() -> str:
        raise OperationalError("SELECT", {}, Exception("away"))

    await memory.get("who", lambda: "kim")
    clock.now += WITHOUT_DATABASE - FRESH
    assert await memory.get("who", away) == "kim"
    clock.now += FRESH
    with pytest.raises(OperationalError):
        await memory.get("who", away)
