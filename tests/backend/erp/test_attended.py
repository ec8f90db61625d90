import threading
from collections.abc import Generator
from typing import Final

import pytest
from sqlalchemy import create_engine

from backend.erp import attended as attending
from backend.erp.attended import attended
from backend.errors import DatabaseUnavailableError

ENGINE: Final = create_engine("sqlite://")


class Database:
    """Takes the place of asking a database whether it answers; what it does is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.on_asking: list[threading.Event] = []

    def connect(self, *_: object) -> "Database":
        self.asked += 1
        for event in self.on_asking:
            event.set()
        return self

    def close(self) -> None:
        pass


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database()
    monkeypatch.setattr(attending, "connect", made.connect)
    monkeypatch.setattr(attending, "QUIET_SECONDS", 0.01)
    return made


def rows_after(event: threading.Event) -> Generator[int, None, None]:
    yield 1
    assert event.wait(60)
    yield 2


def test_a_statement_that_takes_long_is_waited_for_as_long_as_the_database_answers(database: Database) -> None:
    asked = threading.Event()
    database.on_asking.append(asked)

    assert list(attended(ENGINE, rows_after(asked))) == [1, 2]
    assert database.asked >= 1


def test_a_connection_that_is_silent_for_too_long_is_lost_though_the_database_answers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attending, "LONGEST_SECONDS", 0.05)
    over = threading.Event()
    reading = attended(ENGINE, rows_after(over))

    assert next(reading) == 1
    with pytest.raises(DatabaseUnavailableError, match="no row within"):
        next(reading)
    over.set()
    assert database.asked >= 1


def test_what_the_reader_raises_is_raised(database: Database) -> None:
    def broken() -> Generator[int, None, None]:
        yield 1
        raise LookupError("a driver's error")

    with pytest.raises(LookupError, match="a driver's error"):
        list(attended(ENGINE, broken()))
    assert database.asked == 0


def test_a_reader_whose_rows_are_not_wanted_any_more_is_closed(database: Database) -> None:
    closed = threading.Event()

    def reader() -> Generator[int, None, None]:
        try:
            yield 1
            yield 2
        finally:
            closed.set()

    reading = attended(ENGINE, reader())
    assert next(iter(reading)) == 1
    del reading

    assert closed.is_set()
    assert database.asked == 0
