"""The plant's database as the predictor sees it: asked seldom, never waited for long, rested when it is down."""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeoutError
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import polars as pl

from backend.domain.prediction import AttributeValue
from backend.errors import DatabaseUnavailableError
from backend.serving.background import start_in_background

logger = logging.getLogger(__name__)
ResultT = TypeVar("ResultT")

ANSWER_SECONDS: Final = 3.5
"""The longest that a request waits for an answer; with the first look it stays below five."""
REST_SECONDS: Final = 30.0
"""How long a database that failed is left alone."""
REFRESH_SECONDS: Final = 5.0
"""How old the knowledge that the database answers may get before it is looked at again, in the background."""
FIRST_LOOK_SECONDS: Final = 1.0
MOST_CALLS: Final = 8
"""Hung calls hold a thread each; with so many of them the database counts as down."""

ItemAttributes: TypeAlias = dict[str, dict[str, AttributeValue]]
"""Attributes by item code."""


class ItemSource(Protocol):
    """What is needed of backend.erp.reading.PlantReader."""

    def read_items(self, codes: Sequence[str]) -> pl.DataFrame:
        """Return the rows of known codes: item_code, created_at and the attributes."""

    def check(self) -> None:
        """Raise DatabaseUnavailableError where the database does not answer."""


class WatchedSource:
    """An item source behind a circuit breaker; only a look in the background closes it again."""

    def __init__(self, source: ItemSource, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._calls = threading.BoundedSemaphore(MOST_CALLS)
        self._looking: Future[None] | None = None
        self._looked_at: float | None = None
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why the database cannot be used, or None while it answers as far as is known."""
        return self._trouble

    def look(self) -> None:
        """See whether the database answers, where that is not known freshly; waits only the first time."""
        with self._lock:
            first = self._looked_at is None
            if self._looking is None and self._is_due():
                self._looking = start_in_background(self._look, "plant-look")
            looking = self._looking
        if first and looking is not None:
            _wait(looking, FIRST_LOOK_SECONDS)

    def read_items(self, codes: Sequence[str]) -> ItemAttributes | None:
        """Return the attributes of the codes that the plant knows, or None where it cannot be asked."""
        if self._trouble is not None:
            return None
        rows = self._ask(lambda: self._source.read_items(codes))
        return None if rows is None else attributes_by_code(rows)

    def _is_due(self) -> bool:
        if self._looked_at is None:
            return True
        return self._monotonic() - self._looked_at >= (REFRESH_SECONDS if self._trouble is None else REST_SECONDS)

    def _look(self) -> None:
        try:
            self._ask(self._source.check)
        finally:
            with self._lock:
                self._looking = None

    def _ask(self, call: Callable[[], ResultT]) -> ResultT | None:
        """Call the database with a time limit and note how that went; None stands for a failure."""
        if not self._calls.acquire(blocking=False):
            self._note(f"{MOST_CALLS} calls to the database hang")
            return None
        future = start_in_background(lambda: self._freeing(call), "plant-call")
        try:
            result = future.result(ANSWER_SECONDS)
        except WaitTimeoutError:
            self._note(f"the database gave no answer within {ANSWER_SECONDS:g} s")
        except DatabaseUnavailableError as error:
            self._note(str(error))
        except Exception as error:  # whatever a driver or a broken row raises: this batch goes on without it
            logger.exception("reading items from the plant failed")
            self._note(f"the database could not be read ({type(error).__name__})")
        else:
            self._note(None)
            return result
        return None

    def _freeing(self, call: Callable[[], ResultT]) -> ResultT:
        try:
            return call()
        finally:
            self._calls.release()

    def _note(self, trouble: str | None) -> None:
        with self._lock:
            if (trouble is None) != (self._trouble is None):
                logger.warning("plant database: %s", trouble or "answers again")
            self._trouble = trouble
            self._looked_at = self._monotonic()


def attributes_by_code(rows: pl.DataFrame) -> ItemAttributes:
    """Return the first row of each code as attributes; NaN is missing."""
    found: ItemAttributes = {}
    for row in rows.drop("created_at", strict=False).iter_rows(named=True):
        code = row.pop("item_code")
        found.setdefault(code, {name: _plain(value) for name, value in row.items()})
    return found


def _plain(value: Any) -> AttributeValue:
    if isinstance(value, str) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def _wait(future: "Future[None]", seconds: float) -> None:
    try:
        future.result(seconds)
    except WaitTimeoutError:
        return
