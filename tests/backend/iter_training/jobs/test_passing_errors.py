"""A job is tried again after what may pass: a lost database, disk or memory, never after a mistake."""

from concurrent.futures.process import BrokenProcessPool

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from backend.errors import DatabaseMisfitError, DatabaseUnavailableError, InsufficientDataError
from backend.iter_training.jobs.passing_errors import may_pass


@pytest.mark.parametrize(
    "error",
    [
        DatabaseUnavailableError("K3-DB", "it is down", "Start it."),
        OperationalError("SELECT 1", {}, Exception("the server closed the connection")),
        DBAPIError("SELECT 1", {}, Exception("chosen as the deadlock victim")),
        ConnectionResetError("by peer"),
        OSError(28, "No space left on device"),
        MemoryError(),
        BrokenProcessPool("a child was killed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_be_gone_in_a_minute_is_tried_again(error: Exception) -> None:
    assert may_pass(error)


@pytest.mark.parametrize(
    "error",
    [
        TypeError("unsupported operand"),
        KeyError("item"),
        ZeroDivisionError(),
        DatabaseMisfitError("data/plant.db", "no such table: items", "Import it."),
        ProgrammingError("SELECT nothing", {}, Exception("no such column")),
        InsufficientDataError("work orders", 3, 200, "Wait for more."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_mistake_or_a_lack_of_data_is_not_tried_again(error: Exception) -> None:
    assert not may_pass(error)
